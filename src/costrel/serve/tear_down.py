"""Run the functions that end a context.

Law: all of them run, and the response is sent, whatever one of them raises. In tests and in
debug mode the first error is raised afterwards, so that it is seen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from costrel.parts.signals import LIVE

if TYPE_CHECKING:
    from costrel.serve.context import AppContext, RequestContext
    from costrel.serve.plan import Hooks


async def run_teardown(
    app: Any, functions: Hooks, error: BaseException | None, wait: Callable[[Any], Any]
) -> None:
    """Call each function with the error that ended the context, or ``None``.

    :param wait: how a coroutine is waited for here.
    """
    first: Exception | None = None
    for function in functions:
        try:
            answer = function(error)
            if type(answer) is CoroutineType:
                await wait(answer)
        except Exception as failure:
            app.log_exception(sys.exc_info())
            first = first or failure
    if first is not None and (app.testing or app.config["PROPAGATE_EXCEPTIONS"]):
        raise first


async def end_request(ctx: RequestContext, error: BaseException | None) -> None:
    """Run what ends a request's context: teardown functions, files, and those of its app."""
    app, plan = ctx.app, ctx.plan or ctx.app.engine.app_plan
    if error is not None and app.should_ignore_error(error):
        error = None
    try:
        await run_teardown(app, plan.teardown, error, ctx.wait)
        if LIVE:
            LIVE["request_tearing_down"].send(app, exc=error)
    finally:
        ctx.request.close()
        if ctx.owns_app_context:
            await end_app(ctx, error)


async def end_app(ctx: AppContext, error: BaseException | None) -> None:
    """Run the teardown functions of a context's app."""
    app = ctx.app
    functions = tuple(reversed(app.teardown_appcontext_funcs))
    await run_teardown(app, functions, error, ctx.wait)
    if LIVE:
        LIVE["appcontext_tearing_down"].send(app, exc=error)
