"""Hold the port, run the program as a child on it, and start it anew when its source changes.

Law: the port is bound here, once. While no child runs, requests wait in its queue, or are told
why the program does not start; none is refused.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from costrel.devserver.banner import say
from costrel.devserver.startup_errors import (
    FINDINGS_MARK,
    STDERR,
    STDERR_MARK,
    FindingsPipe,
    StderrCopy,
    text_of_findings,
)
from costrel.parts.log_lines import escape_log_text

# "true" in a child. The name is Werkzeug's, as programs ask for it to do things only once.
CHILD_MARK = "WERKZEUG_RUN_MAIN"
SOCKETS_MARK = "COSTREL_SERVER_FDS"
PARENT_MARK = "COSTREL_PARENT_PIPE"
# Seconds that a child gets to finish its requests before it is killed.
GRACE = 2.0
USAGE_ERROR = 2
# The exit code by which a program asks to be started anew.
RESTART = 3


def is_running_from_reloader() -> bool:
    """Whether this process is the child that a reloader started."""
    return os.environ.get(CHILD_MARK) == "true"


def adopt_sockets() -> list[socket.socket]:
    """Return the sockets that the supervisor bound for this child; none in any other process."""
    numbers = os.environ.pop(SOCKETS_MARK, "")
    sockets = [socket.socket(fileno=int(number)) for number in numbers.split(",") if number]
    for adopted in sockets:
        # What the program starts must not keep the port.
        adopted.set_inheritable(False)
        adopted.setblocking(True)
    pipe = os.environ.pop(PARENT_MARK, "")
    for kept in (os.environ.get(STDERR_MARK, ""), os.environ.get(FINDINGS_MARK, "")):
        if kept:
            os.set_inheritable(int(kept), False)
    if pipe:
        os.set_inheritable(int(pipe), False)
        threading.Thread(target=_end_with_parent, args=(int(pipe),), daemon=True).start()
    return sockets


def _end_with_parent(pipe: int) -> None:
    """Stop this child when its supervisor is gone, whatever ended it."""
    with suppress(OSError):
        os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def command_line() -> list[str]:
    """The command that started this program, to start it again."""
    return [sys.executable, *sys.orig_argv[1:]]


def ensure_echo_on() -> None:
    """Have the terminal show again what is typed, if a debugger of the last child hid it."""
    if sys.stdin is None or not sys.stdin.isatty():
        return
    try:
        import termios  # noqa: PLC0415  # not on Windows
    except ImportError:
        return
    settings = termios.tcgetattr(sys.stdin)
    if not settings[3] & termios.ECHO:
        settings[3] |= termios.ECHO
        termios.tcsetattr(sys.stdin, termios.TCSANOW, settings)


def can_supervise() -> str | None:
    """Say why this program cannot be started again by its command, ``None`` if it can."""
    if threading.current_thread() is not threading.main_thread():
        return "it runs in a thread"
    if sys.orig_argv[1:] in ([], ["-"]) or hasattr(sys, "ps1"):
        return "it was typed in or read from a pipe"
    return None


class Child:
    """The program as a process that serves on inherited sockets.

    :param ssl_context: for the page that is shown while the program cannot start.
    """

    def __init__(self, sockets: list[socket.socket], ssl_context: Any = None) -> None:
        self.sockets = sockets
        self.ssl_context = ssl_context
        self.process: subprocess.Popen[bytes] | None = None
        self.said: StderrCopy | None = None
        self.stand_in: Any = None
        # Its other end closes when this process ends, however it does.
        self.pipe, self.kept_end = os.pipe()
        self.findings = FindingsPipe()

    def start(self) -> None:
        """Start the program again as it was started, marked as a child."""
        self._dismiss()
        environ = {**os.environ, CHILD_MARK: "true"}
        options: dict[str, Any] = {}
        terminal = -1
        if os.name == "posix":
            self.said = StderrCopy()
            numbers = [bound.fileno() for bound in self.sockets]
            environ[SOCKETS_MARK] = ",".join(map(str, numbers))
            environ[PARENT_MARK] = str(self.pipe)
            terminal = os.dup(STDERR)
            environ[STDERR_MARK] = str(terminal)
            environ[FINDINGS_MARK] = str(self.findings.writer)
            options["pass_fds"] = [*numbers, self.pipe, terminal, self.findings.writer]
            options["stderr"] = self.said.writer
        self.process = subprocess.Popen(command_line(), env=environ, **options)  # noqa: S603  # the user's own command
        if self.said is not None:
            self.said.child_has_it()
            os.close(terminal)

    def ended_with(self) -> int | None:
        """Its exit code, ``None`` while it runs or before it was started."""
        return None if self.process is None else self.process.poll()

    def give_up(self, code: int) -> None:
        """Say what can be said of it, and answer in its place until it is started anew."""
        self.process = None
        if os.name != "posix" or not self.sockets:
            return
        # Only needed where something is wrong.
        from costrel.devserver.stand_in import StandIn  # noqa: PLC0415
        from costrel.devserver.start_failure import StartFailure  # noqa: PLC0415

        said = self.said.text() if self.said else ""
        failure = StartFailure(said, code, self.findings.take())
        for line in text_of_findings(failure.findings()).splitlines():
            say(escape_log_text(line))
        self.stand_in = StandIn(self.sockets, failure, self.ssl_context)

    def _dismiss(self) -> None:
        if self.stand_in is not None:
            self.stand_in.stop()
            self.stand_in = None

    def stop(self) -> None:
        """Let it finish its requests, but not for long."""
        self._dismiss()
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


def restart_on_change(
    sockets: list[socket.socket],
    extra_files: Iterable[str] = (),
    exclude_patterns: Iterable[str] = (),
    ssl_context: Any = None,
) -> int:
    """Run the program and run it again after each change, until SIGINT or SIGTERM.

    :param extra_files: files beside the source whose change counts.
    :param exclude_patterns: patterns of paths whose change does not.
    :param ssl_context: for the page that is shown while the program cannot start.
    :returns: the exit code for this process.
    """
    # Only the supervising process watches files.
    from costrel.devserver.watcher import watch_sources  # noqa: PLC0415

    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: stop.set())
    if os.name != "posix":
        for bound in sockets:  # Handles are not inherited there: the child binds by itself.
            bound.close()
    child = Child(sockets, ssl_context)
    child.start()
    say(" * Watching for changes: the program starts anew when its source is saved")
    try:
        return _watch_child(child, watch_sources(stop, extra_files, exclude_patterns))
    finally:
        child.stop()


def _watch_child(child: Child, changes: Iterable[list[str]]) -> int:
    """Start the child anew at each change; return when it ended in good order, or is given up."""
    is_first = True
    for changed in changes:
        code = child.ended_with()
        if changed:
            # Tools that wait for a restart look for these words.
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            say(f" * Detected change in {changed[0]!r}{more}")
            say(" * Restarting with the new source")
            child.stop()
            ensure_echo_on()
            child.start()
            is_first = False
        elif code == RESTART:
            child.start()
        elif code is not None:
            if code <= 0 or (is_first and code == USAGE_ERROR):
                return max(code, 0)
            child.give_up(code)
            say(f" * The program failed (exit code {code}). Save a file to start it anew", "red")
    return 0
