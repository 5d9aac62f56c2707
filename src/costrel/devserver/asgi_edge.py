"""What stands between uvicorn and an ASGI application: heads are checked, answers logged.

Law: a head that the WSGI bridge refuses is refused here, and for the same reason.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from costrel.app import Flask, has_own_entrance
from costrel.debugger.debugged_app import DebuggedApplication
from costrel.devserver.access_log import log_access, log_exception
from costrel.devserver.request_environ import (
    BadRequestHead,
    add_headers,
    add_path,
    check_framing,
)
from costrel.devserver.wsgi_bridge import Message, Receive, Scope, Send, WsgiBridge, target_of

WS_REJECTED = "websocket.http.response.start"


def speaks_asgi(app: Any) -> bool:
    """Whether an application is one of costrel's with nothing put around its WSGI side."""
    return (
        isinstance(app, Flask)
        and not has_own_entrance(app, "wsgi_app")
        and type(app).__call__ is Flask.__call__
    )


def as_asgi(app: Any) -> tuple[Any, bool]:
    """Make what uvicorn serves of an application.

    An application of costrel's is served as it is. Others, and those whose ``wsgi_app`` has
    middleware around it, are called as WSGI has it.

    :returns: the ASGI application, and whether it has a lifespan.
    """
    inner = app.app if isinstance(app, DebuggedApplication) else app
    if speaks_asgi(inner):
        return AsgiEdge(app), True
    # Middleware for WSGI does not know WebSockets, so they go past it.
    sockets = AsgiEdge(app) if isinstance(inner, Flask) else None
    return TwoSides(WsgiBridge(app), sockets), False


class TwoSides:
    """Requests go to one application, WebSockets to another one, or are refused."""

    def __init__(self, requests: Any, websockets: Any) -> None:
        self.requests = requests
        self.websockets = websockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket."""
        if scope["type"] == "http":
            await self.requests(scope, receive, send)
        elif self.websockets is not None:
            await self.websockets(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})


class AsgiEdge:
    """An ASGI application, for which bad heads are refused, and whose answers are logged.

    :param app: the application.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket, or follow the server's life."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        logged = LoggedSend(scope, send)
        try:
            check_head(scope)
        except BadRequestHead as error:
            await logged.answer(400, f"Bad Request: {error}\n")
            return
        try:
            await self.app(scope, receive, logged)
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except BaseException as error:
            # SystemExit too: a view that raises it must not end the server.
            log_exception(logged.request_line)
            if logged.is_started:
                raise RuntimeError(repr(error)) from error
            await logged.answer(500, "Internal Server Error\n")


class LoggedSend:
    """A ``send`` that writes the access log's line when the answer starts."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.send = send
        self.is_started = False
        self.started_at = time.perf_counter()

    async def __call__(self, message: Message) -> None:
        """Send a message."""
        kind = message["type"]
        if kind == "http.response.start":
            self.log(message["status"], dict(message.get("headers", ())).get(b"content-length"))
        elif kind == "websocket.accept":
            self.log(101)
        elif kind == WS_REJECTED:
            self.log(message["status"])
        elif kind == "websocket.close" and not self.is_started:
            self.log(403)
        await self.send(message)

    def log(self, status: int, size: bytes | None = None) -> None:
        """Write the line, once."""
        if self.is_started:
            return
        self.is_started = True
        client = (self.scope.get("client") or ("-",))[0]
        took = time.perf_counter() - self.started_at
        told = None if size is None else size.decode("latin-1")
        log_access(client, self.request_line, status, told, took)

    @property
    def request_line(self) -> str:
        """The request's first line, as it was sent."""
        method = self.scope.get("method", "WEBSOCKET")
        return f"{method} {target_of(self.scope)} HTTP/{self.scope['http_version']}"

    async def answer(self, status: int, text: str) -> None:
        """Send a short text, and close: what follows cannot be trusted to be a request."""
        if self.scope["type"] == "websocket":
            await self({"type": "websocket.close", "code": 1011})
            return
        body = text.encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def check_head(scope: Scope) -> None:
    """Make sure that a head can be understood in one way only; straighten odd targets.

    :raises BadRequestHead: it cannot.
    """
    if not scope["http_version"].startswith("1."):
        raise BadRequestHead("HTTP/1.1 is spoken here.")
    environ: dict[str, Any] = {}
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    add_headers(environ, pairs)
    host = environ.get("HTTP_HOST")
    target = scope["raw_path"].decode("latin-1")
    add_path(environ, target)
    check_framing(environ)
    if target.startswith("/") and not target.startswith("//"):
        return
    raw = environ["PATH_INFO"].encode("latin-1")
    scope["path"] = raw.decode("utf-8", "replace")
    if environ.get("HTTP_HOST") != host:
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        scope["headers"] = [*others, (b"host", environ["HTTP_HOST"].encode("latin-1"))]
