"""What `costrel serve` puts around an app: proxies that are trusted, and a health check.

Law: it answers every protocol as the app itself does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from importlib import import_module
from typing import Any

# Extras stand above this room, so it is opened as a door is.
PROXY_FIX = "costrel.extras.proxy_fix"
FORWARDED = {
    b"x-forwarded-for": "HTTP_X_FORWARDED_FOR",
    b"x-forwarded-proto": "HTTP_X_FORWARDED_PROTO",
    b"x-forwarded-host": "HTTP_X_FORWARDED_HOST",
    b"x-forwarded-prefix": "HTTP_X_FORWARDED_PREFIX",
}
ALIVE = b"ok\n"


class AroundServed:
    """An app for WSGI, ASGI and RSGI.

    :param proxies: how many proxies in front add to the X-Forwarded headers.
    :param health: the path that is answered with 200 and nothing of the app.
    """

    def __init__(self, app: Any, *, proxies: int = 0, health: str | None = None) -> None:
        self.app = app
        self.health = health
        self.fixed = self.fix = None
        if proxies:
            kind = import_module(PROXY_FIX).ProxyFix
            counts = dict.fromkeys(("x_for", "x_proto", "x_host", "x_prefix"), proxies)
            self.fixed = kind(app, **counts)
            self.fix = kind(_answer_nothing, **counts)

    def __call__(self, first: Any, second: Any, third: Any = None) -> Any:
        """Answer a server: WSGI passes two arguments, ASGI three."""
        if third is None:
            return self.wsgi_app(first, second)
        return self.asgi_app(first, second, third)

    def wsgi_app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a WSGI server."""
        if environ.get("PATH_INFO") == self.health:
            headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(ALIVE)))]
            start_response("200 OK", [*headers, ("Cache-Control", "no-store")])
            return [ALIVE]
        answer: Iterable[bytes] = (self.fixed or self.app)(environ, start_response)
        return answer

    async def asgi_app(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer an ASGI server."""
        if scope["type"] == "http" and scope["path"] == self.health:
            headers = [
                (b"content-type", b"text/plain"),
                (b"content-length", str(len(ALIVE)).encode()),
                (b"cache-control", b"no-store"),
            ]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": ALIVE})
            return
        if self.fix is not None and scope["type"] != "lifespan":
            scope = forwarded_scope(scope, self.fix)
        await self.app(scope, receive, send)

    def __rsgi__(self, scope: Any, protocol: Any) -> Awaitable[None]:
        """Answer an RSGI server; proxies are not for it, as its scope cannot be changed."""
        if scope.proto == "http" and scope.path == self.health:
            return _say_alive(protocol)
        answer: Awaitable[None] = self.app.__rsgi__(scope, protocol)
        return answer

    def __rsgi_init__(self, loop: Any) -> None:
        """Start."""
        self.app.__rsgi_init__(loop)

    def __rsgi_del__(self, loop: Any) -> None:
        """Stop."""
        self.app.__rsgi_del__(loop)


def _answer_nothing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    return ()


async def _say_alive(protocol: Any) -> None:
    protocol.response_bytes(
        200, [("content-type", "text/plain"), ("cache-control", "no-store")], ALIVE
    )


def forwarded_scope(scope: dict[str, Any], fix: Any) -> dict[str, Any]:
    """A scope as the outermost trusted proxy saw the client.

    :param fix: the middleware that does it to a WSGI environ.
    """
    is_websocket = scope["type"] == "websocket"
    environ: dict[str, Any] = {}
    for name, value in scope["headers"]:
        variable = FORWARDED.get(name)
        if variable:
            before = f"{environ[variable]}," if variable in environ else ""
            environ[variable] = before + value.decode("latin-1")
    fix(environ, None)
    scope = dict(scope)
    if "REMOTE_ADDR" in environ:
        scope["client"] = (environ["REMOTE_ADDR"], 0)
    scheme = environ.get("wsgi.url_scheme")
    if scheme:
        scope["scheme"] = {"http": "ws", "https": "wss"}.get(scheme) if is_websocket else scheme
    if "HTTP_HOST" in environ:
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        scope["headers"] = [*others, (b"host", environ["HTTP_HOST"].encode("latin-1"))]
    if environ.get("SCRIPT_NAME"):
        scope["root_path"] = environ["SCRIPT_NAME"].rstrip("/")
    return scope
