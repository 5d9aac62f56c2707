"""`routes --explain`: the plan that a request would be served by, as it was compiled."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from costrel.debugger.advice.situation import short_path, view_place
from costrel.http.exceptions import HTTPException
from costrel.routing.outcomes import WebsocketMismatch
from costrel.serve.drive import is_async

LIMITS = ("MAX_CONTENT_LENGTH", "MAX_FORM_MEMORY_SIZE", "MAX_FORM_PARTS")
LANES = {
    "short_lane": "short: nothing stands around the view",
    "full_lane_now": "full: hooks and handlers, without the app's own methods",
    "eager_lane": "eager: as full, with the session opened first",
    "long_lane": "long: by the app's own methods, as one of them was replaced",
}
WEBSOCKET = "WEBSOCKET"
HANDSHAKE = {"Connection": "Upgrade", "Upgrade": "websocket"}
Rows = Iterator[tuple[str, str]]


def explain_request(app: Any, path: str, method: str) -> Rows:
    """Tell what a request would run, in order.

    :param method: the method; ``WEBSOCKET`` for a handshake.
    :returns: what it is about, empty where it goes on, and the text.
    """
    is_handshake = method == WEBSOCKET
    with app.test_request_context(
        path,
        method="GET" if is_handshake else method,
        headers=HANDSHAKE if is_handshake else None,
    ) as ctx:
        ctx.is_websocket = is_handshake
        found, values = app.engine.match_bound(ctx)
        if isinstance(found, HTTPException):
            yield from _explain_miss(app, ctx, found)
            return
        yield from _explain_plan(app, found, values)


def _explain_miss(app: Any, ctx: Any, error: Any) -> Rows:
    url = getattr(error, "new_url", None)
    if url is not None:
        yield "Answer", f"{error.code} redirect to {url}"
        return
    yield "Answer", f"{error.code} {error.name}"
    if isinstance(error, WebsocketMismatch):
        yield "", "This is a WebSocket's URL: ask for the method WEBSOCKET."
    methods = getattr(error, "valid_methods", None)
    if methods:
        yield "It takes", ", ".join(sorted(methods))
    yield from _rows("Handler", _handlers_for(app.engine.app_plan, error))


def _explain_plan(app: Any, plan: Any, values: dict[str, Any]) -> Rows:
    rule, view = plan.rule, plan.view
    yield "Rule", f"{rule.rule}  {short_path(rule.declared_at or '.').removeprefix('.')}".rstrip()
    yield "Endpoint", str(rule.endpoint)
    yield "Methods", WEBSOCKET if rule.websocket else ", ".join(sorted(rule.methods or ()))
    told = [
        f"{name} = {value!r}  ({type(rule._converters[name]).__name__})"
        if name in getattr(rule, "_converters", {})
        else f"{name} = {value!r}"
        for name, value in values.items()
    ]
    yield from _rows("Values", told)
    yield "Lane", LANES.get(plan.run.__name__, plan.run.__name__)
    yield from _rows("URL values", map(name_of, plan.value_hooks))
    yield from _rows("Before", map(name_of, plan.before))
    yield "View", name_of(view)
    if rule.websocket:
        yield "", "on the event loop" if is_async(view) else "in a thread of its own"
    else:
        where = "on the event loop" if plan.runs_on_loop else "in a worker thread"
        over_wsgi = "on the background loop" if is_async(view) else "in the server's thread"
        yield "", f"over ASGI and RSGI {where}, over WSGI {over_wsgi}"
    yield from _rows("After", map(name_of, plan.after))
    yield from _rows("Teardown", map(name_of, plan.teardown))
    handlers = [
        f"{'any' if code is None else code} {kind.__name__} → {name_of(handler)}"
        for code, scopes in plan.handlers.items()
        for scope in scopes
        for kind, handler in scope.items()
    ]
    yield from _rows("Errors", handlers)
    limits = [f"{name} {app.config[name]:,}" for name in LIMITS if app.config[name] is not None]
    if app.config["MAX_CONTENT_LENGTH"] is None:
        limits.insert(0, "MAX_CONTENT_LENGTH is not set: bodies of any size are read")
    yield from _rows("Limits", limits)


def _handlers_for(plan: Any, error: Any) -> Iterator[str]:
    for code in (error.code, None):
        for scope in plan.handlers.get(code, ()):
            for kind, handler in scope.items():
                if isinstance(error, kind):
                    yield name_of(handler)


def _rows(title: str, texts: Iterable[str]) -> Rows:
    for text in texts:
        yield title, text
        title = ""


def name_of(function: Any) -> str:
    """A function with its place: ``async show()  app.py:12``."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    name = getattr(function, "__qualname__", None) or type(function).__qualname__
    kind = "async " if is_async(function) else ""
    place = view_place(function)
    return f"{kind}{name.rpartition('<locals>.')[2]}()  {place or ''}".rstrip()


def as_lines(rows: Rows) -> Iterator[str]:
    """Rows as aligned lines."""
    told = list(rows)
    width = max(len(title) for title, _ in told)
    for title, text in told:
        yield f"{title.ljust(width)}  {text}".replace(os.linesep, " ")
