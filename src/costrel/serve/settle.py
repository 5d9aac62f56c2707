"""What stands between a view's response and the client: after-hooks, and a session that is kept.

Law: an event loop never waits for a store of sessions. What may wait for a disk or a network is
done in a thread meanwhile; everywhere else it is done on the spot.
"""

from __future__ import annotations

from itertools import chain
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from costrel.serve.drive import as_it_is

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from costrel.http.response import Response
    from costrel.serve.context import RequestContext
    from costrel.serve.plan import Plan


async def settle(ctx: RequestContext, plan: Plan, response: Response) -> Response:
    """Run `after_this_request`, then the after-hooks, then save the session."""
    # A hook for this request may add another one, which runs as well.
    for hook in chain(ctx._after_request_functions or (), plan.after):
        answer: Any = hook(response)
        if plan.waits and type(answer) is CoroutineType:
            answer = await ctx.wait(answer)
        response = answer
    if ctx.has_cookie and not ctx.touched:
        heed_cookie(ctx)
    if ctx.touched and (saving := save_session(ctx, response)):
        await saving
    return response


def heed_cookie(ctx: RequestContext) -> None:
    """Note on a context whether a session that only came along has perhaps to be refreshed."""
    # It is asked once.
    ctx.has_cookie = False
    ctx.touched = ctx.app.session_interface.may_refresh(ctx.app, ctx.request)


async def open_session(ctx: RequestContext) -> None:
    """Open the session, before anybody has touched it."""
    app = ctx.app
    if ctx.wait is as_it_is and app.session_interface.opening_blocks(app, ctx.request):
        await ctx.runner.run_aside(touch, ctx)
    else:
        touch(ctx)


def touch(ctx: RequestContext) -> None:
    """Open the session on the spot."""
    ctx._session  # noqa: B018  # opened by being touched


def save_session(ctx: RequestContext, response: Response) -> Coroutine[Any, Any, None] | None:
    """Write the session to the response, where it was opened or has to be refreshed.

    :returns: what is still to be awaited, where an event loop is not to wait.
    """
    app = ctx.app
    interface = app.session_interface
    if "_session" not in ctx.__dict__ and not interface.may_refresh(app, ctx.request):
        return None
    session = ctx._session
    if interface.is_null_session(session):
        return None
    if ctx.wait is as_it_is and interface.saving_blocks(app, session):
        return ctx.runner.run_aside(interface.save_session, app, session, response)  # type: ignore[no-any-return]  # on_loop's own
    interface.save_session(app, session, response)
    return None
