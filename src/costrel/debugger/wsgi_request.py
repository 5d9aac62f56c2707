"""A WSGI environ as a request to keep, and a kept request as an environ; its body on the way.

Law: recording changes nothing that the app sees of its body.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

from costrel.debugger.kept_requests import LARGEST_BODY, KeptRequest

_NO_HEADER_PREFIX = ("CONTENT_TYPE", "CONTENT_LENGTH")


class RecordedInput:
    """A request's body, of which what is read is kept, up to a size.

    :param stream: the server's stream.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.kept: list[bytes] = []
        self.size = 0

    def _keep(self, chunk: bytes) -> bytes:
        self.size += len(chunk)
        if self.size <= LARGEST_BODY:
            self.kept.append(bytes(chunk))
        else:
            self.kept.clear()
        return chunk

    def read(self, *args: Any) -> bytes:
        """Read."""
        return self._keep(self.stream.read(*args))

    def readline(self, *args: Any) -> bytes:
        """Read a line."""
        return self._keep(self.stream.readline(*args))

    def readlines(self, *args: Any) -> list[bytes]:
        """Read lines."""
        return [self._keep(line) for line in self.stream.readlines(*args)]

    def __iter__(self) -> Iterator[bytes]:
        return map(self._keep, self.stream)

    def __getattr__(self, name: str) -> Any:
        # Not `readinto`, which would pass the record by.
        if name.startswith("readinto"):
            raise AttributeError(name)
        return getattr(self.stream, name)

    def whole(self, length: int | None) -> bytes | None:
        """What was sent, the unread rest included; ``None`` where it is too large or broken off.

        :param length: the body's length as announced.
        """
        if (length or 0) > LARGEST_BODY or self.size > LARGEST_BODY:
            return None
        if length is None:
            return b"".join(self.kept)
        try:
            while self.size < length and self.read(length - self.size):
                pass
        except Exception:
            return None
        body = b"".join(self.kept)
        return body if len(body) >= length else None


def keep_environ(environ: dict[str, Any]) -> KeptRequest:
    """Read an environ, without the body."""
    headers = []
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            headers.append((key[5:].replace("_", "-").title(), str(value)))
        elif key in _NO_HEADER_PREFIX and value:
            headers.append((key.replace("_", "-").title(), str(value)))
    return KeptRequest(
        method=environ.get("REQUEST_METHOD", "GET"),
        root=environ.get("SCRIPT_NAME", ""),
        path=environ.get("PATH_INFO", ""),
        query=environ.get("QUERY_STRING", ""),
        scheme=environ.get("wsgi.url_scheme", "http"),
        headers=headers,
        peer=environ.get("REMOTE_ADDR"),
        server=(environ.get("SERVER_NAME", "localhost"), str(environ.get("SERVER_PORT", "80"))),
    )


def announced_length(environ: dict[str, Any]) -> int | None:
    """The body's length as announced; ``None`` for one in chunks."""
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return None
    text = str(environ.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isascii() and text.isdigit() else 0


def make_environ(kept: KeptRequest) -> dict[str, Any]:
    """Make an environ of a kept request."""
    body = kept.body or b""
    path = (kept.root + kept.path).encode("latin-1", "replace")
    target = quote(path) + (f"?{kept.query}" if kept.query else "")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": kept.method,
        "SCRIPT_NAME": kept.root,
        "PATH_INFO": kept.path,
        "QUERY_STRING": kept.query,
        "REQUEST_URI": target,
        "RAW_URI": target,
        "SERVER_NAME": kept.server[0],
        "SERVER_PORT": kept.server[1],
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": kept.peer or "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": kept.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in kept.headers:
        key = name.upper().replace("-", "_")
        if key in {"TRANSFER_ENCODING", "CONNECTION"}:
            continue
        environ[key if key in _NO_HEADER_PREFIX else f"HTTP_{key}"] = value
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def call_app(app: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> str:
    """Run a WSGI application on an environ to the end; return its status line.

    :raises Exception: whatever the application raises.
    """
    told: list[str] = []
    written: list[bytes] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        if exc_info is not None:
            raise exc_info[1]
        told.append(status)
        return written.append

    body = app(environ, start_response)
    try:
        for _ in body:
            pass
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
    return told[-1] if told else "500 No answer"
