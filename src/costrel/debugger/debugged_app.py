"""DebuggedApplication: an app with the debugger around it, for WSGI and for ASGI servers.

Law: with debug mode off a request passes through untouched, and no path here answers, unless
whoever serves the app asks for the debugger all the same.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from costrel.debugger.debug_desk import (
    LARGEST_CALL,
    OF_THE_BODY,
    WATCHED,
    Answer,
    DebugDesk,
    Outcome,
)
from costrel.debugger.guard import debug_token
from costrel.debugger.kept_requests import KeptRequest
from costrel.debugger.wsgi_request import (
    RecordedInput,
    announced_length,
    call_app,
    keep_environ,
    make_environ,
)
from costrel.serve.asgi_mark import AsgiMark
from costrel.serve.drive import BACKGROUND

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def wrap_for_development(
    app: Any, token: str | None = None, host: str | None = None
) -> DebuggedApplication:
    """Put the debugger around an app, as the development server does in debug mode.

    :param token: what the console asks for; that of ``COSTREL_DEBUG_TOKEN``, else a new one.
    :param host: a name beside this machine's own that the console may be called by.
    """
    hosts = () if host is None or host in {"0.0.0.0", "::", ""} else (host,)  # noqa: S104  # no names
    return DebuggedApplication(app, token=token, hosts=hosts)


class DebuggedApplication:
    """An application whose errors are shown, with advice and a console.

    :param app: a WSGI application, or one of costrel's, which is served over ASGI too.
    :param evalex: have a console in each frame.
    :param token: what the console asks for; see :func:`wrap_for_development`.
    :param hosts: names beside this machine's own that the console may be called by.
    """

    def __init__(
        self,
        app: Any,
        evalex: bool = True,
        *,
        token: str | None = None,
        hosts: Iterable[str] = (),
    ) -> None:
        self.app: Callable[..., Iterable[bytes]] = app
        self.desk = DebugDesk(
            app, debug_token() if token is None else token, hosts, has_console=evalex
        )
        self.desk.run_again = self._run_again
        self.name = getattr(app, "name", None)
        self._asgi: Any = None
        if hasattr(app, "asgi_app"):
            vars(self)["__call__"] = AsgiMark(weakref.ref(self))

    def __call__(self, scope: Any, receive: Any, send: Any = None) -> Any:
        """Answer a server: WSGI passes two arguments, the environ first, and ASGI three."""
        if send is None:
            return self.wsgi_app(scope, receive)
        return self.asgi_app(scope, receive, send)

    def asgi_app(self, scope: dict[str, Any], receive: Any, send: Any) -> Awaitable[None]:
        """Answer an ASGI server."""
        if self._asgi is None:
            # It imports asyncio, which a WSGI server can do without.
            from costrel.debugger.debugged_asgi import DebuggedASGI  # noqa: PLC0415

            self._asgi = DebuggedASGI(self.app, self.desk)
        return self._asgi(scope, receive, send)  # type: ignore[no-any-return]  # its coroutine

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a WSGI server."""
        desk = self.desk
        if not desk.is_on:
            return self.app(environ, start_response)
        kept = keep_environ(environ)
        errors = environ.get("wsgi.errors")
        if desk.answers(kept.path):
            size = min(announced_length(environ) or 0, LARGEST_CALL)
            kept.body = environ["wsgi.input"].read(size) if size else b""
            return _send(desk.serve(kept), start_response)
        recorded = environ["wsgi.input"] = RecordedInput(environ["wsgi.input"])
        length = announced_length(environ)
        self._watch_background_loop()

        def report(error: BaseException) -> Answer:
            kept.body = recorded.whole(length)
            return desk.report_crash(error, kept, errors)

        watched: list[tuple[Any, Any]] = []
        token = WATCHED.set(watched)
        gate = _Gate(start_response, watched)
        try:
            body = self.app(environ, gate)
        except Exception as error:
            return _send(report(error), start_response, sys.exc_info())
        finally:
            WATCHED.reset(token)
        desk.report_cookies(gate.headers, errors)
        if gate.held is not None:
            kept.body = recorded.whole(length)
            answer = desk.report_answer(*watched[-1], kept, errors)
            if answer is not None:
                _close(body)
                return _send(_with_own(answer, gate.headers), start_response)
            gate.let_go()
        return body if isinstance(body, list | tuple) else _watch_body(body, gate, report)

    def _run_again(self, kept: KeptRequest) -> Outcome:
        try:
            return Outcome(call_app(self.app, make_environ(kept)))
        except Exception as error:
            return Outcome("500", error)

    def _watch_background_loop(self) -> None:
        """Have the loop of async views watched, once there is one."""
        if BACKGROUND._loop is not None:
            # Only programs with async views need it.
            from costrel.debugger.stall_watch import watch_loop  # noqa: PLC0415

            watch_loop(BACKGROUND._loop, app=self.desk.app)


class _Gate:
    """A ``start_response`` that holds an HTTP error's own page back until there was advice."""

    def __init__(self, start_response: Any, watched: list[tuple[Any, Any]]) -> None:
        self.start_response = start_response
        self.watched = watched
        self.headers: list[tuple[str, str]] = []
        self.held: tuple[str, list[tuple[str, str]]] | None = None
        self.write: Any = None

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        self.headers = headers
        if self.watched and exc_info is None and status[:1] == "4":
            self.held = status, headers
            return self._write
        return self.start_response(status, headers, *([exc_info] if exc_info else []))

    def let_go(self) -> Any:
        """Start the response that was held back."""
        held, self.held = self.held, None
        return None if held is None else self.start_response(*held)

    def _write(self, chunk: bytes) -> None:
        write = self.let_go()
        if write is not None:
            self.write = write
        self.write(chunk)


def _watch_body(
    body: Iterable[bytes], gate: _Gate, report: Callable[[BaseException], Answer]
) -> Iterator[bytes]:
    """Pass a streamed body on; if it fails before its first part, answer with the page."""
    try:
        yield from body
    except Exception as error:
        answer = report(error)
        # A server that has sent the head already raises the error again, which cuts the answer.
        yield from _send(answer, gate.start_response, sys.exc_info())
    finally:
        _close(body)


def _send(answer: Answer, start_response: Any, exc_info: Any = None) -> list[bytes]:
    more = () if exc_info is None else (exc_info,)
    start_response(answer.status_line, answer.header_list(), *more)
    return [answer.body]


def _with_own(answer: Answer, headers: Iterable[tuple[str, str]]) -> Answer:
    """The page, with the headers that the error's own response had beside its body's."""
    own = {name: value for name, value in headers if name.lower() not in OF_THE_BODY}
    answer.headers = {**own, **answer.headers}
    return answer


def _close(body: Any) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()
