"""SecurityHeaders: the headers that have browsers guard an app's pages (D5).

Law: what a view or a hook has set itself stays.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from costrel import Flask, Response, g, request
from costrel.http.content_policy import dump_policy

YEAR = 365 * 24 * 3600
# What breaks no page that is not meant to be broken: no plug-ins, no frames of other sites around
# it, no base address that is not the site's own.
CONTENT_POLICY = "base-uri 'self'; frame-ancestors 'self'; object-src 'none'"
# Stands in a policy for a value that is another one in each answer.
NONCE = "{nonce}"


class SecurityHeaders:
    """Send security headers with each answer of an app.

    A policy may name a nonce, and templates write it: with
    ``content_security_policy="script-src 'nonce-{nonce}'"`` a page's own script is
    ``<script nonce="{{ csp_nonce() }}">``.

    :param app: the app, or ``None`` to call :meth:`init_app` later.
    :param hsts: the seconds for which browsers are to come by https alone (RFC 6797), said over
        https only; ``None`` says nothing.
    :param frame_options: ``SAMEORIGIN``, ``DENY`` (RFC 7034) or ``None``, where older browsers do
        not know the policy's ``frame-ancestors``.
    :param referrer_policy: what other sites learn of the page that a link to them is on (W3C
        Referrer Policy), or ``None``.
    :param content_security_policy: what pages may load and do (W3C Content Security Policy), as
        text or as directives and their values, or ``None``.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        hsts: int | None = YEAR,
        frame_options: str | None = "SAMEORIGIN",
        referrer_policy: str | None = "strict-origin-when-cross-origin",
        content_security_policy: str | Mapping[str, str | None] | None = CONTENT_POLICY,
    ) -> None:
        fixed = {
            "X-Frame-Options": frame_options,
            "Referrer-Policy": referrer_policy,
            "X-Content-Type-Options": "nosniff",
        }
        self._fixed = [(name, value) for name, value in fixed.items() if value is not None]
        self._hsts = None if hsts is None else f"max-age={hsts}"
        self._policy = dump_policy(content_security_policy or "")
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Have an app send them."""
        app.after_request(self.add)
        app.template_global("csp_nonce")(csp_nonce)

    def add(self, response: Response) -> Response:
        """Add what a response lacks."""
        headers = response.headers
        for name, value in self._fixed:
            headers.setdefault(name, value)
        if self._hsts is not None and request.is_secure:
            headers.setdefault("Strict-Transport-Security", self._hsts)
        if NONCE not in self._policy:
            if self._policy:
                headers.setdefault("Content-Security-Policy", self._policy)
        elif response.status_code != 304:
            # A 304 has the browser keep the page that it has, whose nonce is an older one.
            policy = self._policy.replace(NONCE, csp_nonce())
            headers.setdefault("Content-Security-Policy", policy)
        return response


def csp_nonce() -> str:
    """Return the nonce of the current request: 128 random bits, in letters and digits."""
    nonce: str = g.setdefault("_csp_nonce", secrets.token_hex(16))
    return nonce
