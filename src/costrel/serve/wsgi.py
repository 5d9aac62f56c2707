"""The WSGI gateway (PEP 3333): environ in, plan run, response out.

Law: what an app never changes while serving is closed over here, once, when it is compiled. The
context that is entered here is left here, whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from costrel.http.environ import decode_text
from costrel.http.exceptions import HTTPException
from costrel.http.response import BODILESS, CONTENT_LENGTHS, Response
from costrel.http.streams import LimitedStream
from costrel.parts.signals import LIVE
from costrel.serve.context import RequestContext
from costrel.serve.current import CURRENT, NOTHING_BEFORE
from costrel.serve.drive import iterate_now
from costrel.serve.streamed_body import StreamedBody
from costrel.serve.way_out import (
    bare_headers,
    headers_of,
    quick_body,
    quick_class_of,
    sendable,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from costrel.serve.plan import Engine

Gateway = Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]

# The key of what a test client calls with a context that it wants to keep.
PRESERVE = "werkzeug.debug.preserve_context"
# Bytes that are read of a body which is too large.
MOST_DRAINED = 4 << 20


def make_wsgi_gateway(app: Any, engine: Engine) -> Gateway:
    """Make the WSGI application that serves an engine."""
    if engine.is_faithful:
        return make_faithful_gateway(app)
    find = engine.find
    request_class = app.request_class
    quick_class = quick_class_of(app.response_class)
    make_context = RequestContext.__new__  # PERF: past the constructor, 0.07 µs

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = request_class(environ)
        request.settings = app
        ctx = make_context(RequestContext)
        ctx.app = app
        ctx.request = request
        token = CURRENT.set(ctx)
        ctx.tokens = (token,)
        try:
            if LIVE or token.old_value is not NOTHING_BEFORE:
                ctx.join(token.old_value)
            path = environ.get("PATH_INFO", "")
            plan = find(ctx, path if path.isascii() else decode_text(path), request.method)
            if "HTTP_COOKIE" in environ:
                ctx.has_cookie = True
            response = plan.run(ctx, plan)
            if isinstance(response, tuple):
                head, text = response
                start_response(head.line, [head.content_type, CONTENT_LENGTHS[len(text)]])
                return [text]
            body = quick_body(response, quick_class, request.method)
            if body is None:
                return send(ctx, response, environ, start_response, quick_class)
            # A copy: the server may change the list (PEP 3333), and a view may keep its response.
            headers = response._list.copy() if body else bare_headers(response._list)
            start_response(response._status, headers)
            return body
        except BaseException as error:
            ctx.error = error
            raise
        finally:
            if ctx.needs_leaving or request.holds_files or LIVE or PRESERVE in environ:
                leave(ctx, environ)
            else:
                CURRENT.reset(token)

    return serve


def send(
    ctx: RequestContext,
    response: Response,
    environ: WSGIEnvironment,
    start_response: StartResponse,
    quick_class: type[Response] | None = None,
) -> Iterable[bytes]:
    """Start a response by its own methods; the body of a stream keeps the context alive.

    :param quick_class: a response class that leaves its way out to us.
    """
    response = sendable(ctx, response)
    if response._status_code == 413:
        drain(ctx.request)
    is_async = hasattr(response.response, "__aiter__")
    if not (is_async or response.is_streamed):
        return response(environ, start_response)
    if is_async:
        response.response = iterate_now(response.response)
    # A file needs no context, and whoever forgets to close it must not keep one open.
    if response.direct_passthrough:
        return response(environ, start_response)
    if (
        response.__class__ is quick_class
        and response._status_code not in BODILESS
        and ctx.request.method != "HEAD"
    ):
        headers = headers_of(response, ctx.request)
        start_response(response._status, headers)
        body: Any = response.response
        close: Any = response.close
    else:
        body = response(environ, start_response)
        close = getattr(body, "close", None)
    ctx.is_streaming = True
    return StreamedBody(ctx, body, close)


def drain(request: Any) -> None:
    """Read some of a body that was refused, and forget it.

    A server that finds a body unread closes the connection, and a client that is still sending
    never sees the answer. The limit is there because the refused may go on for ever.
    """
    length = request.content_length
    if length is None or request._is_read:
        return
    stream = request.__dict__.get("stream") or LimitedStream(request.environ["wsgi.input"], length)
    left = MOST_DRAINED
    # The client may be gone, and the answer is the same.
    with suppress(HTTPException, OSError, ValueError):
        while left > 0 and (chunk := stream.read(min(left, 1 << 16))):
            left -= len(chunk)


def leave(ctx: RequestContext, environ: WSGIEnvironment) -> None:
    """Run what ends the context, and hand it to a test client that wants to keep it."""
    keep = environ.get(PRESERVE)
    if keep is not None:
        keep(ctx)
    if ctx.is_streaming:
        ctx.leave_unfinished()
    elif ctx.needs_leaving or LIVE:
        ctx.pop(ctx.error)
    else:
        ctx.leave_with_files()


def make_faithful_gateway(app: Any) -> Gateway:
    """Make a WSGI application that takes each step through the app's own methods."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        ctx = app.request_context(environ)
        try:
            try:
                ctx.push()
                response = app.full_dispatch_request()
            except Exception as error:
                ctx.error = error
                response = app.handle_exception(error)
            return send(ctx, response, environ, start_response)
        except BaseException as error:
            ctx.error = error
            raise
        finally:
            leave(ctx, environ)

    return serve
