"""Several WSGI applications below different paths of one."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class DispatcherMiddleware:
    """Give each request to the application that is mounted at the start of its path.

    Args:
        app: the WSGI application for paths below no mount.
        mounts: path prefix to WSGI application; the longest matching prefix wins.

    """

    def __init__(
        self, app: "WSGIApplication", mounts: "dict[str, WSGIApplication] | None" = None
    ) -> None:
        self.app = app
        self.mounts = mounts or {}

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Move the mount's prefix from PATH_INFO to SCRIPT_NAME and call its application."""
        path: str = environ.get("PATH_INFO", "")
        matches = (name for name in self.mounts if path == name or path.startswith(f"{name}/"))
        prefix = max(matches, key=len, default="")
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
        environ["PATH_INFO"] = path[len(prefix) :]
        return self.mounts.get(prefix, self.app)(environ, start_response)
