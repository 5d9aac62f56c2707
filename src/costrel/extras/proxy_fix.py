"""Believe the X-Forwarded headers of a known number of proxies.

Law: a value is believed only where the application said how many proxies set it; anything that
a client could have added in front of theirs is ignored.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from costrel.http.header_values import parse_list_header

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# What the middleware may change; the old values are kept in `werkzeug.proxy_fix.orig`.
CHANGED = (
    "REMOTE_ADDR",
    "wsgi.url_scheme",
    "HTTP_HOST",
    "SERVER_NAME",
    "SERVER_PORT",
    "SCRIPT_NAME",
)


class ProxyFix:
    """Set what an app sees of the client from the headers of trusted proxies.

    Args:
        app: the WSGI application.
        x_for: how many proxies add to X-Forwarded-For (the client's address).
        x_proto: … to X-Forwarded-Proto (`http` or `https`).
        x_host: … to X-Forwarded-Host.
        x_port: … to X-Forwarded-Port.
        x_prefix: … to X-Forwarded-Prefix (the path below which the app is reached).

    """

    def __init__(
        self,
        app: "WSGIApplication",
        x_for: int = 1,
        x_proto: int = 1,
        x_host: int = 0,
        x_port: int = 0,
        x_prefix: int = 0,
    ) -> None:
        self.app = app
        self.x_for = x_for
        self.x_proto = x_proto
        self.x_host = x_host
        self.x_port = x_port
        self.x_prefix = x_prefix

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Correct the environ, then call the app."""
        environ["werkzeug.proxy_fix.orig"] = {key: environ.get(key) for key in CHANGED}
        if address := trusted_value(environ, "HTTP_X_FORWARDED_FOR", self.x_for):
            environ["REMOTE_ADDR"] = address
        if scheme := trusted_value(environ, "HTTP_X_FORWARDED_PROTO", self.x_proto):
            environ["wsgi.url_scheme"] = scheme
        if host := trusted_value(environ, "HTTP_X_FORWARDED_HOST", self.x_host):
            environ["HTTP_HOST"] = host
            name, host_port = split_port(host)
            environ["SERVER_NAME"] = name
            if host_port:
                environ["SERVER_PORT"] = host_port
        if port := trusted_value(environ, "HTTP_X_FORWARDED_PORT", self.x_port):
            if host := environ.get("HTTP_HOST"):
                environ["HTTP_HOST"] = f"{split_port(host)[0]}:{port}"
            environ["SERVER_PORT"] = port
        if prefix := trusted_value(environ, "HTTP_X_FORWARDED_PREFIX", self.x_prefix):
            environ["SCRIPT_NAME"] = prefix
        return self.app(environ, start_response)


class SamePartsProxyFix(ProxyFix):
    """The fixer of Werkzeug before 0.15: one number for address, scheme and host."""

    def __init__(self, app: "WSGIApplication", num_proxies: int = 1) -> None:
        super().__init__(app, x_for=num_proxies, x_proto=num_proxies, x_host=num_proxies)


def trusted_value(environ: "WSGIEnvironment", key: str, trusted: int) -> str | None:
    """Return what the outermost of `trusted` proxies wrote, `None` if there were fewer."""
    header = environ.get(key)
    if not (trusted and header):
        return None
    values = parse_list_header(header)
    return values[-trusted] if len(values) >= trusted else None


def split_port(host: str) -> tuple[str, str]:
    """Split a host header into name and port; an IPv6 address keeps its brackets."""
    if ":" not in host or host.endswith("]"):
        return host, ""
    name, _, port = host.rpartition(":")
    return name, port
