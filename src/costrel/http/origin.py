"""Origins: whether a page that a browser names is one of this site's own (RFC 6454).

Law: what cannot be read is another site's.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_SECURE = {"https", "wss"}


def origin_is_listed(origin: str, allowed: str | Iterable[str] | None) -> bool:
    """Whether an origin is one of a list.

    :param origin: the value of an ``Origin`` header, such as ``https://example.com``.
    :param allowed: origins, in any case and with or without a slash behind; ``*`` stands for all.
    """
    if allowed is None:
        return False
    names = {allowed} if isinstance(allowed, str) else set(allowed)
    return "*" in names or origin.lower() in {name.lower().rstrip("/") for name in names}


def is_same_origin(origin: str, scheme: str, host: str) -> bool:
    """Whether an origin is that of a request's own site.

    :param origin: the value of an ``Origin`` header.
    :param scheme: the request's scheme; of a WebSocket's handshake, ``ws`` or ``wss``.
    :param host: the request's host, with its port where that is not the scheme's own.
    """
    try:
        page, here = urlsplit(origin), urlsplit(f"{scheme}://{host}")
        pages = page.hostname, page.port or _PORTS.get(page.scheme)
        # Behind a proxy that ends TLS the request's scheme may be ws where the page's is https;
        # the other way round a page that anybody may have changed would speak for a safe one.
        if page.scheme not in _PORTS or (scheme in _SECURE and page.scheme not in _SECURE):
            return False
        own_port = here.port or _PORTS[scheme if page.scheme not in _SECURE else "https"]
    except ValueError:
        return False
    return bool(host) and pages == (here.hostname, own_port)
