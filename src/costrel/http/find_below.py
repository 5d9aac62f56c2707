"""find_below: a regular file below a trusted directory, by a path that a stranger chose.

Law: what is outside, hidden, no file or not there at all gets one and the same answer, 404.
"""

from __future__ import annotations

import os
from stat import S_ISREG

from costrel.http.exceptions import NotFound
from costrel.http.safe_path import safe_join

# Device, inode, and what changes when either stands for another file.
Identity = tuple[int, int, int, int, int]

# Where a file was found, and which file it was. PERF: the same few files are asked for again and
# again; checking a path takes 40 µs, seeing that it still leads to the same file takes 3.
_FOUND: dict[tuple[str, str, bool, bool], tuple[str, Identity]] = {}
_MOST_FOUND = 1024

# The one name with a dot that is made to be public (RFC 8615).
WELL_KNOWN = ".well-known"


def find_below(
    directory: str, path: str, *, follow_symlinks: bool = False, dot_files: bool = False
) -> tuple[str, os.stat_result]:
    """Find a regular file; return its full path and what the file system says of it.

    :param directory: the trusted directory; empty means the current one.
    :param path: the file's path below it, with slashes.
    :param follow_symlinks: also follow links that lead out of the directory.
    :param dot_files: also find names that begin with a dot; ``.well-known/`` is always found.
    :raises NotFound: where there is no such file, or it must not be found.
    """
    key = (directory, path, follow_symlinks, dot_files)
    known = _FOUND.get(key)
    try:
        if known is not None:
            found = os.stat(known[0])
            if identity_of(found) == known[1] and S_ISREG(found.st_mode):
                return known[0], found
        full = safe_join(directory, path)
        if full is None or not (dot_files or is_visible(path)):
            raise NotFound
        found = os.stat(full)
        if not S_ISREG(found.st_mode) or not (follow_symlinks or stays_below(directory, full)):
            raise NotFound
    except (OSError, ValueError):
        # Not there, too long, or with characters that no file name has.
        raise NotFound from None
    if len(_FOUND) >= _MOST_FOUND:
        _FOUND.clear()
    _FOUND[key] = (full, identity_of(found))
    return full, found


def identity_of(found: os.stat_result) -> Identity:
    """Tell which file it is, in which state."""
    return (found.st_dev, found.st_ino, found.st_ctime_ns, found.st_mtime_ns, found.st_size)


def is_visible(path: str) -> bool:
    """Whether no name in a relative path is hidden by a dot at its front."""
    names = [name for name in os.path.normpath(path).split(os.sep) if name != os.curdir]
    if names[:1] == [WELL_KNOWN]:
        del names[0]
    return not any(name.startswith(".") for name in names)


def stays_below(directory: str, full: str) -> bool:
    """Whether a path is still below a directory when all links in both are followed."""
    root = os.path.realpath(directory or os.curdir)
    return os.path.realpath(full).startswith(os.path.join(root, ""))
