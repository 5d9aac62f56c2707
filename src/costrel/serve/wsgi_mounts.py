"""A WSGI gateway that asks the mounted applications first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from costrel.serve.asgi_as_wsgi import run_asgi
from costrel.serve.mounts import Mount, as_latin_1, below, kind_of, make_mount_finder

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def mount_wsgi(app: Any, gateway: Any, mounts: Iterable[Mount]) -> Any:
    """Make a WSGI gateway that asks the mounts first."""
    find = make_mount_finder(
        [Mount(as_latin_1(mount.prefix), mount.app, kind_of(mount)) for mount in mounts]
    )

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        mount = find(environ.get("PATH_INFO", ""))
        if mount is None:
            return gateway(environ, start_response)  # type: ignore[no-any-return]  # the app's own
        environ = below(environ, mount.prefix)
        if mount.wsgi is not None:
            return mount.wsgi(environ, start_response)  # type: ignore[no-any-return]  # the mounted app's
        return run_asgi(mount.asgi, environ, start_response)

    return serve
