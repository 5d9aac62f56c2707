"""A WebSocket's channel over RSGI (1.6), which has no subprotocols, headers or close codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costrel.serve.websocket import NORMAL, VANISHED, NotCarried, WebSocketDisconnect

if TYPE_CHECKING:
    from costrel.http.response import Response

NOT_CARRIED = "RSGI cannot carry {}. Serve the app over ASGI: granian --interface asgi, or uvicorn."
CLOSED = 0


class RsgiChannel:
    """What an RSGI server does for a WebSocket.

    :param protocol: the server's side.
    """

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._transport: Any = None

    async def accept(self, subprotocol: str | None, headers: list[tuple[str, str]]) -> None:
        """Accept the handshake, with neither subprotocol nor headers."""
        if subprotocol is not None:
            raise NotCarried(NOT_CARRIED.format("a WebSocket's subprotocol"))
        if headers:
            raise NotCarried(NOT_CARRIED.format("headers in the answer to a WebSocket's handshake"))
        try:
            self._transport = await self._protocol.accept()
        except Exception as error:
            raise WebSocketDisconnect(VANISHED) from error

    async def receive(self) -> str | bytes:
        """Wait for the next message. The client's close code does not come through."""
        try:
            message = await self._transport.receive()
        except Exception as error:
            # The server's own class, which this package cannot import: the connection broke.
            raise WebSocketDisconnect(VANISHED) from error
        if message.kind == CLOSED:
            # The server answers the client's close when nobody has the transport any more.
            self._transport = None
            raise WebSocketDisconnect(1005)
        found: str | bytes = message.data
        return found

    async def send(self, message: str | bytes) -> None:
        """Send a message."""
        transport = self._transport
        try:
            if isinstance(message, str):
                await transport.send_str(message)
            else:
                await transport.send_bytes(message)
        except Exception as error:
            # As above, for a client that is gone.
            raise WebSocketDisconnect(VANISHED) from error

    async def close(self, code: int, reason: str) -> None:
        """Close it, with neither code nor reason."""
        if code != NORMAL or reason:
            raise NotCarried(NOT_CARRIED.format("a WebSocket's close code and reason"))
        self._protocol.close()

    async def reject(self, response: Response) -> None:
        """Answer the handshake with the response's status, which is all that RSGI carries."""
        self._protocol.close(response.status_code)
