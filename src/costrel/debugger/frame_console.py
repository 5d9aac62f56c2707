"""A console in a frame: run a line of Python where the error happened.

Law: nothing here asks who is calling. Only `desk.py` calls it, after the guard has said yes.
"""

from __future__ import annotations

import ast
import sys
import threading
import traceback
from collections.abc import Callable
from inspect import CO_COROUTINE
from io import StringIO
from types import CodeType
from typing import Any

from costrel.debugger.frame_views import FrameView
from costrel.debugger.shown_values import Secrets, show
from costrel.serve.current import CURRENT
from costrel.serve.drive import BACKGROUND

FILE = "<console>"
LONGEST_CODE = 20_000
LONGEST_OUTPUT = 20_000
_one_at_a_time = threading.RLock()


class _Capture:
    """Stands for ``sys.stdout``: what one thread prints is kept, what others print passes."""

    def __init__(self, original: Any) -> None:
        self.original = original
        self.owner = threading.get_ident()
        self.kept = StringIO()

    def write(self, text: str) -> int:
        """Keep or pass on what is printed."""
        if threading.get_ident() != self.owner:
            return int(self.original.write(text) or 0)
        if self.kept.tell() < LONGEST_OUTPUT:
            self.kept.write(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)


class FrameConsole:
    """Runs code in one frame; what it sets is there for the next line.

    :param frame: the frame.
    :param context: the request's context, made the current one meanwhile.
    """

    def __init__(self, frame: FrameView, context: Any, secrets: Secrets) -> None:
        step = frame.step
        self.names: dict[str, Any] = {}
        if step is not None:
            # One dictionary for both, so that functions defined here see the frame's variables.
            self.names = {**step.frame.f_globals, **step.locals}
        self.context = context
        self.secrets = secrets

    def run(self, code: str) -> str:
        """Run code and return what it printed, then its value, or its traceback."""
        if len(code) > LONGEST_CODE:
            return f"The code is over {LONGEST_CODE} characters long."
        with _one_at_a_time:
            capture = _Capture(sys.stdout)
            sys.stdout = capture
            token = None if self.context is None else CURRENT.set(self.context)
            try:
                self._run(code, lambda value: print(show(value)))  # noqa: T201  # a console prints
            except BaseException:  # also SystemExit: a console must not end the server
                print(_own_part(traceback.format_exc()), end="")  # noqa: T201  # as above
            finally:
                if token is not None:
                    CURRENT.reset(token)
                sys.stdout = capture.original
        return self.secrets.hide(capture.kept.getvalue())[:LONGEST_OUTPUT]

    def _run(self, code: str, tell: Callable[[Any], None]) -> None:
        tree = ast.parse(code.strip("\n"), FILE)
        last: ast.Expr | None = None
        if tree.body and isinstance(end := tree.body[-1], ast.Expr):
            last = end
            tree.body.pop()
        if tree.body:
            self._execute(tree, "exec")
        if last is not None:
            value = self._execute(ast.Expression(last.value), "eval")
            if value is not None:
                self.names["_"] = value
                tell(value)

    def _execute(self, tree: ast.Module | ast.Expression, mode: str) -> Any:
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code: CodeType = compile(tree, FILE, mode, flags)
        if code.co_flags & CO_COROUTINE:
            return BACKGROUND.run(eval(code, self.names))  # noqa: S307  # what a console is for
        return eval(code, self.names)  # noqa: S307  # what a console is for


def _own_part(text: str) -> str:
    """A traceback without the steps of this file."""
    _, mark, rest = text.partition(f'  File "{FILE}"')
    return f"Traceback (most recent call last):\n{mark}{rest}" if mark else _last_line(text)


def _last_line(text: str) -> str:
    return text.rstrip("\n").rpartition("\n")[2] + "\n"
