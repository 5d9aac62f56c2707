"""Which web pages may open a WebSocket: those of the same origin, and those the app names.

A browser sends cookies along with a WebSocket's handshake whatever page opens it, and no CORS
asks first; so the server has to look (RFC 6455, 10.2).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
SECURE = {"https", "wss"}


def origin_is_allowed(request: Any, allowed: Any) -> bool:
    """Whether a handshake comes from a page that may open a WebSocket here.

    :param request: the handshake; without an Origin header it comes from no browser.
    :param allowed: origins such as ``https://example.com`` beside the request's own, or ``*``.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    if allowed is not None:
        names = {allowed} if isinstance(allowed, str) else set(allowed)
        if "*" in names or origin.lower() in {name.lower().rstrip("/") for name in names}:
            return True
    return _is_same(origin, request.scheme, request.host)


def _is_same(origin: str, scheme: str, host: str) -> bool:
    try:
        page, here = urlsplit(origin), urlsplit(f"{scheme}://{host}")
        pages = page.hostname, page.port or PORTS.get(page.scheme)
        # Behind a proxy that ends TLS the request's scheme may be ws where the page's is https;
        # the other way round a page that anybody may have changed would speak for a safe one.
        if page.scheme not in PORTS or (scheme in SECURE and page.scheme not in SECURE):
            return False
        own_port = here.port or PORTS[scheme if page.scheme not in SECURE else "https"]
    except ValueError:
        return False
    return bool(host) and pages == (here.hostname, own_port)
