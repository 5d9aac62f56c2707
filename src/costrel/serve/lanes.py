"""short, full, long: three ways to run a plan, one result.

Law: a lane returns a Response, or an Answer where nobody gets to see one, or raises what must leave
the app (in debug and in tests). Which lane a plan takes was decided when it was compiled.
"""

from __future__ import annotations

from collections.abc import Awaitable
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from costrel.http.exceptions import InternalServerError
from costrel.parts.signals import LIVE
from costrel.serve.drive import as_it_is, step
from costrel.serve.make_response import make_answer, make_response
from costrel.serve.recover import FAILED_AGAIN, answer_crash
from costrel.serve.settle import heed_cookie, open_session, save_session, settle

if TYPE_CHECKING:
    from costrel.http.response import Response
    from costrel.serve.answer import Answer
    from costrel.serve.context import RequestContext
    from costrel.serve.plan import Plan


def short_lane(ctx: RequestContext, plan: Plan) -> Response | Answer:
    """A sync view with nothing around it."""
    if LIVE:
        return step(full_lane(ctx, plan))
    try:
        try:
            value = plan.view(**ctx.args)
        except Exception as error:
            value = mend(ctx, plan, error)
        if ctx.has_cookie and not ctx.touched:
            heed_cookie(ctx)
        if plan.text_head is not None and not ctx.touched:
            if type(value) is str:
                return plan.text_head, value.encode()
            if (answer := make_answer(ctx, value)) is not None:
                return answer
        response = make_response(ctx, value)
        if ctx._after_request_functions:
            return step(settle(ctx, plan, response))
        if ctx.touched:
            save_session(ctx, response)
        return response
    except Exception as error:
        return step(crash(ctx, plan, error))


async def full_lane(ctx: RequestContext, plan: Plan) -> Response | Answer:
    """Before, view, response, after; and whatever goes wrong."""
    # Which hook gave the answer, if one did: advice on the answer looks here.
    hook: Any = None
    try:
        try:
            if LIVE:
                LIVE["request_started"].send(ctx.app)
            for value_hook in plan.value_hooks:
                value_hook(ctx.request.endpoint, ctx.request.view_args)
            for hook in plan.before:
                value = hook()
                if plan.waits and type(value) is CoroutineType:
                    value = await ctx.wait(value)
                if value is not None:
                    break
            else:
                hook = None
                value = plan.view(**ctx.args)
                if plan.waits and type(value) is CoroutineType:
                    # PERF: a call that would return the same spares 0.05 µs of each async view.
                    wait = ctx.wait
                    value = await (value if wait is as_it_is else wait(value))
        except Exception as error:
            hook = None
            value = mend(ctx, plan, error)
            if plan.waits and type(value) is CoroutineType:
                value = await ctx.wait(value)
        if ctx.has_cookie and not ctx.touched:
            heed_cookie(ctx)
        if plan.text_head is not None and not (ctx.touched or LIVE):
            if type(value) is str:
                return plan.text_head, value.encode()
            if (answer := make_answer(ctx, value)) is not None:
                return answer
        response = make_response(ctx, value)
        if plan.after or ctx._after_request_functions:
            response = await settle(ctx, plan, response)
        elif ctx.touched and (saving := save_session(ctx, response)):
            await saving
        if LIVE:
            LIVE["request_finished"].send(ctx.app, response=response)
        return response
    except Exception as error:
        return await crash(ctx, plan, error)


def full_lane_now(ctx: RequestContext, plan: Plan) -> Response | Answer:
    """The full lane where nothing in it waits."""
    return step(full_lane(ctx, plan))


async def eager_lane(ctx: RequestContext, plan: Plan) -> Response | Answer:
    """The full lane behind an opened session, for interfaces that expect to be asked at once."""
    try:
        await open_session(ctx)
    except Exception as error:
        return await crash(ctx, plan, error)
    return await full_lane(ctx, plan)


def eager_lane_now(ctx: RequestContext, plan: Plan) -> Response | Answer:
    """The eager lane where nothing in it waits."""
    return step(eager_lane(ctx, plan))


def thread_lane(ctx: RequestContext, plan: Plan) -> Awaitable[Response | Answer]:
    """Whichever lane it is, in a worker thread of a gateway with an event loop."""
    return ctx.runner.run_in_thread(ctx, plan)  # type: ignore[no-any-return]  # on_loop's own


def long_lane(ctx: RequestContext, plan: Plan) -> Response:
    """Through the app's own methods, of which somebody replaced one."""
    app = ctx.app
    try:
        return app.full_dispatch_request()  # type: ignore[no-any-return]  # the app's own method
    except Exception as error:
        ctx.error = error
        return app.handle_exception(error)  # type: ignore[no-any-return]  # the app's own method


def mend(ctx: RequestContext, plan: Plan, error: Exception) -> Any:
    """What the handler of what a hook or a view raised answers; raises it where there is none."""
    try:
        return plan.answer_error(ctx.app, plan.handlers, error)
    finally:
        if error is ctx.request.routing_exception:
            # The request keeps it, and its traceback would keep the request: a cycle per 404.
            error.__traceback__ = None


async def crash(ctx: RequestContext, plan: Plan, error: Exception) -> Response:
    """Answer 500 for what nobody handled; in debug and in tests, raise it."""
    app = ctx.app
    ctx.error = error
    value = answer_crash(app, plan.handlers, error)
    try:
        if plan.waits and type(value) is CoroutineType:
            value = await ctx.wait(value)
        response = make_response(ctx, value)
    except Exception:
        # What a handler of errors did not manage, the plain page does.
        app.logger.exception(FAILED_AGAIN)
        response = make_response(ctx, InternalServerError())
    try:
        response = await settle(ctx, plan, response)
        if LIVE:
            LIVE["request_finished"].send(app, response=response)
    except Exception:
        app.logger.exception(FAILED_AGAIN)
    return response
