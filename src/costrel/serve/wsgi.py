"""The WSGI gateway (PEP 3333): environ in, plan run, response out.

Law: what an app never changes while serving is closed over here, once, when it is compiled. The
context that is entered here is left here, whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from costrel.http.response import BODILESS, Response
from costrel.http.wire import decode_path
from costrel.parts.signals import LIVE
from costrel.serve.context import RequestContext, announce
from costrel.serve.current import CURRENT
from costrel.serve.drive import iterate_now
from costrel.serve.streamed_body import StreamedBody

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from costrel.serve.plan import Engine

Gateway = Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]

# Statuses whose headers have to be looked at before they go out: no body, or a Location.
_SPECIAL = BODILESS | frozenset({201, *range(300, 400)})


def make_gateway(app: Any, engine: Engine) -> Gateway:
    """Make the WSGI application that serves an engine."""
    if engine.is_faithful:
        return make_faithful_gateway(app)
    config, static, match, uses_host = app.config, engine.static, engine.match, engine.uses_host
    request_class = app.request_class
    quick_class = app.response_class if goes_out_as_it_is(app.response_class) else None

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = request_class(environ)
        request.settings = app
        ctx = RequestContext(app, None, request)
        method = request.method
        outer = CURRENT.get(None)
        if outer is not None:
            ctx.join(outer)
        token = CURRENT.set(ctx)
        ctx.tokens = (token,)
        try:
            if LIVE:
                announce_entry(ctx)
            if uses_host or config["TRUSTED_HOSTS"] is not None:
                ctx.match_request()
            else:
                path = environ.get("PATH_INFO") or "/"
                if not path.isascii():
                    path = decode_path(path)
                # PERF: a whole static path costs two dict look-ups and no call (0.1 µs).
                ways = static.get(path)
                plan = None if ways is None else ways.get(method)
                if plan is None:
                    ctx.take(*match(path, method))
                else:
                    ctx.plan = plan
                    request.url_rule = plan.rule
                    ctx.args = request.view_args = {}
            if "HTTP_COOKIE" in environ:
                ctx.touched = True
            plan = ctx.plan or engine.app_plan
            response = plan.run(ctx, plan)
            body = response.response
            if (
                response.__class__ is quick_class
                and body.__class__ is list
                and len(body) == 1
                and body[0].__class__ is bytes
                and method != "HEAD"
                and response._status_code not in _SPECIAL
                and not response._on_close
                and (response._headers is None or "Content-Length" in response._headers)
            ):
                start_response(response._status, response._list)
                return body
            return send(ctx, response, environ, start_response)
        except BaseException as error:
            ctx.error = error
            raise
        finally:
            if ctx.needs_leaving(environ):
                leave(ctx, environ)
            else:
                CURRENT.reset(token)

    return serve


def goes_out_as_it_is(response_class: type[Response]) -> bool:
    """Whether a response class leaves the way out of Response alone."""
    return all(
        getattr(response_class, name) is getattr(Response, name)
        for name in ("__call__", "get_wsgi_response", "get_wsgi_headers", "get_app_iter", "close")
    )


def send(
    ctx: RequestContext, response: Response, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Start a response by its own methods; the body of a stream keeps the context alive."""
    if not (response.is_streamed or hasattr(response.response, "__aiter__")):
        return response(environ, start_response)
    if hasattr(response.response, "__aiter__"):
        response.response = iterate_now(response.response)
    body = response(environ, start_response)
    # A file needs no context, and whoever forgets to close it must not keep one open.
    if response.direct_passthrough:
        return body
    ctx.is_streaming = True
    return StreamedBody(ctx, body)


def announce_entry(ctx: RequestContext) -> None:
    """Tell listeners that an app's context was entered."""
    if ctx.owns_app_context:
        announce("appcontext_pushed", ctx.app)


def leave(ctx: RequestContext, environ: WSGIEnvironment) -> None:
    """Run what ends the context, and hand it to a test client that wants to keep it."""
    keep = environ.get("werkzeug.debug.preserve_context")
    if keep is not None:
        keep(ctx)
    if ctx.is_streaming:
        ctx.leave_unfinished()
    else:
        ctx.pop(ctx.error)


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
