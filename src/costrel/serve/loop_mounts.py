"""ASGI and RSGI gateways that ask the mounted applications first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from costrel.serve import asgi, rsgi
from costrel.serve.asgi_as_rsgi import asgi_scope, run_asgi
from costrel.serve.mounts import Mount, make_mount_finder
from costrel.serve.on_loop import LoopRunner
from costrel.serve.wsgi_side import answer_asgi, answer_rsgi


def mount_asgi(app: Any, gateway: Any, mounts: Iterable[Mount]) -> Any:
    """Make an ASGI gateway that asks the mounts first."""
    find = make_mount_finder(mounts)
    runner = LoopRunner(app, asgi.until_disconnect)

    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:
        mount = None if scope["type"] == "lifespan" else find(asgi.path_below(scope))
        if mount is None:
            await gateway(scope, receive, send)
        elif mount.asgi is not None:
            root = scope.get("root_path", "") + mount.prefix
            await mount.asgi({**scope, "root_path": root}, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000})
        else:
            await answer_asgi(runner, mount.wsgi, scope, receive, send, mount.prefix)

    return serve


def mount_rsgi(app: Any, gateway: Any, mounts: Iterable[Mount]) -> Any:
    """Make an RSGI gateway that asks the mounts first."""
    find = make_mount_finder(mounts)
    runner = LoopRunner(app, rsgi.until_disconnect)

    async def serve(scope: Any, protocol: Any) -> None:
        mount = find(scope.path)
        if mount is None:
            await gateway(scope, protocol)
        elif mount.asgi is not None:
            await run_asgi(mount.asgi, asgi_scope(scope, mount.prefix), protocol)
        elif scope.proto != "http":
            protocol.close(403)
        else:
            await answer_rsgi(runner, mount.wsgi, scope, protocol, mount.prefix)

    return serve
