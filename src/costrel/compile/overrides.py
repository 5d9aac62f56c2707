"""Which Verbs a subclass, or an instance, replaced: such an app takes the long lane.

Law: fast where nobody overrode, faithful where someone did.
"""

from __future__ import annotations

from typing import Any

from costrel.serve.verbs import Verbs

# The steps that the lanes take without calling the method. The other verbs are not among them:
# every lane calls those.
STEPS = (
    "full_dispatch_request",
    "preprocess_request",
    "dispatch_request",
    "finalize_request",
    "make_response",
    "process_response",
    "do_teardown_request",
    "do_teardown_appcontext",
    "request_context",
    "app_context",
    "create_url_adapter",
    "ensure_sync",
    "async_to_sync",
    "make_default_options_response",
    "handle_exception",
    "tear_down",
)
# What answers errors that are handled. Where one of them is replaced, the first is called.
ERROR_STEPS = ("handle_user_exception", "trap_http_exception", "handle_http_exception")


def is_replaced(app: object, verb: str) -> bool:
    """Whether a subclass or the instance itself brings its own version of a verb."""
    return verb in vars(app) or getattr(type(app), verb) is not getattr(Verbs, verb)


def is_faithful(app: Any) -> bool:
    """Whether any step of a request is the app's own."""
    return any(is_replaced(app, verb) for verb in STEPS)
