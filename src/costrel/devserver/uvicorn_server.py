"""Run uvicorn in this process, on sockets that are bound already.

Law: asyncio and uvicorn are imported by this file and the bridge only. The process that watches
for changes and `import costrel` do without them.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from costrel.devserver.wsgi_bridge import WsgiBridge

if TYPE_CHECKING:
    import socket
    import ssl

    from _typeshed.wsgi import WSGIApplication

STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")
# Seconds that running requests get when the server is stopped.
GRACE = 1


class QuietServer(uvicorn.Server):
    """uvicorn's server, which ends without passing its signal on.

    uvicorn raises the signal again once it has stopped, so that SIGTERM would be the death of a
    process that has ended in good order.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at the first signal, at once at the second; only the main thread may listen."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        wanted = [getattr(signal, name) for name in STOP_SIGNALS if hasattr(signal, name)]
        before = {number: signal.signal(number, self.handle_exit) for number in wanted}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(
    app: WSGIApplication, sockets: list[socket.socket], ssl_context: ssl.SSLContext | None = None
) -> None:
    """Serve a WSGI application until SIGINT or SIGTERM; then return."""
    config = uvicorn.Config(
        WsgiBridge(app),
        interface="asgi3",
        http="h11",  # the strictest of its parsers, and the same on every machine
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # what matters is said by the bridge, once
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
    )
    config.load()
    config.ssl = ssl_context
    QuietServer(config).run(sockets=sockets)
