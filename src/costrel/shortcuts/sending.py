"""send_file, send_from_directory: files as responses of the current app."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING, Any

from costrel.http import files
from costrel.http.wire import ENVIRON_WIRE
from costrel.shortcuts.globals import current_context

if TYPE_CHECKING:
    from costrel.serve.wrappers import Response

MaxAge = int | Callable[[str | None], int | None] | None


def send_file(
    path_or_file: str | os.PathLike[str] | IO[bytes],
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | float | None = None,
    max_age: MaxAge = None,
) -> Response:
    """Send a file to the client.

    A path is trusted: take :func:`send_from_directory` where any part of it came from a client.

    :param path_or_file: a path, relative to the app's root, or a file opened in binary mode.
    :param mimetype: the media type; told by the name unless given.
    :param as_attachment: have browsers save the file instead of showing it.
    :param download_name: the name to save it as; the path's last part unless given.
    :param conditional: answer 304 and 206 where the request asks for it.
    :param etag: the entity tag, or whether to make one.
    :param last_modified: when it changed last, as datetime or seconds; the file's own time unless
        given.
    :param max_age: for how many seconds clients may keep it, or a function that tells by the path;
        the app's ``get_send_file_max_age`` unless given.
    """
    return files.send_file(  # type: ignore[return-value]  # the app's own class
        path_or_file,
        **_prepare_send_file_kwargs(
            mimetype=mimetype,
            as_attachment=as_attachment,
            download_name=download_name,
            conditional=conditional,
            etag=etag,
            last_modified=last_modified,
            max_age=max_age,
        ),
    )


def send_from_directory(
    directory: str | os.PathLike[str], path: str | os.PathLike[str], **kwargs: Any
) -> Response:
    """Send a file from below a directory, by a path that may come from a client.

    :param directory: the trusted directory, relative to the app's root.
    :param path: the file's path below it.
    :param kwargs: as for :func:`send_file`; and ``follow_symlinks``, ``dot_files`` and ``nosniff``
        to decide otherwise than ``SEND_FILE_FOLLOW_SYMLINKS``, ``SEND_FILE_DOT_FILES`` and
        ``SEND_FILE_NOSNIFF`` do.
    :raises NotFound: where there is no such file, or it must not be sent.
    """
    config = current_context().app.config
    for option, (key, default) in SAFETY_SETTINGS.items():
        if option not in kwargs:
            kwargs[option] = config.get(key, default)
    return files.send_from_directory(directory, path, **_prepare_send_file_kwargs(**kwargs))  # type: ignore[return-value]  # as above


# What send_from_directory allows: the setting that decides on it, and what holds without one.
SAFETY_SETTINGS = {
    "follow_symlinks": ("SEND_FILE_FOLLOW_SYMLINKS", False),
    "dot_files": ("SEND_FILE_DOT_FILES", False),
    "nosniff": ("SEND_FILE_NOSNIFF", True),
}


# The headers that the answer depends on → their keys in a WSGI environ.
CONDITIONS = {
    "If-Match": "HTTP_IF_MATCH",
    "If-Modified-Since": "HTTP_IF_MODIFIED_SINCE",
    "If-None-Match": "HTTP_IF_NONE_MATCH",
    "If-Range": "HTTP_IF_RANGE",
    "If-Unmodified-Since": "HTTP_IF_UNMODIFIED_SINCE",
    "Range": "HTTP_RANGE",
}


def conditions_of(request: Any) -> dict[str, Any]:
    """What the answer depends on, as a WSGI environ has it."""
    if request.wire is ENVIRON_WIRE:
        return request.environ  # type: ignore[no-any-return]  # a request of any class
    # PERF: over ASGI and RSGI a whole environ takes 5 µs, and this 2.
    found = {"REQUEST_METHOD": request.method}
    for name, value in request.headers:
        key = CONDITIONS.get(name)
        if key is not None:
            found[key] = f"{found[key]},{value}" if key in found else value
    return found


def _prepare_send_file_kwargs(**kwargs: Any) -> dict[str, Any]:
    """Add what the current context tells to the arguments of HTTP's own functions."""
    ctx = current_context()
    app = ctx.app
    if kwargs.get("max_age") is None:
        kwargs["max_age"] = app.get_send_file_max_age
    kwargs["environ"] = conditions_of(ctx.request)
    kwargs["use_x_sendfile"] = app.config["USE_X_SENDFILE"]
    kwargs["response_class"] = app.response_class
    kwargs["_root_path"] = app.root_path
    return kwargs


# What the doors of apps and blueprints lead to


def send_static_file(self: Any, filename: str) -> Response:
    """Send a file of the static folder; the view of the ``static`` endpoint.

    :param filename: its path below the folder.
    :raises NotFound: where there is no such file, or it must not be sent.
    :raises RuntimeError: without a static folder.
    """
    folder = self.static_folder
    if folder is None:
        raise RuntimeError(
            "'static_folder' must be set to serve static files: "
            f"give it to {type(self).__name__}(...)."
        )
    ctx = current_context()
    app = ctx.app
    config = app.config
    max_age = self.get_send_file_max_age(filename)
    # PERF: what send_from_directory does, without packing its arguments twice (2 µs of 12).
    return files.send_from_directory(  # type: ignore[return-value]  # as above
        folder,
        filename,
        conditions_of(ctx.request),
        follow_symlinks=config.get("SEND_FILE_FOLLOW_SYMLINKS", False),
        dot_files=config.get("SEND_FILE_DOT_FILES", False),
        nosniff=config.get("SEND_FILE_NOSNIFF", True),
        max_age=app.get_send_file_max_age if max_age is None else max_age,
        use_x_sendfile=config["USE_X_SENDFILE"],
        response_class=app.response_class,
    )


def get_send_file_max_age(self: Any, filename: str | None) -> int | None:
    """For how many seconds clients may keep a file; ``None`` has them ask each time.

    Override it to decide by the name; ``SEND_FILE_MAX_AGE_DEFAULT`` decides here.

    :param filename: the file's path, if it has one.
    """
    value = current_context().app.config["SEND_FILE_MAX_AGE_DEFAULT"]
    return int(value.total_seconds()) if isinstance(value, timedelta) else value
