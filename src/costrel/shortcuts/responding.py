"""make_response, redirect, abort, after_this_request, after_response: beside a view's value."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from costrel.http.aborter import abort as http_abort
from costrel.http.redirects import redirect as http_redirect
from costrel.serve.current import CURRENT
from costrel.shortcuts.globals import current_context

if TYPE_CHECKING:
    from costrel.serve.wrappers import Response

    AppResponse = Response

F = TypeVar("F", bound=Callable[..., Any])


def make_response(*args: Any) -> Response:
    """Make a response of what a view could return, to set headers or cookies on it.

    Several arguments are a tuple: ``make_response(body, status, headers)``; none is an empty one.
    """
    app = current_context().app
    if not args:
        return app.response_class()  # type: ignore[no-any-return]  # the app's own class
    return app.make_response(args[0] if len(args) == 1 else args)  # type: ignore[no-any-return]  # as above


def redirect(
    location: str,
    code: int = 302,
    Response: type[Any] | None = None,  # noqa: N803  # Flask's name
) -> AppResponse:
    """Answer with a redirect.

    :param location: the URL to go to.
    :param code: 301, 302, 303, 305, 307 or 308.
    :param Response: the class of the response; the app's unless given.
    """
    ctx = CURRENT.get(None)
    if ctx is None or Response is not None:
        return http_redirect(location, code=code, Response=Response)  # type: ignore[return-value]  # outside of an app HTTP's own
    return ctx.app.redirect(location, code=code)  # type: ignore[no-any-return]  # as above


def app_redirect(app: Any, location: str, code: int = 302) -> Response:
    """Make a redirect of an app's response class; ``app.redirect``."""
    return http_redirect(location, code=code, Response=app.response_class)  # type: ignore[return-value]  # the app's own class


def abort(code: int | Any, *args: Any, **kwargs: Any) -> NoReturn:
    """Raise an HTTP error by its status code, or answer at once with a response.

    :raises LookupError: for a code that is no error.
    """
    ctx = CURRENT.get(None)
    if ctx is not None:
        ctx.app.aborter(code, *args, **kwargs)
    http_abort(code, *args, **kwargs)


def after_this_request(f: F) -> F:
    """Run a function on the response of the current request; it returns the response to send.

    :raises RuntimeError: outside of a request.
    """
    ctx = current_context().request_context
    if ctx._after_request_functions is None:
        ctx._after_request_functions = []
    ctx._after_request_functions.append(f)
    ctx.touched = True
    return f


def after_response(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
    """Run a function, sync or async, in the background once the current request has ended.

    Works as a decorator as well. The function sees a copy of the request's context; see
    ``app.spawn``.

    :raises RuntimeError: outside of a request.
    """
    ctx = current_context().request_context
    if ctx.jobs is None:
        ctx.jobs = []
        ctx.needs_leaving = True
    ctx.jobs.append(partial(f, *args, **kwargs))
    return f
