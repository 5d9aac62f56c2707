"""Watch source files and say which of them changed.

Law: only what a programmer saves counts. What programs write (logs, databases, caches, installed
packages) never does.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from threading import Event

import watchfiles

# Endings of what a program is made of.
SOURCE_ENDINGS = (".py", ".pyi")
SOURCE_NAMES = frozenset({".env", ".flaskenv"})
IGNORED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages", "dist-packages"})
# Milliseconds: how long to wait for more changes of one save, and between looks at the child.
SETTLE, LOOK = 50, 200


class SourceFilter(watchfiles.BaseFilter):
    """Tells source files from everything else.

    :param extra_files: files, and folders with all in them, that count whatever their ending.
    :param exclude_patterns: patterns (fnmatch) of paths that never count.
    """

    def __init__(self, extra_files: Iterable[str], exclude_patterns: Iterable[str]) -> None:
        self.extra = [os.path.realpath(path) for path in extra_files]
        self.excluded = list(exclude_patterns)
        self.environments: dict[str, bool] = {}
        super().__init__()

    def __call__(self, change: watchfiles.Change, path: str) -> bool:
        """Whether a changed path is a source file."""
        if any(fnmatch(path, pattern) for pattern in self.excluded):
            return False
        if any(path == extra or path.startswith(extra + os.sep) for extra in self.extra):
            return True
        folder, name = os.path.split(path)
        if not name.endswith(SOURCE_ENDINGS) and name not in SOURCE_NAMES:
            return False
        # Editors write to such names first and rename.
        if name.startswith((".#", "#")) or (name.startswith(".") and name not in SOURCE_NAMES):
            return False
        return not self.is_ignored(folder)

    def is_ignored(self, folder: str) -> bool:
        """Whether a folder lies in an environment, a cache or a hidden folder."""
        known = self.environments.get(folder)
        if known is None:
            name = os.path.basename(folder)
            parent = os.path.dirname(folder)
            known = self.environments[folder] = (
                name in IGNORED_FOLDERS
                or (name.startswith(".") and name not in {".", ".."})
                or os.path.exists(os.path.join(folder, "pyvenv.cfg"))
                or (parent != folder and self.is_ignored(parent))
            )
        return known


def find_roots(extra_files: Iterable[str] = ()) -> tuple[list[str], bool]:
    """List the folders that hold source files, and whether to look below them.

    They are the current folder, those on ``sys.path`` and those of the modules imported so far,
    without the ones that Python and packages are installed in.
    """
    installed = {os.path.realpath(path) for path in sysconfig.get_paths().values()}
    folders = {os.path.realpath(path or os.curdir) for path in ["", *sys.path]}
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    folders |= {os.path.dirname(os.path.realpath(file)) for file in files if file}
    folders |= {os.path.realpath(path) for path in extra_files}
    wanted = [
        folder
        for folder in folders
        if os.path.exists(folder)
        and (os.path.isdir(folder) or folder in {os.path.realpath(path) for path in extra_files})
        and not any(_is_inside(folder, place) for place in installed)
        and not IGNORED_FOLDERS.intersection(Path(folder).parts)
    ]
    roots = [
        folder
        for folder in wanted
        if not any(folder != other and _is_inside(folder, other) for other in wanted)
    ]
    # Everything below a home folder or / is no one's program, and takes minutes to look through.
    too_wide = {os.path.realpath(Path.home()), os.sep}
    return sorted(roots), not too_wide.intersection(roots)


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def watch_sources(
    stop: Event, extra_files: Iterable[str] = (), exclude_patterns: Iterable[str] = ()
) -> Iterator[list[str]]:
    """Yield the source files that changed, and an empty list several times a second.

    :param stop: ends the watching when it is set.
    """
    extra = list(extra_files)
    roots, recursive = find_roots(extra)
    for changes in watchfiles.watch(
        *roots,
        watch_filter=SourceFilter(extra, exclude_patterns),
        stop_event=stop,
        step=SETTLE,
        rust_timeout=LOOK,
        yield_on_timeout=True,
        raise_interrupt=False,
        recursive=recursive,
        ignore_permission_denied=True,
    ):
        yield sorted({path for _, path in changes})
