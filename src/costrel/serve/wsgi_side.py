"""Requests over ASGI and RSGI that are answered by WSGI: an app's middleware, or what is mounted.

Law: what guards an app over WSGI guards it over each protocol. WebSockets, which no middleware for
WSGI knows, go past it.
"""

from __future__ import annotations

from typing import Any

from costrel.serve import asgi, rsgi
from costrel.serve.live_body import take_body
from costrel.serve.mounts import as_latin_1, below
from costrel.serve.on_loop import LoopRunner, make_context


def guard_asgi(app: Any, gateway: Any) -> Any:
    """Make an ASGI gateway whose requests pass what stands before the app's ``wsgi_app``."""
    runner = LoopRunner(app, asgi.until_disconnect)

    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await answer_asgi(runner, app.wsgi_app, scope, receive, send)
        else:
            await gateway(scope, receive, send)

    return serve


def guard_rsgi(app: Any, gateway: Any) -> Any:
    """Make an RSGI gateway whose requests pass what stands before the app's ``wsgi_app``."""
    runner = LoopRunner(app, rsgi.until_disconnect)

    async def serve(scope: Any, protocol: Any) -> None:
        if scope.proto == "http":
            await answer_rsgi(runner, app.wsgi_app, scope, protocol)
        else:
            await gateway(scope, protocol)

    return serve


async def answer_asgi(
    runner: LoopRunner,
    application: Any,
    scope: dict[str, Any],
    receive: Any,
    send: Any,
    prefix: str = "",
) -> None:
    """Answer a request over ASGI by a WSGI application.

    :param prefix: what the application is mounted at.
    """
    ctx = make_context(runner, asgi.WIRE, scope, scope["method"], receive)
    read = asgi.make_read(receive)
    scope[asgi.BODY] = await take_body(ctx.request, runner.app.engine.app_plan, read)
    with ctx.request:
        environ = below(ctx.request.environ, as_latin_1(prefix))
        response = await runner.call_wsgi(ctx, application, environ)
        await asgi.send_response(runner, ctx, response, send)


async def answer_rsgi(
    runner: LoopRunner, application: Any, scope: Any, protocol: Any, prefix: str = ""
) -> None:
    """Answer a request over RSGI by a WSGI application.

    :param prefix: what the application is mounted at.
    """
    exchange = rsgi.Exchange(scope)
    ctx = make_context(runner, rsgi.WIRE, exchange, scope.method, protocol)
    read = rsgi.make_read(aiter(protocol))
    exchange.body = await take_body(ctx.request, runner.app.engine.app_plan, read)
    with ctx.request:
        environ = below(ctx.request.environ, as_latin_1(prefix))
        response = await runner.call_wsgi(ctx, application, environ)
        await rsgi.send_response(runner, ctx, response, protocol)
