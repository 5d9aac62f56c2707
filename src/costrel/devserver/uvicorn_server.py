"""Run uvicorn in this process, on sockets that are bound already.

Law: asyncio and uvicorn are imported by this file and those that it imports. The process that
watches for changes and `import costrel` do without them.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.config import WS_PROTOCOLS
from uvicorn.protocols.http.h11_impl import H11Protocol

from costrel.devserver.asgi_edge import as_asgi
from costrel.devserver.hand_over import HandOver
from costrel.devserver.live_reload import LiveReload
from costrel.devserver.startup_errors import end_startup

if TYPE_CHECKING:
    import socket
    import ssl

    import h11

STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")
# Seconds that running requests get when the server is stopped.
GRACE = 1
# Seconds for a request that was sent while the server was told to stop.
LAST_CALL = 0.15
TICK = 0.03
START_FAILED = 1
SANS_IO = "websockets-sansio"


class PatientConnection(H11Protocol):
    """A connection that does not drop a request which is on its way.

    :param hand_over: what serves WebSockets of libraries for WSGI.
    """

    def __init__(self, *args: Any, hand_over: HandOver | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.hand_over = hand_over

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Have a handshake served: by uvicorn, or with its connection by the WSGI application."""
        path = event.target.partition(b"?")[0].decode("ascii")
        # TLS is between the connection and the loop.
        if self.hand_over is None or self.scheme == "https" or not self.hand_over.wants(path):
            super().handle_websocket_upgrade(event)
            return
        lines = [b"%b %b HTTP/1.1" % (event.method, event.target)]
        lines += [b"%b: %b" % header for header in self.headers]
        connection = self.transport.get_extra_info("socket").dup()
        self.transport.close()  # this end of it
        self.hand_over.take(connection, self.client or ("", 0), b"\r\n".join([*lines, b"\r\n"]))

    def shutdown(self) -> None:
        """Close the connection, when a request that the client may have sent has had its time."""
        cycle: Any = self.cycle  # None before the first request
        if cycle is None or cycle.response_complete:
            self.loop.call_later(LAST_CALL, self.close)
        else:
            super().shutdown()

    def close(self) -> None:
        """Close the connection now, or after the answer that is under way."""
        if not self.transport.is_closing():
            super().shutdown()

    def eof_received(self) -> bool:  # type: ignore[override]  # as asyncio has it
        """Keep the way back open for a client that has sent all and waits for its answer."""
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete or cycle.more_body or self.scheme == "https":
            return False
        cycle.keep_alive = False
        return True


class QuietServer(uvicorn.Server):
    """uvicorn's server, which ends without passing its signal on.

    uvicorn raises the signal again once it has stopped, so that SIGTERM would be the death of a
    process that has ended in good order.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Run the application's start-up, then listen."""
        try:
            await super().startup(sockets)
        except SystemExit:
            # uvicorn's own code is the one by which a program asks to be started anew.
            sys.exit(START_FAILED)
        end_startup()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, answer what has been asked, and tell clients to come back anew."""
        state = self.server_state
        state.default_headers = [*state.default_headers, (b"connection", b"close")]
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        # A connection that was accepted just now is known here a few turns of the loop later.
        await asyncio.sleep(TICK)
        for connection in list(state.connections):
            connection.shutdown()
        until = time.monotonic() + GRACE
        while (state.connections or state.tasks) and not self.force_exit:
            if time.monotonic() > until:
                for task in state.tasks:
                    task.cancel()
                break
            await asyncio.sleep(TICK)
        if not self.force_exit:
            await self.lifespan.shutdown()

    async def main_loop(self) -> None:
        """Wait until the server is told to stop; uvicorn itself would look ten times a second."""
        date_at = 0.0
        while not self.should_exit:
            if time.monotonic() >= date_at:
                # It keeps the time for the Date header.
                await self.on_tick(0)
                date_at = time.monotonic() + 1
            await asyncio.sleep(TICK)

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
    app: Any,
    sockets: list[socket.socket],
    ssl_context: ssl.SSLContext | None = None,
    *,
    is_live: bool = False,
) -> None:
    """Serve an application until SIGINT or SIGTERM; then return.

    :param app: one of costrel's, or a WSGI application.
    :param is_live: have pages reload in the browser when the program or they change.
    :raises SystemExit: its start-up failed.
    """
    served, has_lifespan = as_asgi(app)
    if is_live:
        served = LiveReload(served, app)
    # h11 is the strictest of uvicorn's parsers, and everywhere the same.
    connection: Any = partial(PatientConnection, hand_over=HandOver(app, sockets[0]))
    config = uvicorn.Config(
        served,
        interface="asgi3",
        http=connection,
        loop="asyncio",
        ws=_websocket_connection(),
        lifespan="on" if has_lifespan else "off",
        log_config=None,
        log_level="critical",  # what matters is said by the edge and the bridge, once
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
    )
    config.load()
    config.ssl = ssl_context
    server = QuietServer(config)
    server.run(sockets=sockets)
    if not server.started:
        sys.exit(START_FAILED)


def _websocket_connection() -> Any:
    """What speaks WebSocket: uvicorn's newer implementation, where it has that."""
    if SANS_IO not in WS_PROTOCOLS:
        return "auto"
    # The other one stands on a part of websockets that is on its way out.
    from costrel.devserver.websocket_connection import WebSocketConnection  # noqa: PLC0415

    return WebSocketConnection
