"""Contexts by themselves; what they mean to views is in the functional tests."""

import io

import pytest

from costrel import Flask
from costrel.parts.log_lines import wsgi_errors_stream
from costrel.parts.signals import LIVE
from costrel.serve.context import AppContext, RequestContext
from costrel.serve.current import CURRENT


@pytest.fixture
def app():
    app = Flask("contexts", static_folder=None)
    app.secret_key = "a key of sixteen bytes"
    return app


def test_a_context_is_made_without_making_anything(app):
    made = []
    app.app_ctx_globals_class = lambda: made.append("g")
    context = AppContext(app)
    assert made == []
    assert context.app is app
    assert context.found_request is None


def test_g_is_of_the_apps_class(app):
    class Globals:
        """Nothing."""

    app.app_ctx_globals_class = Globals
    context = AppContext(app)
    assert type(context.g) is Globals
    assert context.g is context.g


def test_a_session_is_opened_at_first_touch_and_takes_note(app):
    with app.test_request_context() as context:
        assert "_session" not in vars(context)
        assert context.touched is False
        assert context.session.accessed is True
        assert context.touched is True


def test_a_request_of_a_refused_host_has_no_adapter(app):
    app.config["TRUSTED_HOSTS"] = ["good.test"]
    with app.test_request_context(base_url="http://evil.test") as context:
        assert context.url_adapter is None
        assert context.request.routing_exception.code == 400


def test_a_copy_has_the_same_request_and_session(app):
    with app.test_request_context() as context:
        context.session["n"] = 1
        copied = context.copy()
        assert copied.request is context.request
        assert copied.session is context.session
        assert copied.tokens == ()
        assert type(copied) is RequestContext


def test_a_request_context_keeps_what_it_is_given(app):
    with app.test_request_context() as context:
        given = RequestContext(app, None, request=context.request, session={"a": 1})
        assert given._session == {"a": 1}
        assert given.request is context.request


def test_leaving_what_is_not_current_is_refused(app):
    outer, inner = app.app_context(), app.test_request_context()
    outer.push()
    inner.push()
    with pytest.raises(AssertionError, match="was the current one"):
        outer.pop()
    inner.pop()
    outer.pop()
    assert CURRENT.get(None) is None


def test_an_error_in_teardown_leaves_no_context_behind(app):
    app.testing = True

    @app.teardown_appcontext
    def fail(error):
        raise KeyError("in teardown")

    with pytest.raises(KeyError), app.app_context():
        pass
    assert CURRENT.get(None) is None
    with pytest.raises(KeyError), app.test_request_context():
        pass
    assert CURRENT.get(None) is None


def test_signals_are_sent_as_contexts_come_and_go(app):
    from costrel.parts import signals

    log = []

    def note(name):
        return lambda sender, **extra: log.append(name)

    names = (
        "appcontext_pushed",
        "appcontext_popped",
        "appcontext_tearing_down",
        "request_tearing_down",
        "request_started",
        "request_finished",
    )
    receivers = {name: note(name) for name in names}
    for name, receiver in receivers.items():
        getattr(signals, name).connect(receiver, app)
    assert LIVE
    with app.app_context():
        pass
    assert log == ["appcontext_pushed", "appcontext_tearing_down", "appcontext_popped"]
    log.clear()
    app.route("/")(lambda: "x")
    app.test_client().get("/")
    assert log == [
        "appcontext_pushed",
        "request_started",
        "request_finished",
        "request_tearing_down",
        "appcontext_tearing_down",
        "appcontext_popped",
    ]


def test_errors_go_where_the_server_of_the_request_wants_them(app):
    errors = io.StringIO()
    with app.test_request_context(environ_overrides={"wsgi.errors": errors}):
        wsgi_errors_stream.write("written")
    assert errors.getvalue() == "written"
