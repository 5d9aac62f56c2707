"""A reloader for programs that bring their own server, under Werkzeug's names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from fnmatch import fnmatch
from threading import Event
from typing import NoReturn

from costrel.devserver.banner import say
from costrel.devserver.supervisor import (
    RESTART,
    ensure_echo_on,
    is_running_from_reloader,
    restart_on_change,
)


class ReloaderLoop:
    """Watches the source; all kinds of it watch the same way.

    :param extra_files: files beside the source whose change counts.
    :param exclude_patterns: patterns of paths whose change does not.
    :param interval: not used: the system tells of changes.
    """

    name = "watchfiles"

    def __init__(
        self,
        extra_files: Iterable[str] | None = None,
        exclude_patterns: Iterable[str] | None = None,
        interval: float = 1,
    ) -> None:
        self.extra_files = {os.path.abspath(path) for path in extra_files or ()}
        self.exclude_patterns = set(exclude_patterns or ())
        self.interval = interval

    def run(self) -> None:
        """Watch until something changes, then end the program so that it is started anew."""
        # Only who watches needs it.
        from costrel.devserver.watcher import watch_sources  # noqa: PLC0415

        for changed in watch_sources(Event(), self.extra_files, self.exclude_patterns):
            if changed:
                self.trigger_reload(changed[0])

    def restart_with_reloader(self) -> int:
        """Run the program as a child, anew after each change; return its exit code."""
        return restart_on_change([], self.extra_files, self.exclude_patterns)

    def trigger_reload(self, filename: str) -> NoReturn:
        """End the program with the code that asks for a new start."""
        self.log_reload(filename)
        sys.exit(RESTART)

    def log_reload(self, filename: str | bytes) -> None:
        """Say which file changed."""
        say(f" * Detected change in {os.fsdecode(filename)!r}")


class StatReloaderLoop(ReloaderLoop):
    """Under this name for programs that ask for it."""


class WatchdogReloaderLoop(ReloaderLoop):
    """Under this name for programs that ask for it."""


def run_with_reloader(
    main_func: Callable[[], None],
    extra_files: Iterable[str] | None = None,
    exclude_patterns: Iterable[str] | None = None,
    interval: float = 1,
    reloader_type: str = "auto",
) -> None:
    """Run a function in a child of this program, which is started anew when the source changes.

    :param main_func: what serves; it returns when it is done.
    :raises SystemExit: in the parent, when the child has ended.
    """
    if is_running_from_reloader():
        ensure_echo_on()
        with suppress(KeyboardInterrupt):
            main_func()
        sys.exit(0)
    sys.exit(ReloaderLoop(extra_files, exclude_patterns, interval).restart_with_reloader())


def imported_files(extra_files: Iterable[str], exclude_patterns: Iterable[str]) -> set[str]:
    """The files that the running program was imported from, and others.

    :param extra_files: files beside them.
    :param exclude_patterns: patterns of paths that are left out.
    """
    found = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    paths = {os.path.abspath(path) for path in (*found, *extra_files) if path}
    return {path for path in paths if not any(fnmatch(path, each) for each in exclude_patterns)}


def imported_folders(extra_files: Iterable[str], exclude_patterns: Iterable[str]) -> set[str]:
    """The folders of these files, without those that lie within another one."""
    patterns = set(exclude_patterns)
    folders = {os.path.dirname(path) for path in imported_files(extra_files, patterns)}
    folders = {each for each in folders if not any(fnmatch(each, one) for one in patterns)}
    return {
        each for each in folders if not any(each.startswith(other + os.sep) for other in folders)
    }
