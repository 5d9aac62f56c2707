"""What the gateways ask of a response on its way out.

Law: a response class that brings its own way out is asked for each part; the framework's own is
sent as it lies there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from costrel.http.exceptions import InternalServerError
from costrel.http.header_kinds import remove_entity_headers
from costrel.http.response import BODILESS, Response
from costrel.http.status import CODES, WHAT_STATUS_IS

# Statuses whose headers have to be looked at before they go out (no body, or a Location), and the
# one whose request still has its body on the way.
_SPECIAL = BODILESS | frozenset({201, 413, *range(300, 400)})
_QUICK = frozenset(CODES) - _SPECIAL
# Headers whose IRIs become URIs on the way out, whatever the status.
_REWRITTEN = frozenset({"location", "content-location"})
# What answers a server of WSGI alone.
_WSGI_WAYS = ("__call__", "get_wsgi_response", "get_app_iter")
_WAYS_OUT = (*_WSGI_WAYS, "headers", "get_wsgi_headers", "iter_encoded", "close")


def quick_class_of(response_class: type[Any]) -> type[Any] | None:
    """The class itself, if it leaves the way out of Response alone."""
    is_plain = all(getattr(response_class, way) is getattr(Response, way) for way in _WAYS_OUT)
    return response_class if is_plain else None


@lru_cache(maxsize=64)
def _answers_as_wsgi(response_class: Any) -> bool:
    return any(getattr(response_class, way) is not getattr(Response, way) for way in _WSGI_WAYS)


def must_be_called(response: Any) -> bool:
    """Whether a response has a way of its own to answer servers of WSGI, which others would miss.

    One with an async body is sent as it is.
    """
    kind: Any = type(response)
    return _answers_as_wsgi(kind) and not hasattr(response.response, "__aiter__")


def quick_body(response: Any, quick_class: type[Any] | None, method: str) -> list[bytes] | None:
    """The body as a list of one chunk, if status line, headers and body can go out as they are.

    Of a 304 it is the empty list, and :func:`bare_headers` are those to send.

    :param quick_class: what :func:`quick_class_of` returned for the app's responses.
    :param method: the request's method.
    """
    body = response.response
    if (
        response.__class__ is not quick_class
        or body.__class__ is not list
        or method == "HEAD"
        or response._closers
    ):
        return None
    status = response._status_code
    if not body:
        # PERF: what a browser has already is told so in as few steps (2 of 16 µs over ASGI).
        is_bare = status == 304 and _REWRITTEN.isdisjoint(
            [each.lower() for each, _ in response._list]
        )
        return body if is_bare else None
    is_quick = (
        len(body) == 1
        and body[0].__class__ is bytes
        and status in _QUICK
        and (response._headers is None or are_complete(response._list))
    )
    return body if is_quick else None


def sendable(ctx: Any, response: Any) -> Any:
    """The response, or a 500 in its place where its status is none that HTTP has.

    Servers differ in what they make of those: some end their worker.
    """
    if response.status_code in CODES:
        return response
    request = ctx.request
    told = "%s %s was answered with the status %r. " + WHAT_STATUS_IS
    ctx.app.logger.error(told, request.method, request.path, response.status)
    response.close()
    return ctx.app.response_class.force_type(InternalServerError().get_response())


def headers_of(response: Response, request: Any) -> list[tuple[str, str]]:
    """The headers of a response as they go out, asked of the response where it may change them."""
    kind: Any = type(response)
    if (
        kind.get_wsgi_headers is not Response.get_wsgi_headers
        or kind.headers is not Response.headers
    ):
        return response.get_wsgi_headers(request.environ).to_wsgi_list()
    # PERF: those of a stream that nobody touched hold nothing to be rewritten (2 of 35 µs).
    if (
        response._headers is None
        and response._status_code not in BODILESS
        and not response.is_sequence
    ):
        return response._list.copy()
    environ = request.environ if response.autocorrect_location_header else {}
    return response.get_wsgi_headers(environ).to_wsgi_list()


def bare_headers(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers of a 304: without those that describe a body (RFC 9110, 15.4.5)."""
    headers = headers.copy()
    remove_entity_headers(headers)
    return headers


def are_complete(headers: list[tuple[str, str]]) -> bool:
    """Whether headers that were touched have a length, and none that is rewritten."""
    has_length = False
    for name, _ in headers:
        if name == "Content-Length":
            has_length = True
        # PERF: few names have the length of one of the two (0.3 µs for four headers, not 0.7).
        elif len(name) in {8, 16} and name.lower() in _REWRITTEN:
            return False
    return has_length
