"""A body that is read before the view runs: where it is kept, and what a failed one leaves."""

import asyncio
import sys
from pathlib import Path

import pytest

import costrel
from costrel.http.body import IN_MEMORY
from costrel.http.exceptions import ClientDisconnected, RequestEntityTooLarge
from costrel.http.request import Request
from costrel.serve.received_body import receive_body

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from gateways import (  # noqa: E402
    Ask,
    RsgiHeaders,
    RsgiProtocol,
    RsgiScope,
    ask_asgi,
    ask_rsgi,
    http_scope,
)

HALF = b"x" * (IN_MEMORY // 2 + 1)


def receive(chunks, limit=None, **environ):
    """Receive a body of these chunks, of which the last may be an error."""
    left = list(chunks)

    async def read():
        chunk = left.pop(0)
        if isinstance(chunk, Exception):
            raise chunk
        return chunk, bool(left)

    request = Request(environ)
    return asyncio.run(receive_body(request, read, limit)), request


@pytest.mark.parametrize("chunks", [[b"abc"], [b"a", b"", b"bc"], [b""], [HALF]])
def test_a_small_body_is_kept_in_memory(chunks, body_files):
    body, request = receive(chunks)
    assert body.read(None) == b"".join(chunks)
    assert body_files == []
    assert not request.holds_files


def test_a_large_body_is_kept_in_a_file_which_its_request_closes(body_files):
    body, request = receive([HALF, HALF, b"end"])
    assert body.read(None) is None
    assert body.open(None).read() == HALF + HALF + b"end"
    assert request.holds_files
    request.close()
    assert [file.closed for file in body_files] == [True]


@pytest.mark.parametrize(
    ("chunks", "limit", "environ", "error"),
    [
        ([HALF, HALF, ConnectionError()], None, {}, ClientDisconnected),
        ([HALF, HALF], None, {"CONTENT_LENGTH": str(3 * len(HALF))}, ClientDisconnected),
        ([HALF, HALF, HALF], 2 * len(HALF), {}, RequestEntityTooLarge),
    ],
)
def test_nothing_is_left_open_of_a_body_that_failed(chunks, limit, environ, error, body_files):
    body, request = receive(chunks, limit, **environ)
    with pytest.raises(error):
        body.read(None)
    with pytest.raises(error):
        body.open(None)
    assert [file.closed for file in body_files] == [True]
    assert not request.holds_files


def test_nothing_is_read_past_the_declared_length():
    body, _ = receive([b"ab", b"cd", AssertionError("read on")], CONTENT_LENGTH="3")
    assert body.read(None) == b"abc"


@pytest.mark.parametrize("chunks", [[b"abc"], [HALF, HALF]])
def test_a_limit_that_the_view_sets_holds_for_a_body_that_was_read(chunks):
    body, request = receive(chunks)
    with request, pytest.raises(RequestEntityTooLarge):
        body.read(2)


@pytest.fixture
def app():
    app = costrel.Flask("receiving", static_folder=None)

    @app.route("/", methods=["GET", "PUT"])
    def body():
        return costrel.request.get_data()

    @app.route("/live", stream_body=True)
    async def live():
        return b"".join([chunk async for chunk in costrel.request.stream])

    return app


@pytest.mark.parametrize("ask", [ask_asgi, ask_rsgi])
@pytest.mark.parametrize(("body", "told"), [(b"body", "Content-Length"), ([b"bo", b"dy"], "")])
def test_a_get_may_have_a_body(app, ask, body, told):
    headers = [(told, "4")] if told else []
    assert ask(app, Ask("GET", "/", headers, body)).body == b"body"
    assert ask(app, Ask("GET", "/live", headers, body)).body == b"body"
    assert ask(app, Ask("GET", "/live")).body == b""


def test_a_chunked_body_that_breaks_off_is_no_whole_one_over_asgi(app):
    messages = [
        {"type": "http.request", "body": b"half", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    asyncio.run(app(http_scope(Ask("PUT", body=[])), receive, send))
    assert sent[0]["status"] == 400


@pytest.mark.parametrize("headers", [[], [("Content-Length", "10")]])
def test_a_body_that_breaks_off_is_no_whole_one_over_rsgi(app, headers):
    class Broken(RsgiProtocol):
        async def __anext__(self):
            raise ConnectionError

    protocol = Broken([])
    asyncio.run(app.__rsgi__(RsgiScope(Ask("PUT", "/", headers, [b"half"])), protocol))
    assert protocol.status == 400


@pytest.mark.parametrize(("method", "path"), [("PUT", "/"), ("GET", "/live")])
def test_a_body_that_no_header_tells_of_is_read_over_rsgi(app, method, path):
    scope, protocol = RsgiScope(Ask(method, path)), RsgiProtocol([b"x"])
    scope.http_version, scope.headers = "2", RsgiHeaders([])
    asyncio.run(app.__rsgi__(scope, protocol))
    assert protocol.body == [b"x"]


@pytest.mark.parametrize(
    ("method", "path", "version"), [("PUT", "/", "1.1"), ("PUT", "/", "2"), ("GET", "/live", "2")]
)
def test_a_body_that_no_header_tells_of_is_read_over_asgi(app, method, path, version):
    messages = [
        {"type": "http.request", "body": b"from ", "more_body": True},
        {"type": "http.request", "body": b"an event"},
    ]
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    scope = {**http_scope(Ask(method, path)), "headers": [], "http_version": version}
    asyncio.run(app(scope, receive, send))
    assert sent[-1]["body"] == b"from an event"
