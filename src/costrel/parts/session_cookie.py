"""SessionCookie: what an interface and the settings say of the session's cookie, asked once.

Law: what is kept is what asking again would say. It goes when a setting, the interface's own
attributes or the JSON provider change, and is not kept at all where somebody overrode a method.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from costrel.http.cached import lazy
from costrel.http.cookies import CookieWriter, find_cookie
from costrel.http.headers import check_pair
from costrel.http.request import Request
from costrel.http.response import Response

if TYPE_CHECKING:
    from datetime import datetime

    from itsdangerous import URLSafeTimedSerializer

    from costrel.parts.sessions import SecureCookieSessionInterface

_VARY = ("Vary", "Cookie")
# A response makes its type and its length itself.
_BORN_WITH = 2


def _spellings(text: bytes) -> tuple[str, ...]:
    """How a text looks in base64, by where in its three bytes it begins; whole letters only."""
    return (
        urlsafe_b64encode(text)[: len(text) * 8 // 6].decode(),
        urlsafe_b64encode(b"." + text)[2 : (len(text) + 1) * 8 // 6].decode(),
        urlsafe_b64encode(b".." + text)[3 : (len(text) + 2) * 8 // 6].decode(),
    )


# One of these stands in the cookie of each session that is permanent, or was.
_PERMANENT = _spellings(b'"_permanent"')


class SessionCookie:
    """What is to be known of the session's cookie before a request has come.

    :param is_usual: whether it holds JSON, and is set where a session changed or is permanent.
    :ivar name: its name.
    :ivar serializer: signs and checks its value; ``None`` without a secret key.
    """

    def __init__(
        self, interface: SecureCookieSessionInterface, app: Any, *, is_usual: bool
    ) -> None:
        self.interface = interface
        self.json = app.json
        self.is_usual = is_usual
        self.name: str = interface.get_cookie_name(app)
        self.serializer: URLSafeTimedSerializer | None = interface.get_signing_serializer(app)
        self._lifetime = app.permanent_session_lifetime
        self._prepared: tuple[CookieWriter, tuple[str, str] | None] | None = None
        # What may change without a setting being set.
        self._fallbacks = copy(app.config["SECRET_KEY_FALLBACKS"])
        self._attributes = vars(interface).copy()

    @lazy
    def max_age(self) -> int:
        """The seconds after which its value is no longer believed."""
        return int(self._lifetime.total_seconds())

    def is_of(self, interface: SecureCookieSessionInterface, app: Any) -> bool:
        """Whether asking again would say the same, as long as no setting was set."""
        return (
            self.interface is interface
            and self.json is app.json
            and self._fallbacks == app.config["SECRET_KEY_FALLBACKS"]
            and self._attributes == interface.__dict__
        )

    def value_in(self, request: Request) -> str | None:
        """What a request brings for it; ``None`` if nothing."""
        header = _header_of(request)
        # PERF: the others need not be read (0.4 µs, against 1.3).
        return request.cookies.get(self.name) if header is None else find_cookie(header, self.name)

    def may_be_permanent(self, request: Request) -> bool:
        """Whether a request may bring a permanent session, genuine or not."""
        # PERF: each request of somebody who has logged in comes by here: 0.5 µs, where reading the
        # cookies takes 1.3, and the session another 3.
        if self.serializer is None:
            return False
        header = _header_of(request)
        if header is None or not header.isascii() or '"' in header:
            return True
        if self.name not in header:
            return False
        if not self.is_usual or f"{self.name}=." in header:
            # Somebody's own writing, or compressed.
            return True
        first, second, third = _PERMANENT
        return first in header or second in header or third in header

    def put(self, app: Any, response: Any, value: str, expires: datetime | None) -> None:
        """Have a response set it, and tell caches that the response is somebody's own."""
        pairs = _pairs_of(response)
        if pairs is None or type(response).set_cookie is not Response.set_cookie:
            self.vary(response)
            place = self.interface.get_cookie_place(app)
            response.set_cookie(self.name, value, expires=expires, **place)
            keep_private(app, response)
            return
        writer, cache_rule = self._prepared or self._prepare(app)
        header = writer.write(value, expires=expires, max_size=response.max_cookie_size)
        names = _names_in(response, pairs)
        # PERF: pairs that need no check are laid down as they are (0.3 µs, against 2).
        _vary(response, pairs, names)
        pairs.append(("Set-Cookie", header))
        if cache_rule is not None and "cache-control" not in names:
            pairs.append(cache_rule)

    def _prepare(self, app: Any) -> tuple[CookieWriter, tuple[str, str] | None]:
        """What writes it, and the Cache-Control that goes with it."""
        rule = _cache_rule(app)
        self._prepared = (
            CookieWriter(self.name, **self.interface.get_cookie_place(app)),
            check_pair("Cache-Control", rule) if rule else None,
        )
        return self._prepared

    def vary(self, response: Any) -> None:
        """Tell caches that a response depends on it."""
        pairs = _pairs_of(response)
        if pairs is None:
            response.vary.add("Cookie")
        else:
            _vary(response, pairs, _names_in(response, pairs))

    def drop(self, app: Any, response: Any) -> None:
        """Have a response delete it."""
        response.delete_cookie(self.name, **self.interface.get_cookie_place(app))
        keep_private(app, response)
        self.vary(response)


@lru_cache(maxsize=64)
def _has_usual_cookies(kind: Any) -> bool:
    """Whether a class of requests leaves it to ours what its cookies are."""
    return (
        getattr(kind, "cookies", None) is Request.cookies
        and kind.finds_headers_raw
        and kind.dict_storage_class is Request.dict_storage_class
    )


def _header_of(request: Request) -> str | None:
    """The Cookie header as it was sent; ``None`` where the cookies may come from elsewhere."""
    kind: Any = type(request)
    if not _has_usual_cookies(kind):
        return None
    # Read already, or set by somebody.
    attributes = request.__dict__
    if "cookies" in attributes or "headers" in attributes:
        return None
    return request.wire.cookie(request.raw)


def _pairs_of(response: Any) -> list[tuple[str, str]] | None:
    """The headers of a response whose class keeps them as ours does."""
    is_usual = getattr(type(response), "headers", None) is Response.headers
    return response._list if is_usual else None


def _names_in(response: Response, pairs: list[tuple[str, str]]) -> list[str]:
    """The names of a response's headers, in lower case, but for those that it was born with."""
    is_newborn = response._headers is None and len(pairs) <= _BORN_WITH
    return [] if is_newborn else [name.lower() for name, _ in pairs]


def _vary(response: Any, pairs: list[tuple[str, str]], names: list[str]) -> None:
    """Add the cookie to Vary, in pairs of these names."""
    # PERF: the usual response has no Vary, and needs no set parsed for it (2 µs).
    if "vary" in names:
        response.vary.add("Cookie")
    else:
        pairs.append(_VARY)


def _cache_rule(app: Any) -> str | None:
    rule: str | None = app.config.get("SESSION_CACHE_CONTROL", "private")
    return rule


def keep_private(app: Any, response: Any) -> None:
    """Tell caches that a response with somebody's cookie is for nobody else.

    ``SESSION_CACHE_CONTROL`` says it in other words, and ``None`` not at all. What the app set
    itself stays.
    """
    rule = _cache_rule(app)
    if rule and "Cache-Control" not in response.headers:
        response.headers.add("Cache-Control", rule)
