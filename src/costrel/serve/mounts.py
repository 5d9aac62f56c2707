"""Other applications below a prefix, WSGI and ASGI ones, whatever protocol the server speaks.

Law: what is mounted is asked before the app is: none of the app's own hooks run for it. An app
without mounts does not come by here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from costrel.serve.drive import is_async

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

WSGI, ASGI = "wsgi", "asgi"


class Mount:
    """An application below a prefix.

    :param prefix: the path that it is mounted at, without a slash at its end.
    :param app: the application.
    :param kind: ``wsgi`` or ``asgi``; found out unless given. An app of this framework is both.
    """

    def __init__(self, prefix: str, app: Any, kind: str | None = None) -> None:
        self.prefix = prefix
        self.app = app
        is_both = kind is None and hasattr(app, "wsgi_app") and hasattr(app, "asgi_app")
        kind = kind or (ASGI if is_async(app) else WSGI)
        self.wsgi: Any = app if is_both or kind == WSGI else None
        self.asgi: Any = app if is_both or kind == ASGI else None

    def takes(self, path: str) -> bool:
        """Whether a path is the mount's."""
        return path.startswith(self.prefix) and path[len(self.prefix) :][:1] in {"", "/"}


def make_mount_finder(mounts: Iterable[Mount]) -> Callable[[str], Mount | None]:
    """Make the function that finds the mount of a path: the one with the longest prefix."""
    longest_first = sorted(mounts, key=lambda mount: len(mount.prefix), reverse=True)

    def find(path: str) -> Mount | None:
        return next((mount for mount in longest_first if mount.takes(path)), None)

    return find


def below(environ: WSGIEnvironment, prefix: str) -> WSGIEnvironment:
    """An environ as the application at a prefix sees it.

    :param prefix: as WSGI spells it.
    """
    return {
        **environ,
        "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + prefix,
        "PATH_INFO": environ.get("PATH_INFO", "")[len(prefix) :],
    }


def kind_of(mount: Mount) -> str | None:
    """The kind that a mount was declared to be of, or found to be; ``None`` for both."""
    if mount.wsgi is not None and mount.asgi is not None:
        return None
    return WSGI if mount.wsgi is not None else ASGI


def as_latin_1(text: str) -> str:
    """A path as WSGI spells it: its UTF-8 bytes as latin-1."""
    return text if text.isascii() else text.encode().decode("latin-1")


# What has a gateway answer by an app's WSGI side, by protocol; fetched by an app that has
# middleware around that side, and none around the protocol's own.
GUARDS = {
    "asgi": "costrel.serve.wsgi_side:guard_asgi",
    "rsgi": "costrel.serve.wsgi_side:guard_rsgi",
}
# What has a gateway ask the mounts first, by protocol; fetched by an app that has mounts.
MOUNTERS = {
    "wsgi": "costrel.serve.wsgi_mounts:mount_wsgi",
    "asgi": "costrel.serve.loop_mounts:mount_asgi",
    "rsgi": "costrel.serve.loop_mounts:mount_rsgi",
}
