"""Middleware around `wsgi_app`, asked over each protocol; and the WebSockets that go past it."""

import asyncio
import sys
import threading
from pathlib import Path

import pytest

import costrel
from costrel import request, websocket
from costrel.extras.proxy_fix import ProxyFix
from costrel.http.body import IN_MEMORY

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from gateways import Ask, RsgiScope, RsgiSocket, ask_asgi, ask_rsgi, ask_wsgi  # noqa: E402


@pytest.fixture(params=[ask_wsgi, ask_asgi, ask_rsgi], ids=["wsgi", "asgi", "rsgi"])
def ask(request):
    def ask(app, path="/", method="GET", body=b"", **headers):
        pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
        return request.param(app, Ask(method, path, pairs, body))

    return ask


@pytest.fixture
def app():
    app = costrel.Flask("guarded", static_folder=None)
    app.torn_down = []
    app.add_url_rule("/", "root", lambda: "secret")
    app.add_url_rule("/address", "address", lambda: f"{request.scheme} {request.remote_addr}")
    app.add_url_rule("/echo", "echo", lambda: request.get_data(), methods=["POST"])

    @app.route("/stream")
    def stream():
        return (f"{number} {request.path}\n" for number in range(3))

    app.teardown_request(lambda error: app.torn_down.append(request.path))

    @app.route("/async")
    async def waiting():
        return "async secret"

    return app


class Guard:
    """Lets in who knows the key."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        if environ.get("HTTP_X_KEY") == "good":
            return self.app(environ, start_response)
        start_response("401 UNAUTHORIZED", [("Content-Type", "text/plain")])
        return [b"no key"]


@pytest.fixture
def guarded(app):
    app.wsgi_app = Guard(app.wsgi_app)
    return app


@pytest.mark.parametrize(
    ("path", "body"), [("/", b"secret"), ("/async", b"async secret"), ("/nowhere", None)]
)
def test_no_protocol_goes_past_middleware(guarded, ask, path, body):
    refused = ask(guarded, path)
    assert (refused.status, refused.body) == (401, b"no key")
    answer = ask(guarded, path, X_Key="good")
    assert body is None or answer.body == body
    assert answer.status == (200 if body else 404)


def test_bodies_go_through_it_both_ways(guarded, ask):
    assert ask(guarded, "/echo", "POST", b"abc" * 50_000, X_Key="good").body == b"abc" * 50_000
    assert ask(guarded, "/echo", "POST", [b"a", b"b"], X_Key="good").body == b"ab"
    assert ask(guarded, "/stream", X_Key="good").body == b"0 /stream\n1 /stream\n2 /stream\n"
    assert guarded.torn_down == ["/echo", "/echo", "/stream"]


def test_a_large_body_is_closed_behind_it(guarded, ask, body_files):
    body = b"x" * (2 * IN_MEMORY)
    assert ask(guarded, "/echo", "POST", body, X_Key="good").body == body
    assert ask(guarded, "/echo", "POST", body).status == 401
    assert all(file.closed for file in body_files)


def test_what_a_proxy_says_is_believed_over_each_protocol(app, ask):
    app.wsgi_app = ProxyFix(app.wsgi_app)
    headers = {"X_Forwarded_For": "192.0.2.7", "X_Forwarded_Proto": "https"}
    assert ask(app, "/address", **headers).body == b"https 192.0.2.7"


def test_a_method_of_a_subclass_stands_before_all_of_them_too(ask):
    class Guarded(costrel.Flask):
        def wsgi_app(self, environ, start_response):
            return Guard(super().wsgi_app)(environ, start_response)

    app = Guarded("guarded", static_folder=None)
    app.route("/")(lambda: "secret")
    assert ask(app).status == 401
    assert ask(app, X_Key="good").body == b"secret"


def test_middleware_that_comes_later_counts(app, ask):
    assert ask(app).status == 200
    app.wsgi_app = Guard(app.wsgi_app)
    assert ask(app).status == 401


def test_what_is_mounted_is_guarded(guarded, ask):
    inner = costrel.Flask("inner", static_folder=None)
    inner.route("/")(lambda: f"inner of {request.script_root}")
    guarded.mount("/inner", inner)
    assert ask(guarded, "/inner/").status == 401
    assert ask(guarded, "/inner/", X_Key="good").body == b"inner of /inner"


@pytest.mark.parametrize(("ask_it", "entrance"), [(ask_asgi, "asgi_app"), (ask_rsgi, "rsgi_app")])
def test_who_has_middleware_for_a_protocol_needs_no_other(guarded, ask_it, entrance):
    inner, passed = getattr(guarded, entrance), []

    async def middleware(*args):
        passed.append(threading.current_thread().name)
        await inner(*args)

    setattr(guarded, entrance, middleware)
    assert ask_it(guarded, Ask()).body == b"secret"
    assert len(passed) == 1


@pytest.fixture
def talking(guarded):
    @guarded.websocket("/socket")
    async def socket():
        await websocket.send(await websocket.receive())

    return guarded


def test_websockets_go_past_it(talking):
    async def talk():
        async with talking.async_test_client() as client, client.websocket("/socket") as socket:
            await socket.send("hello")
            return await socket.receive()

    assert asyncio.run(talk()) == "hello"


def test_websockets_over_rsgi_go_past_it(talking):
    protocol = RsgiSocket((2, "hello"))
    asyncio.run(talking.__rsgi__(RsgiScope(Ask(target="/socket"), "ws"), protocol))
    assert protocol.sent == ["hello"]
