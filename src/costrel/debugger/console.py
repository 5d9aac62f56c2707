"""Werkzeug's Console: it runs code among given variables and returns what it prints, as HTML.

Law: this file only runs what its caller hands it. No request reaches it; the console of the
error page is `frame_console.py`.
"""

from __future__ import annotations

import code
import io
import sys
from contextvars import ContextVar
from types import CodeType
from typing import Any

from markupsafe import Markup, escape

from costrel.debugger.values import debug_repr, dump, helper

_CAPTURED: ContextVar[HTMLStringO | None] = ContextVar("costrel.console", default=None)


class HTMLStringO(io.StringIO):
    """What a console has printed, escaped unless it was markup."""

    def isatty(self) -> bool:
        """No."""
        return False

    def reset(self) -> Markup:
        """Return what was printed and begin anew."""
        text = Markup(self.getvalue())  # noqa: S704  # `write` has escaped it
        self.seek(0)
        self.truncate()
        return text

    def write(self, text: str, /) -> int:
        """Print text."""
        super().write(str(escape(text)))
        return len(text)

    def writelines(self, lines: Any, /) -> None:
        """Print several texts."""
        for line in lines:
            self.write(line)


class ThreadedStream:
    """Stands for ``sys.stdout`` while a console runs: each context prints to its own."""

    def __init__(self, outer: Any) -> None:
        self.outer = outer

    @staticmethod
    def push() -> None:
        """Capture what this context prints from now on."""
        if not isinstance(sys.stdout, ThreadedStream):
            sys.stdout = ThreadedStream(sys.stdout)
        _CAPTURED.set(HTMLStringO())

    @staticmethod
    def fetch() -> Markup:
        """Stop capturing and return what was printed."""
        captured = _CAPTURED.get()
        _CAPTURED.set(None)
        return Markup("") if captured is None else captured.reset()

    @staticmethod
    def displayhook(obj: object) -> None:
        """Print a result as a console does."""
        if obj is not None:
            sys.stdout.write(debug_repr(obj) + "\n")

    def __getattr__(self, name: str) -> Any:
        captured = _CAPTURED.get()
        return getattr(self.outer if captured is None else captured, name)


class Console(code.InteractiveInterpreter):
    """A console with variables of its own.

    :param globals: the variables of the module.
    :param locals: those of the frame.
    """

    def __init__(
        self, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None
    ) -> None:
        super().__init__(locals if locals is not None else {})
        self.globals = {**(globals or {}), "dump": dump, "help": helper}
        self.buffer: list[str] = []

    def eval(self, code: str) -> Markup:
        """Run a line and return prompt, line and output as HTML.

        A statement that is not complete is kept until its last line comes.
        """
        prompt = Markup("... ") if self.buffer else Markup("&gt;&gt;&gt; ")
        self.buffer.append(code.rstrip("\n"))
        before_stream, before_hook = sys.stdout, sys.displayhook
        ThreadedStream.push()
        sys.displayhook = ThreadedStream.displayhook
        try:
            if not self.runsource("\n".join(self.buffer), "<console>", "single"):
                self.buffer.clear()
        finally:
            output = ThreadedStream.fetch()
            sys.stdout, sys.displayhook = before_stream, before_hook
        return Markup("{}{}\n{}").format(prompt, code, output)

    def runcode(self, code: CodeType) -> None:
        """Run compiled code; an error is printed and does not leave."""
        try:
            exec(code, self.globals, self.locals)  # noqa: S102  # what a console is for
        except BaseException:
            self.showtraceback()

    def write(self, data: str) -> None:
        """Print what the console itself has to say."""
        sys.stdout.write(data)
