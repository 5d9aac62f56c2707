"""The one way to run a WebSocket's plan: hooks, handler, hooks, close; and whatever goes wrong.

Law: when the lane is done, the WebSocket was closed or its handshake answered, also where what
went wrong is raised on for a debugger or a test.
"""

from __future__ import annotations

import asyncio
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from costrel.http.exceptions import Forbidden, HTTPException
from costrel.serve.blocking_websocket import BlockingWebSocket
from costrel.serve.context import RequestContext
from costrel.serve.current import CURRENT
from costrel.serve.drive import as_it_is, step
from costrel.serve.make_response import make_response
from costrel.serve.on_loop import LoopRunner, wait_from_thread
from costrel.serve.own_thread import run_in_own_thread
from costrel.serve.recover import answer_crash
from costrel.serve.settle import open_session
from costrel.serve.websocket import (
    CONNECTING,
    GOING_AWAY,
    NORMAL,
    Channel,
    WebSocketDisconnect,
    close_code_of,
)
from costrel.serve.websocket_origin import origin_is_allowed

if TYPE_CHECKING:
    from costrel.http.response import Response
    from costrel.serve.plan import Plan
    from costrel.serve.websocket import WebSocket

FOREIGN = (
    "A WebSocket was refused because a page of another origin opened it: %s. If that page is "
    "yours, add its origin to WEBSOCKET_ORIGINS; if this is your own and a proxy changes Host, "
    "use ProxyFix."
)

NO_THREAD = (
    "A WebSocket was refused with 503: all %d threads for sync handlers are taken. "
    "WEBSOCKET_THREADS sets their number; an async handler needs none."
)


class WebsocketContext(RequestContext):
    """A WebSocket's life: what `websocket`, `session`, `g` and `current_app` find.

    :param app: the application.
    :param websocket: the WebSocket; ``request`` is its handshake's.
    """

    is_websocket = True

    def __init__(self, app: Any, websocket: WebSocket) -> None:
        super().__init__(app, None, websocket.request)
        self.socket = websocket
        self.websocket: WebSocket | BlockingWebSocket = websocket

    def take(self, target: Any, found: Any) -> None:
        """Note what matching led to; what no rule matches has the hooks of WebSockets."""
        super().take(target, found)
        engine = self.app.engine
        if self.plan is engine.app_plan:
            self.plan = plan = engine.app_websocket_plan
            self.needs_leaving = plan.ends


async def serve_websocket(runner: LoopRunner, request: Any, channel: Channel) -> None:
    """Serve one WebSocket from its handshake to its end.

    :param runner: of the app that serves it.
    :param request: the handshake, of the app's own class.
    :param channel: the gateway's side.
    """
    app = runner.app
    socket: WebSocket = app.websocket_class(request, channel, app)
    request.settings = app
    ctx = WebsocketContext(app, socket)
    ctx.runner = runner
    token = CURRENT.set(ctx)
    ctx.tokens = (token,)
    ctx.join(token.old_value)
    task = socket.handler = asyncio.current_task()
    app.lifespan.open_ends.add(socket.go_away)
    try:
        plan = app.engine.find_websocket(ctx, request.path)
        if plan.runs_on_loop:
            ctx.wait = as_it_is
            await websocket_lane(ctx, plan)
        else:
            await _run_in_thread(runner, ctx, plan)
    except asyncio.CancelledError as cancelled:
        ctx.error = cancelled
        # Cancelled by ourselves, because the client had gone: that is an end like others.
        if not (socket.was_cancelled and task is not None and task.uncancel() == 0):
            raise
        await socket.end(GOING_AWAY, "")
    except BaseException as error:
        ctx.error = error
        raise
    finally:
        app.lifespan.open_ends.discard(socket.go_away)
        socket.stop_looking()
        await runner.leave(ctx, token)


async def _run_in_thread(runner: LoopRunner, ctx: WebsocketContext, plan: Plan) -> None:
    """Run the plan of a sync handler, if there are threads left for it."""
    most = ctx.app.config["WEBSOCKET_THREADS"]
    if runner.websocket_threads >= most:
        ctx.app.logger.warning(NO_THREAD, most)
        await ctx.socket.reject(ctx.app.response_class("Too many WebSockets", 503))
        return
    loop = ctx.loop = asyncio.get_running_loop()
    ctx.wait = partial(wait_from_thread, loop)
    ctx.websocket = blocking = BlockingWebSocket(ctx.socket, loop)
    runner.websocket_threads += 1
    try:
        await run_in_own_thread(_lane_now, ctx, plan, interrupt=blocking.interrupt)
    finally:
        runner.websocket_threads -= 1


def _lane_now(ctx: WebsocketContext, plan: Plan) -> None:
    step(websocket_lane(ctx, plan))


async def websocket_lane(ctx: WebsocketContext, plan: Plan) -> None:
    """Run a WebSocket's plan, and leave nothing open."""
    socket = ctx.socket
    try:
        value = await _run_handler(ctx, plan)
        await _finish(ctx, plan, value)
    except WebSocketDisconnect as gone:
        # What a handler does not catch ends it. It is no error; teardown functions are told.
        ctx.error = gone
        await _finish(ctx, plan, None)
    except Exception as error:
        ctx.error = error
        if socket.state == CONNECTING:
            await _answer(ctx, plan, error)
        else:
            await _end(ctx, plan, error)


async def _run_handler(ctx: WebsocketContext, plan: Plan) -> Any:
    """Run the hooks before, then the handler, unless a hook has answered."""
    app, request = ctx.app, ctx.request
    if not origin_is_allowed(request, app.config["WEBSOCKET_ORIGINS"]):
        app.logger.warning(FOREIGN, ascii(request.headers.get("Origin")))
        raise Forbidden
    for value_hook in plan.value_hooks:
        value_hook(request.endpoint, request.view_args)
    if app.engine.opens_sessions:
        await open_session(ctx)
    view: Any = partial(plan.view, **ctx.args)
    for step_of_it in (*plan.before, view):
        value = step_of_it()
        if type(value) is CoroutineType:
            value = await ctx.wait(value)
        if value is not None:
            return value
    return None


async def _finish(ctx: WebsocketContext, plan: Plan, value: Any) -> None:
    """Run the hooks after, then answer a handshake that is still open, or close."""
    socket = ctx.socket
    response = None
    if socket.state == CONNECTING and value is not None:
        response = make_response(ctx, value)
    for hook in plan.after:
        answer: Any = hook(response)
        if type(answer) is CoroutineType:
            answer = await ctx.wait(answer)
        response = response if answer is None else answer
    if socket.state == CONNECTING:
        await ctx.wait(socket.reject(response))
    else:
        await ctx.wait(socket.end(NORMAL, ""))


async def _answer(ctx: WebsocketContext, plan: Plan, error: Exception) -> None:
    """Answer a handshake with the response to an error, by its handler if there is one."""
    app = ctx.app
    try:
        value = app.handle_user_exception(error)
        if type(value) is CoroutineType:
            value = await ctx.wait(value)
        await _finish(ctx, plan, value)
    except Exception as unhandled:
        ctx.error = unhandled
        try:
            value = answer_crash(app, plan.handlers, unhandled)
            if type(value) is CoroutineType:
                value = await ctx.wait(value)
            response: Response | None = make_response(ctx, value)
        except Exception:
            # Raised on for a debugger or a test: the client is answered before.
            failure = app.response_class("Internal Server Error", 500, mimetype="text/plain")
            await ctx.wait(ctx.socket.reject(failure))
            raise
        if ctx.socket.state == CONNECTING:
            await ctx.wait(ctx.socket.reject(response))


async def _end(ctx: WebsocketContext, plan: Plan, error: Exception) -> None:
    """Close an accepted WebSocket because of an error."""
    socket = ctx.socket
    if isinstance(error, HTTPException) and error.code is not None:
        await ctx.wait(socket.end(close_code_of(error.code), error.name))
        return
    await ctx.wait(socket.end(1011, "internal error"))
    answer_crash(ctx.app, {}, error)
