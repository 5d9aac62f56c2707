"""A view's return value → a Response."""

import pytest

from costrel import Flask, Response, session
from costrel.http.exceptions import NotFound
from costrel.http.response import Response as PlainResponse
from costrel.parts.json_provider import DefaultJSONProvider
from costrel.serve.make_response import make_response


@pytest.fixture
def context():
    app = Flask("making", static_folder=None)
    app.add_url_rule("/", "index", lambda: "x")
    with app.test_request_context("/") as found:
        yield found


@pytest.mark.parametrize(
    ("value", "status", "data"),
    [
        ("x", 200, b"x"),
        (b"x", 200, b"x"),
        (bytearray(b"x"), 200, b"x"),
        ({"a": 1}, 200, b'{"a":1}\n'),
        ([1], 200, b"[1]\n"),
        (("x", 201), 201, b"x"),
        (([1], "299 Odd"), 299, b"[1]\n"),
        (iter(["a", "b"]), 200, b"ab"),
        ((c for c in "ab"), 200, b"ab"),
        (NotFound("gone"), 404, None),
        ((NotFound("gone"), 410), 410, None),
        (type("Text", (str,), {})("x"), 200, b"x"),
        (type("Dict", (dict,), {})(a=1), 200, b'{"a":1}\n'),
        (type("Tuple", (tuple,), {})(("x", 202)), 202, b"x"),
    ],
)
def test_what_a_view_may_return(context, value, status, data):
    response = make_response(context, value)
    assert type(response) is Response
    assert response.status_code == status
    if data is not None:
        assert response.get_data() == data


def test_a_response_of_the_apps_class_is_itself(context):
    response = Response("x")
    assert make_response(context, response) is response


@pytest.mark.parametrize("wrap", [lambda response: response, lambda response: (response, 201)])
def test_a_response_of_a_subclass_keeps_its_class(context, wrap):
    class Kept(Response):
        pass

    assert type(make_response(context, wrap(Kept("x")))) is Kept


def test_a_response_of_a_subclass_is_answered_as_it_answers(context):
    class Telling(Response):
        def __call__(self, environ, start_response):
            self.headers["X-Told"] = "yes"
            return super().__call__(environ, start_response)

        def get_wsgi_headers(self, environ):
            headers = super().get_wsgi_headers(environ)
            headers["X-Path"] = environ["PATH_INFO"]
            return headers

    context.app.view_functions["index"] = lambda: Telling("x")
    headers = context.app.test_client().get("/").headers
    assert (headers.get("X-Told"), headers.get("X-Path")) == ("yes", "/")


def test_a_response_of_another_class_changes_its_class_in_place(context):
    response = PlainResponse("x", headers={"X-A": "1"})
    made = make_response(context, response)
    assert made is response
    assert (type(made), made.headers["X-A"]) == (Response, "1")


def test_headers_replace_those_of_the_same_name(context):
    made = make_response(context, ("x", {"content-type": "text/x", "X-A": ["1", "2"]}))
    assert made.headers.getlist("Content-Type") == ["text/x"]
    assert made.headers.getlist("X-A") == ["1", "2"]


@pytest.mark.parametrize("value", [None, 5, (None, 200), ("x",), ("x", 1, {}, 2), {1, 2}, object])
def test_the_endpoint_of_a_wrong_value_is_named(context, value):
    with pytest.raises(TypeError, match="'index'"):
        make_response(context, value)


@pytest.mark.parametrize("body", ["x", b"x", {"a": 1}, Response("x")])
@pytest.mark.parametrize("status", [0, 1000, "wat"])
def test_the_endpoint_of_a_wrong_status_is_named(context, body, status):
    with pytest.raises(ValueError, match="view function for 'index' answered with the status"):
        make_response(context, (body, status))


def test_a_class_may_say_how_others_become_its_own(context):
    class Mine(Response):
        @classmethod
        def force_type(cls, response, environ=None):
            found = super().force_type(response, environ)
            found.headers["X-Forced"] = "yes"
            return found

    context.app.response_class = Mine
    response = make_response(context, PlainResponse("x"))
    assert (type(response), response.headers["X-Forced"]) == (Mine, "yes")


@pytest.fixture
def app():
    app = Flask("json", static_folder=None)
    app.secret_key = "a key of more than sixteen bytes"
    return app


def test_a_json_provider_may_make_the_response(app):
    class Provider(DefaultJSONProvider):
        def response(self, *args, **kwargs):
            response = super().response(*args, **kwargs)
            response.headers["X-Json"] = "mine"
            return response

    app.json = Provider(app)
    app.route("/")(lambda: {"a": 1})
    assert app.test_client().get("/").headers["X-Json"] == "mine"


def test_what_writes_json_may_open_the_session(app):
    class Provider(DefaultJSONProvider):
        @staticmethod
        def default(value):
            session["shown"] = 1
            return "shown"

    app.json = Provider(app)
    app.route("/")(lambda: {"a": object()})
    response = app.test_client().get("/")
    assert response.json == {"a": "shown"}
    assert response.headers["Set-Cookie"].startswith("session=")


class Own(NotFound):
    def get_response(self, *args, **kwargs):
        return Response("its own", 404)


@pytest.mark.parametrize("make", [Own, lambda: NotFound(response=Response("its own", 404))])
def test_an_http_error_with_a_response_of_its_own_is_answered_by_that(app, make):
    @app.route("/")
    def fail():
        raise make()

    assert app.test_client().get("/").text == "its own"
