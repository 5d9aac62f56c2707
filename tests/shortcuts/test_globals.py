"""request, session, g, current_app: the objects of the current context."""

import pytest

from costrel import Flask, current_app, g, has_app_context, has_request_context, request, session
from costrel.shortcuts.globals import CURRENT_REQUEST, app_ctx, current_context, request_ctx


@pytest.fixture
def app():
    return Flask("current", static_folder=None)


def test_outside_there_is_nothing():
    assert (has_app_context(), has_request_context()) == (False, False)
    assert CURRENT_REQUEST.get() is None
    assert CURRENT_REQUEST.get("default") == "default"
    with pytest.raises(RuntimeError, match="outside of application context"):
        current_context()
    for proxy in (current_app, g, request, session):
        assert not proxy


def test_within_an_app_context_there_is_an_app(app):
    with app.app_context() as context:
        assert (has_app_context(), has_request_context()) == (True, False)
        assert current_app == app
        assert app_ctx == context
        assert current_context() is context
        assert CURRENT_REQUEST.get("none") == "none"
        g.x = 1
        assert context.g.x == 1


def test_within_a_request_there_is_everything(app):
    with app.test_request_context("/path") as context:
        assert (has_app_context(), has_request_context()) == (True, True)
        assert request_ctx == context
        assert CURRENT_REQUEST.get() is context
        assert request.path == "/path"
        assert request._get_current_object() is context.request
        assert session == {}
        with app.app_context():
            assert has_request_context()
            assert CURRENT_REQUEST.get() is context


def test_a_proxy_finds_its_object_anew(app):
    with app.test_request_context("/one"):
        assert request.path == "/one"
        with app.test_request_context("/two"):
            assert request.path == "/two"
        assert request.path == "/one"
