"""`get_current_traceback`: the error that is being handled, as text and as a page."""

from __future__ import annotations

import sys
from typing import Any

from costrel.debugger.frames import DebugTraceback


class CurrentTraceback(DebugTraceback):
    """An exception with the ones that led to it, by its names before Werkzeug 2.2."""

    @property
    def exception(self) -> str:
        """The exception as the last line of its traceback says it."""
        return self.plaintext.rstrip().rpartition("\n")[2]

    @property
    def frames(self) -> list[Any]:
        """Its frames."""
        return self.all_frames

    @property
    def plaintext(self) -> str:
        """The traceback as text."""
        return self.render_traceback_text()

    def render_full(
        self, evalex: bool = False, secret: str | None = None, evalex_trusted: bool = True
    ) -> str:
        """Write a page; the arguments are of Werkzeug's console, which it has not."""
        return self.render_debugger_html(evalex, secret or "", evalex_trusted)


def get_current_traceback(
    ignore_system_exceptions: bool = False, show_hidden_frames: bool = False, skip: int = 0
) -> CurrentTraceback:
    """Return the error that is being handled.

    Args:
        ignore_system_exceptions: raise it again where it ends a program or a generator.
        show_hidden_frames: whether frames that say they are hidden are shown.
        skip: how many of its first frames to leave out.

    Raises:
        ValueError: no error is being handled.

    """
    error = sys.exc_info()[1]
    if error is None:
        raise ValueError("No error is being handled here: call this within an `except`.")
    if ignore_system_exceptions and not isinstance(error, Exception):
        raise error
    return CurrentTraceback(error, skip=skip, hide=not show_hidden_frames)
