"""A WSGI environ, spelled as an ASGI scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from costrel.http.environ import decode_text
from costrel.http.headers import EnvironHeaders

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def scope_of(environ: WSGIEnvironment, kind: str = "http") -> dict[str, Any]:
    """Spell a WSGI environ as an ASGI scope.

    :param kind: ``http`` or ``websocket``.
    """
    root = decode_text(environ.get("SCRIPT_NAME", ""))
    path = root + decode_text(environ.get("PATH_INFO", ""))
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in EnvironHeaders(environ)
    ]
    scheme = environ.get("wsgi.url_scheme", "http")
    port = str(environ.get("SERVER_PORT", ""))
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": environ.get("SERVER_PROTOCOL", "HTTP/1.1").rpartition("/")[2],
        "scheme": scheme,
        "path": path or "/",
        "raw_path": quote(path).encode(),
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
        "root_path": root,
        "headers": headers,
        "client": (environ.get("REMOTE_ADDR", "127.0.0.1"), 0),
        "server": (environ.get("SERVER_NAME", "localhost"), int(port) if port.isdigit() else None),
        "extensions": {},
    }
    if kind == "http":
        scope["method"] = environ.get("REQUEST_METHOD", "GET")
    else:
        scope["scheme"] = {"https": "wss"}.get(scheme, "ws")
        scope["extensions"] = {"websocket.http.response": {}}
    return scope
