"""Hand a WebSocket's connection to a WSGI application, for libraries that speak the protocol.

Law: whoever hands a connection over does not touch it again.
"""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

from costrel.debugger.debug_desk import find_app
from costrel.devserver.request_handler import WSGIRequestHandler
from costrel.devserver.stand_in import LIVE
from costrel.devserver.wsgi_server import BaseWSGIServer, ThreadedWSGIServer

if TYPE_CHECKING:
    import socket


class HandOver:
    """Serves WebSockets whose application has no handlers for them, but may take connections.

    Flask-Sock and Flask-SocketIO do so: they find the connection in the environ.

    :param app: the WSGI application.
    :param listening: the socket that the server listens on.
    """

    def __init__(self, app: Any, listening: socket.socket) -> None:
        self.app = app
        self.listening = listening
        self.inner = find_app(app)
        self._server: BaseWSGIServer | None = None

    def wants(self, path: str) -> bool:
        """Whether a handshake is the WSGI application's rather than the ASGI server's."""
        app = self.inner
        if path == LIVE or getattr(app, "mounts", None):
            return False
        rules = () if app is None else app.url_map.iter_rules()
        return not any(getattr(rule, "handles_websocket", False) for rule in rules)

    def take(self, connection: socket.socket, client: tuple[str, int], head: bytes) -> None:
        """Serve a connection in a thread of its own.

        :param head: what has been read of it: the handshake's request line and headers.
        """
        if self._server is None:
            host = str(self.listening.getsockname()[0])
            self._server = ThreadedWSGIServer(host, 0, self.app, fd=self.listening.fileno())
            # Others answer what else comes in here.
            self._server.socket.close()
        made = (connection, client, self._server, head)
        threading.Thread(target=_serve, args=made, daemon=True).start()


class TakenConnection(WSGIRequestHandler):
    """Serves a connection whose request's head has been read already."""

    protocol_version = "HTTP/1.1"

    def __init__(self, connection: Any, client: Any, server: Any, head: bytes) -> None:
        self.head = head
        super().__init__(connection, client, server)

    def setup(self) -> None:
        """Prepare to read the head, and then no more: the rest is not for this handler."""
        super().setup()
        self.rfile = io.BytesIO(self.head)


def _serve(
    connection: socket.socket, client: tuple[str, int], server: BaseWSGIServer, head: bytes
) -> None:
    try:
        TakenConnection(connection, client, server, head)
    except Exception:
        server.handle_error(connection, client)
    finally:
        server.shutdown_request(connection)
