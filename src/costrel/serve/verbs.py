"""Verbs: the steps of a request as methods that an app may override.

Law: each does its step for the current context and nothing else. As long as nobody overrides one,
the lanes take the same steps without calling them; `compile/overrides.py` finds out.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CoroutineType
from typing import TYPE_CHECKING, Any, NoReturn

from costrel.http.exceptions import HTTPException
from costrel.parts.log_lines import escape_log_text
from costrel.routing.outcomes import RequestRedirect
from costrel.serve.build_url import build_url
from costrel.serve.context import HANDLED_NOW, AppContext, RequestContext, announce, handled_now
from costrel.serve.context_argument import drops_context, hand_contexts
from costrel.serve.current import CURRENT, OUTSIDE_REQUEST
from costrel.serve.drive import is_async, step, wait_for, wait_in_background
from costrel.serve.form_redirect import FormDataRoutingRedirect
from costrel.serve.make_response import make_response
from costrel.serve.recover import (
    FAILED_AGAIN,
    answer_crash,
    answer_http_error,
    answer_user_error,
    is_trapped,
)
from costrel.serve.settle import settle
from costrel.serve.tear_down import run_teardown

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from costrel.routing.binding import MapAdapter
    from costrel.serve.plan import Engine, HandlerTable
    from costrel.serve.wrappers import Response


def current_request_context() -> RequestContext:
    """Return the context of the request that is being handled.

    :raises RuntimeError: outside of one.
    """
    ctx = CURRENT.get(None)
    if ctx is None:
        raise RuntimeError(OUTSIDE_REQUEST)
    return ctx.request_context  # type: ignore[no-any-return]  # CURRENT holds contexts alone


def finished(value: Any) -> Any:
    """What a coroutine returns, waited for as the context does; other values as they are."""
    if type(value) is not CoroutineType:
        return value
    return step(current_request_context().wait(value))


class Verbs:
    """The steps of a request; the other half of the application class."""

    if TYPE_CHECKING:
        # Of the declaring half, and of the app that joins both.
        config: Any
        debug: Any
        logger: Any
        name: str
        request_class: Any
        response_class: Any
        session_interface: Any
        url_map: Any
        subdomain_matching: bool

        @property
        def engine(self) -> Engine:
            """What serves the app."""

        teardown_appcontext_funcs: list[Callable[..., Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        hand_contexts(cls, Verbs)

    # A request's way through the app

    @drops_context
    def full_dispatch_request(self) -> Response:
        """Handle the current request: hooks, view, error handlers, response."""
        try:
            announce("request_started", self)
            value = self.preprocess_request()
            if value is None:
                value = self.dispatch_request()
        except Exception as error:
            value = finished(self.handle_user_exception(error))
        return self.finalize_request(value)

    @drops_context
    def preprocess_request(self) -> Any:
        """Run the hooks before the view; the first answer that is not ``None`` is the result."""
        ctx = current_request_context()
        plan, request = self.plan_of(ctx), ctx.request
        for value_hook in plan.value_hooks:
            value_hook(request.endpoint, request.view_args)
        answers = (finished(hook()) for hook in plan.before)
        return next((answer for answer in answers if answer is not None), None)

    @drops_context
    def dispatch_request(self) -> Any:
        """Call the view of the current request and return what it returns."""
        ctx = current_request_context()
        if ctx.request.routing_exception is not None:
            self.raise_routing_exception(ctx.request)
        return finished(self.plan_of(ctx).view(**ctx.args))

    @drops_context
    def finalize_request(self, rv: Any, from_error_handler: bool = False) -> Response:
        """Turn what was answered into the response to send.

        :param from_error_handler: log what the after-hooks raise, instead of raising it.
        """
        response = self.make_response(rv)
        try:
            response = self.process_response(response)
            announce("request_finished", self, response=response)
        except Exception:
            if not from_error_handler:
                raise
            self.logger.exception(FAILED_AGAIN)
        return response

    def make_response(self, rv: Any) -> Response:
        """Turn a view's return value into a response.

        :raises TypeError: where it is none of what a view may return.
        """
        return make_response(CURRENT.get(None) or AppContext(self), rv)  # type: ignore[return-value]  # the app's own class

    @drops_context
    def process_response(self, response: Response) -> Response:
        """Run the after-hooks and save the session."""
        ctx = current_request_context()
        # Whether a session that only came along has to be refreshed is found out in settling.
        ctx.touched = True
        return step(settle(ctx, self.plan_of(ctx), response))  # type: ignore[return-value]  # as above

    # What goes wrong on it

    def raise_routing_exception(self, request: Any) -> NoReturn:
        """Raise why no rule matched; in debug, refuse a redirect that would lose a form."""
        error = request.routing_exception
        if (
            isinstance(error, RequestRedirect)
            and self.debug
            and error.code not in {307, 308}
            and request.method not in {"GET", "HEAD", "OPTIONS"}
        ):
            raise FormDataRoutingRedirect(request)
        raise error

    @drops_context
    def handle_user_exception(self, e: Exception) -> Any:
        """Answer what a hook or a view raised by its handler; raise it where there is none."""
        return answer_user_error(
            self,
            self._handlers(),
            e,
            lambda _, error: self.trap_http_exception(error),
            lambda _, error: self.handle_http_exception(error),
        )

    @drops_context
    def handle_http_exception(self, e: HTTPException) -> Any:
        """Answer an HTTP error by its handler, or by its own page."""
        return answer_http_error(self._handlers(), e)

    @drops_context
    def handle_exception(self, e: Exception) -> Response:
        """Answer 500 for what nobody handled; in debug and in tests, raise it."""
        answer = finished(answer_crash(self, self._handlers(), e))
        return self.finalize_request(answer, from_error_handler=True)

    def trap_http_exception(self, e: Exception) -> bool:
        """Whether an HTTP error is treated as any other exception."""
        return is_trapped(self, e)

    def should_ignore_error(self, error: BaseException | None) -> bool:
        """Whether teardown functions are not told of an error; none is ignored."""
        return False

    @drops_context
    def log_exception(self, exc_info: Any) -> None:
        """Log an exception that nobody handled."""
        ctx = CURRENT.get(None)
        request_ctx = None if ctx is None else ctx.found_request
        if request_ctx is None:
            self.logger.error("Exception", exc_info=exc_info)
        else:
            request = request_ctx.request
            path = escape_log_text(request.path)
            self.logger.error("Exception on %s [%s]", path, request.method, exc_info=exc_info)

    def _handlers(self) -> HandlerTable:
        ctx = CURRENT.get(None)
        request_ctx = None if ctx is None else ctx.found_request
        if request_ctx is None or request_ctx.plan is None:
            return self.engine.app_plan.handlers
        return request_ctx.plan.handlers  # type: ignore[no-any-return]  # CURRENT holds contexts alone

    # The end of a context

    @drops_context
    def do_teardown_request(self, exc: BaseException | None = HANDLED_NOW) -> None:
        """Run the functions registered with ``teardown_request``, of the app and blueprint."""
        error = handled_now() if exc is HANDLED_NOW else exc
        functions = self.plan_of(current_request_context()).teardown
        if functions:
            step(run_teardown(self, functions, error, wait_in_background))
        announce("request_tearing_down", self, exc=error)

    def do_teardown_appcontext(self, exc: BaseException | None = HANDLED_NOW) -> None:
        """Run the functions registered with ``teardown_appcontext``."""
        error = handled_now() if exc is HANDLED_NOW else exc
        if self.teardown_appcontext_funcs:
            functions = tuple(reversed(self.teardown_appcontext_funcs))
            step(run_teardown(self, functions, error, wait_in_background))
        announce("appcontext_tearing_down", self, exc=error)

    def tear_down(self, ctx: RequestContext, error: BaseException | None) -> None:
        """Run what ends a request's context: its teardown functions, its files, its app's."""
        if error is not None and self.should_ignore_error(error):
            error = None
        try:
            self.do_teardown_request(error)
        finally:
            ctx.request.close()
            if ctx.owns_app_context:
                self.do_teardown_appcontext(error)

    # Contexts

    def app_context(self) -> AppContext:
        """Return a context in which ``current_app`` is this app; enter it with ``with``."""
        return AppContext(self)

    def make_request(self, environ: WSGIEnvironment) -> Any:
        """Make the app's kind of request of a WSGI environ."""
        request = self.request_class(environ)
        request.settings = self
        return request

    def request_context(self, environ: WSGIEnvironment) -> RequestContext:
        """Return the context of a request made of a WSGI environ; enter it with ``with``."""
        return RequestContext(self, environ)

    def plan_of(self, ctx: RequestContext) -> Any:
        """Return the plan of a context's request: the one matched, or the app's own for none."""
        return self.engine.app_plan if ctx.plan is None else ctx.plan

    def match_request(self, ctx: RequestContext) -> None:
        """Find the plan of a context's request, and say on the request what was found."""
        ctx.take(*self.engine.match_bound(ctx))

    # URLs

    def create_url_adapter(self, request: Any) -> MapAdapter | None:
        """Bind the URL map to a request, or without one to ``SERVER_NAME``.

        :returns: the bound map; ``None`` without a request and without ``SERVER_NAME``.
        :raises SecurityError: where the request's host is none of ``TRUSTED_HOSTS``.
        """
        config, url_map = self.config, self.url_map
        if request is None:
            if config["SERVER_NAME"] is None:
                return None
            return url_map.bind(  # type: ignore[no-any-return]  # the map's own method
                config["SERVER_NAME"],
                script_name=config["APPLICATION_ROOT"],
                url_scheme=config["PREFERRED_URL_SCHEME"],
            )
        trusted = config["TRUSTED_HOSTS"]
        if trusted is not None:
            request.trusted_hosts = trusted
            request.host  # noqa: B018  # raises for a host that is not trusted
        server_name, subdomain = config["SERVER_NAME"], None
        if url_map.host_matching:
            server_name = None
        elif not self.subdomain_matching:
            # Without subdomains any host reaches the app, whatever SERVER_NAME says.
            subdomain = url_map.default_subdomain or ""
        return url_map.bind_to_environ(  # type: ignore[no-any-return]  # the map's own method
            request.environ, server_name=server_name, subdomain=subdomain
        )

    def url_for(
        self,
        /,
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,
    ) -> str:
        """Build the URL of an endpoint; values that its rule does not know become the query.

        :param _anchor: the fragment.
        :param _method: choose among the endpoint's rules by method.
        :param _scheme: the URL's scheme; makes it absolute.
        :param _external: make it absolute.
        :raises BuildError: where no rule fits.
        :raises RuntimeError: outside a request without ``SERVER_NAME``.
        """
        ctx = CURRENT.get(None)
        return build_url(
            AppContext(self) if ctx is None else ctx,
            endpoint,
            values,
            anchor=_anchor,
            method=_method,
            scheme=_scheme,
            external=_external,
        )

    @drops_context
    def make_default_options_response(self) -> Response:
        """Answer OPTIONS with the methods that the URL accepts."""
        adapter = current_request_context().url_adapter
        response = self.response_class()
        response.allow.update(sorted(adapter.allowed_methods()))
        return response  # type: ignore[no-any-return]  # the app's own class

    # Sync and async

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, or for an async one a sync function that runs it."""
        return self.async_to_sync(func) if is_async(func) else func

    def async_to_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Make an async function callable from sync code; it runs on the background loop."""
        return wait_for(func)
