"""Answers in the program's place while it cannot start, on the same sockets.

Law: it accepts connections only between a failed start and the next one; each of them is bounded
in time and size, and ends with its answer.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from costrel.debugger.guard import Guard

# Where pages ask whether the program has started anew, of the program and of this.
LIVE = "/__costrel__/live"
# Seconds for a client to say what it wants, and for it to take the answer.
PATIENCE = 5.0
# Seconds that a page's question waits for the next start, after which it asks again.
LONG = 20.0
# Seconds in which a save is noticed.
NOTICE = 0.15
MOST_HEAD = 65_536
MOST_BODY = 1_000_000
_FAR = "The program could not start. Why is told in the terminal, and on the machine it runs on.\n"


class StandIn:
    """A small server for one page.

    :param sockets: what listens.
    :param failure: a :class:`StartFailure`, which is what is shown.
    :param ssl_context: for HTTPS.
    """

    def __init__(self, sockets: list[socket.socket], failure: Any, ssl_context: Any = None) -> None:
        self.sockets = sockets
        self.failure = failure
        self.ssl_context = ssl_context
        self.stopped = threading.Event()
        # Names are not checked by a token here: the page has no console.
        self.guard = Guard("")
        self._wake, self._waker = os.pipe()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        for bound in sockets:
            bound.setblocking(False)
        self._accepting.start()

    def stop(self) -> None:
        """Accept nothing more, and tell the pages that wait."""
        self.stopped.set()
        os.write(self._waker, b"x")
        self._accepting.join()
        os.close(self._wake)
        os.close(self._waker)

    def _accept(self) -> None:
        while not self.stopped.is_set():
            watched: list[Any] = [*self.sockets, self._wake]
            ready, _, _ = select.select(watched, [], [])
            # Who asks right after a save is left to the program.
            if self.stopped.wait(NOTICE):
                return
            for bound in ready:
                with suppress(OSError):  # a client that is gone already
                    client, address = bound.accept()
                    told = (client, address[0] if isinstance(address, tuple) else "")
                    threading.Thread(target=self._serve, args=told, daemon=True).start()

    def _serve(self, client: socket.socket, peer: str) -> None:
        try:
            client.settimeout(PATIENCE)
            if self.ssl_context is not None:
                client = self.ssl_context.wrap_socket(client, server_side=True)
            self._converse(client, peer)
        except (OSError, ValueError):
            pass
        finally:
            client.close()

    def _converse(self, client: socket.socket, peer: str) -> None:
        head, body = _read_head(client)
        method, path, headers = _parse(head)
        status, reason = 500, "INTERNAL SERVER ERROR"
        if not self.guard.is_near(peer, headers):
            text, more = _FAR, {"Content-Type": "text/plain; charset=utf-8"}
        elif path.partition("?")[0] == LIVE:
            if path.endswith(f"?{self.failure.id}"):
                self.stopped.wait(LONG)
            start = "next" if self.stopped.is_set() else self.failure.id
            status, reason = 200, "OK"
            text, more = f'{{"start": "{start}"}}', {"Content-Type": "application/json"}
        else:
            text, more = self.failure.answer(method, path[:300], headers, LIVE)
        content = text.encode("utf-8", "replace")
        more = {**more, "Content-Length": str(len(content)), "Connection": "close"}
        lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {more[name]}" for name in more)]
        client.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        if method != "HEAD":
            client.sendall(content)
        _linger(client, len(body))


def _read_head(client: socket.socket) -> tuple[bytes, bytes]:
    """Read a request's head, and what came with it of the body."""
    received = b""
    until = time.monotonic() + PATIENCE
    while b"\r\n\r\n" not in received:
        chunk = client.recv(8192)
        received += chunk
        if not chunk or len(received) > MOST_HEAD or time.monotonic() > until:
            raise ValueError("There is no whole head.")
    head, _, body = received.partition(b"\r\n\r\n")
    return head, body


def _parse(head: bytes) -> tuple[str, str, dict[str, str]]:
    """The method, the target and the headers, with names in lower case."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    return method, target, {name.strip().lower(): value.strip() for name, _, value in pairs}


def _linger(client: socket.socket, received: int) -> None:
    """Take the rest of what is sent, within bounds: closing at once could lose the answer."""
    if hasattr(client, "unwrap"):
        return
    client.shutdown(socket.SHUT_WR)
    client.settimeout(1.0)
    while received < MOST_BODY and (chunk := client.recv(65_536)):
        received += len(chunk)
