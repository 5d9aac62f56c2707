"""What a program says on stderr until it serves, kept for the process that started it.

A program may fail before it has imported anything, so what went wrong is read off what Python
writes. Advice comes from the program itself where it can, as that has the error.
Law: the terminal shows each byte as soon as it was written.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from contextlib import suppress
from dataclasses import asdict
from typing import NoReturn

from costrel.debugger.advice import Finding, advise
from costrel.debugger.advice.situation import is_yours
from costrel.debugger.debug_page import finding_lines

# The number of the terminal's stderr, in a child whose own goes to its supervisor.
STDERR_MARK = "COSTREL_STDERR_FD"
# The number of the pipe that takes a child's findings to its supervisor.
FINDINGS_MARK = "COSTREL_FINDINGS_FD"
MOST_KEPT = 100_000
# What a pipe holds for sure while nobody reads it.
MOST_FINDINGS = 60_000
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
    number, findings = os.environ.pop(STDERR_MARK, ""), os.environ.pop(FINDINGS_MARK, "")
    with suppress(OSError):
        if number:
            os.dup2(int(number), STDERR)
            os.close(int(number))
        if findings:
            os.close(int(findings))


class FindingsPipe:
    """What children find out about their failures, until it is asked for."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)

    def take(self) -> list[Finding]:
        """The findings of the child that has failed; none where it sent none."""
        try:
            told = json.loads(os.read(self.reader, MOST_FINDINGS))
        except (OSError, ValueError):
            return []
        return [Finding(**{**one, "notes": tuple(one["notes"])}) for one in told]


def fail_start(error: BaseException) -> NoReturn:
    """End the program for an error that its own code raised while it was loaded.

    The traceback begins with the program's first step. The advice is told by the supervisor below
    it, or by this where there is none.
    """
    sys.stderr.write(traceback_from_yours(error))
    findings = advise(error)
    number = os.environ.pop(FINDINGS_MARK, "")
    told = json.dumps([asdict(finding) for finding in findings]).encode()
    if number and len(told) <= MOST_FINDINGS:
        os.write(int(number), told)
    else:
        sys.stderr.write(text_of_findings(findings))
    sys.stderr.flush()
    sys.exit(1)


def traceback_from_yours(error: BaseException) -> str:
    """An error's traceback, without the steps that led to the program's own first one."""
    steps = error.__traceback__
    while steps is not None and not is_yours(steps.tb_frame.f_code.co_filename):
        steps = steps.tb_next
    # A file that does not parse has no step of its own, and is told of by the error.
    if steps is not None or isinstance(error, SyntaxError):
        error = error.with_traceback(steps)
    return "".join(traceback.format_exception(error))


def text_of_findings(findings: list[Finding]) -> str:
    """Findings for the terminal; empty where there are none."""
    text = "".join(finding_lines(findings))
    return f"\n{text}" if text else ""
