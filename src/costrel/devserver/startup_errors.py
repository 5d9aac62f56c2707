"""What a program says on stderr until it serves, kept for the process that started it.

A program may fail before it has imported anything, so what went wrong is read off what Python
writes. Law: the terminal shows each byte as soon as it was written.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress

# The number of the terminal's stderr, in a child whose own goes to its supervisor.
STDERR_MARK = "COSTREL_STDERR_FD"
MOST_KEPT = 100_000
STDERR = 2


class StderrCopy:
    """A pipe in place of a child's stderr: copied to this process's stderr, and kept."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        self._kept = bytearray()
        self._copying = threading.Thread(target=self._copy, daemon=True)
        self._copying.start()

    def _copy(self) -> None:
        while chunk := os.read(self.reader, 8192):
            self._kept += chunk
            del self._kept[:-MOST_KEPT]
            with suppress(OSError):  # a terminal that is gone
                os.write(STDERR, chunk)
        os.close(self.reader)

    def child_has_it(self) -> None:
        """Close this process's writing end, so that the pipe ends with the child."""
        os.close(self.writer)

    def text(self) -> str:
        """What was written; waits a moment for the last of it."""
        self._copying.join(0.5)
        return self._kept.decode("utf-8", "replace")


def end_startup() -> None:
    """Say that this program serves now: from here on stderr is the terminal itself."""
    number = os.environ.pop(STDERR_MARK, "")
    if number:
        with suppress(OSError):
            os.dup2(int(number), STDERR)
            os.close(int(number))
