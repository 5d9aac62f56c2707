import asyncio
import logging

import pytest

from costrel import Flask
from costrel.debugger.debugged_app import wrap_for_development
from costrel.devserver.asgi_edge import AsgiEdge, TwoSides, as_asgi, speaks_asgi
from costrel.devserver.wsgi_bridge import WsgiBridge


def scope_of(target="/", method="GET", headers=(), version="1.1", kind="http"):
    path, _, query = target.partition("?")
    return {
        "type": kind,
        "http_version": version,
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 5000),
        "scheme": "http",
    }


def run(app, scope):
    sent = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


async def hello(scope, receive, send):
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


def test_an_app_speaks_asgi_unless_its_wsgi_side_has_something_around_it():
    class Own(Flask):
        def wsgi_app(self, environ, start_response):
            return super().wsgi_app(environ, start_response)

    class Called(Flask):
        def __call__(self, *args):
            return super().__call__(*args)

    wrapped = Flask("wrapped")
    wrapped.wsgi_app = lambda environ, start: wrapped.wsgi_app(environ, start)
    assert speaks_asgi(Flask("plain"))
    assert not any(map(speaks_asgi, (wrapped, Own("own"), Called("called"), hello)))


def test_middleware_for_wsgi_is_served_as_such_with_websockets_beside_it():
    app = Flask("app")
    assert isinstance(as_asgi(app)[0], AsgiEdge)
    assert as_asgi(wrap_for_development(app))[1] is True
    app.wsgi_app = lambda environ, start_response: []
    served, has_lifespan = as_asgi(app)
    assert (type(served), has_lifespan) == (TwoSides, False)
    assert isinstance(served.requests, WsgiBridge)
    assert isinstance(served.websockets, AsgiEdge)
    assert as_asgi(lambda environ, start_response: [])[0].websockets is None


def test_a_websocket_is_refused_where_only_wsgi_is_spoken():
    sent = run(TwoSides(None, None), scope_of(kind="websocket"))
    assert sent == [{"type": "websocket.close", "code": 1000}]


@pytest.mark.parametrize(
    ("target", "headers", "version"),
    [
        ("no-slash", [], "1.1"),
        ("/", [("content-length", "+1")], "1.1"),
        ("/", [("content-length", "1"), ("transfer-encoding", "chunked")], "1.1"),
        ("/", [("transfer-encoding", "gzip")], "1.1"),
        ("/", [], "9.9"),
    ],
)
def test_a_head_that_could_be_read_in_two_ways_is_refused(target, headers, version):
    sent = run(AsgiEdge(hello), scope_of(target, headers=headers, version=version))
    assert sent[0]["status"] == 400
    assert (b"connection", b"close") in sent[0]["headers"]


def test_an_absolute_target_names_the_host():
    seen = []

    async def app(scope, receive, send):
        seen.append((scope["path"], scope["headers"]))
        await hello(scope, receive, send)

    run(AsgiEdge(app), scope_of("http://other.test/a", headers=[("host", "x"), ("a", "b")]))
    run(AsgiEdge(app), scope_of("//evil.test/b"))
    assert seen == [
        ("/a", [(b"a", b"b"), (b"host", b"other.test")]),
        ("/evil.test/b", []),
    ]


def test_answers_are_logged_once_without_control_characters(caplog):
    caplog.set_level(logging.INFO, "werkzeug")
    run(AsgiEdge(hello), scope_of("/\x1b[31m?q=1"))
    (line,) = caplog.messages
    assert '"GET /\\x1b[31m?q=1 HTTP/1.1" 200 2 ' in line


@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3)])
def test_what_leaves_an_app_is_logged_and_answered(error, caplog):
    async def app(scope, receive, send):
        raise error

    sent = run(AsgiEdge(app), scope_of())
    assert sent[0]["status"] == 500
    assert "failed while answering GET / HTTP/1.1" in caplog.text
    sent = run(AsgiEdge(app), scope_of(kind="websocket"))
    assert sent == [{"type": "websocket.close", "code": 1011}]


def test_an_answer_that_has_begun_is_cut_off(caplog):
    async def app(scope, receive, send):
        await hello(scope, receive, send)
        raise ValueError("late")

    with pytest.raises(RuntimeError, match="late"):
        run(AsgiEdge(app), scope_of())


@pytest.mark.parametrize(
    ("messages", "status"),
    [
        ([{"type": "websocket.accept"}, {"type": "websocket.close"}], 101),
        ([{"type": "websocket.close"}], 403),
        ([{"type": "websocket.http.response.start", "status": 404}], 404),
    ],
)
def test_websockets_are_logged_by_how_they_began(messages, status, caplog):
    async def app(scope, receive, send):
        for message in messages:
            await send(message)

    caplog.set_level(logging.INFO, "werkzeug")
    assert run(AsgiEdge(app), scope_of("/chat", kind="websocket")) == messages
    assert len(caplog.messages) == 1
    assert f'/chat HTTP/1.1" {status} ' in caplog.messages[0]


def test_the_servers_life_is_the_apps():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    run(AsgiEdge(app), {"type": "lifespan"})
    assert seen == ["lifespan"]
