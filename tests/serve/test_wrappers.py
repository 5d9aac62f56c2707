"""Request and Response as an app's views see them."""

import json

import pytest

from costrel import Flask, Request, Response
from costrel.http.exceptions import BadRequest
from costrel.serve.wrappers import blueprint_chain


@pytest.fixture
def app():
    return Flask("wrapping", static_folder=None)


@pytest.mark.parametrize(
    ("name", "chain"),
    [(None, []), ("", []), ("a", ["a"]), ("a.b.c", ["a.b.c", "a.b", "a"])],
)
def test_a_blueprints_name_tells_those_it_is_nested_in(name, chain):
    assert blueprint_chain(name) == chain


LIMITS = [
    ("max_content_length", "MAX_CONTENT_LENGTH", None),
    ("max_form_memory_size", "MAX_FORM_MEMORY_SIZE", 500_000),
    ("max_form_parts", "MAX_FORM_PARTS", 1_000),
]


@pytest.mark.parametrize(("attribute", "setting", "default"), LIMITS)
def test_a_limit_is_the_requests_own_or_the_apps_or_the_default(app, attribute, setting, default):
    request = Request({})
    assert getattr(request, attribute) == default
    app.config[setting] = 7
    with app.app_context():
        assert getattr(request, attribute) == 7
    request.settings = app
    assert getattr(request, attribute) == 7
    setattr(request, attribute, 3)
    assert getattr(request, attribute) == 3


@pytest.mark.parametrize(("attribute", "setting", "default"), LIMITS)
def test_a_limit_may_be_a_class_attribute(app, attribute, setting, default):
    mine = type("Mine", (Request,), {attribute: 9})
    request = mine({})
    request.settings = app
    assert getattr(request, attribute) == 9
    assert getattr(Request, attribute).config_key == setting


def test_json_is_read_by_the_apps_provider_where_there_is_one(app):
    assert Request({}).json_module is json
    assert Response("[]").json_module is json
    with app.app_context():
        assert Request({}).json_module is app.json
        assert Response("[]").json_module is app.json
    request = Request({})
    request.settings = app
    assert request.json_module is app.json


def test_outside_of_an_app_json_that_fails_says_nothing_of_the_parser():
    from io import BytesIO

    request = Request(
        {
            "wsgi.input": BytesIO(b"{"),
            "CONTENT_LENGTH": "1",
            "CONTENT_TYPE": "application/json",
            "REQUEST_METHOD": "POST",
        }
    )
    with pytest.raises(BadRequest) as refused:
        request.get_json()
    assert "Expecting" not in str(refused.value)


def test_nothing_is_matched_outside_of_a_gateway():
    request = Request({})
    assert (request.endpoint, request.blueprint, request.blueprints) == (None, None, [])
    assert (request.url_rule, request.view_args, request.routing_exception) == (None, None, None)


def test_a_response_is_html_unless_said_otherwise():
    assert Response("x").mimetype == "text/html"
    assert Response("x", mimetype="text/plain").mimetype == "text/plain"


def test_the_size_of_cookies_is_a_setting(app):
    assert Response().max_cookie_size == 4093
    app.config["MAX_COOKIE_SIZE"] = 10
    with app.app_context():
        assert Response().max_cookie_size == 10
        with pytest.warns(UserWarning, match="too large"):
            Response().set_cookie("name", "a longer value")
