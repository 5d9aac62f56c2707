import json

import pytest

from costrel import Flask
from costrel.cli import interface
from costrel.cli.interface import choose_interface, describe, find_target, load_served
from costrel.cli.locate import NoAppException


@pytest.fixture
def app():
    app = Flask("app")

    @app.route("/")
    def index():
        return "x"

    return app


def test_sync_views_are_served_over_wsgi(app):
    assert choose_interface(app) == ("wsgi", "all of its views are sync")


def test_websockets_take_asgi(app):
    app.websocket("/ws")(lambda: None)
    assert choose_interface(app)[0] == "asgi"


def declare_view(app):
    @app.route("/a")
    async def a():
        return "a"


def declare_hook(app):
    @app.before_request
    async def b():
        pass


def declare_handler(app):
    @app.errorhandler(404)
    async def c(error):
        return "c"


def declare_events(app):
    @app.sse("/events")
    def d():
        yield "d"


def declare_async_events(app):
    @app.sse("/events")
    async def e():
        yield "e"


@pytest.mark.parametrize(
    "declare",
    [declare_view, declare_hook, declare_handler, declare_events, declare_async_events],
)
def test_whatever_waits_takes_rsgi(app, declare):
    declare(app)
    assert choose_interface(app)[0] == "rsgi"


def test_middleware_decides_by_the_side_it_stands_on(app):
    declare_view(app)
    app.asgi_app = app.asgi_app
    assert choose_interface(app)[0] == "asgi"
    app.wsgi_app = app.wsgi_app
    assert choose_interface(app)[0] == "wsgi"


def test_a_way_in_that_a_class_brings_decides_as_middleware_does():
    class Own(Flask):
        def wsgi_app(self, environ, start_response):
            return super().wsgi_app(environ, start_response)

    class Called(Flask):
        def __call__(self, environ, start_response):
            return super().__call__(environ, start_response)

    for kind in (Own, Called):
        app = kind("own", static_folder=None)
        declare_view(app)
        assert choose_interface(app)[0] == "wsgi"


def test_a_mounted_asgi_app_takes_asgi(app):
    async def other(scope, receive, send):
        pass

    app.mount("/other", other)
    assert choose_interface(app)[0] == "asgi"


PROGRAM = "from costrel import Flask\nprint('made')\n"


@pytest.mark.parametrize(
    ("text", "path", "target"),
    [
        ("site = Flask('x')", "hello", "hello:site"),
        ("site = Flask('x')", "hello:site", "hello:site"),
        ("def create_app():\n    return Flask('x')", "hello", "hello:create_app()"),
        ("def made(a):\n    return Flask('x')", "hello:made(1)", "hello:made(1)"),
    ],
)
def test_an_app_is_named_for_other_processes(write, text, path, target, tmp_path, capfd):
    write("hello.py", PROGRAM + text)
    served = describe(path)
    assert (served.target, served.folder) == (target, str(tmp_path))
    assert load_served(served.folder, served.target, threads=3, proxies=0, health=None)
    interface.main([path])
    assert json.loads(capfd.readouterr().out.splitlines()[-1])["target"] == target


def test_the_usual_files_are_looked_into(write):
    write("app.py", PROGRAM + "site = Flask('x')")
    assert describe(None).target == "app:site"


def test_an_app_without_a_name_is_told_of(write):
    write("hello.py", PROGRAM + "def create_app():\n    return Flask('x')\n")
    with pytest.raises(NoAppException, match="no name"):
        find_target(Flask("other"), "nothing")


def test_a_program_that_is_not_found_ends_the_command(write, capfd):
    with pytest.raises(SystemExit) as caught:
        interface.main(["nowhere"])
    assert caught.value.code == 2
    assert "no module 'nowhere'" in capfd.readouterr().err
    with pytest.raises(SystemExit) as caught:
        interface.describe_elsewhere("nowhere")
    assert caught.value.code == 2


def test_the_program_is_described_by_a_process_of_its_own(write):
    write("hello.py", PROGRAM + "app = Flask('x')")
    assert interface.describe_elsewhere("hello").target == "hello:app"


def test_what_a_worker_loads_is_not_in_debug_mode(write, monkeypatch, tmp_path):
    write("hello.py", PROGRAM + "app = Flask('x')\napp.debug = True")
    monkeypatch.setattr("sys.path", ["elsewhere"])
    app = load_served(str(tmp_path), "hello:app", threads=None, proxies=1, health="/hz")
    assert app.app.debug is False
