"""A WebSocket's channel over ASGI (HTTP & WebSocket protocol 2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costrel.serve.websocket import VANISHED, WebSocketDisconnect

if TYPE_CHECKING:
    from costrel.http.response import Response

REJECTS = "websocket.http.response"


class AsgiChannel:
    """What an ASGI server does for a WebSocket.

    :param scope: the connection.
    """

    def __init__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send

    async def accept(self, subprotocol: str | None, headers: list[tuple[str, str]]) -> None:
        """Accept the handshake."""
        message: dict[str, Any] = {"type": "websocket.accept", "subprotocol": subprotocol}
        if headers:
            message["headers"] = [
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
            ]
        await self._say(message)

    async def receive(self) -> str | bytes:
        """Wait for the next message."""
        message = await self._receive()
        if message["type"] == "websocket.receive":
            text = message.get("text")
            found: str | bytes = message["bytes"] if text is None else text
            return found
        raise WebSocketDisconnect(message.get("code") or 1005, message.get("reason") or "")

    async def send(self, message: str | bytes) -> None:
        """Send a message."""
        kind = "text" if isinstance(message, str) else "bytes"
        await self._say({"type": "websocket.send", kind: message})

    async def close(self, code: int, reason: str) -> None:
        """Close it."""
        await self._say({"type": "websocket.close", "code": code, "reason": reason})

    async def reject(self, response: Response) -> None:
        """Answer the handshake: with the response where the server has the extension, else 403."""
        if REJECTS not in (self.scope.get("extensions") or {}):
            await self._say({"type": "websocket.close", "code": 1000})
            return
        headers = response.get_wsgi_headers({}).to_wsgi_list()
        await self._say(
            {
                "type": f"{REJECTS}.start",
                "status": response.status_code,
                "headers": [
                    (name.lower().encode("latin-1"), value.encode("latin-1"))
                    for name, value in headers
                ],
            }
        )
        await self._say({"type": f"{REJECTS}.body", "body": response.get_data()})

    async def _say(self, message: dict[str, Any]) -> None:
        try:
            await self._send(message)
        except OSError as error:
            # What the specification has for a client that is gone.
            raise WebSocketDisconnect(VANISHED) from error
