"""Flask, the application class: what is declared and what is served, joined."""

import asyncio
import pkgutil
import weakref
from unittest import mock

import pytest

import costrel
from costrel import Flask
from costrel.http.door import Door
from costrel.routing.outcomes import BuildError


@pytest.fixture
def app():
    return Flask("joined", static_folder=None)


def environ(path="/"):
    return {"REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "x", "SERVER_PORT": "80"}


def call(application, path="/"):
    said = []
    body = application(environ(path), lambda status, headers: said.append(status))
    return said[0], b"".join(body)


def test_an_app_is_a_wsgi_application(app):
    app.route("/")(lambda: "hello")
    assert call(app) == ("200 OK", b"hello")
    assert call(app.wsgi_app) == ("200 OK", b"hello")


def test_a_server_may_pass_what_asgi_has_by_name(app):
    app.route("/")(lambda: "hello")
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    for application in (app, app.__call__):
        asyncio.run(application(scope=dict(scope), receive=None, send=send))
    assert [message.get("body") for message in sent] == [None, b"hello"] * 2


def test_a_server_goes_through_the_wsgi_app_that_is_set(app):
    app.wsgi_app = lambda environ, start_response: start_response("299 Mine", []) or [b"mine"]
    assert call(app) == ("299 Mine", b"mine")


def test_a_subclass_may_override_the_wsgi_app():
    class Mine(Flask):
        def wsgi_app(self, environ, start_response):
            environ["PATH_INFO"] = "/"
            return super().wsgi_app(environ, start_response)

    app = Mine("mine", static_folder=None)
    app.route("/")(lambda: "root")
    assert call(app, "/anything") == ("200 OK", b"root")


def noting(inner, log):
    def entrance(*args):
        log.append(len(args))
        return inner(*args)

    return entrance


@pytest.mark.parametrize("when", ["before", "after"])
def test_no_request_goes_past_middleware(app, when):
    app.route("/")(lambda: "hello")
    log = []
    if when == "after":
        call(app)
    app.wsgi_app = noting(app.wsgi_app, log)
    assert [call(app)[1], call(app)[1]] == [b"hello"] * 2
    assert log == [2, 2]


def test_no_request_goes_past_a_method_that_an_agent_put_on_the_class(app, monkeypatch):
    app.route("/")(lambda: "hello")
    log = []
    monkeypatch.setattr(Flask, "wsgi_app", noting(Flask.wsgi_app, log))
    assert [call(app)[1], call(app)[1]] == [b"hello"] * 2
    assert log == [3, 3]


def test_a_mock_of_the_wsgi_app_leaves_nothing_behind(app):
    app.route("/")(lambda: "hello")
    call(app)
    with mock.patch.object(app, "wsgi_app", return_value=[b"mock"]):
        assert app(environ(), None) == [b"mock"]
    assert call(app)[1] == b"hello"


def test_what_is_declared_late_is_served(app):
    app.route("/")(lambda: "hello")
    call(app)
    app.after_request_funcs.setdefault(None, []).append(lambda response: app.response_class("late"))
    assert call(app)[1] == b"late"


@pytest.mark.parametrize(
    "step", ["costrel.app.compile_engine", "costrel.serve.wsgi.make_wsgi_gateway"]
)
def test_what_another_thread_declares_while_the_app_gets_ready_is_served(app, step, monkeypatch):
    take_it = pkgutil.resolve_name(step)
    app.route("/")(lambda: "hello")

    def declare(*args):
        made = take_it(*args)
        if not app.after_request_funcs:
            app.after_request_funcs[None] = [lambda response: app.response_class("late")]
        return made

    monkeypatch.setattr(step, declare)
    call(app)
    assert call(app)[1] == b"late"


def test_setup_is_over_with_the_first_request(app):
    assert app._got_first_request is False
    call(app)
    assert app._got_first_request is True


def test_a_request_context_alone_does_not_end_setup(app):
    with app.test_request_context():
        pass
    app.route("/")(lambda: "still possible")
    assert call(app)[1] == b"still possible"


DOORS = {name for name, value in vars(Flask).items() if isinstance(value, Door)}


def test_each_door_opens(app):
    assert {"run", "test_client", "send_static_file", "redirect"} <= DOORS
    for name in DOORS:
        assert getattr(app, name) is not None, name


def test_a_door_may_be_overridden_and_called_by_super():
    class Mine(Flask):
        def redirect(self, location, code=302):
            return super().redirect(location, 307)

    assert Mine("mine").redirect("/x").status_code == 307


def test_static_files_are_served_from_the_folder(tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.txt").write_text("content")
    app = Flask("files", root_path=str(tmp_path))
    with app.test_client() as client:
        response = client.get("/static/a.txt")
        assert response.text == "content"
        response.close()
        assert client.get("/static/../a.txt").status_code == 404


def test_the_view_of_static_files_does_not_keep_the_app():
    app = Flask("files")
    view = app.view_functions["static"]
    gone = weakref.ref(app)
    del app
    assert gone() is None
    assert view.__name__ == "static"


def test_a_container_that_replaces_another_is_watched(app):
    app.view_functions = {"a": print}
    app.before_request_funcs = {None: [print]}
    app.teardown_appcontext_funcs = [print]
    engine = app.engine
    for change in (
        lambda: app.view_functions.update(b=print),
        lambda: app.before_request_funcs[None].append(print),
        lambda: app.before_request_funcs["bp"].append(print),
        lambda: app.teardown_appcontext_funcs.append(print),
    ):
        change()
        assert app.engine is not engine
        engine = app.engine


# URLs


def test_defaults_of_a_url_are_filled_in_from_outside_in(app):
    app.url_default_functions[None].append(lambda endpoint, values: values.update(a=endpoint))
    app.url_default_functions["bp"].append(lambda endpoint, values: values.update(b=values["a"]))
    values = {}
    app.inject_url_defaults("bp.view", values)
    assert values == {"a": "bp.view", "b": "bp.view"}
    values = {}
    app.inject_url_defaults("view", values)
    assert values == {"a": "view"}


def test_a_build_error_goes_from_handler_to_handler(app):
    error = BuildError("x", {}, None)
    with pytest.raises(BuildError):
        app.handle_url_build_error(error, "x", {})
    app.url_build_error_handlers.append(lambda error, endpoint, values: None)
    app.url_build_error_handlers.append(lambda error, endpoint, values: f"/{endpoint}")
    assert app.handle_url_build_error(error, "x", {}) == "/x"


# The face


def test_every_public_name_is_there():
    for name in costrel.__all__:
        assert getattr(costrel, name) is not None, name


def test_a_name_that_is_not_there_is_said_so():
    with pytest.raises(AttributeError, match="module 'costrel' has no attribute 'nothing'"):
        _ = costrel.nothing
