"""The RSGI gateway (version 1.6): scope and protocol in, plan run, one call out; and its wire.

Law: what the protocol cannot carry is raised where it is asked for, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import IO, TYPE_CHECKING, Any

from costrel.http.exceptions import ClientDisconnected
from costrel.http.headers import Headers
from costrel.http.response import CONTENT_LENGTHS, Response
from costrel.parts.signals import LIVE
from costrel.serve.context import RequestContext
from costrel.serve.current import CURRENT, NOTHING_BEFORE
from costrel.serve.live_body import BODILESS_METHODS, UNTOLD, LiveBody, may_come_whole, take_body
from costrel.serve.on_loop import LoopRunner, make_context, whole_body
from costrel.serve.received_body import EMPTY, ReceivedBody, environ_of
from costrel.serve.rsgi_websocket import RsgiChannel
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

Gateway = Callable[[Any, Any], Awaitable[None]]
SOCKET_SCHEMES = {"http": "ws", "https": "wss"}


class Exchange:
    """What an RSGI request is made of: the server's scope, and the body once it is read."""

    __slots__ = ("body", "scope")

    def __init__(self, scope: Any) -> None:
        self.scope = scope
        self.body: ReceivedBody | LiveBody = EMPTY


class RsgiWire:
    """A request as an RSGI server tells it. It knows no mount point."""

    def path(self, raw: Exchange) -> str:
        """The decoded path, with one slash at its start."""
        return "/" + str(raw.scope.path).lstrip("/")

    def query(self, raw: Exchange) -> str:
        """The query string as sent."""
        return str(raw.scope.query_string)

    def root_path(self, raw: Exchange) -> str:
        """No mount point."""
        return ""

    def scheme(self, raw: Exchange) -> str:
        """The scheme the server was reached by."""
        scheme = str(raw.scope.scheme)
        return SOCKET_SCHEMES.get(scheme, scheme) if raw.scope.proto == "ws" else scheme

    def server(self, raw: Exchange) -> tuple[str, int | None] | None:
        """The server's address and port."""
        return split_address(raw.scope.server)

    def remote_addr(self, raw: Exchange) -> str | None:
        """The peer's address."""
        address = split_address(raw.scope.client)
        return address[0] if address else None

    def headers(self, raw: Exchange) -> Headers:
        """The headers. Those with an underscore are left out: they would pass for others."""
        scope = raw.scope
        pairs = [(name.title(), value) for name, value in scope.headers.items() if "_" not in name]
        if scope.authority and not any(name == "Host" for name, _ in pairs):
            pairs.append(("Host", scope.authority))
        return Headers.wrap(pairs)

    def body_header(self, raw: Exchange, name: str) -> str | None:
        """One of the headers that tell of the body."""
        value: str | None = raw.scope.headers.get(name)
        return value

    def cookie(self, raw: Exchange) -> str:
        """The cookies; HTTP/2 clients may send a header for each (RFC 9113, 8.2.3)."""
        return "; ".join([value for name, value in raw.scope.headers.items() if name == "cookie"])

    def body(self, raw: Exchange, max_content_length: int | None) -> IO[bytes]:
        """The body that the gateway has read."""
        return raw.body.open(max_content_length)

    def read(self, raw: Exchange, max_content_length: int | None) -> bytes | None:
        """The body that the gateway has read."""
        return raw.body.read(max_content_length)

    def environ(self, raw: Exchange) -> dict[str, Any]:
        """The request as a WSGI environ."""
        scope = raw.scope
        return environ_of(self, raw, scope.method, scope.http_version, scope.path, raw.body)


WIRE = RsgiWire()


def split_address(address: str) -> tuple[str, int | None] | None:
    """``host:port`` → host and port."""
    host, _, port = address.rpartition(":")
    if not host:
        return (port, None) if port else None
    return host.strip("[]"), int(port) if port.isascii() and port.isdigit() else None


def make_rsgi_gateway(app: Any, engine: Engine) -> Gateway:
    """Make the RSGI application that serves an engine."""
    runner = LoopRunner(app, until_disconnect)
    find, watch = engine.find, runner.watch
    quick_class = quick_class_of(app.response_class)

    async def serve(scope: Any, protocol: Any) -> None:
        if scope.proto != "http":
            return await serve_socket(runner, scope, protocol)
        exchange = Exchange(scope)
        ctx = make_context(runner, WIRE, exchange, scope.method, protocol)
        request = ctx.request
        ctx.tokens = (token := CURRENT.set(ctx),)
        try:
            if LIVE or token.old_value is not NOTHING_BEFORE:
                ctx.join(token.old_value)
            told = scope.headers
            ctx.has_cookie = "cookie" in told
            plan = find(ctx, scope.path or "/", request.method)
            if (
                "content-length" in told
                or "transfer-encoding" in told
                or plan.streams_body
                or (request.method not in BODILESS_METHODS and scope.http_version in UNTOLD)
            ):
                exchange.body = await read_body(request, plan, told, protocol)
            if watch.timer is None:  # PERF: seldom; a call to ask takes 2 % of hello
                watch.look_later()
            response = await plan.begin(ctx, plan)
            if isinstance(response, tuple):
                head, text = response
                # PERF: granian tells the length of a whole body itself (2 % of hello there).
                protocol.response_bytes(head.status, head.alone, text)
            elif (body := quick_body(response, quick_class, request.method)) is None:
                await send_response(runner, ctx, response, protocol)
            elif body:
                protocol.response_bytes(response._status_code, response._list, body[0])
            else:
                protocol.response_empty(response._status_code, bare_headers(response._list))
        except BaseException as error:
            if runner.is_fatal(ctx, error):
                raise
        finally:
            if ctx.needs_leaving or request.holds_files or LIVE:
                await runner.leave(ctx, token)
            else:
                CURRENT.reset(token)

    return serve


async def serve_socket(runner: LoopRunner, scope: Any, protocol: Any) -> None:
    """Serve a WebSocket."""
    request = make_context(runner, WIRE, Exchange(scope), scope.method, protocol).request
    await serve_websocket(runner, request, RsgiChannel(protocol))


async def read_body(
    request: Any, plan: Plan, headers: Any, protocol: Any
) -> ReceivedBody | LiveBody:
    """Read a request's body before its view runs, unless that wants to read it itself."""
    told = headers.get("content-length", "0")
    chunks = aiter(protocol)
    if told == "0" or not may_come_whole(request, plan, told):
        return await take_body(request, plan, make_read(chunks))
    # PERF: most bodies come in one piece, as long as they were to be (1.3 of 7 µs for a form).
    try:
        body = await anext(chunks, b"")
    except ConnectionError:
        return ReceivedBody(error=ClientDisconnected())
    if CONTENT_LENGTHS[len(body)][1] == told:
        return ReceivedBody(body)
    return await take_body(request, plan, make_read(chunks, body))


def make_read(
    chunks: Any, first: bytes | None = None
) -> Callable[[], Awaitable[tuple[bytes, bool]]]:
    """Make what reads the body's next chunk, and whether more are to come.

    :param first: a chunk that was read already.
    """

    async def read() -> tuple[bytes, bool]:
        nonlocal first
        chunk = await anext(chunks, b"") if first is None else first
        first = None
        return chunk, bool(chunk)

    return read


async def until_disconnect(protocol: Any) -> None:
    """Wait until the client has gone."""
    await protocol.client_disconnect()


async def send_response(
    runner: LoopRunner, ctx: RequestContext, response: Response, protocol: Any
) -> None:
    """Send a response of any kind: by its own methods, and a stream until its client goes away."""
    response = sendable(ctx, response)
    if must_be_called(response):
        response = await runner.call_wsgi(ctx, response, ctx.request.environ)
    status, headers = response.status_code, headers_of(response, ctx.request)
    try:
        if response.is_sequence or ctx.request.method == "HEAD":
            body = whole_body(ctx, response)
            if body:
                protocol.response_bytes(status, headers, body)
            else:
                protocol.response_empty(status, headers)
            return
        transport = protocol.response_stream(status, headers)

        async def send_body() -> None:
            nonlocal transport
            try:
                async with aclosing(runner.chunks(ctx, response)) as chunks:
                    async for chunk in chunks:
                        body = chunk.encode() if isinstance(chunk, str) else chunk
                        try:
                            await transport.send_bytes(body)
                        except Exception:
                            # The server's own class, which this package cannot import: gone.
                            return
            finally:
                # The answer ends when nobody has its transport any more, and an error keeps all
                # that it went through until the garbage is collected: the client would wait.
                transport = None

        await runner.send(ctx, send_body())
    finally:
        await runner.close(ctx, response)
