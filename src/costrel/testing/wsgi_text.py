"""How a WSGI environ spells text, hosts and headers (PEP 3333)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from costrel.http.headers import Headers
from costrel.http.multidict import iter_multi_items


def wsgi_text(text: str) -> str:
    """Text as PEP 3333 wants it: its UTF-8 bytes, each as one latin-1 character."""
    return text.encode().decode("latin-1")


def split_host(host: str) -> tuple[str, int | None]:
    """`"name:80"` → `("name", 80)`; an IPv6 address keeps its brackets."""
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        return host, None
    if not (port.isascii() and port.isdigit()):
        raise ValueError(f"The port of the host {host!r} is no number.")
    return name, int(port)


def headers_to_send(given: Mapping[str, Any] | Iterable[tuple[str, Any]] | None) -> Headers:
    """Request headers as a careless client sends them: beyond latin-1 they go as UTF-8.

    Raises ValueError for a line break, which would begin another header.
    """
    pairs = []
    for name, value in iter_multi_items(given or ()):
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        if "\n" in text or "\r" in text:
            raise ValueError(f"The value of the header {name!r} holds a line break: {text!r}.")
        pairs.append((name, text if text.isascii() or max(text) <= "\xff" else wsgi_text(text)))
    return Headers.wrap(pairs)


def header_variables(headers: Headers) -> dict[str, str]:
    """The environ's `HTTP_` variables; headers of the same name are joined."""
    joined: dict[str, str] = {}
    for name, value in headers:
        variable = f"HTTP_{name.upper().replace('-', '_')}"
        if variable in joined:
            joined[variable] += ("; " if variable == "HTTP_COOKIE" else ", ") + value
        else:
            joined[variable] = value
    joined.pop("HTTP_CONTENT_TYPE", None)
    joined.pop("HTTP_CONTENT_LENGTH", None)
    return joined
