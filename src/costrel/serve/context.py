"""AppContext and RequestContext: an app's life and one request's; CURRENT points at them.

Law: a context is made cheaply and filled at first touch. Whoever entered it leaves it, whatever
happened in between.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from costrel.http.cached import lazy
from costrel.http.exceptions import HTTPException
from costrel.parts.log_lines import wsgi_errors_stream
from costrel.parts.signals import LIVE
from costrel.serve.current import CURRENT, OUTSIDE_REQUEST
from costrel.serve.drive import wait_in_background
from costrel.serve.plan import Plan

if TYPE_CHECKING:
    from contextvars import Token
    from types import TracebackType

    from _typeshed.wsgi import WSGIEnvironment

    from costrel.http.response import Response

# Stands for "whatever error is being handled right now" where a caller names none.
HANDLED_NOW: Any = object()


class AppContext:
    """An app's life without a request: what `current_app` and `g` find.

    :param app: the application.
    """

    tokens: tuple[Token[Any], ...] = ()
    # How a coroutine is waited for; a gateway that runs on an event loop brings its own.
    wait: Callable[[Any], Any] = staticmethod(wait_in_background)
    websocket: Any = None
    # The loop that serves it, where it is handled in a worker thread of a gateway with a loop; and
    # the body that such a thread makes while it is sent.
    loop: Any = None
    stream: Any = None
    _outer_request: RequestContext | None = None

    def __init__(self, app: Any) -> None:
        self.app = app

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.app.name}>"

    @lazy
    def g(self) -> Any:
        """The namespace of this context."""
        return self.app.app_ctx_globals_class()

    @lazy
    def url_adapter(self) -> Any:
        """The URL map, bound to this context; ``None`` where there is nothing to bind it to."""
        return self.app.create_url_adapter(None)

    @property
    def found_request(self) -> RequestContext | None:
        """The request's context that this one was entered in; ``None`` where there is none."""
        return self._outer_request

    @property
    def request_context(self) -> RequestContext:
        """The request's context that this one was entered in.

        :raises RuntimeError: where there is none.
        """
        if self._outer_request is None:
            raise RuntimeError(OUTSIDE_REQUEST)
        return self._outer_request

    @property
    def request(self) -> Any:
        """The request of :attr:`request_context`."""
        return self.request_context.request

    @property
    def session(self) -> Any:
        """The session of :attr:`request_context`."""
        return self.request_context.session

    @property
    def app_context(self) -> AppContext:
        """The context of the app: this one."""
        return self

    def push(self) -> None:
        """Make this the current context; may be called again before :meth:`pop`."""
        outer = CURRENT.get(None)
        if outer is not None:
            self._outer_request = outer.found_request
        self.tokens = (*self.tokens, CURRENT.set(self))
        announce("appcontext_pushed", self.app)

    def pop(self, exc: BaseException | None = HANDLED_NOW) -> None:
        """Undo the last :meth:`push`; the outermost one runs the app's teardown functions."""
        try:
            if len(self.tokens) == 1:
                self.app.do_teardown_appcontext(handled_now() if exc is HANDLED_NOW else exc)
        finally:
            self._reset()
        announce("appcontext_popped", self.app)

    def _reset(self) -> None:
        """Make the outer context current again.

        :raises AssertionError: where another context was entered and not left.
        """
        popped = CURRENT.get(None)
        if popped is not self:
            raise AssertionError(
                f"{self!r} was left while {popped!r} was the current one. "
                "Contexts are left in the reverse order of being entered."
            )
        CURRENT.reset(self.tokens[-1])
        self.tokens = self.tokens[:-1]

    def __enter__(self) -> Any:
        self.push()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.pop(exc_value)


class RequestContext(AppContext):
    """One request's life: what `request`, `session`, `g` and `current_app` find.

    :param app: the application.
    :param environ: the WSGI environ to make the request of, where none is given.
    :param request: the request.
    :param session: the session, where it is open already.
    """

    request: Any = None
    is_websocket = False
    plan: Plan | None = None
    args: Any = None
    error: BaseException | None = None
    # Whether the session was opened, or may have to be refreshed, or a function waits for the
    # response; and whether it has to be found out if a session that came along is to be refreshed.
    touched = False
    has_cookie = False
    # Whether more is to be done at its end than to make the outer context current, beside closing
    # uploads and sending signals; its plan knows, and what is begun meanwhile.
    # PERF: three of the conditions at once, and no property (0.2 µs of 2.8 for hello over ASGI).
    needs_leaving = True
    # The outer context of the same app, whose `g` this one has.
    _shared: AppContext | None = None
    # Whether the response's body is made after the gateway has returned, and ends the context.
    is_streaming = False
    # Whether a worker thread has run what ends the request.
    is_torn_down = False
    # What runs it on an event loop, and the server's side of it.
    runner: Any = None
    server: Any = None
    # Whether it was cancelled because its client had gone, or because the app stops.
    is_cut_off = False
    # Background jobs that begin when the context ends.
    jobs: list[Callable[[], Any]] | None = None
    _after_request_functions: list[Callable[[Response], Any]] | None = None
    owns_app_context = True
    flashes: list[tuple[str, str]] | None = None

    def __init__(
        self,
        app: Any,
        environ: WSGIEnvironment | None,
        request: Any = None,
        session: Any = None,
    ) -> None:
        self.app = app
        self.request = app.make_request(environ) if request is None else request
        if session is not None:
            self._session = session

    def __repr__(self) -> str:
        request = self.request
        return f"<{type(self).__name__} {request.url!r} [{request.method}] of {self.app.name}>"

    @property
    def found_request(self) -> RequestContext:
        """This context itself."""
        return self

    request_context = found_request

    @property
    def app_context(self) -> AppContext:
        """The context of the app: this one, or the outer one that it shares `g` with."""
        return self if self._shared is None else self._shared

    @lazy
    def _session(self) -> Any:
        """The session, opened at first touch; a null session where there is no key."""
        self.touched = True
        interface = self.app.session_interface
        session = interface.open_session(self.app, self.request)
        return interface.make_null_session(self.app) if session is None else session

    @property
    def session(self) -> Any:
        """The session, which takes note that the response depends on it."""
        session = self._session
        session.accessed = True
        return session

    @session.setter
    def session(self, value: Any) -> None:
        self.touched = True
        self._session = value

    @lazy
    def url_adapter(self) -> Any:
        """The URL map, bound to the request; ``None`` where its host was refused."""
        try:
            return self.app.create_url_adapter(self.request)
        except HTTPException as error:
            self.request.routing_exception = error
            return None

    def copy(self) -> RequestContext:
        """Return another context of the same request, to enter in another thread or task."""
        return type(self)(self.app, None, request=self.request, session=self._session)

    def take(self, target: Any, found: Any) -> None:
        """Note what matching led to, here and on the request.

        :param target: a plan, an HTTP error that says why there is none, or ``None`` where the
            URL map has to be asked with the request's host, or by converters of the user's.
        :param found: the URL's values.
        """
        request = self.request
        if type(target) is Plan:
            self.plan = target
            self.needs_leaving = target.ends
            request.url_rule = target.rule
            self.args = request.view_args = found
        elif target is None:
            self.match_request()
        else:
            engine = self.app.engine
            is_head = request.method == "HEAD"
            self.plan = plan = engine.app_head_plan if is_head else engine.app_plan
            self.needs_leaving = plan.ends
            request.routing_exception = target
            self.args = {"request": request}

    def match_request(self) -> None:
        """Find the plan for the request, and what is said of it on the request."""
        self.app.match_request(self)

    def push(self) -> None:
        """Make this the current context, open its session and find its plan."""
        token = CURRENT.set(self)
        is_first = not self.tokens
        self.tokens = (*self.tokens, token)
        if is_first:
            self.join(token.old_value)
        if self.app.engine.opens_sessions:
            self._session  # noqa: B018  # opened now, as other interfaces expect
        if self.plan is None:
            self.match_request()

    def leave_unfinished(self) -> None:
        """Make the outer context current without tearing this one down: its body is still made."""
        self._reset()

    def leave_with_files(self) -> None:
        """Make the outer context current, where nothing else is to be done but to close files."""
        try:
            self.request.close()
        finally:
            self._reset()

    def has_an_end(self) -> bool:
        """Whether anything is to be done at its end, but to make the outer context current."""
        return self.needs_leaving or self.request.holds_files or bool(LIVE)

    def end(self, error: BaseException | None) -> None:
        """Tear the context down."""
        try:
            self.app.tear_down(self, error)
        finally:
            self.start_jobs()
        if self.owns_app_context:
            announce("appcontext_popped", self.app)

    def start_jobs(self) -> None:
        """Begin the background jobs that were to wait for the end of this context."""
        jobs, self.jobs = self.jobs, None
        for job in jobs or ():
            self.app.background.spawn(self, job)

    def join(self, outer: Any) -> None:
        """Note the context that this one is entered in.

        :param outer: that context, ``None``, or what a token has for none. Of the same app it
            shares its `g` with this one, and also tears it down.
        """
        self.owns_app_context = getattr(outer, "app", None) is not self.app
        if self.owns_app_context:
            announce("appcontext_pushed", self.app)
        else:
            self._shared = outer.app_context
            self.__dict__["g"] = outer.g

    def pop(self, exc: BaseException | None = HANDLED_NOW) -> None:
        """Undo the last :meth:`push`; the outermost one runs the teardown functions."""
        is_last = len(self.tokens) == 1
        try:
            if is_last:
                error = handled_now() if exc is HANDLED_NOW else exc
                self.app.tear_down(self, error)
        finally:
            self._reset()
            if is_last:
                self.start_jobs()
        if is_last and self.owns_app_context:
            announce("appcontext_popped", self.app)


def handled_now() -> BaseException | None:
    """Return the exception that the caller is handling."""
    return sys.exc_info()[1]


def announce(signal: str, app: Any, **values: Any) -> None:
    """Send one of the signals, if anybody has ever asked for one."""
    if LIVE:
        LIVE[signal].send(app, **values)


def find_error_stream() -> Any:
    """Return where the server wants the current request's errors; ``None`` outside of one."""
    ctx = CURRENT.get(None)
    found = None if ctx is None else ctx.found_request
    return None if found is None else found.request.environ.get("wsgi.errors")


wsgi_errors_stream.find = find_error_stream
