"""What answers where no rule does: no route, a wrong method, a redirect.

Law: a miss is served as a match is, by the app's own plan: its hooks run and its handlers answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from costrel.http.exceptions import HTTPException, MethodNotAllowed, NotFound
from costrel.routing.outcomes import Miss, NoMatch, WebsocketMismatch
from costrel.serve.plan import HandlerTable
from costrel.serve.recover import find_handler


def answer_miss(miss: Miss) -> HTTPException | None:
    """The error that a miss is answered with.

    :returns: ``None`` for a redirect, whose URL takes the request's host to build, and where a
        converter of the user's has to be asked within the request's context.
    """
    if type(miss) is not NoMatch:
        return None
    if miss.have_match_for:
        return MethodNotAllowed(valid_methods=sorted(miss.have_match_for))
    return WebsocketMismatch() if miss.websocket_mismatch else NotFound()


def make_miss_view(app: Any, handlers: HandlerTable) -> Callable[..., Any]:
    """Make the view of what no rule matches.

    :param handlers: the app's own error handlers.
    """
    # PERF: raising what no handler waits for, to have it back, took 0.9 of 5.0 µs over ASGI.
    unhandled = {
        kind for kind in (NotFound, MethodNotAllowed) if not find_handler(handlers, kind())
    }
    config = app.config

    def answer(request: Any) -> Any:
        error = request.routing_exception
        if type(error) in unhandled and not config["TRAP_HTTP_EXCEPTIONS"]:
            return error
        return app.raise_routing_exception(request)

    return answer


def make_raising_view(app: Any) -> Callable[[Any], Any]:
    """Make the view of what no rule matches where the app is asked for it each time."""

    def answer(request: Any) -> Any:
        # By position: who replaces the method may call its argument something else.
        return app.raise_routing_exception(request)

    return answer


def match_bound(ctx: Any, plan_of: Any) -> tuple[Any, Any]:
    """Match a context's request by its bound URL map: with its host, and by all converters.

    :param plan_of: the rule and method → its plan.
    """
    adapter = ctx.url_adapter
    request = ctx.request
    if adapter is None:
        # Binding the map refused the host, and left the reason.
        return request.routing_exception, None
    try:
        rule, values = adapter.match(return_rule=True)
    except HTTPException as error:
        return error, None
    if not rule.websocket or ctx.is_websocket:
        return plan_of(rule, request.method), values
    # A handshake over WSGI, where a view may take over the connection, as those of Flask-Sock do.
    if getattr(rule, "handles_websocket", False):
        return WebsocketMismatch(), None
    return plan_of(rule, request.method, "request"), values
