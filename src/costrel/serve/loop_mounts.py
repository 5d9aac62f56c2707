"""ASGI and RSGI gateways that ask the mounted applications first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from costrel.serve import asgi, rsgi
from costrel.serve.asgi_as_rsgi import asgi_scope, run_asgi
from costrel.serve.live_body import take_body
from costrel.serve.mounts import Mount, as_latin_1, below, make_mount_finder
from costrel.serve.on_loop import LoopRunner, make_context


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
            ctx = make_context(runner, asgi.WIRE, scope, scope["method"], receive)
            read = asgi.make_read(receive)
            scope[asgi.BODY] = await take_body(ctx.request, app.engine.app_plan, read)
            with ctx.request:
                environ = below(ctx.request.environ, as_latin_1(mount.prefix))
                response = await runner.call_wsgi(ctx, mount.wsgi, environ)
                await asgi.send_response(runner, ctx, response, send)

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
            exchange = rsgi.Exchange(scope)
            ctx = make_context(runner, rsgi.WIRE, exchange, scope.method, protocol)
            read = rsgi.make_read(aiter(protocol))
            exchange.body = await take_body(ctx.request, app.engine.app_plan, read)
            with ctx.request:
                environ = below(ctx.request.environ, as_latin_1(mount.prefix))
                response = await runner.call_wsgi(ctx, mount.wsgi, environ)
                await rsgi.send_response(runner, ctx, response, protocol)

    return serve
