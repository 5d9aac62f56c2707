"""Run an ASGI application below a WSGI gateway: it lives on the background loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from costrel.http.environ import get_input_stream
from costrel.http.status import STATUS_LINES
from costrel.serve.drive import BACKGROUND
from costrel.serve.environ_scope import scope_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CHUNK = 1 << 16


def run_asgi(app: Any, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a WSGI server by an ASGI application."""
    call = _Call(app, environ)
    start = BACKGROUND.run(call.start())
    headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in start.get("headers", ())]
    start_response(STATUS_LINES[start["status"]], headers)
    return call


class _Call:
    """One request to an ASGI application, and the body of its answer for a WSGI server."""

    def __init__(self, app: Any, environ: WSGIEnvironment) -> None:
        self.app = app
        self.scope = scope_of(environ)
        self.input = get_input_stream(environ)
        self.is_read = False
        self.is_stopped = False

    async def start(self) -> dict[str, Any]:
        """Call the application and return how it starts its answer."""
        self.messages: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(1)
        self.gone = asyncio.Event()
        self.task = asyncio.ensure_future(self._run())
        message = await self.messages.get()
        if message is None:
            self.task.result()
            raise RuntimeError("The mounted ASGI application returned without having answered.")
        return message

    async def _run(self) -> None:
        try:
            await self.app(self.scope, self._receive, self._send)
        finally:
            await self._send(None)

    async def _send(self, message: dict[str, Any] | None) -> None:
        # After the end nobody takes messages any more.
        if not self.is_stopped:
            await self.messages.put(message)

    async def _receive(self) -> dict[str, Any]:
        if self.is_read:
            await self.gone.wait()
            return {"type": "http.disconnect"}
        chunk = await asyncio.to_thread(self.input.read, CHUNK)
        self.is_read = not chunk
        return {"type": "http.request", "body": chunk, "more_body": bool(chunk)}

    async def _next(self) -> bytes | None:
        """The next chunk of the body, or ``None`` after its end."""
        message = await self.messages.get()
        if message is None:
            self.task.result()
            return None
        chunk: bytes = message.get("body", b"")
        if not message.get("more_body", False):
            self.gone.set()
        return chunk

    def __iter__(self) -> Iterator[bytes]:
        while (chunk := BACKGROUND.run(self._next())) is not None:
            if chunk:
                yield chunk

    def close(self) -> None:
        """Let the application end, also where its client has gone before."""
        BACKGROUND.run(self._stop())

    async def _stop(self) -> None:
        self.gone.set()
        self.is_stopped = True
        if not self.task.done():
            self.task.cancel()
            await asyncio.wait((self.task,))
