"""`send_file` and `send_from_directory` with their arguments of Flask 1; `flask.safe_join`."""

from __future__ import annotations

from functools import wraps
from typing import Any

from costrel.http import safe_path
from costrel.http.exceptions import NotFound
from costrel.shortcuts import sending

# What an argument was called → what it is called.
FILE_ARGUMENTS = {
    "add_etags": "etag",
    "attachment_filename": "download_name",
    "cache_timeout": "max_age",
    "filename_or_fp": "path_or_file",
}
DIRECTORY_ARGUMENTS = {**FILE_ARGUMENTS, "filename": "path"}


def _renamed(arguments: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in arguments.items()}


@wraps(sending.send_file)
def send_file(*args: Any, **kwargs: Any) -> Any:
    """Send a file to the client; old names of arguments are taken for the new ones."""
    return sending.send_file(*args, **_renamed(kwargs, FILE_ARGUMENTS))


@wraps(sending.send_from_directory)
def send_from_directory(*args: Any, **kwargs: Any) -> Any:
    """Send a file from below a directory; old names of arguments are taken for the new ones."""
    return sending.send_from_directory(*args, **_renamed(kwargs, DIRECTORY_ARGUMENTS))


def safe_join(directory: str, *pathnames: str) -> str:
    """Join untrusted parts to a trusted directory.

    Args:
        directory: the trusted directory.
        pathnames: untrusted parts, relative, separated by slashes.

    Raises:
        NotFound: the path would leave the directory.

    """
    found = safe_path.safe_join(directory, *pathnames)
    if found is None:
        raise NotFound
    return found
