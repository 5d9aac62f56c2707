"""Put right what lighttpd's CGI and FastCGI modules say about the path of an app at the root."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class CGIRootFix:
    """Set SCRIPT_NAME for servers that fill it with a part of the path.

    Args:
        app: the WSGI application.
        app_root: the path at which the app really is mounted.

    """

    def __init__(self, app: "WSGIApplication", app_root: str = "/") -> None:
        self.app = app
        self.app_root = app_root.strip("/")

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Correct the environ, then call the app."""
        environ["SCRIPT_NAME"] = f"/{self.app_root}" if self.app_root else ""
        return self.app(environ, start_response)


class LighttpdCGIRootFix(CGIRootFix):
    """Set SCRIPT_NAME, and give PATH_INFO back the part that lighttpd cut off."""

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Correct the environ, then call the app."""
        environ["PATH_INFO"] = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        return super().__call__(environ, start_response)
