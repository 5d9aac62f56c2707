"""The debugger itself, without a protocol: it reports errors, and answers its own page's calls.

Law: it is at work only while the app's debug mode is on. What can run code asks the guard first.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from costrel.debugger.advice import Finding, advise
from costrel.debugger.advice.session_advice import COOKIE_LIMIT, CookieTooBig
from costrel.debugger.advice.situation import Situation, short_path
from costrel.debugger.debug_page import (
    PLAIN_HEADERS,
    Report,
    finding_lines,
    render_json,
    render_page,
    render_text,
)
from costrel.debugger.frame_console import FrameConsole
from costrel.debugger.frame_views import ErrorView, frames_in, short_text, text_of, view_chain
from costrel.debugger.guard import Guard
from costrel.debugger.kept_requests import SAFE_METHODS, KeptRequest, RequestShelf
from costrel.debugger.replay_writer import NoTest, write_test
from costrel.debugger.request_rows import describe_request, plain_session
from costrel.debugger.shown_values import Secrets
from costrel.http.exceptions import HTTPException
from costrel.http.status import HTTP_STATUS_CODES
from costrel.parts.log_lines import escape_log_text
from costrel.serve.context import RequestContext
from costrel.serve.make_response import ERROR_PAGE_WATCHERS

PREFIX = "/__costrel__/debug"
MOST_ERRORS = 12
LARGEST_CALL = 64_000
# Headers of an answer that go with its body, and not over to another one.
OF_THE_BODY = frozenset({"content-type", "content-length", "content-encoding", "etag", "vary"})
# Asked for by browsers on their own: nothing to say of them.
_NOISE = ("/favicon.ico", "/apple-touch-icon", "/robots.txt", "/.well-known/")

# The HTTP errors that the current request was answered with by their own pages.
WATCHED: ContextVar[list[tuple[Any, HTTPException]]] = ContextVar("costrel.debugger.watched")


def note_error_page(ctx: Any, error: HTTPException) -> None:
    """Note an HTTP error that is answered by its own page, for the debugger around the app."""
    watched = WATCHED.get(None)
    if watched is not None and isinstance(ctx, RequestContext):
        watched.append((ctx, error))


@dataclass(slots=True)
class Answer:
    """What to send."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def status_line(self) -> str:
        """The status with its reason."""
        return f"{self.status} {HTTP_STATUS_CODES.get(self.status, 'Unknown').upper()}"

    def header_list(self) -> list[tuple[str, str]]:
        """The headers, with the body's length."""
        return [*self.headers.items(), ("Content-Length", str(len(self.body)))]


@dataclass(slots=True)
class Outcome:
    """How a request ended that was run again."""

    status: str
    error: BaseException | None = None


@dataclass(slots=True)
class KeptError:
    """An error whose frames can still be worked in."""

    report: Report
    context: Any
    secrets: Secrets
    consoles: dict[int, FrameConsole] = field(default_factory=dict)


def find_app(app: Any) -> Any:
    """The costrel application within middleware; ``None`` where there is none."""
    for _ in range(12):
        if app is None or (hasattr(app, "config") and hasattr(app, "url_map")):
            return app
        inner = getattr(app, "app", None) or getattr(app, "wsgi_app", None)
        app = inner if inner is not None else getattr(app, "__self__", None)
    return None


class DebugDesk:
    """Reports errors, keeps the last of them, and answers the calls of its pages.

    :param app: the application, or middleware around one.
    :param token: what the console asks for.
    :param hosts: names beside this machine's own that the console may be called by.
    :param has_console: whether there is a console at all.
    """

    run_again: Callable[[KeptRequest], Outcome]
    is_asked_for = False

    def __init__(
        self, app: Any, token: str, hosts: Iterable[str] = (), *, has_console: bool = True
    ) -> None:
        self.app = find_app(app)
        self.guard = Guard(token, hosts)
        self.has_console = has_console
        self.shelf = RequestShelf(token)
        self.start = secrets.token_hex(6)
        self.errors: OrderedDict[str, KeptError] = OrderedDict()
        self._lock = threading.Lock()
        self._told_cookies: set[str] = set()
        if note_error_page not in ERROR_PAGE_WATCHERS:
            ERROR_PAGE_WATCHERS.append(note_error_page)

    @property
    def is_on(self) -> bool:
        """Whether errors are shown: in debug mode, where asked for, and for plain WSGI."""
        return self.is_asked_for or self.app is None or bool(self.app.debug)

    def ask_for(self, *, has_console: bool) -> None:
        """Show errors although the app is not in debug mode, for who serves it says so."""
        self.has_console = has_console
        # An app that is in debug mode may leave it, and the debugger with it.
        self.is_asked_for = not self.is_on

    # Reporting

    def report_crash(self, error: BaseException, kept: KeptRequest, write: Any = None) -> Answer:
        """Report an error that left the app: in the terminal, and as the answer."""
        context = Situation(error).context
        code = error.code if isinstance(error, HTTPException) else None
        report = self._make_report(error, kept, code or 500, context)
        self._say_crash(report, kept, write)
        return self.render(report, kept)

    def report_answer(
        self, context: Any, error: HTTPException, kept: KeptRequest, write: Any = None
    ) -> Answer | None:
        """Report an HTTP error that is answered by its own page, if there is advice on it.

        :returns: the page to send in its place; ``None`` where its own is as good.
        """
        findings = advise(error, self.app, context.request)
        if not findings or kept.path.startswith(_NOISE):
            return None
        self._say(
            f"{kept.method} {kept.target} → {error.code}\n" + "".join(finding_lines(findings)),
            write,
        )
        is_asked_for = "text/html" in kept.header_map.get("accept", "") or _wants_json(kept)
        if not is_asked_for:
            return None
        report = self._make_report(error, kept, error.code or 500, context, findings)
        return self.render(report, kept)

    def report_cookies(self, headers: Iterable[tuple[str, str]], write: Any = None) -> None:
        """Say it in the terminal when a response sets a cookie that browsers will drop."""
        for name, value in headers:
            if name.lower() != "set-cookie" or len(value) <= COOKIE_LIMIT:
                continue
            cookie, _, rest = value.partition("=")
            if cookie not in self._told_cookies:
                self._told_cookies.add(cookie)
                too_big = CookieTooBig(cookie, rest.partition(";")[0], len(value))
                self._say("".join(finding_lines(advise(too_big, self.app))), write)

    def _make_report(
        self,
        error: BaseException,
        kept: KeptRequest,
        status: int,
        context: Any,
        findings: list[Finding] | None = None,
    ) -> Report:
        hidden = Secrets(self.app, self.guard.token)
        chain = view_chain(error, hidden)
        request = None if context is None else context.request
        if findings is None:
            findings = advise(error, self.app, request)
        is_near = self.guard.is_near(kept.peer, kept.header_map)
        id = secrets.token_urlsafe(12)
        kept.id, kept.error = id, hidden.hide(short_text(error))
        kept.place = _place(chain)
        kept.session = plain_session(context)
        report = Report(
            status,
            HTTP_STATUS_CODES.get(status, "Unknown"),
            hidden.hide(f"{kept.method} {kept.target}"[:300]),
            chain,
            [_hide_in(finding, hidden) for finding in findings],
            is_near,
            has_console=is_near and self.has_console,
            data={
                "prefix": kept.root.encode("latin-1").decode("utf-8", "replace") + PREFIX,
                "error": id,
                "mark": self.guard.token_mark,
                "start": self.start,
                "safe": kept.method in SAFE_METHODS,
                "request": id if is_near and self.shelf.keep(kept) else None,
            },
            request_rows=describe_request(request, kept, hidden),
        )
        if is_near:
            with self._lock:
                self.errors[id] = KeptError(report, context, hidden)
                while len(self.errors) > MOST_ERRORS:
                    self.errors.popitem(last=False)
        return report

    def _say_crash(self, report: Report, kept: KeptRequest, write: Any) -> None:
        parts = [f"Error on {report.asked}\n", text_of(report.chain)]
        parts += [f"\n{part}" for part in ["".join(finding_lines(report.findings))] if part]
        link = self.link_to(report, kept)
        if link:
            parts.append(f"\n  Console: {link}\n")
        self._say("".join(parts), write)

    def link_to(self, report: Report, kept: KeptRequest) -> str:
        """The page's address with the token; empty where the console does not answer there."""
        if not report.has_console:
            return ""
        host = kept.header_map.get("host", "")
        # A WebSocket's error is shown by a page, too.
        scheme = {"ws": "http", "wss": "https"}.get(kept.scheme, kept.scheme)
        prefix = f"{scheme}://{host}{report.data['prefix']}"
        return f"{prefix}/error/{report.data['error']}#token={self.guard.token}"

    def _say(self, text: str, write: Any) -> None:
        stream = sys.stderr if write is None else write
        with contextlib.suppress(OSError, ValueError):  # a terminal that is gone
            for line in text.splitlines():
                stream.write(f"{escape_log_text(line)}\n")
            stream.flush()

    def render(self, report: Report, kept: KeptRequest) -> Answer:
        """Make the answer of a report, in the form that the client takes."""
        headers = {"Vary": "Accept", **PLAIN_HEADERS}
        if _wants_json(kept):
            headers["Content-Type"] = "application/json"
            text = render_json(report)
        elif "text/html" in kept.header_map.get("accept", ""):
            text, more = render_page(report, secrets.token_urlsafe(16))
            headers.update(more)
        else:
            headers["Content-Type"] = "text/plain; charset=utf-8"
            text = render_text(report)
        return Answer(report.status, headers, text.encode("utf-8", "replace"))

    # Answering

    def answers(self, path: str) -> bool:
        """Whether a path is one of the debugger's own."""
        return path.startswith(f"{PREFIX}/")

    def serve(self, kept: KeptRequest) -> Answer:
        """Answer a call of a page, or show an error again."""
        what, _, rest = kept.path[len(PREFIX) + 1 :].partition("/")
        headers = kept.header_map
        if not self.guard.is_near(kept.peer, headers):
            return _refuse("The debugger answers this machine only.")
        if kept.method in {"GET", "HEAD"}:
            return self._show(what, rest)
        is_json = headers.get("content-type", "").partition(";")[0].strip() == "application/json"
        action = self._actions.get(what)
        if kept.method != "POST" or not is_json or action is None:
            return _refuse("There is nothing of that name.", 404)
        refused = self.guard.check(kept.peer, headers)
        if refused is not None:
            return _refuse(refused)
        try:
            told = json.loads(kept.body or b"")
            answer = action(self, told)
        except (ValueError, TypeError, KeyError):
            return _refuse("That call makes no sense.", 400)
        return _as_json(200, answer)

    def _show(self, what: str, id: str) -> Answer:
        if what == "start":
            return _as_json(200, {"start": self.start})
        found = self.errors.get(id) if what == "error" else None
        if found is None:
            return _refuse("This error is not kept any more: the program has started anew.", 404)
        page, headers = render_page(found.report, secrets.token_urlsafe(16))
        return Answer(200, headers, page.encode("utf-8", "replace"))

    def _run_code(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Run a line of Python in a frame."""
        if not self.has_console:
            return {"refused": "There is no console."}
        kept = self.errors.get(told["error"])
        if kept is None:
            return {"refused": "This error is not kept any more: make it happen again."}
        number = int(told["frame"])
        console = kept.consoles.get(number)
        if console is None:
            frames = {frame.number: frame for frame in frames_in(kept.report.chain)}
            console = FrameConsole(frames[number], kept.context, kept.secrets)
            kept.consoles[number] = console
        return {"output": console.run(str(told["code"]))}

    def _replay(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Run a kept request again."""
        kept = self.shelf.find(str(told["request"]))
        if kept is None:
            return {"refused": "This request is not kept any more."}
        outcome = self.run_again(kept)
        if outcome.error is None:
            # A server's error that a handler answers is a failure as well.
            return {"passes": outcome.status[:1] in "123", "status": outcome.status}
        status = getattr(outcome.error, "code", None) or 500
        report = self._make_report(outcome.error, kept, status, Situation(outcome.error).context)
        self._say_crash(report, kept, None)
        link = f"{report.data['prefix']}/error/{report.data['error']}"
        return {"passes": False, "status": status, "error": kept.error, "link": link}

    def _write_test(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Make a test of a kept request."""
        kept = self.shelf.find(str(told["request"]))
        if kept is None or self.app is None:
            return {"refused": "This request is not kept any more."}
        found = self.errors.get(kept.id)
        try:
            path = write_test(self.app, kept, 500 if found is None else found.report.status)
        except (NoTest, OSError) as error:
            return {"refused": f"No test was written: {error}"}
        shown = short_path(path)
        return {"path": shown, "command": f"python -m pytest {shown}"}

    _actions = {"run": _run_code, "replay": _replay, "test": _write_test}  # noqa: RUF012  # a table


def _wants_json(kept: KeptRequest) -> bool:
    """Whether the client takes JSON rather than a page."""
    accept = kept.header_map.get("accept", "")
    html, as_json = accept.find("text/html"), accept.find("json")
    if as_json >= 0:
        return html < 0 or as_json < html
    return html < 0 and "json" in kept.header_map.get("content-type", "")


def _place(chain: list[ErrorView]) -> str:
    yours = [frame for frame in chain[-1].frames if frame.is_yours]
    return f"at {yours[-1].place}" if yours else ""


def _hide_in(finding: Finding, hidden: Secrets) -> Finding:
    return Finding(
        finding.code,
        finding.title,
        hidden.hide(finding.says),
        hidden.hide(finding.fix),
        tuple(map(hidden.hide, finding.notes)),
        hidden.hide(finding.example),
        finding.where,
    )


def _as_json(status: int, value: dict[str, Any]) -> Answer:
    headers = {"Content-Type": "application/json", **PLAIN_HEADERS}
    return Answer(status, headers, json.dumps(value).encode())


def _refuse(reason: str, status: int = 403) -> Answer:
    return _as_json(status, {"refused": reason})
