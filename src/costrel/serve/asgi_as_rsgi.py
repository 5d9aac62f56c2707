"""Run an ASGI application below an RSGI gateway."""

from __future__ import annotations

import asyncio
from typing import Any

from costrel.serve.rsgi import split_address

CLOSED = 0


async def run_asgi(app: Any, scope: dict[str, Any], protocol: Any) -> None:
    """Answer an RSGI server by an ASGI application.

    :param scope: as :func:`asgi_scope` makes it.
    """
    if scope["type"] == "websocket":
        call: _Socket | _Exchange = _Socket(protocol)
    else:
        call = _Exchange(protocol)
    try:
        await app(scope, call.receive, call.send)
    finally:
        # The answer ends when nobody has its transport any more, and an error keeps this frame.
        call.transport = None


def asgi_scope(scope: Any, prefix: str) -> dict[str, Any]:
    """Spell an RSGI scope as an ASGI scope below a prefix."""
    is_socket = scope.proto == "ws"
    schemes = {"http": "ws", "https": "wss"} if is_socket else {}
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in scope.headers.items()
    ]
    made: dict[str, Any] = {
        "type": "websocket" if is_socket else "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": scope.http_version,
        "scheme": schemes.get(scope.scheme, scope.scheme),
        "path": scope.path,
        "raw_path": None,
        "query_string": scope.query_string.encode("latin-1"),
        "root_path": prefix,
        "headers": headers,
        "client": split_address(scope.client),
        "server": split_address(scope.server),
        "extensions": {},
    }
    if is_socket:
        # RSGI has none to answer with.
        made["subprotocols"] = []
    else:
        made["method"] = scope.method
    return made


class _Exchange:
    """A request and its answer."""

    def __init__(self, protocol: Any) -> None:
        self.protocol = protocol
        self.chunks = aiter(protocol)
        self.is_read = False
        self.status = 500
        self.headers: list[tuple[str, str]] = []
        self.transport: Any = None

    async def receive(self) -> dict[str, Any]:
        """The next chunk of the body; after its end, that the client has gone."""
        if self.is_read:
            await self.protocol.client_disconnect()
            return {"type": "http.disconnect"}
        chunk = await anext(self.chunks, b"")
        self.is_read = not chunk
        return {"type": "http.request", "body": chunk, "more_body": bool(chunk)}

    async def send(self, message: dict[str, Any]) -> None:
        """Pass on a message: a body in one piece at once, another as a stream."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            pairs = message.get("headers", ())
            self.headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in pairs]
            return
        body, has_more = message.get("body", b""), message.get("more_body", False)
        if self.transport is None and not has_more:
            self.protocol.response_bytes(self.status, self.headers, body)
            return
        if self.transport is None:
            self.transport = self.protocol.response_stream(self.status, self.headers)
        if body:
            await self.transport.send_bytes(body)


class _Socket:
    """A WebSocket, without what RSGI does not carry."""

    def __init__(self, protocol: Any) -> None:
        self.protocol = protocol
        self.transport: Any = None
        self.is_connected = False
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        """The handshake first, then messages."""
        if not self.is_connected:
            self.is_connected = True
            return {"type": "websocket.connect"}
        if self.transport is None:
            await self.gone.wait()
            return {"type": "websocket.disconnect", "code": 1006}
        try:
            message = await self.transport.receive()
        except Exception:
            # The server's own class, which this package cannot import: the connection broke.
            return {"type": "websocket.disconnect", "code": 1006}
        if message.kind == CLOSED:
            return {"type": "websocket.disconnect", "code": 1005}
        kind = "text" if isinstance(message.data, str) else "bytes"
        return {"type": "websocket.receive", kind: message.data}

    async def send(self, message: dict[str, Any]) -> None:
        """Pass on a message."""
        kind = message["type"]
        if kind == "websocket.accept":
            self.transport = await self.protocol.accept()
        elif kind == "websocket.close":
            self.protocol.close(None if self.transport is not None else 403)
            self.gone.set()
        elif message.get("text") is not None:
            await self.transport.send_str(message["text"])
        else:
            await self.transport.send_bytes(message["bytes"])
