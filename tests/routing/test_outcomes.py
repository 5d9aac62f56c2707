"""Redirects as responses, and what a BuildError says."""

from __future__ import annotations

import pickle

import pytest

from costrel.routing import BuildError, Map, RequestRedirect, Rule


def test_a_redirect_is_a_response():
    response = RequestRedirect('http://example.org/é?q="<b>').get_response()
    assert response.status_code == 308
    assert response.headers["Location"] == "http://example.org/%C3%A9?q=%22%3Cb%3E"
    assert "<b>" not in response.get_data(as_text=True)
    assert "http://example.org/%C3%A9" in response.get_data(as_text=True)
    assert response.mimetype == "text/html"


def test_a_redirect_takes_another_code():
    redirect = RequestRedirect("http://example.org/")
    redirect.code = 307
    assert redirect.get_response().status_code == 307


def test_a_redirect_takes_no_newline_into_its_header():
    redirect = RequestRedirect("http://example.org/?a=\r\nSet-Cookie: x")
    assert "\n" not in redirect.get_response().headers["Location"]


RULES = [
    Rule("/user/<int:id>", endpoint="user.show", methods=["GET"]),
    Rule("/user", endpoint="user.list", defaults={"page": 1}, methods=["GET", "POST"]),
]
RULES[0].declared_at = "views.py:7"
ADAPTER = Map(RULES).bind("example.org")


def message(*args, **kwargs):
    with pytest.raises(BuildError) as error:
        ADAPTER.build(*args, **kwargs)
    assert isinstance(error.value, LookupError)
    return str(error.value)


def test_the_nearest_endpoint_is_named_with_where_it_was_declared():
    assert message("user.shoe") == (
        "Could not build url for endpoint 'user.shoe'. Did you mean 'user.show' instead?"
        " <Rule '/user/<id>' (GET, HEAD) -> user.show> was declared at views.py:7."
    )


def test_missing_values_are_named():
    text = message("user.show", {"b": 1, "a": 2})
    assert "with values ['a', 'b']. Did you forget to specify values ['id']?" in text


def test_other_methods_are_named():
    assert message("user.list", method="PUT") == (
        "Could not build url for endpoint 'user.list' ('PUT')."
        " Did you mean to use methods ['GET', 'HEAD', 'POST']?"
    )


def test_nothing_is_suggested_without_rules_or_without_an_adapter():
    assert BuildError("x", None, None, Map().bind("example.org")).suggested is None
    assert str(BuildError("x", {}, None)) == "Could not build url for endpoint 'x'."


def test_likeness_looks_at_endpoint_then_values_then_method():
    urls = Map([rule.empty() for rule in RULES]).bind("example.org")
    show, listing = urls.map.iter_rules()
    assert BuildError("user.list", {"id": 1}, None, urls).suggested is listing
    assert BuildError("x", {"id": 1}, None, urls).suggested is show
    assert BuildError(None, {"id": 1, "page": 1}, "POST", urls).suggested is listing


def test_errors_know_what_was_asked_for():
    error = BuildError("x", {"a": 1}, "GET")
    assert (error.endpoint, error.values, error.method, error.adapter) == (
        "x",
        {"a": 1},
        "GET",
        None,
    )
    assert pickle.loads(pickle.dumps(error)).endpoint == "x"
