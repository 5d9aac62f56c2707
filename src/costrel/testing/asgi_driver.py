"""Run an application as an ASGI server would, without one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from costrel.http.headers import Headers
from costrel.http.status import HTTP_STATUS_CODES
from costrel.serve.environ_scope import scope_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

AsgiApp = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


async def run_asgi_app(app: AsgiApp, environ: WSGIEnvironment) -> tuple[list[bytes], str, Headers]:
    """Call an ASGI app in the running loop; returns its body, its status line and its headers.

    What the app raises is raised here, as are answers that break the protocol.
    """
    chunks: list[bytes] = []
    started: list[dict[str, Any]] = []
    is_over = asyncio.Event()
    body = [environ["wsgi.input"].read()]

    async def receive() -> dict[str, Any]:
        if body:
            return {"type": "http.request", "body": body.pop(), "more_body": False}
        await is_over.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start" and not started:
            started.append(message)
        elif message["type"] == "http.response.body" and started and not is_over.is_set():
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                is_over.set()
        else:
            raise RuntimeError(f"{message['type']!r} cannot be sent now: the answer has its order.")

    await app(scope_of(environ), receive, send)
    if not is_over.is_set():
        raise RuntimeError("The ASGI application returned without having answered.")
    status = started[0]["status"]
    headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in started[0]["headers"]]
    line = f"{status} {HTTP_STATUS_CODES.get(status, 'UNKNOWN').upper()}"
    return [chunk for chunk in chunks if chunk], line, Headers(headers)
