"""safe_join: a path below a trusted directory from parts that a stranger chose.

Law: what it returns lies below the directory on every platform, or it returns None.
"""

from __future__ import annotations

import os
import posixpath
import re

from costrel.http.late_pattern import late_pattern

# Separators of this platform besides the slash (on Windows: the backslash).
_os_alt_seps = [sep for sep in (os.sep, os.path.altsep) if sep is not None and sep != "/"]

# Windows opens a device for these, in every directory, with any ending, stream or trailing
# space. They are refused everywhere: files move between platforms.
IS_DEVICE = late_pattern(
    r"(?:\A|[/\\])(?:CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³]|CONIN\$|CONOUT\$)[ ]*(?:[.:/\\]|\Z)",
    re.IGNORECASE,
)

# A root in Windows' spelling, on a drive or on another host.
IS_WINDOWS_ROOT = late_pattern(r"\\|[A-Za-z]:(?:[/\\]|\Z)")


def is_device_name(path: str) -> bool:
    """Whether a part of the path is a device on Windows, such as `NUL` or `com1.txt`."""
    return IS_DEVICE.search(path) is not None


def _stays_below(path: str) -> bool:
    """Whether a normalised path neither leaves its directory nor means something special."""
    return not (
        path == ".."
        or path.startswith(("/", "../"))
        or "\0" in path
        or any(sep in path for sep in _os_alt_seps)
        or IS_WINDOWS_ROOT.match(path)
        or (os.name == "nt" and ":" in path)
        or is_device_name(path)
    )


def safe_join(directory: str, *pathnames: str) -> str | None:
    """Join untrusted parts to a trusted directory.

    A slash at the end is kept, so that `file.txt/` is not taken for a file.

    :param directory: the trusted directory; empty means the current one.
    :param pathnames: untrusted parts, relative, separated by slashes.
    :returns: the path, or None if it would leave the directory or is a Windows device.
    """
    parts = [directory or "."]
    for pathname in pathnames:
        if not pathname:
            continue
        path = posixpath.normpath(pathname)
        if not _stays_below(path):
            return None
        parts.append(path + "/" if pathname.endswith("/") else path)
    return posixpath.join(*parts)
