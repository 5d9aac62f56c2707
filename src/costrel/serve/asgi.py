"""The ASGI gateway (version 3.0): scope in, plan run, messages out; and its wire.

Law: `receive` is called only for a body, and never past its end; on some servers one call costs
more than the whole of hello world.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any

from costrel.http.headers import Headers
from costrel.http.response import ContentLengths, Response
from costrel.http.wire import BODY_KEYS
from costrel.parts.signals import LIVE
from costrel.serve.asgi_websocket import AsgiChannel
from costrel.serve.context import RequestContext
from costrel.serve.current import CURRENT, NOTHING_BEFORE
from costrel.serve.lifespan import serve_lifespan
from costrel.serve.live_body import BODILESS_METHODS, LiveBody, may_come_whole, take_body
from costrel.serve.on_loop import LoopRunner, make_context, whole_body
from costrel.serve.received_body import EMPTY, ReceivedBody, environ_of
from costrel.serve.way_out import (
    bare_headers,
    headers_of,
    must_be_called,
    quick_body,
    quick_class_of,
    sendable,
)
from costrel.serve.websocket_lane import serve_websocket

if TYPE_CHECKING:
    from costrel.serve.plan import Engine, Plan

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Gateway = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

# Where the gateway puts the body it has read into the scope, and the headers by name.
BODY = "costrel.body"
HEADERS = "costrel.headers"
ENCODED_NAMES = {name: name.encode() for name in BODY_KEYS}


class _Encoded(dict[tuple[str, str], tuple[bytes, bytes]]):
    """A header → the same as ASGI wants it: its name in lower case, both as bytes."""

    def __missing__(self, pair: tuple[str, str]) -> tuple[bytes, bytes]:
        name, value = pair
        encoded = sent_name(name), value.encode("latin-1")
        if len(self) < _MOST_ENCODED and name not in _EACH_ITS_OWN:
            self[pair] = encoded
        return encoded


_MOST_ENCODED = 1024
# Headers whose values seldom come again; they would fill what is kept.
_EACH_ITS_OWN = frozenset({"Set-Cookie", "ETag", "Last-Modified", "Expires", "Date"})
LENGTHS = ContentLengths(lambda size: (b"content-length", b"%d" % size))
# PERF: most headers are the same in each response; looking them up spares 0.3 µs a pair.
encoded_of = _Encoded().__getitem__


@lru_cache(maxsize=256)
def name_of(sent: bytes) -> str:
    """A header's name as we write it; the empty string for one that would pass for another."""
    # PERF: clients send the same names again and again (0.03 µs kept, 0.3 not).
    return "" if b"_" in sent else sent.decode("latin-1").title()


@lru_cache(maxsize=256)
def sent_name(name: str) -> bytes:
    """A header's name as ASGI wants it."""
    # PERF: a cookie's header is another each time, and its name is not (0.1 µs).
    return name.lower().encode("latin-1")


class AsgiWire:
    """A request as an ASGI server tells it."""

    def path(self, raw: dict[str, Any]) -> str:
        """The decoded path below the mount point, with one slash at its start."""
        return "/" + path_below(raw).lstrip("/")

    def query(self, raw: dict[str, Any]) -> str:
        """The query string as sent, bytes as latin-1."""
        return str(raw["query_string"], "latin-1")

    def root_path(self, raw: dict[str, Any]) -> str:
        """The decoded mount point."""
        return str(raw.get("root_path", "")).rstrip("/")

    def scheme(self, raw: dict[str, Any]) -> str:
        """The scheme the server was reached by."""
        return str(raw.get("scheme", "http"))

    def server(self, raw: dict[str, Any]) -> tuple[str, int | None] | None:
        """The server's name and port."""
        server = raw.get("server")
        return (server[0], server[1]) if server else None

    def remote_addr(self, raw: dict[str, Any]) -> str | None:
        """The peer's address."""
        client = raw.get("client")
        return client[0] if client else None

    def headers(self, raw: dict[str, Any]) -> Headers:
        """The headers. Those with an underscore are left out: they would pass for others."""
        return Headers.wrap(
            [
                (name, str(value, "latin-1"))
                for sent, value in raw["headers"]
                if (name := name_of(sent))
            ]
        )

    def body_header(self, raw: dict[str, Any], name: str) -> str | None:
        """One of the headers that tell of the body."""
        wanted = ENCODED_NAMES[name]
        # PERF: a form looks for one of them (0.2 of 7 µs), a large one for three.
        if HEADERS in raw:
            found = raw[HEADERS].get(wanted)
            return None if found is None else str(found, "latin-1")
        for sent, value in raw["headers"]:
            if sent == wanted:
                return str(value, "latin-1")
        return None

    def cookie(self, raw: dict[str, Any]) -> str:
        """The cookies; HTTP/2 clients may send a header for each (RFC 9113, 8.2.3)."""
        # PERF: a loop, as nearly always there is one; a list of it takes 0.1 µs more.
        found = b""
        for sent, value in raw["headers"]:
            if sent == b"cookie":
                found = found + b"; " + value if found else value
        return str(found, "latin-1")

    def body(self, raw: dict[str, Any], max_content_length: int | None) -> IO[bytes]:
        """The body that the gateway has read."""
        body: ReceivedBody = raw.get(BODY, EMPTY)
        return body.open(max_content_length)

    def read(self, raw: dict[str, Any], max_content_length: int | None) -> bytes | None:
        """The body that the gateway has read."""
        body: ReceivedBody = raw.get(BODY, EMPTY)
        return body.read(max_content_length)

    def environ(self, raw: dict[str, Any]) -> dict[str, Any]:
        """The request as a WSGI environ."""
        version, body = raw.get("http_version", "1.1"), raw.get(BODY, EMPTY)
        return environ_of(self, raw, raw["method"], version, path_below(raw), body)


WIRE = AsgiWire()


def path_below(scope: dict[str, Any]) -> str:
    """The decoded path below the mount point; servers differ in whether they leave that in."""
    path: str = scope["path"]
    root = scope.get("root_path")
    if root and path.startswith(root):
        return path[len(root) :]
    return path


def make_asgi_gateway(app: Any, engine: Engine) -> Gateway:
    """Make the ASGI application that serves an engine."""
    runner = LoopRunner(app, until_disconnect)
    find, watch, quick_class = engine.find, runner.watch, quick_class_of(app.response_class)

    async def serve(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await serve_other(runner, scope, receive, send)
        ctx = make_context(runner, WIRE, scope, scope["method"], receive)
        request = ctx.request
        ctx.tokens = (token := CURRENT.set(ctx),)
        try:
            if LIVE or token.old_value is not NOTHING_BEFORE:
                ctx.join(token.old_value)
            names = dict(scope["headers"])
            ctx.has_cookie = b"cookie" in names
            path = path_below(scope) if scope.get("root_path") else scope["path"]
            plan = find(ctx, path or "/", request.method)
            if (
                b"content-length" in names
                or b"transfer-encoding" in names
                or plan.streams_body
                # Over HTTP/2, and from a Lambda function's event, no header tells of a body.
                or request.method not in BODILESS_METHODS
            ):
                scope[BODY] = await read_body(request, plan, scope, names, receive)
            if watch.timer is None:  # PERF: seldom; a call to ask takes 2 % of hello
                watch.look_later()
            response = await plan.begin(ctx, plan)
            if isinstance(response, tuple):
                head, text = response
                status, headers = head.status, [head.encoded, LENGTHS[len(text)]]
            else:
                if (body := quick_body(response, quick_class, request.method)) is None:
                    return await send_response(runner, ctx, response, send)
                text, status = body[0] if body else b"", response._status_code
                told = response._list if body else bare_headers(response._list)
                headers = list(map(encoded_of, told))
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": text})
        except BaseException as error:
            if runner.is_fatal(ctx, error):
                raise
        finally:
            if ctx.needs_leaving or request.holds_files or LIVE:
                await runner.leave(ctx, token)
            else:
                CURRENT.reset(token)

    return serve


async def serve_other(
    runner: LoopRunner, scope: dict[str, Any], receive: Receive, send: Send
) -> None:
    """Serve what is no request: the server's own start and stop, or a WebSocket."""
    if scope["type"] == "lifespan":
        await serve_lifespan(runner.app, receive, send)
        return
    # The first message says that there is a handshake, which the scope has told already.
    await receive()
    raw = {**scope, "method": "GET"}
    request = make_context(runner, WIRE, raw, "GET", receive).request
    await serve_websocket(runner, request, AsgiChannel(scope, receive, send))


async def read_body(
    request: Any, plan: Plan, scope: dict[str, Any], names: dict[bytes, bytes], receive: Receive
) -> ReceivedBody | LiveBody:
    """Read a request's body before its view runs, unless that wants to read it itself.

    :param names: the headers by name.
    """
    has_twins = len(names) != len(scope["headers"])  # a name came twice; the first counts
    if not has_twins:
        scope[HEADERS] = names
    told = names.get(b"content-length", b"0")
    if has_twins or told == b"0" or not may_come_whole(request, plan, told):
        return await take_body(request, plan, make_read(receive))
    # PERF: most bodies come in one piece, as long as they were to be (1.3 of 8 µs for a form).
    message = await receive()
    body = message.get("body", b"")
    if LENGTHS[len(body)][1] == told:
        return ReceivedBody(body)
    return await take_body(request, plan, make_read(receive, message))


def make_read(
    receive: Receive, first: dict[str, Any] | None = None
) -> Callable[[], Awaitable[tuple[bytes, bool]]]:
    """Make what reads the body's next chunk, and whether more are to come.

    :param first: a message that was received already.
    """

    async def read() -> tuple[bytes, bool]:
        nonlocal first
        message, first = first or await receive(), None
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("The client went away before its whole body arrived.")
        return message.get("body", b""), message.get("more_body", False)

    return read


async def until_disconnect(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_response(
    runner: LoopRunner, ctx: RequestContext, response: Response, send: Send
) -> None:
    """Send a response of any kind: by its own methods, and a stream until its client goes away."""
    response = sendable(ctx, response)
    if must_be_called(response):
        response = await runner.call_wsgi(ctx, response, ctx.request.environ)
    start = {
        "type": "http.response.start",
        "status": response.status_code,
        "headers": list(map(encoded_of, headers_of(response, ctx.request))),
    }

    async def send_body() -> None:
        async with aclosing(runner.chunks(ctx, response)) as chunks:
            async for chunk in chunks:
                body = chunk.encode() if isinstance(chunk, str) else chunk
                try:
                    await send({"type": "http.response.body", "body": body, "more_body": True})
                except OSError:
                    # What the specification has for a client that is gone already.
                    return
        await send({"type": "http.response.body", "body": b""})

    try:
        await send(start)
        if response.is_sequence:
            await send({"type": "http.response.body", "body": whole_body(ctx, response)})
        else:
            await runner.send(ctx, send_body())
    finally:
        await runner.close(ctx, response)
