"""CSRFProtection: refuse what a page of another site has a browser send (D10).

Law: no token is needed. Browsers say where a request comes from, in headers that no page can set;
what says nothing of it is no browser, and no other site can make it send anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from costrel import Blueprint, Flask, current_app, request
from costrel.http.exceptions import Forbidden
from costrel.http.origin import is_same_origin, origin_is_listed

T = TypeVar("T")

# They change nothing, as RFC 9110, 9.2.1 has it.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# What a browser says of a page of this very origin, and of an address that its user typed in.
OWN_SITES = frozenset({"same-origin", "none"})
_EXEMPT = "_accepts_other_sites"

REFUSED = (
    "Your browser says that another site's page sent this request. "
    "If you meant to, do it again from a page of this site."
)
WHAT_TO_DO = (
    " It says {said}, and this site is {own}. If the other page may: "
    'CSRFProtection(app, trusted_origins=["{origin}"]), or @csrf.exempt above the view, '
    "which then has to tell by other means that its user wanted this."
)


class CSRFError(Forbidden):
    """A 403 for what another site's page had a browser send."""


class CSRFProtection:
    """Answer 403 to POST, PUT, PATCH, DELETE and the like that come from another site's page.

    ``Sec-Fetch-Site`` tells (W3C Fetch Metadata), and where a browser is too old for it, or the
    site has no https, ``Origin`` (RFC 6454). The session's cookie is ``SameSite=Lax``, unless
    ``SESSION_COOKIE_SAMESITE`` is set. WebSockets have a check of their own, which is always on.

    :param app: the app, or ``None`` to call :meth:`init_app` later.
    :param trusted_origins: other origins whose pages may send such requests, such as
        ``https://accounts.example.com``.
    """

    def __init__(self, app: Flask | None = None, *, trusted_origins: Iterable[str] = ()) -> None:
        self.trusted_origins = frozenset(trusted_origins)
        self._exempt: set[Blueprint] = set()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Protect an app. What it declared to run before each request runs before the check."""
        if app.config["SESSION_COOKIE_SAMESITE"] is None:
            app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
        app.before_request(self.check)

    def exempt(self, view: T) -> T:
        """Let a view, or all those of a class or a blueprint, answer to other sites' pages.

        A decorator.
        """
        if isinstance(view, Blueprint):
            self._exempt.add(view)
        else:
            setattr(view, _EXEMPT, True)
        return view

    def check(self) -> None:
        """Look at the current request.

        :raises CSRFError: 403, it comes from another site's page.
        """
        if request.method in SAFE_METHODS or self._is_own_page() or self._is_exempt():
            return
        raise CSRFError(REFUSED + (self._advice() if current_app.debug else ""))

    def _is_own_page(self) -> bool:
        origin = request.headers.get("Origin")
        if origin is not None and origin_is_listed(origin, self.trusted_origins):
            return True
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site in OWN_SITES
        return origin is None or is_same_origin(origin, request.scheme, request.host)

    def _is_exempt(self) -> bool:
        if any(current_app.blueprints.get(name) in self._exempt for name in request.blueprints):
            return True
        view = current_app.view_functions.get(request.endpoint or "")
        return hasattr(view, _EXEMPT) or hasattr(getattr(view, "view_class", None), _EXEMPT)

    def _advice(self) -> str:
        headers = request.headers
        said = [
            f"{name}: {headers[name]}" for name in ("Sec-Fetch-Site", "Origin") if name in headers
        ]
        origin = headers.get("Origin", "https://other.example")
        return WHAT_TO_DO.format(said=" and ".join(said), own=request.host_url, origin=origin)
