"""Serve a WSGI application over ASGI, with bodies that stream in both directions.

Law: the application runs in a thread of its own and never sees the loop; the loop never waits
for the application.
"""

from __future__ import annotations

import asyncio
import io
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from costrel.devserver.access_log import log_access, log_exception
from costrel.devserver.request_environ import (
    SOFTWARE,
    BadRequestHead,
    add_headers,
    add_path,
    check_framing,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from _typeshed.wsgi import WSGIApplication

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Disconnected(ConnectionError):
    """The client went away."""


class BodyStream(io.RawIOBase):
    """The request's body, fetched from the loop as the application reads it."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.exchange = exchange
        self.pending = b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer with what has arrived, waiting if that is nothing."""
        view = memoryview(buffer).cast("B")
        while not self.pending and not self.exchange.body_is_read.is_set():
            self.pending = self.exchange.ask_loop(self.exchange.receive_chunk())
        count = min(len(view), len(self.pending))
        view[:count] = self.pending[:count]
        self.pending = self.pending[count:]
        return count


class Exchange:
    """One request and its response, between the loop and the application's thread."""

    def __init__(self, bridge: WsgiBridge, scope: Scope, receive: Receive, send: Send) -> None:
        self.bridge = bridge
        self.scope = scope
        self.receive = receive
        self.send = send
        self.loop = asyncio.get_running_loop()
        self.body_is_read = asyncio.Event()
        self.finished: asyncio.Future[None] = self.loop.create_future()
        self.is_gone = False
        self.started_at = time.perf_counter()
        # What start_response was told, until the first of the body shows that it stands.
        self.head: Message | None = None
        self.head_is_sent = False

    # On the loop

    async def receive_chunk(self) -> bytes:
        """Wait for the next part of the body."""
        message = await self.receive()
        if message["type"] == "http.disconnect":
            self.is_gone = True
            raise Disconnected("The client went away before its whole body arrived.")
        if not message.get("more_body", False):
            self.body_is_read.set()
        return bytes(message.get("body", b""))

    async def send_all(self, messages: list[Message]) -> None:
        """Send messages; uvicorn waits here while the client does not keep up."""
        for message in messages:
            await self.send(message)

    async def watch(self) -> None:
        """Note when the client goes away, once its body has been read."""
        await self.body_is_read.wait()
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True

    def finish(self, error: BaseException | None) -> None:
        """Tell the loop that the application's thread is done."""
        if self.finished.done():
            return
        if error is None:
            self.finished.set_result(None)
        else:
            self.finished.set_exception(error)

    # In the application's thread

    def ask_loop(self, coroutine: Any) -> Any:
        """Run a coroutine on the loop and wait for its result."""
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        except RuntimeError:  # the server has stopped
            coroutine.close()
            raise Disconnected("The server has stopped.") from None
        return future.result()

    def run(self, environ: dict[str, Any]) -> None:
        """Call the application and send what it answers; the loop learns how it ended."""
        error: BaseException | None = None
        try:
            self.answer(environ)
        except Disconnected:
            pass
        except BaseException as caught:
            log_exception(self.request_line)
            # SystemExit in a thread would end only the thread, so it is an error as any other.
            error = caught if isinstance(caught, Exception) else RuntimeError(repr(caught))
        with suppress(RuntimeError):  # The loop may be closed: then nobody waits any more.
            self.loop.call_soon_threadsafe(self.finish, error)

    def answer(self, environ: dict[str, Any]) -> None:
        """Run the application as PEP 3333 says."""
        body = self.bridge.app(environ, self.start_response)
        try:
            single = isinstance(body, (list, tuple)) and len(body) == 1
            for chunk in body:
                if chunk:
                    self.deliver(chunk, is_last=single)
            if not single or not self.head_is_sent:
                self.deliver(b"", is_last=True)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        """Take the response's head; it may be replaced until it is sent."""
        if exc_info is not None:
            if self.head_is_sent:
                raise exc_info[1].with_traceback(exc_info[2])
        elif self.head is not None:
            raise AssertionError(
                "start_response was called twice, the second time without exc_info."
            )
        self.head = {
            "type": "http.response.start",
            "status": int(status[:3]),
            "headers": [
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
            ],
        }
        return lambda chunk: self.deliver(chunk, is_last=False)

    def deliver(self, chunk: bytes, *, is_last: bool) -> None:
        """Send a part of the body, with the head before the first one."""
        if self.is_gone:
            raise Disconnected("The client went away.")
        messages: list[Message] = []
        if not self.head_is_sent:
            if self.head is None:
                raise AssertionError("The application did not call start_response.")
            messages.append(self.head)
            self.head_is_sent = True
            self.log(self.head)
        messages.append({"type": "http.response.body", "body": chunk, "more_body": not is_last})
        self.ask_loop(self.send_all(messages))

    @property
    def request_line(self) -> str:
        """The request's first line, as it was sent."""
        return f"{self.scope['method']} {target_of(self.scope)} HTTP/{self.scope['http_version']}"

    def log(self, head: Message) -> None:
        """Write the request's line in the access log."""
        sizes = [value for name, value in head["headers"] if name == b"content-length"]
        client = self.scope.get("client") or ("-",)
        log_access(
            client[0],
            self.request_line,
            head["status"],
            sizes[0].decode("latin-1") if sizes else None,
            time.perf_counter() - self.started_at,
        )


class WsgiBridge:
    """An ASGI application that runs a WSGI one.

    Each request is answered in a thread of its own.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self.app: Callable[..., Iterable[bytes]] = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"A WSGI application cannot answer {scope['type']!r}.")
        exchange = Exchange(self, scope, receive, send)
        try:
            environ = make_environ(scope, exchange)
        except BadRequestHead as error:
            await refuse(exchange, str(error))
            return
        if not has_body(exchange.scope):
            exchange.body_is_read.set()
        watching = exchange.loop.create_task(exchange.watch())
        # Daemons, as a view that never ends must not keep the server from stopping.
        threading.Thread(target=exchange.run, args=(environ,), daemon=True).start()
        try:
            await exchange.finished
        finally:
            exchange.is_gone = True
            watching.cancel()


def has_body(scope: Scope) -> bool:
    """Whether the request announces a body."""
    names = {name for name, _ in scope["headers"]}
    return b"transfer-encoding" in names or b"content-length" in names


async def refuse(exchange: Exchange, reason: str) -> None:
    """Answer 400 and close the connection: what follows cannot be trusted to be a request."""
    body = f"Bad Request: {reason}\n".encode()
    head: Message = {
        "type": "http.response.start",
        "status": 400,
        "headers": [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ],
    }
    exchange.log(head)
    await exchange.send_all([head, {"type": "http.response.body", "body": body}])


def target_of(scope: Scope) -> str:
    """The request's target as it was sent."""
    target = scope["raw_path"].decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return f"{target}?{query}" if query else target


def make_environ(scope: Scope, exchange: Exchange) -> dict[str, Any]:
    """Say what an ASGI scope says as a WSGI environ.

    :raises BadRequestHead: there is no telling what is asked for, or where the request ends.
    """
    if not scope["http_version"].startswith("1."):
        raise BadRequestHead("HTTP/1.1 is spoken here.")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REQUEST_URI": target_of(scope),
        "RAW_URI": target_of(scope),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_SOFTWARE": SOFTWARE,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BufferedReader(BodyStream(exchange)),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    server = scope.get("server") or ("localhost", None)
    environ["SERVER_NAME"] = server[0]
    environ["SERVER_PORT"] = "80" if server[1] is None else str(server[1])
    client = scope.get("client")
    if client:  # a Unix socket has none
        environ["REMOTE_ADDR"] = client[0]
        environ["REMOTE_PORT"] = client[1]
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    add_headers(environ, pairs)
    add_path(environ, scope["raw_path"].decode("latin-1"))
    check_framing(environ)
    return environ
