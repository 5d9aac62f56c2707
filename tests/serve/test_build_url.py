"""An endpoint and its values → a URL, seen from a context."""

import pytest

from costrel import Blueprint, Flask
from costrel.routing.outcomes import BuildError
from costrel.serve.build_url import build_url
from costrel.serve.context import AppContext


@pytest.fixture
def app():
    app, bp = Flask("linking", static_folder=None), Blueprint("bp", "linking", url_prefix="/bp")
    app.add_url_rule("/", "index", lambda: "x")
    app.add_url_rule("/x/<name>", "x", lambda name: name)
    bp.add_url_rule("/y", "y", lambda: "y")
    app.register_blueprint(bp)
    return app


@pytest.mark.parametrize(
    ("endpoint", "values", "options", "url"),
    [
        ("x", {"name": "a"}, {}, "/x/a"),
        ("x", {"name": "a", "q": "é"}, {}, "/x/a?q=%C3%A9"),
        ("x", {"name": "a"}, {"anchor": "b c"}, "/x/a#b%20c"),
        ("x", {"name": "a"}, {"anchor": ""}, "/x/a#"),
        ("x", {"name": "a"}, {"external": True}, "http://localhost/x/a"),
        ("x", {"name": "a"}, {"scheme": "https"}, "https://localhost/x/a"),
        ("bp.y", {}, {}, "/bp/y"),
        (".index", {}, {}, "/"),
    ],
)
def test_within_a_request_a_url_is_relative(app, endpoint, values, options, url):
    with app.test_request_context("/") as context:
        assert build_url(context, endpoint, values, **options) == url


def test_a_dot_means_the_current_blueprint(app):
    with app.test_request_context("/bp/y") as context:
        assert build_url(context, ".y", {}) == "/bp/y"
        with pytest.raises(BuildError):
            build_url(context, ".index", {})


def test_outside_of_a_request_a_url_is_whole(app):
    with pytest.raises(RuntimeError, match="set SERVER_NAME"):
        build_url(AppContext(app), "index", {})
    app.config["SERVER_NAME"] = "x.test"
    assert build_url(AppContext(app), "index", {}) == "http://x.test/"
    assert build_url(AppContext(app), "index", {}, external=False) == "/"
    assert build_url(AppContext(app), "index", {}, scheme="ftp") == "ftp://x.test/"


def test_a_scheme_is_of_whole_urls(app):
    with app.test_request_context() as context, pytest.raises(ValueError, match="_scheme"):
        build_url(context, "index", {}, scheme="https", external=False)


def test_values_that_were_given_are_told_to_the_handler_of_an_error(app):
    told = {}

    def instead(error, endpoint, values):
        told.update(values)
        return "/instead"

    app.url_build_error_handlers.append(instead)
    with app.test_request_context() as context:
        assert build_url(context, "no", {"a": 1}, anchor="z", method="PUT") == "/instead"
    assert told == {
        "a": 1,
        "_anchor": "z",
        "_method": "PUT",
        "_scheme": None,
        "_external": False,
    }
