"""What a view answers with beside a value."""

import pytest

from costrel import Flask, Response, abort, after_this_request, make_response, redirect
from costrel.http.aborter import Aborter
from costrel.http.exceptions import HTTPException, NotFound
from costrel.http.response import Response as PlainResponse


@pytest.fixture
def app():
    return Flask("responding", static_folder=None)


# make_response


@pytest.mark.parametrize(
    ("args", "status", "data"),
    [
        ((), 200, b""),
        (("x",), 200, b"x"),
        (("x", 201), 201, b"x"),
        (("x", 201, {"X-A": "1"}), 201, b"x"),
        ((("x", 202),), 202, b"x"),
        (({"a": 1},), 200, b'{"a":1}\n'),
    ],
)
def test_a_response_is_made_of_what_a_view_may_return(app, args, status, data):
    with app.test_request_context():
        response = make_response(*args)
    assert (response.status_code, response.get_data()) == (status, data)
    assert type(response) is app.response_class


def test_a_response_is_made_by_the_app():
    class Mine(Flask):
        def make_response(self, rv):
            return super().make_response(f"<{rv}>")

    with Mine("mine").test_request_context():
        assert make_response("x").get_data() == b"<x>"


def test_making_a_response_needs_an_app():
    with pytest.raises(RuntimeError, match="outside of application context"):
        make_response("x")


# redirect


def test_a_redirect_is_of_the_apps_class(app):
    class Mine(Response):
        pass

    app.response_class = Mine
    with app.app_context():
        response = redirect("/x")
    assert (type(response), response.status_code, response.location) == (Mine, 302, "/x")


def test_a_redirect_outside_of_an_app_is_a_plain_one():
    assert isinstance(redirect("/x", 301), PlainResponse)
    assert redirect("/x", 301).status_code == 301


def test_a_redirect_may_be_of_a_class_that_is_given(app):
    class Given(PlainResponse):
        pass

    with app.app_context():
        assert type(redirect("/x", Response=Given)) is Given
    assert type(redirect("/x", Response=Given)) is Given


@pytest.mark.parametrize("code", [301, 302, 303, 305, 307, 308])
def test_a_redirect_has_the_code_that_is_given(app, code):
    with app.app_context():
        assert redirect("/x", code).status_code == code
    assert app.redirect("/x", code).status_code == code


# abort


def test_aborting_raises_by_code():
    with pytest.raises(NotFound, match="gone fishing"):
        abort(404, "gone fishing")
    with pytest.raises(LookupError):
        abort(999)


def test_aborting_within_an_app_is_by_its_aborter(app):
    class Teapot(HTTPException):
        code = 799

    app.aborter = Aborter(extra={799: Teapot})
    with app.app_context(), pytest.raises(Teapot):
        abort(799)
    with pytest.raises(LookupError):
        abort(799)


def test_aborting_with_a_response_answers_it():
    response = PlainResponse("x")
    with pytest.raises(HTTPException) as raised:
        abort(response)
    assert raised.value.get_response() is response


# after_this_request


def test_a_function_runs_on_this_requests_response_only(app):
    @app.route("/<int:number>")
    def view(number):
        if number:

            @after_this_request
            def mark(response):
                response.headers["X-Number"] = str(number)
                return response

            assert mark.__name__ == "mark"
        return "x"

    client = app.test_client()
    assert client.get("/5").headers["X-Number"] == "5"
    assert "X-Number" not in client.get("/0").headers


def test_outside_of_a_request_there_is_no_response_to_come(app):
    with pytest.raises(RuntimeError, match="outside of application context"):
        after_this_request(print)
    with app.app_context(), pytest.raises(RuntimeError, match="outside of request context"):
        after_this_request(print)
