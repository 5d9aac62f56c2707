"""Where log lines go, and what text may stand in them.

Law: this file does not import ``logging``. A request that logs nothing does not pay for it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from costrel.http.late_pattern import late_pattern

# C0 and C1 controls, DEL, the Unicode line breaks, the marks that turn the direction of text
# around, and lone surrogates, which no stream could encode.
_UNSAFE = late_pattern("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _spell(found: re.Match[str]) -> str:
    """One unsafe character as the escape that Python would print for it."""
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def escape_log_text(text: str) -> str:
    r"""Make text that came with a request safe to stand in one line of a log.

    A path may hold line breaks, with which a client would forge log lines, and escape sequences,
    which a terminal obeys. They are written as ``\x0a`` and ``\x1b``.
    """
    return _UNSAFE.sub(_spell, text)


def _no_stream() -> TextIO | None:
    return None


class ErrorsStream:
    """The text stream for errors: what the server gave for this request, else ``sys.stderr``.

    The stream is looked up at each write, because it changes from request to request.

    ``find`` is set by the floor that knows which request is running: it returns that request's
    stream, or ``None`` outside a request.
    """

    find: Callable[[], TextIO | None] = staticmethod(_no_stream)

    def _get_current_object(self) -> TextIO:
        """The stream that is meant at the moment."""
        stream = self.find()
        return sys.stderr if stream is None else stream

    def write(self, text: str) -> int:
        """Write text to the current stream; return the number of characters."""
        return self._get_current_object().write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of the lines to the current stream."""
        self._get_current_object().writelines(lines)

    def flush(self) -> None:
        """Flush the current stream."""
        self._get_current_object().flush()

    def __getattr__(self, name: str) -> Any:
        # Formatters ask a stream for more, such as `isatty` before they colour.
        return getattr(self._get_current_object(), name)


wsgi_errors_stream = ErrorsStream()
