"""Wire: what a protocol must tell a Request, and how a WSGI environ tells it.

Law: a wire has no state. There is one per protocol; what one request is made of is handed to it
as ``raw``, the object that the server gave.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, Protocol

from costrel.http.body import IN_MEMORY, check_length
from costrel.http.environ import decode_text, get_input_stream
from costrel.http.exceptions import ClientDisconnected
from costrel.http.headers import EnvironHeaders, Headers
from costrel.http.streams import LimitedStream


class Wire(Protocol):
    """What a protocol must tell a Request."""

    def path(self, raw: Any) -> str:
        """The decoded path below the mount point, starting with a slash."""
        ...

    def query(self, raw: Any) -> str:
        """The query string as sent, bytes as latin-1."""
        ...

    def root_path(self, raw: Any) -> str:
        """The decoded mount point, without a slash at its end."""
        ...

    def scheme(self, raw: Any) -> str:
        """``http`` or ``https`` (``ws``, ``wss``)."""
        ...

    def server(self, raw: Any) -> tuple[str, int | None] | None:
        """The server's own name and port."""
        ...

    def remote_addr(self, raw: Any) -> str | None:
        """The peer's address."""
        ...

    def headers(self, raw: Any) -> Headers:
        """The request's headers."""
        ...

    def body_header(self, raw: Any, name: str) -> str | None:
        """One of the headers that tell of the body, without making the others.

        :param name: ``content-type``, ``content-length`` or ``transfer-encoding``.
        """
        ...

    def cookie(self, raw: Any) -> str:
        """The ``Cookie`` header, without making the others; empty where there is none."""
        ...

    def body(self, raw: Any, max_content_length: int | None) -> IO[bytes]:
        """The body as a stream that ends where the body ends and refuses what is too long."""
        ...

    def read(self, raw: Any, max_content_length: int | None) -> bytes | None:
        """The whole body at once; ``None`` where it is large, or has no length but its end."""
        ...

    def environ(self, raw: Any) -> dict[str, Any]:
        """The request as a WSGI environ."""
        ...


# The headers that tell of a body → their keys in a WSGI environ.
BODY_KEYS = {
    "content-type": "CONTENT_TYPE",
    "content-length": "CONTENT_LENGTH",
    "transfer-encoding": "HTTP_TRANSFER_ENCODING",
}


class EnvironWire:
    """A request as a WSGI server tells it (PEP 3333)."""

    def path(self, raw: Mapping[str, Any]) -> str:
        """The decoded path, with one slash at its start."""
        return "/" + decode_text(raw.get("PATH_INFO", "")).lstrip("/")

    def query(self, raw: Mapping[str, Any]) -> str:
        """The query string as sent."""
        return str(raw.get("QUERY_STRING", ""))

    def root_path(self, raw: Mapping[str, Any]) -> str:
        """The decoded mount point."""
        return decode_text(raw.get("SCRIPT_NAME", "")).rstrip("/")

    def scheme(self, raw: Mapping[str, Any]) -> str:
        """The scheme the server was reached by."""
        return str(raw.get("wsgi.url_scheme", "http"))

    def server(self, raw: Mapping[str, Any]) -> tuple[str, int | None] | None:
        """The server's name and port."""
        if "SERVER_NAME" not in raw:
            return None
        port = str(raw.get("SERVER_PORT", ""))
        return raw["SERVER_NAME"], int(port) if port.isascii() and port.isdigit() else None

    def remote_addr(self, raw: Mapping[str, Any]) -> str | None:
        """The peer's address."""
        return raw.get("REMOTE_ADDR")

    def headers(self, raw: dict[str, Any]) -> Headers:
        """A view of the environ's ``HTTP_`` keys."""
        return EnvironHeaders(raw)

    def body_header(self, raw: Mapping[str, Any], name: str) -> str | None:
        """One of the headers that tell of the body, straight from the environ."""
        return raw.get(BODY_KEYS[name]) or None

    def cookie(self, raw: Mapping[str, Any]) -> str:
        """The ``Cookie`` header, straight from the environ."""
        return str(raw.get("HTTP_COOKIE", ""))

    def body(self, raw: dict[str, Any], max_content_length: int | None) -> IO[bytes]:
        """``wsgi.input``, limited to what belongs to this request."""
        return get_input_stream(raw, max_content_length=max_content_length)

    def read(self, raw: dict[str, Any], max_content_length: int | None) -> bytes | None:
        """The body of a declared length, in one read of ``wsgi.input`` if it comes that way."""
        digits = raw.get("CONTENT_LENGTH", "")
        if not (digits.isdigit() and digits.isascii() and len(digits) < 10):
            return None
        length = int(digits)
        if length > IN_MEMORY or "HTTP_TRANSFER_ENCODING" in raw:
            return None
        if max_content_length is not None:
            check_length(length, max_content_length)
        stream = raw["wsgi.input"]
        try:
            body: bytes = stream.read(length)
        except Exception as error:
            # Servers have exceptions of their own for a connection that breaks.
            raise ClientDisconnected from error
        missing = length - len(body)
        return body if not missing else body + LimitedStream(stream, missing).readall()

    def environ(self, raw: dict[str, Any]) -> dict[str, Any]:
        """The environ itself."""
        return raw


ENVIRON_WIRE = EnvironWire()
