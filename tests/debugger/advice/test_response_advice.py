"""Mistakes in what views and hooks return."""

import datetime as dt

import pytest

from costrel import Response, send_file


def test_a_view_that_returned_none_is_told_by_name(mistake):
    def home():
        "no return"

    told = mistake(home)["CST601"]
    assert told["says"].startswith("home() at ")
    assert "returned None" in told["says"]


def test_a_decorator_that_forgets_to_return_is_told(mistake):
    def home():
        return "x"

    def wrapper():
        home()

    assert "return what the view returns" in mistake(wrapper)["CST601"]["fix"]


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        (5, "str(value)"),
        ({1, 2}, "sorted(value)"),
        (dt.date(2026, 1, 1), "isoformat"),
        (object(), "a dict"),
    ],
)
def test_something_else_is_told_with_what_to_return(mistake, value, fix):
    assert fix in mistake(lambda: value)["CST602"]["fix"]


@pytest.mark.parametrize(
    ("value", "says"),
    [((201, "x"), "status 201 before the body"), (("a", 1, {}, 2), "a tuple of 4")],
)
def test_a_tuple_in_the_wrong_order_is_told(mistake, value, says):
    found = mistake(lambda: value)
    assert says in found["CST603"]["says"]
    assert "CST602" not in found


def test_a_value_that_json_cannot_hold_is_told(mistake):
    assert "sorted(value)" in mistake(lambda: {"tags": {1, 2}})["CST604"]["fix"]
    assert "An object cannot" in mistake(lambda: {"tags": object()})["CST604"]["says"]


class Int64Like:
    pass


Int64Like.__name__ = "int64"


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        (dt.time(12, 30), "isoformat()"),
        (dt.timedelta(hours=1), "total_seconds()"),
        (Int64Like(), ".item()"),
    ],
)
def test_values_with_a_usual_form_in_json_are_told_with_it(mistake, value, fix):
    told = mistake(lambda: {"value": value})["CST604"]
    assert fix in told["fix"]
    assert "example" not in told


def test_a_hook_that_answers_with_what_is_no_response_is_blamed_in_place_of_the_view(app, mistake):
    @app.before_request
    def load_user():
        return 42

    told = mistake(lambda: "x")["CST602"]
    assert "load_user() returned an int" in told["says"]
    app.before_request_funcs[None][:] = [lambda: None]
    assert "The view returned an int" in mistake(lambda: 42)["CST602"]["says"]


def test_a_line_break_in_a_header_is_told(mistake):
    found = mistake(lambda: ("x", {"X-Name": "a\nb"}))
    assert "'X-Name'" in found["CST606"]["says"]


def test_a_file_to_send_that_is_missing_is_told(app, mistake):
    found = mistake(lambda: send_file("report.pdf"))
    assert app.root_path in found["CST607"]["fix"]
    assert "CST908" not in found


def test_an_after_hook_that_returns_nothing_is_told(app, mistake):
    @app.after_request
    def add_header(response):
        response.headers["X"] = "1"

    found = mistake(lambda: "x")
    assert "return response" in found["CST608"]["fix"]
    assert found["CST608"]["notes"][0].startswith("add_header() at ")


def test_a_status_that_is_none_is_told(mistake):
    assert "(body, status)" in mistake(lambda: ("x", {1}))["CST610"]["fix"]


def test_a_response_is_fine(mistake):
    with pytest.raises(AssertionError, match="200"):
        mistake(lambda: Response("x"))
