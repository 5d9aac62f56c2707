"""An exception + a plan's handlers → what to answer.

Law: these are the defaults of the app's error verbs. Where an app replaces one of those, they are
called through the app alone.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from costrel.http.exceptions import (
    BadRequest,
    BadRequestKeyError,
    HTTPException,
    InternalServerError,
)
from costrel.parts.signals import LIVE
from costrel.routing.outcomes import RoutingException

if TYPE_CHECKING:
    from collections.abc import Callable

    from costrel.serve.plan import HandlerTable


FAILED_AGAIN = "Request finalizing failed with an error while handling an error"


def find_handler(handlers: HandlerTable, error: BaseException) -> Callable[..., Any] | None:
    """Find the handler of an error: by its code first, then by scope from within, then by class."""
    if not handlers:
        return None
    code = getattr(error, "code", None) if isinstance(error, HTTPException) else None
    kinds = type(error).__mro__
    for key in (code, None) if code is not None else (None,):
        for scope in handlers.get(key, ()):
            for kind in kinds:
                handler = scope.get(kind)
                if handler is not None:
                    return handler
    return None


def is_trapped(app: Any, error: Exception) -> bool:
    """Whether an HTTP error is to be treated as any other exception, by the app's settings."""
    config = app.config
    if config["TRAP_HTTP_EXCEPTIONS"]:
        return True
    traps_bad_requests = config["TRAP_BAD_REQUEST_ERRORS"]
    if traps_bad_requests is None:
        return isinstance(error, BadRequestKeyError) and bool(app.debug)
    return bool(traps_bad_requests) and isinstance(error, BadRequest)


def answer_http_error(handlers: HandlerTable, error: HTTPException) -> Any:
    """Answer an HTTP error by its handler, or by its own page."""
    # An error that carries a whole response and a redirect of the router are no errors to handle.
    if error.code is None or isinstance(error, RoutingException):
        return error
    handler = find_handler(handlers, error)
    return error if handler is None else handler(error)


def answer_by_verb(app: Any, handlers: HandlerTable, error: Exception) -> Any:
    """Answer what a view or hook raised by the app's own method."""
    return app.handle_user_exception(error)


def answer_user_error(
    app: Any,
    handlers: HandlerTable,
    error: Exception,
    is_trapped: Callable[[Any, Exception], bool] = is_trapped,
    answer_http: Callable[[HandlerTable, HTTPException], Any] = answer_http_error,
) -> Any:
    """Answer what a view or hook raised: an HTTP error, or a handled one; raise any other.

    :param is_trapped: tells whether an HTTP error is treated as any other exception.
    :param answer_http: answers one that is not.
    """
    if isinstance(error, HTTPException):
        if isinstance(error, BadRequestKeyError) and (
            app.debug or app.config["TRAP_BAD_REQUEST_ERRORS"]
        ):
            error.show_exception = True
        if not is_trapped(app, error):
            return answer_http(handlers, error)
    handler = find_handler(handlers, error)
    if handler is None:
        raise error
    return handler(error)


def answer_crash(app: Any, handlers: HandlerTable, error: Exception) -> Any:
    """Answer 500 for what nobody handled, after logging it; in debug and tests, raise it."""
    if LIVE:
        LIVE["got_request_exception"].send(app, exception=error)
    propagates = app.config["PROPAGATE_EXCEPTIONS"]
    if propagates is None:
        propagates = app.testing or app.debug
    if propagates:
        raise error
    app.log_exception(_exc_info(error))
    failure = InternalServerError(original_exception=error)
    handler = find_handler(handlers, failure)
    if handler is None:
        return failure
    try:
        return handler(failure)
    except Exception:
        # The handler of last resort has failed as well; the plain page does not.
        app.logger.exception(FAILED_AGAIN)
        return failure


def _exc_info(error: Exception) -> Any:
    now = sys.exc_info()
    return now if now[1] is error else (type(error), error, error.__traceback__)
