"""Plan and Engine: what compiling makes and serving reads.

Law: records, no behaviour. Nothing in them changes after they were made; when what was declared
changes, new ones are made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costrel.http.response import Response
    from costrel.routing.rule import Rule
    from costrel.serve.answer import Answer, Head
    from costrel.serve.context import RequestContext

Hooks = tuple[Callable[..., Any], ...]
# Status code, or None for handlers by class alone → for each scope, innermost first, its handlers.
HandlerTable = Mapping[int | None, tuple[Mapping[type[Exception], Callable[..., Any]], ...]]
Lane = Callable[["RequestContext", "Plan"], "Response | Answer"]
LaneOnLoop = Callable[["RequestContext", "Plan"], Awaitable["Response | Answer"]]


class Plan:
    """Everything that one rule needs to be served.

    :param rule: the matched rule; ``None`` for a miss.
    :param view: what answers; called with the URL's values.
    :param value_hooks: called with endpoint and URL values before all else.
    :param before: called in order; the first answer ends them and skips the view.
    :param after: called with the response, in order; each returns the response to go on with.
    :param teardown: called with the error or ``None``, in order.
    :param handlers: error handlers.
    :param waits: whether any of them is async.
    :param ends: whether the app's own teardown functions have to be run.
    :param streams_body: whether the view reads the body itself, while it arrives.
    :ivar is_bare: whether nothing stands around a sync view.
    :ivar is_watched: whether a gateway with an event loop cancels it when its client goes away.
    :ivar runs_on_loop: whether a gateway with an event loop runs it there, and not in a thread.
    :ivar text_head: the head of a text that goes out without a Response made of it; ``None`` where
        somebody gets to see one.
    :ivar answer_error: app, handlers and error → what answers it; raises it where nothing does.
    :ivar run: the lane.
    :ivar begin: the lane on an event loop, to be awaited there.
    """

    __slots__ = (
        "after",
        "answer_error",
        "before",
        "begin",
        "ends",
        "handlers",
        "is_bare",
        "is_watched",
        "rule",
        "run",
        "runs_on_loop",
        "streams_body",
        "teardown",
        "text_head",
        "value_hooks",
        "view",
        "waits",
    )

    def __init__(
        self,
        rule: Rule | None,
        view: Callable[..., Any],
        *,
        waits: bool = False,
        value_hooks: Hooks = (),
        before: Hooks = (),
        after: Hooks = (),
        teardown: Hooks = (),
        handlers: HandlerTable | None = None,
        ends: bool = False,
        streams_body: bool = False,
    ) -> None:
        self.rule = rule
        self.view = view
        self.waits = waits
        self.value_hooks = value_hooks
        self.before = before
        self.after = after
        self.teardown = teardown
        self.ends = ends or bool(teardown)
        self.runs_on_loop = False
        self.streams_body = streams_body
        self.text_head: Head | None = None
        self.answer_error: Callable[[Any, HandlerTable, Exception], Any] = _not_compiled
        self.handlers: HandlerTable = handlers or {}
        self.is_watched = waits and not streams_body
        self.is_bare = not (waits or value_hooks or before or after)
        self.run: Lane = _not_compiled
        self.begin: LaneOnLoop = _not_compiled

    def __repr__(self) -> str:
        return f"<Plan for {self.rule!r}>"


def _not_compiled(*args: Any) -> Any:
    raise AssertionError("A plan was used before it was compiled.")


class Engine:
    """Everything that a gateway needs to serve an app.

    :param find: finds the plan of a context's request and notes it there.
    :param match_bound: the same for a context whose host matters, by its bound URL map.
    :param find_websocket: finds the plan of a WebSocket's handshake and notes it there.
    :param app_plan: the app's own hooks and handlers; serves what no rule matches.
    :param app_head_plan: the same for HEAD.
    :param app_websocket_plan: the same for WebSockets.
    :param opens_sessions: whether sessions are opened at once instead of at first touch.
    :param is_faithful: whether the app's own methods are to be called for each step.
    """

    __slots__ = (
        "app_head_plan",
        "app_plan",
        "app_websocket_plan",
        "asgi",
        "find",
        "find_websocket",
        "is_faithful",
        "match_bound",
        "opens_sessions",
        "rsgi",
        "wsgi",
    )

    def __init__(
        self,
        *,
        find: Callable[[RequestContext, str, str], Plan],
        find_websocket: Callable[[RequestContext, str], Plan],
        match_bound: Callable[[RequestContext], tuple[Any, Any]],
        app_plan: Plan,
        app_head_plan: Plan,
        app_websocket_plan: Plan,
        opens_sessions: bool,
        is_faithful: bool,
    ) -> None:
        self.find = find
        self.find_websocket = find_websocket
        self.match_bound = match_bound
        self.app_plan = app_plan
        self.app_head_plan = app_head_plan
        self.app_websocket_plan = app_websocket_plan
        self.opens_sessions = opens_sessions
        self.is_faithful = is_faithful
        # The gateways, each made at the first request by its protocol.
        self.wsgi: Any = None
        self.asgi: Any = None
        self.rsgi: Any = None
