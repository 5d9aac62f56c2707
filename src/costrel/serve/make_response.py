"""A view's return value → a Response.

Law: what a view may return stands in one table; anything else is refused with what it was.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

from costrel.http.exceptions import HTTPException, asks_environ
from costrel.http.headers import Headers
from costrel.http.response import Response
from costrel.http.status import CODES, WHAT_STATUS_IS
from costrel.parts.json_provider import JSON_RESPONSE
from costrel.serve.answer import ANSWERED, Answer, head_of

if TYPE_CHECKING:
    from costrel.serve.context import AppContext, RequestContext

THE_CALLER = "The function that calls make_response"
ALLOWED = (
    "It must return a string, bytes, a dict, a list, a response, a generator, a WSGI callable, "
    "or a tuple of one of these with a status and headers"
)

# Told of each HTTP error that is answered by its own page. Empty unless a debugger is at work.
ERROR_PAGE_WATCHERS: list[Callable[[AppContext, HTTPException], None]] = []


def make_answer(ctx: RequestContext, value: Any) -> Response | Answer | None:
    """Turn a view's return value into what is sent, where no Response has to be made.

    :param ctx: the context of a request whose Response nobody would get to see.
    :returns: ``None`` where one is needed, or where the value is not one to return.
    """
    kind = type(value)
    if kind is ctx.app.response_class:
        return value  # type: ignore[no-any-return]  # its class was compared
    maker = ANSWERERS.get(kind)
    if maker is not None:
        return maker(ctx, value)
    return _answer_error(value) if isinstance(value, HTTPException) else None


def _answer_error(error: HTTPException) -> Answer | None:
    """Answer by the page that is the same for all errors of a kind."""
    code, page = error.code, error.kept_page()
    if page is None or code not in ANSWERED or ERROR_PAGE_WATCHERS:
        return None
    is_plain = error.response is None and not asks_environ(error)
    return (head_of(code, "text/html"), page) if is_plain else None


def _answer_json(ctx: RequestContext, value: Any) -> Answer | None:
    provider = ctx.app.json
    if getattr(provider.response, "__func__", None) is not JSON_RESPONSE:
        return None
    body = provider.response_body(value)
    # What was written may have looked at the session, which is then to be saved.
    return None if ctx.touched else (head_of(200, provider.mimetype), body)


def _answer_tuple(ctx: RequestContext, value: Any) -> Answer | None:
    """Answer ``(body, status)`` where the body is JSON or text."""
    if len(value) != 2 or type(value[0]) not in BODIES or type(value[1]) is not int:
        return None
    body, status = value
    answer = BODIES[type(body)](ctx, body) if status in ANSWERED else None
    return None if answer is None else (head_of(status, answer[0].mimetype), answer[1])


def _answer_text(ctx: RequestContext, value: str) -> Answer:
    return head_of(200, ctx.app.response_class.default_mimetype), value.encode()


def make_response(ctx: AppContext, value: Any) -> Response:
    """Turn a view's return value into the app's response class.

    :param ctx: the request's context; tells app, request and environ.
    :raises TypeError: where the value is none of what a view may return.
    """
    kind = type(value)
    if kind is str:
        # PERF: what most views return, templates among it, takes no further call (0.06 µs).
        return ctx.app.response_class(value)  # type: ignore[no-any-return]  # the app's own class
    maker = MAKERS.get(kind)
    if maker is not None:
        return maker(ctx, value)
    if kind is ctx.app.response_class:
        return value  # type: ignore[no-any-return]  # its class was compared
    return _make_from_subclass(ctx, value)


def _from_text(ctx: AppContext, value: Any) -> Response:
    return ctx.app.response_class(value)  # type: ignore[no-any-return]  # the app's own class


def _from_json(ctx: AppContext, value: Any) -> Response:
    return ctx.app.json.response(value)  # type: ignore[no-any-return]  # the app's own provider


def _from_tuple(ctx: AppContext, value: Any) -> Response:
    """Take ``(body, status)``, ``(body, headers)`` or ``(body, status, headers)`` apart."""
    status = headers = None
    if len(value) == 2:
        value, second = value
        if type(second) is int or not isinstance(second, (Headers, dict, tuple, list)):
            status = second
        else:
            headers = second
    elif len(value) == 3:
        value, status, headers = value
    else:
        raise TypeError(
            f"{_view_name(ctx)} returned a tuple of {len(value)}. The tuple must have the form "
            "(body, status, headers), (body, status) or (body, headers)."
        )
    if headers is None and (type(value) is str or type(value) is bytes):
        return _checked(ctx, ctx.app.response_class(value, status))
    response = make_response(ctx, value)
    if status is not None:
        if isinstance(status, (str, bytes, bytearray)):
            response.status = status  # type: ignore[assignment]  # bytes fail with the reason
        else:
            response.status_code = status
    if headers:
        response.headers.update(headers)
    return response if status is None else _checked(ctx, response)


def _checked(ctx: AppContext, response: Response) -> Response:
    """Return a response whose status HTTP has.

    :raises ValueError: for any other, which some servers answer by ending the process.
    """
    if response.status_code not in CODES:
        raise ValueError(
            f"{_view_name(ctx)} answered with the status {response.status!r}. {WHAT_STATUS_IS}"
        )
    return response


def _refuse_none(ctx: AppContext, value: Any) -> Response:
    raise TypeError(_describe(ctx, value))


def _make_from_subclass(ctx: AppContext, value: Any) -> Response:
    """The slower way, for subclasses of the types in the table and for responses of others."""
    wanted = ctx.app.response_class
    if isinstance(value, wanted):
        # What the subclass brings of its own is asked on the way out.
        return value  # type: ignore[no-any-return]  # its class was compared
    if isinstance(value, HTTPException):
        for tell in ERROR_PAGE_WATCHERS:
            tell(ctx, value)
        value = value.get_response(_environ(ctx) if asks_environ(value) else None)
    if isinstance(value, Response) and wanted.force_type.__func__ is FORCE_TYPE:
        value.__class__ = wanted
        return value
    if isinstance(value, Response) or callable(value):
        try:
            return wanted.force_type(value, _environ(ctx))  # type: ignore[no-any-return]  # the app's own class
        except TypeError as error:
            raise TypeError(f"{error}\n{_describe(ctx, value)}") from error
    for known, maker in MAKERS.items():
        if isinstance(value, known):
            return maker(ctx, value)
    if isinstance(value, (Iterator, AsyncIterator)):
        return _from_text(ctx, value)
    raise TypeError(_describe(ctx, value))


def _describe(ctx: AppContext, value: Any) -> str:
    """What is wrong with a value that a view returned."""
    if value is None:
        return (
            f"{_view_name(ctx)} did not return a valid response: it returned None or ended "
            f"without a return statement. {ALLOWED}. Add `return` to the branch that lacks it."
        )
    kind = type(value).__name__
    return (
        f"{_view_name(ctx)} did not return a valid response. {ALLOWED}, but it was "
        f"{'an' if kind[:1] in 'aeio' else 'a'} {kind}."
    )


def _view_name(ctx: AppContext) -> str:
    found = ctx.found_request
    return THE_CALLER if found is None else f"The view function for {found.request.endpoint!r}"


def _environ(ctx: AppContext) -> Any:
    """The request's environ; ``None`` outside of a request."""
    return None if ctx.found_request is None else ctx.found_request.request.environ


FORCE_TYPE: Any = vars(Response)["force_type"].__func__

BODIES: dict[type, Callable[[Any, Any], Answer | None]] = {
    str: _answer_text,
    dict: _answer_json,
    list: _answer_json,
}
ANSWERERS = {**BODIES, tuple: _answer_tuple}

MAKERS: dict[type, Callable[[Any, Any], Response]] = {
    str: _from_text,
    bytes: _from_text,
    bytearray: _from_text,
    dict: _from_json,
    list: _from_json,
    tuple: _from_tuple,
    type(None): _refuse_none,
}
