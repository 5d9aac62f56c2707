"""CURRENT: which context runs here, and what to say where none does."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import Any

CURRENT: ContextVar[Any] = ContextVar("costrel.current")
# What a token says was there before, where nothing was.
NOTHING_BEFORE = Token.MISSING

OUTSIDE_REQUEST = """\
Working outside of request context.

This code needs a request: `request`, `session` and the like exist only while a view, a hook or a
template of one is running. Call it from a view, hand it what it needs as an argument, or, in a
test or a shell, wrap it: `with app.test_request_context("/path"): ...`."""

OUTSIDE_WEBSOCKET = """\
Working outside of websocket context.

This code needs a WebSocket: `websocket` exists only while a handler declared with
`@app.websocket(...)`, or a hook around it, is running."""

OUTSIDE_APP = """\
Working outside of application context.

This code needs an app: `current_app` and `g` exist only while a request is handled or a command
of the app runs. Wrap it: `with app.app_context(): ...`."""
