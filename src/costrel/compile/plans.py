"""One endpoint's hooks, errors and lane → Plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from costrel.compile.handlers import flatten_handlers
from costrel.compile.misses import make_miss_view, make_raising_view
from costrel.compile.overrides import ERROR_STEPS, is_replaced
from costrel.declare.scaffold import FOR_FILES
from costrel.routing.rule import Rule
from costrel.serve.answer import head_of
from costrel.serve.drive import is_async
from costrel.serve.lanes import (
    eager_lane,
    eager_lane_now,
    full_lane,
    full_lane_now,
    long_lane,
    short_lane,
    thread_lane,
)
from costrel.serve.plan import Hooks, Lane, LaneOnLoop, Plan
from costrel.serve.recover import answer_by_verb, answer_user_error
from costrel.serve.wrappers import blueprint_chain, text_type_of

# What a plan is for, as the names of its hooks have it.
REQUEST, WEBSOCKET = "request", "websocket"


class PlanMaker:
    """Makes the plans of one app; each is made once.

    :param app: what was declared.
    :param is_faithful: take the long lane, because the app brings steps of its own.
    :param opens_sessions: open the session before the view, because the app's interface expects it.
    """

    def __init__(self, app: Any, *, is_faithful: bool, opens_sessions: bool) -> None:
        self.app = app
        self.is_faithful = is_faithful
        self.opens_sessions = opens_sessions
        self.made: dict[tuple[int, str, str], Plan] = {}
        mimetype = text_type_of(app.response_class)
        self.text_head = None if mimetype is None else head_of(200, mimetype)
        self.answers_by_verb = any(is_replaced(app, verb) for verb in ERROR_STEPS)
        # An app with a way of its own from async to sync has each function go through it.
        is_own = is_replaced(app, "ensure_sync") or is_replaced(app, "async_to_sync")
        self.fit = app.ensure_sync if is_own else None
        self.app_plan = self._make_miss_plan()
        self.app_head_plan = self._make_miss_plan("HEAD")
        self.app_websocket_plan = self.make(None, make_raising_view(app), WEBSOCKET)

    def plan_of(self, rule: Rule, method: str, kind: str | None = None) -> Plan:
        """Return the plan of a rule for a method: the view's, or the automatic OPTIONS.

        :param kind: what the plan is for; by default what the rule is for.
        """
        kind = kind or (WEBSOCKET if rule.websocket else REQUEST)
        answers_options = method == "OPTIONS" and getattr(rule, "provide_automatic_options", False)
        # HEAD has a plan of its own, since no text goes out for it.
        key = (id(rule), kind, method if answers_options or method == "HEAD" else "")
        if key not in self.made:
            view = self._options_view() if answers_options else self._view(rule)
            self.made[key] = self.make(rule, view, kind, method)
        return self.made[key]

    def _make_miss_plan(self, method: str = "") -> Plan:
        """Make the plan of what no rule matches."""
        plan = self.make(None, make_raising_view(self.app), method=method)
        if not (self.answers_by_verb or is_replaced(self.app, "raise_routing_exception")):
            plan.view = make_miss_view(self.app, plan.handlers)
        return plan

    def _view(self, rule: Rule) -> Callable[..., Any]:
        try:
            view = self._fitted((self.app.view_functions[rule.endpoint],))[0]
        except KeyError as error:
            # The rule stands without a view, as Flask allows; a request for it fails as there.
            missing = error

            def no_view(**values: Any) -> Any:
                raise missing

            return no_view
        return view

    def _options_view(self) -> Callable[..., Any]:
        app = self.app

        def options(**values: Any) -> Any:
            return app.make_default_options_response()

        return options

    def _fitted(self, functions: Hooks) -> Hooks:
        """Functions as they are called: each through the app's ``ensure_sync`` if it has one."""
        return functions if self.fit is None else tuple(map(self.fit, functions))

    def make(
        self, rule: Rule | None, view: Callable[..., Any], kind: str = REQUEST, method: str = ""
    ) -> Plan:
        """Make the plan of a view, with the hooks of its rule's blueprints."""
        app = self.app
        before, after, teardown = (
            getattr(app, f"{when}_{kind}_funcs") for when in ("before", "after", "teardown")
        )
        name = None if rule is None else str(rule.endpoint).rpartition(".")[0]
        inner_first = [*blueprint_chain(name), None]
        before = self._fitted(_gather(before, reversed(inner_first)))
        after = self._fitted(_gather(after, inner_first, backwards=True))
        handlers = flatten_handlers(app.error_handler_spec, blueprint_chain(name), self.fit)
        plan = Plan(
            rule,
            view,
            waits=self._waits(view, before, after, handlers),
            value_hooks=_gather(app.url_value_preprocessors, reversed(inner_first)),
            before=before,
            after=after,
            teardown=self._fitted(_gather(teardown, inner_first, backwards=True)),
            handlers=handlers,
            # An app with steps of its own may have one for the end.
            ends=bool(app.teardown_appcontext_funcs) or self.is_faithful,
            streams_body=getattr(rule, "streams_body", False),
        )
        plan.runs_on_loop = (kind == WEBSOCKET or not self.is_faithful) and (
            is_async(view) or self._runs_inline(plan)
        )
        plan.run, plan.begin = self._lane(plan), self._lane_on_loop(plan)
        plan.answer_error = answer_by_verb if self.answers_by_verb else answer_user_error
        plan.text_head = None if after or method == "HEAD" else self.text_head
        return plan

    def _runs_inline(self, plan: Plan) -> bool:
        """Whether a sync view was declared quick enough to run on an event loop; a miss is."""
        if plan.rule is None and self.opens_sessions:
            # The interface may ask a database, and anybody may ask for what is not there.
            return False
        inline = plan.rule is None or getattr(plan.rule, "inline", False)
        if inline == FOR_FILES:
            # Hooks may ask a database, and so may sessions that are opened at once.
            hooks = plan.value_hooks or plan.before or plan.after or plan.ends
            return bool(self.app.config["STATIC_ON_LOOP"]) and not (hooks or self.opens_sessions)
        return bool(inline) or getattr(plan.view, "may_wait", False)

    def _waits(self, view: Any, before: Any, after: Any, handlers: Any) -> bool:
        """Whether anything in the plan is async."""
        answering = [
            handler for scopes in handlers.values() for each in scopes for handler in each.values()
        ]
        return getattr(view, "may_wait", False) or any(
            map(is_async, chain((view,), before, after, answering))
        )

    def _lane(self, plan: Plan) -> Lane:
        if self.is_faithful:
            return long_lane
        if self.opens_sessions:
            return eager_lane_now
        return short_lane if plan.is_bare else full_lane_now

    def _lane_on_loop(self, plan: Plan) -> LaneOnLoop:
        if not plan.runs_on_loop:
            return thread_lane
        return eager_lane if self.opens_sessions else full_lane


def _gather(
    table: Any, scopes: Iterable[str | None], *, backwards: bool = False
) -> tuple[Callable[..., Any], ...]:
    """The hooks of some scopes in a row; ``backwards`` turns each scope's own order around."""
    found: list[Callable[..., Any]] = []
    for scope in scopes:
        hooks = table.get(scope, ())
        found.extend(reversed(hooks) if backwards else hooks)
    return tuple(found)
