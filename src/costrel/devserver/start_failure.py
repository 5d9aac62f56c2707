"""A program that could not start, as a page: read off what Python wrote, in the debugger's style.

Law: callers elsewhere than on this machine learn no more than that it did not start.
"""

from __future__ import annotations

import json
import linecache
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from costrel.debugger.advice import Finding, advise
from costrel.debugger.advice.situation import is_yours, short_path
from costrel.debugger.debug_page import PLAIN_HEADERS, Report, render_page, render_text
from costrel.debugger.frame_views import LINES_AROUND, ErrorView, FrameView, Line

_FRAME = re.compile(
    r'^  File "([^"\n]{1,500})", line ([0-9]{1,9})(?:, in (.{1,200}))?$', re.MULTILINE
)
_ERROR = re.compile(r"^([A-Za-z_][\w.]{0,200})(?:: (.*))?$", re.MULTILINE)
_MISSING = re.compile(r"No module named '([\w.]{1,200})'")
# Errors whose text is all that the advice on them needs.
_MADE_AGAIN: dict[str, type[Exception]] = {
    kind.__name__: kind
    for kind in (AssertionError, AttributeError, ImportError, TypeError, ValueError)
}
# A body and its headers.
Answer = tuple[str, dict[str, str]]
HEADER = "Traceback (most recent call last):"
# What Python's own import system adds between the frames of a program.
_BETWEEN = "<frozen importlib"
MOST_FRAMES = 60
MOST_TEXT = 20_000

# It waits until the program has started, then shows what was asked for.
_HEAL = """
(async () => {
  const pause = (time) => new Promise((done) => setTimeout(done, time));
  for (;;) {
    try {
      const answer = await fetch(%s, { cache: "no-store", credentials: "omit" });
      const told = await answer.json();
      if (told.start !== %s) { location.reload(); return; }
    } catch { await pause(500); }
    await pause(100);
  }
})();
"""
# The line of the page that tells of outcomes, here of what it waits for.
_NO_OUTCOME = '<p id="outcome" class="outcome" hidden role="status"></p>'
_WAITING = (
    '<p id="outcome" class="outcome" role="status">Mend it and save: this page goes on as soon as '
    "the program starts.</p>"
)


class StartFailure:
    """Why a program did not start.

    :param text: what it wrote on stderr.
    :param code: its exit code.
    :param told: the advice that it gave itself; else it is asked for by what it wrote.
    """

    def __init__(self, text: str, code: int, told: Sequence[Finding] = ()) -> None:
        self.told = list(told)
        self.id = f"failed-{secrets.token_hex(6)}"
        self.code = code
        self.text = text[-MOST_TEXT:]
        last = text.rpartition(HEADER)[2]
        found = [match for match in _FRAME.finditer(last) if not match[1].startswith(_BETWEEN)]
        self.frames = [_view(number, *match.groups()) for number, match in enumerate(found)]
        self.frames = self.frames[-MOST_FRAMES:]
        ending = last[found[-1].end() :] if found else ""
        kinds = list(_ERROR.finditer(ending))
        self.kind, self.message = "The program did not start", f"It ended with exit code {code}."
        if kinds:
            self.kind = kinds[0][1]
            self.message = ending[kinds[0].start(1) + len(self.kind) :].removeprefix(": ").strip()

    def findings(self) -> list[Finding]:
        """The advice on it."""
        if self.told:
            return self.told
        error = self._as_error()
        return [] if error is None else [self._placed(finding) for finding in advise(error)]

    def _placed(self, finding: Finding) -> Finding:
        """A finding with its place, which an error that was made again does not have."""
        own = [frame.place for frame in self.frames if frame.is_yours]
        return finding if finding.where or not own else replace(finding, where=own[-1])

    def _as_error(self) -> Exception | None:
        """The error itself, where it can be made again without running the program."""
        if self.kind in {"SyntaxError", "IndentationError", "TabError"} and self.frames:
            return _syntax_error(os.path.abspath(self.frames[-1].file))
        missing = _MISSING.search(self.message)
        if self.kind == "ModuleNotFoundError" and missing:
            return ModuleNotFoundError(self.message, name=missing[1])
        kind = _MADE_AGAIN.get(self.kind)
        return None if kind is None else kind(self.message)

    def report(self, asked: str) -> Report:
        """It as the debugger's page has it."""
        return Report(
            500,
            "The program did not start",
            asked,
            [ErrorView(self.kind, self.message, [], self.frames)],
            self.findings(),
            is_near=True,
            has_console=False,
            data={"prefix": "", "error": "", "mark": "", "start": self.id, "safe": False},
        )

    def render(self, asked: str, live: str) -> tuple[str, dict[str, str]]:
        """Render it as a page that waits for the program to start.

        :param live: the path where the page asks whether it has.
        """
        nonce = secrets.token_urlsafe(16)
        escaped, headers = render_page(self.report(asked), nonce)
        page = str(escaped)  # what is put into it from here on is HTML
        more = ""
        if not self.frames:
            more = Markup('<main><h2>Terminal</h2><pre class="source">{}</pre></main>').format(
                self.text or "It said nothing."
            )
        heal = ""
        if asked.startswith("GET "):
            heal = _HEAL % (json.dumps(f"{live}?{self.id}"), json.dumps(self.id))
            page = page.replace(_NO_OUTCOME, _WAITING)
        ending = f'{more}<script nonce="{nonce}">{heal}</script>\n</html>'
        # Values are of no use in frames that are gone.
        page = page.replace('<p class="empty">No local variables.</p>', "")
        return ending.join(page.rsplit("</html>", 1)), headers

    def answer(self, method: str, path: str, headers: Mapping[str, str], live: str) -> Answer:
        """Answer a request in the program's place, in the form that the client takes."""
        accept = headers.get("accept", "")
        asked = f"{method} {path}"
        if "text/html" in accept:
            page, more = self.render(asked, live)
            return page, more
        if "json" in accept:
            findings = [finding.as_json() for finding in self.findings()]
            error = {"status": 500, "type": self.kind, "message": self.message}
            told = json.dumps({"error": error, "findings": findings}, indent=2)
            return f"{told}\n", {"Content-Type": "application/json", **PLAIN_HEADERS}
        text = render_text(self.report(asked)) if self.frames else self.text
        return text, {"Content-Type": "text/plain; charset=utf-8", **PLAIN_HEADERS}


def _view(number: int, file: str, line: str, function: str | None) -> FrameView:
    # The file has changed since Python has read it.
    linecache.checkcache(file)
    text, current = linecache.getlines(file), int(line)
    first = max(1, current - LINES_AROUND)
    lines = [
        Line(at, text[at - 1].rstrip("\r\n").expandtabs(4)[:400], at == current)
        for at in range(first, min(len(text), current + LINES_AROUND) + 1)
    ]
    name = "<module>" if function is None else function
    return FrameView(number, short_path(file), current, name, is_yours(file), False, lines, [])


def _syntax_error(file: str) -> SyntaxError | None:
    """What Python says of a file, which is compiled and not run."""
    try:
        with open(file, "rb") as source:
            compile(source.read(), file, "exec", dont_inherit=True)
    except SyntaxError as error:
        return error
    except (OSError, ValueError):
        return None
    return None
