"""What a request's head says, as a WSGI environ: the same for every server in this room.

Law: a head that two readers could understand differently is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

SOFTWARE = "costrel"
# Header names with a CGI variable of their own.
_PLAIN = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
# `Proxy` would become HTTP_PROXY, which HTTP clients in CGI-like programs obey.
_DROPPED = frozenset({"proxy"})
_ABSOLUTE = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)


class BadRequestHead(ValueError):
    """There is no telling what is asked for, or where the request ends."""


def add_headers(environ: dict[str, Any], headers: Iterable[tuple[str, str]]) -> None:
    """Add the headers. One sent twice is joined with commas, cookies with semicolons."""
    for raw, value in headers:
        name = raw.lower()
        # With underscores, X_User and X-User would be one variable.
        if "_" in name or name in _DROPPED:
            continue
        variable = _PLAIN.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
        if variable in environ:
            joint = "; " if name == "cookie" else ","
            environ[variable] = f"{environ[variable]}{joint}{value}"
        else:
            environ[variable] = value


def add_path(environ: dict[str, Any], target: str) -> None:
    """Add the path of a target without its query: ``/path``, ``http://host/path``, ``*``.

    :raises BadRequestHead: it is of no form that a web server answers (RFC 9112 3.2).
    """
    path = target.partition("#")[0]
    absolute = _ABSOLUTE.match(target)
    if absolute is not None:
        environ["HTTP_HOST"] = absolute[1]
        path = path[absolute.end() :] or "/"
    if path.startswith("//"):
        # Taken for a URL, it would name a host.
        path = f"/{path.lstrip('/')}"
    elif not path.startswith("/") and path != "*":
        raise BadRequestHead("the target of the request has to start with a slash.")
    environ["PATH_INFO"] = unquote_to_bytes(path.encode("latin-1")).decode("latin-1")


def check_framing(environ: dict[str, Any]) -> None:
    """Make sure that the headers agree on where the body ends (RFC 9112 6.3).

    :raises BadRequestHead: they do not.
    """
    length = environ.get("CONTENT_LENGTH")
    coding = environ.get("HTTP_TRANSFER_ENCODING")
    if length is not None and _LENGTH.fullmatch(length) is None:
        raise BadRequestHead("Content-Length has to be one number.")
    if coding is None:
        return
    if length is not None:
        raise BadRequestHead("Content-Length and Transfer-Encoding exclude each other.")
    if coding.strip(" \t").lower() != "chunked":
        raise BadRequestHead("chunked is the only Transfer-Encoding that is understood.")
    environ["wsgi.input_terminated"] = True
