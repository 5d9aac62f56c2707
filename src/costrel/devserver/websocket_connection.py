"""A WebSocket's connection as uvicorn has it, which ends where its handshake cannot be read."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

REFUSED = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Connection: close\r\n\r\nThis is no WebSocket handshake: it must be a GET without a body.\n"
)


class WebSocketConnection(WebSocketsSansIOProtocol):
    """A connection that does not stay open, without a word, behind a handshake with a body."""

    def data_received(self, data: bytes) -> None:
        """Take bytes in; answer and close where they are no handshake (RFC 6455, 4.2.1)."""
        super().data_received(data)
        # One that was read and refused has been answered, and is being closed.
        if self.conn.handshake_exc is not None and not self.transport.is_closing():
            self.transport.write(REFUSED)
            self.transport.close()
