"""What stands between a view's response and the client: after-hooks and the session's cookie."""

from __future__ import annotations

from itertools import chain
from types import CoroutineType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    if ctx.touched:
        save_session(ctx, response)
    return response


def heed_cookie(ctx: RequestContext) -> None:
    """Note on a context whether a session that only came along has perhaps to be refreshed."""
    # It is asked once.
    ctx.has_cookie = False
    ctx.touched = ctx.app.session_interface.may_refresh(ctx.app, ctx.request)


def save_session(ctx: RequestContext, response: Response) -> None:
    """Write the session to the response, where it was opened or has to be refreshed."""
    app = ctx.app
    interface = app.session_interface
    if "_session" not in ctx.__dict__ and not interface.may_refresh(app, ctx.request):
        return
    session = ctx._session
    if not interface.is_null_session(session):
        interface.save_session(app, session, response)
