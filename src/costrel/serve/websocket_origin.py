"""Which web pages may open a WebSocket: those of the same origin, and those the app names.

A browser sends cookies along with a WebSocket's handshake whatever page opens it, and no CORS
asks first; so the server has to look (RFC 6455, 10.2).
"""

from __future__ import annotations

from typing import Any

from costrel.http.origin import is_same_origin, origin_is_listed


def origin_is_allowed(request: Any, allowed: Any) -> bool:
    """Whether a handshake comes from a page that may open a WebSocket here.

    :param request: the handshake; without an Origin header it comes from no browser.
    :param allowed: origins such as ``https://example.com`` beside the request's own, or ``*``.
    """
    origin = request.headers.get("Origin")
    return (
        origin is None
        or origin_is_listed(origin, allowed)
        or is_same_origin(origin, request.scheme, request.host)
    )
