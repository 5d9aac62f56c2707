"""Mounted applications: WSGI and ASGI ones, below each gateway."""

import asyncio
import sys
from pathlib import Path

import pytest

import costrel
from costrel import request, url_for, websocket

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from gateways import GATEWAYS, Answer, Ask, RsgiScope, RsgiSocket, http_scope  # noqa: E402


def wsgi_app(environ, start_response):
    """Tells how it was called."""
    body = environ["wsgi.input"].read()
    start_response("201 CREATED", [("X-Kind", "wsgi")])
    told = (environ["REQUEST_METHOD"], environ["SCRIPT_NAME"], environ["PATH_INFO"])
    yield f"{told} {environ['QUERY_STRING']} ".encode()
    yield body


def make_asgi_app(log):
    async def asgi_app(scope, receive, send):
        """Tells how it was called; has a lifespan and an echo."""
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                log.append(message["type"])
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        if scope["type"] == "websocket":
            assert (await receive())["type"] == "websocket.connect"
            await send({"type": "websocket.accept"})
            while (message := await receive())["type"] == "websocket.receive":
                await send({**message, "type": "websocket.send"})
            log.append(message)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        path = scope["path"].removeprefix(scope["root_path"])
        told = (scope["method"], scope["root_path"], path)
        await send(
            {"type": "http.response.start", "status": 201, "headers": [(b"x-kind", b"asgi")]}
        )
        text = f"{told} {scope['query_string'].decode()} ".encode()
        await send({"type": "http.response.body", "body": text, "more_body": True})
        await send({"type": "http.response.body", "body": body})

    return asgi_app


@pytest.fixture
def log():
    return []


@pytest.fixture
def app(log):
    app = costrel.Flask("outer", static_folder=None)
    inner = costrel.Flask("inner", static_folder=None)

    @app.route("/")
    def index():
        return "outer"

    @app.route("/wsgirl")
    def wsgirl():
        return "outer too"

    @app.before_request
    def seen():
        log.append(request.path)

    @inner.route("/")
    def inner_index():
        return url_for("inner_data")

    @inner.route("/data", methods=["POST"])
    async def inner_data():
        return request.get_data()

    @inner.websocket("/ws")
    async def echo():
        async for message in websocket:
            await websocket.send(message)

    @inner.before_serving
    async def start():
        log.append("inner starts")

    @inner.after_serving
    async def stop():
        log.append("inner stops")

    app.mount("/wsgi", wsgi_app)
    app.mount("/asgi/", make_asgi_app(log))
    app.mount("/inner", inner)
    app.mount("/wsgi/deeper", inner)
    app.mount("/é", wsgi_app)
    return app


@pytest.fixture(params=GATEWAYS)
def ask(request, app):
    return lambda *args, **kwargs: GATEWAYS[request.param](app, Ask(*args, **kwargs))


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_it_sees_its_prefix_apart_and_the_body(ask, log, kind):
    answer = ask("POST", f"/{kind}/a/b%20c?x=1", [], b"body")
    assert answer.status == 201
    assert ("x-kind", kind) in answer.headers
    assert answer.body == f"('POST', '/{kind}', '/a/b c') x=1 body".encode()
    # The outer app's hooks do not run.
    assert f"/{kind}/a/b c" not in log


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_the_prefix_itself_is_its_root(ask, kind):
    assert ask("GET", f"/{kind}").body == f"('GET', '/{kind}', '')  ".encode()
    assert ask("GET", f"/{kind}/").body == f"('GET', '/{kind}', '/')  ".encode()


def test_only_whole_parts_of_the_path_count(ask):
    assert ask("GET", "/wsgirl").body == b"outer too"
    assert ask("GET", "/").body == b"outer"
    assert ask("GET", "/asgical").status == 404


def test_the_longest_prefix_wins(ask):
    assert ask("GET", "/wsgi/deeper/").body == b"/wsgi/deeper/data"


def test_an_app_of_the_same_kind_knows_its_urls(ask):
    assert ask("GET", "/inner/").body == b"/inner/data"
    assert ask("POST", "/inner/data", [], b"x" * 9).body == b"x" * 9


def test_a_prefix_need_not_be_ascii(ask):
    assert (
        ask("GET", "/%C3%A9/x").body == "('GET', '/é', '/x')  ".encode()
        or ask("GET", "/%C3%A9/x").body == "('GET', '/Ã©', '/x')  ".encode()
    )


def test_what_is_mounted_starts_and_stops_with_the_app(app, log):
    async def test():
        async with app.test_client() as client:
            assert (await client.get("/asgi/x")).status_code == 201

    asyncio.run(test())
    assert log == ["lifespan.startup", "inner starts", "inner stops", "lifespan.shutdown"]


def test_websockets_reach_a_mounted_app(app, log):
    client = app.test_client()
    for path in ("/inner/ws", "/asgi/ws"):
        with client.websocket_connect(path) as socket:
            socket.send("hi")
            assert socket.receive() == "hi"


def test_a_wsgi_app_refuses_websockets(app):
    from costrel.testing.websocket_client import WebSocketRejected

    with pytest.raises(WebSocketRejected), app.test_client().websocket_connect("/wsgi/ws"):
        pass

    protocol = RsgiSocket()
    asyncio.run(app.__rsgi__(RsgiScope(Ask(target="/wsgi/ws"), "ws"), protocol))
    assert protocol.status == 403


def test_websockets_over_rsgi_reach_a_mounted_app(app, log):
    protocol = RsgiSocket((2, "text"), (1, b"bytes"))
    asyncio.run(app.__rsgi__(RsgiScope(Ask(target="/asgi/ws"), "ws"), protocol))
    assert protocol.sent == ["text", b"bytes"]
    assert log[-1] == {"type": "websocket.disconnect", "code": 1005}


@pytest.mark.parametrize("prefix", ["", "/", "admin", "/wsgi", "/wsgi/"])
def test_a_prefix_is_a_path_that_is_free(app, prefix):
    with pytest.raises(ValueError, match="cannot be mounted at"):
        app.mount(prefix, wsgi_app)


def test_a_kind_is_one_of_two(app):
    with pytest.raises(ValueError, match="'wsgi' or 'asgi'"):
        app.mount("/x", wsgi_app, kind="rsgi")


def test_the_kind_may_be_told(log):
    app = costrel.Flask("told", static_folder=None)
    asgi_app = make_asgi_app(log)
    # A plain function that returns the coroutine does not look like an ASGI app.
    app.mount("/told", lambda scope, receive, send: asgi_app(scope, receive, send), kind="asgi")
    assert GATEWAYS["wsgi"](app, Ask(target="/told/x")).status == 201


def test_after_the_first_request_it_is_too_late(app):
    app.test_client().get("/")
    with pytest.raises(AssertionError, match="mount"):
        app.mount("/late", wsgi_app)


def test_an_asgi_app_that_fails_or_says_nothing_is_an_error_under_wsgi():
    app = costrel.Flask("failing", static_folder=None)

    async def failing(scope, receive, send):
        raise LookupError("lost")

    async def silent(scope, receive, send):
        pass

    app.mount("/failing", failing)
    app.mount("/silent", silent)
    with pytest.raises(LookupError):
        GATEWAYS["wsgi"](app, Ask(target="/failing"))
    with pytest.raises(RuntimeError, match="without having answered"):
        GATEWAYS["wsgi"](app, Ask(target="/silent"))


def test_an_asgi_stream_under_wsgi_is_cancelled_when_it_is_closed(log):
    app = costrel.Flask("streaming", static_folder=None)

    async def endless(scope, receive, send):
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                await send({"type": "http.response.body", "body": b"x", "more_body": True})
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    app.mount("/endless", endless)
    response = app.test_client().get("/endless", buffered=False)
    assert next(iter(response.response)) == b"x"
    response.close()
    # Once as it was asked for its lifespan, which it takes for a request, and once as it was left.
    assert log == ["cancelled", "cancelled"]


def test_a_lifespan_that_fails_stops_the_start():
    app = costrel.Flask("failing", static_folder=None)

    async def failing(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    app.mount("/failing", failing)

    async def test():
        async with app.test_client():
            pass

    with pytest.raises(RuntimeError, match="no database"):
        asyncio.run(test())


def test_a_lifespan_that_waits_on_after_its_end_is_cancelled(monkeypatch, log):
    monkeypatch.setattr("costrel.serve.asgi_lifespan.GRACE", 0.01)
    app = costrel.Flask("waiting", static_folder=None)

    async def waiting(scope, receive, send):
        try:
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
        finally:
            log.append("ended")

    app.mount("/waiting", waiting)

    async def test():
        async with app.test_client():
            pass
        assert log == ["ended"]

    asyncio.run(asyncio.wait_for(test(), 10))


def test_an_answer_has_its_scope():
    """The drivers themselves: what they send is what a server would."""
    assert http_scope(Ask(target="/a%20b?c"))["path"] == "/a b"
    assert Answer.of(200, [("X", "y")], b"").headers == [("x", "y")]
