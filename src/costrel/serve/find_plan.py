"""Find the plan of a request: the one step that all gateways take alike.

Law: nothing is raised here. What no rule matches has a plan too, and says on the request why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from costrel.routing.outcomes import WebsocketMismatch
from costrel.serve.plan import Plan

if TYPE_CHECKING:
    from costrel.serve.context import RequestContext

Finder = Callable[["RequestContext", str, str], "Plan"]


def make_finder(
    app: Any,
    static: Mapping[str, Mapping[str, Plan]],
    match: Callable[[str, str], tuple[Any, Any]],
    *,
    uses_host: bool,
) -> Finder:
    """Make the function that finds a plan by path and method, and notes it on the context.

    :param static: whole paths → methods → plans.
    :param match: path and method → plan, or why there is none, and the URL's values.
    :param uses_host: whether hosts and subdomains take part in matching, or the app brings its own
        URL adapter.
    """
    config = app.config

    def find(ctx: RequestContext, path: str, method: str) -> Plan:
        if uses_host or not path or config["TRUSTED_HOSTS"] is not None:
            ctx.match_request()
            return ctx.plan or app.engine.app_plan
        # PERF: a whole static path costs two dict look-ups and no further call (0.1 µs).
        ways = static.get(path)
        target: Any = None if ways is None else ways.get(method)
        args: dict[str, Any] = {}
        if target is None:
            target, args = match(path, method)
            if type(target) is not Plan:
                # Over WSGI only the headers tell a WebSocket's handshake from other requests.
                ctx.take(None if type(target) is WebsocketMismatch else target, args)
                return ctx.plan or app.engine.app_plan
        # PERF: as `take` does it, without a call (0.06 µs).
        request = ctx.request
        plan: Plan = target
        ctx.plan = plan
        ctx.needs_leaving = plan.ends
        request.url_rule = plan.rule
        ctx.args = request.view_args = args
        return plan

    return find


def make_websocket_finder(
    app: Any, match_at: Callable[..., tuple[Any, Any]], *, domain: str, uses_host: bool
) -> Callable[[RequestContext, str], Plan]:
    """Make the function that finds the plan of a WebSocket's handshake, and notes it.

    :param match_at: domain, path, method and kind of request → plan or why not, and the values.
    :param domain: the URL map's default domain.
    :param uses_host: whether hosts and subdomains take part in matching.
    """

    def find(ctx: RequestContext, path: str) -> Plan:
        if uses_host or app.config["TRUSTED_HOSTS"] is not None:
            ctx.match_request()
        else:
            ctx.take(*match_at(domain, path, "GET", websocket=True, defers=True))
        return ctx.plan or app.engine.app_websocket_plan

    return find
