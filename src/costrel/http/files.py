"""send_file, send_from_directory: a file as a response, with all that HTTP can say of it.

Law: what is usual, a small file asked for as a whole or not changed since, costs one ``stat`` and
at most one ``open``. Everything else takes the full way, through ``make_conditional``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from io import BytesIO, TextIOBase
from stat import S_ISREG
from time import time
from typing import IO, TYPE_CHECKING, Any

from costrel.http.conditional import SAFE_METHODS
from costrel.http.dates import http_date
from costrel.http.etags import quote_etag
from costrel.http.exceptions import NotFound, RequestedRangeNotSatisfiable
from costrel.http.file_headers import (
    FileHeaders,
    Pair,
    cache_pairs,
    date_of,
    describe,
    headers_of_file,
    media_type_in,
)
from costrel.http.find_below import find_below
from costrel.http.headers import Headers
from costrel.http.response import Response
from costrel.http.streams import wrap_file

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MaxAge = int | Callable[[str | None], int | None] | None

# Up to this size in bytes a file is read at once and goes out as one piece.
AT_ONCE = 128 * 1024
# A larger one goes out in pieces of this size, unless the server has its own way.
PIECE = 64 * 1024

ACCEPT_RANGES: Pair = ("Accept-Ranges", "bytes")
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0)


def send_file(
    path_or_file: str | os.PathLike[str] | IO[bytes],
    environ: WSGIEnvironment,
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | float | None = None,
    max_age: MaxAge = None,
    use_x_sendfile: bool = False,
    response_class: type[Response] | None = None,
    _root_path: str | os.PathLike[str] | None = None,
    *,
    nosniff: bool = False,
    _found: os.stat_result | None = None,
) -> Response:
    """Make a response of a file.

    A path is trusted: take :func:`send_from_directory` where any part of it came from a client.

    :param path_or_file: a path, relative to the current directory, or a file opened in binary
        mode.
    :param environ: the request's WSGI environ.
    :param mimetype: the media type; told by the name unless given.
    :param as_attachment: have browsers save the file instead of showing it.
    :param download_name: the name to save it as; the path's last part unless given.
    :param conditional: answer 304 and 206 where the request asks for it.
    :param etag: the entity tag, or whether to make one.
    :param last_modified: when it changed last, as datetime or seconds; the file's own time unless
        given.
    :param max_age: for how many seconds clients may keep it, or a function that tells by the path.
    :param use_x_sendfile: leave it to the server in front, which reads ``X-Sendfile``.
    :param response_class: what to make.
    :param nosniff: have browsers believe the media type.
    :raises TypeError: for a file without a name, where one is needed.
    :raises ValueError: for a file opened in text mode.
    :raises RequestedRangeNotSatisfiable: 416, where no byte of the wanted range exists.
    """
    path = _full_path(path_or_file, _root_path)
    seconds = max_age(path) if callable(max_age) else max_age
    make = response_class or Response
    if path is None:
        described = describe(download_name, mimetype, as_attachment, nosniff)
        body, pairs, size = _body_of_file(path_or_file, environ, described)
    else:
        found = _found or os.stat(path)
        known = headers_of_file(path, found, mimetype, as_attachment, download_name, nosniff)
        is_usual = conditional and etag is True and last_modified is None and not use_x_sendfile
        if is_usual and S_ISREG(found.st_mode):
            response = _answer_at_once(path, known, environ, seconds, make)
            if response is not None:
                return response
        body, pairs, size = _body_of_path(path, known, environ, use_x_sendfile)
    pairs += cache_pairs(seconds, int(time()))
    headers = Headers.wrap(pairs)
    # A constructor of the program's own may have a media type for whoever brings none.
    kind = media_type_in(headers)
    response = make(body, headers=headers, mimetype=kind, direct_passthrough=True)
    _set_validators(response.headers, etag, last_modified)
    return _make_conditional(response, environ, size) if conditional else response


def send_from_directory(
    directory: str | os.PathLike[str],
    path: str | os.PathLike[str],
    environ: WSGIEnvironment,
    *,
    follow_symlinks: bool = False,
    dot_files: bool = False,
    nosniff: bool = True,
    max_age: MaxAge = None,
    use_x_sendfile: bool = False,
    response_class: type[Response] | None = None,
    _root_path: str | os.PathLike[str] | None = None,
    **kwargs: Any,
) -> Response:
    """Make a response of a file below a directory, by a path that may come from a client.

    :param directory: the trusted directory.
    :param path: the file's path below it.
    :param environ: the request's WSGI environ.
    :param follow_symlinks: also send what links lead to outside of the directory.
    :param dot_files: also send files whose path has a name that begins with a dot.
    :param nosniff: have browsers believe the media type.
    :param kwargs: as for :func:`send_file`.
    :raises NotFound: where there is no such file, or it must not be sent.
    """
    folder = os.fspath(directory)
    # PERF: joining costs 1 µs, and the folder of static files is absolute already.
    if _root_path is not None and folder[:1] != "/":
        folder = os.path.join(_root_path, folder)
    full, found = find_below(
        folder, os.fspath(path), follow_symlinks=follow_symlinks, dot_files=dot_files
    )
    seconds = max_age(full) if callable(max_age) else max_age
    make = response_class or Response
    try:
        # PERF: send_file would ask for the same things again (1 µs of 9).
        if not (kwargs or use_x_sendfile):
            known = headers_of_file(full, found, None, False, None, nosniff)
            response = _answer_at_once(full, known, environ, seconds, make)
            if response is not None:
                return response
        kwargs |= {"use_x_sendfile": use_x_sendfile, "response_class": make, "_found": found}
        return send_file(full, environ, max_age=seconds, nosniff=nosniff, **kwargs)
    except FileNotFoundError:
        # It was there a moment ago.
        raise NotFound


def _full_path(path_or_file: Any, root: str | os.PathLike[str] | None) -> str | None:
    """The absolute path of what is to be sent; ``None`` for an open file."""
    if not (isinstance(path_or_file, str) or hasattr(path_or_file, "__fspath__")):
        return None
    path = os.fsdecode(path_or_file)
    if path[:1] == "/":
        return path
    return os.path.join(os.getcwd() if root is None else root, path)


# The usual case


def _answer_at_once(
    path: str,
    known: FileHeaders,
    environ: WSGIEnvironment,
    max_age: int | None,
    make: type[Response],
) -> Response | None:
    """Answer 200 with a small file's bytes, or 304; ``None`` where it takes more than that."""
    if (
        make.__init__ is not Response.__init__
        or make.make_conditional is not Response.make_conditional
    ):
        return None
    is_held = _is_held(environ, known)
    if is_held is None or (known.size > AT_ONCE and not is_held):
        return None
    now = int(time())
    kept = cache_pairs(max_age, now)
    date = ("Date", date_of(now))
    if is_held:
        # RFC 9110, 15.4.5: what the client has not kept since, and no more.
        headers = Headers.wrap([*known.pairs[:2], *kept, date])
        return make(None, 304, headers, direct_passthrough=True)
    pairs = [*known.pairs, *kept, date, ACCEPT_RANGES]
    content = _read(path, known.size)
    if len(content) != known.size:
        # It was cut short a moment ago. The next request will see its new state.
        pairs[2] = ("Content-Length", str(len(content)))
    return make([content], headers=Headers.wrap(pairs), direct_passthrough=True)


def _is_held(environ: WSGIEnvironment, known: FileHeaders) -> bool | None:
    """Whether the client has the file in this state; ``None`` where it takes more to tell.

    PERF: browsers send back what they were sent, letter by letter. Parsing the header takes 8 µs.
    """
    if (
        environ["REQUEST_METHOD"] not in SAFE_METHODS
        or "HTTP_RANGE" in environ
        or "HTTP_IF_MATCH" in environ
    ):
        return None
    if "HTTP_IF_NONE_MATCH" in environ:
        return True if environ["HTTP_IF_NONE_MATCH"] == known.etag else None
    if "HTTP_IF_MODIFIED_SINCE" in environ:
        return True if environ["HTTP_IF_MODIFIED_SINCE"] == known.last_modified else None
    return False


def _read(path: str, size: int) -> bytes:
    """Read up to ``size`` bytes of a file.

    PERF: a file object, with its buffer and its own ``stat``, takes 2.3 µs more.
    """
    descriptor = os.open(path, _FLAGS)
    try:
        content = os.read(descriptor, size)
        # Some network file systems give less than they are asked for.
        while len(content) < size and (more := os.read(descriptor, size - len(content))):
            content += more
        return content
    finally:
        os.close(descriptor)


# All others


def _body_of_path(
    path: str, known: FileHeaders, environ: WSGIEnvironment, use_x_sendfile: bool
) -> tuple[Iterable[bytes], list[Pair], int | None]:
    """The body of a file on disk, its headers, and its size where a range can be cut of it."""
    pairs = list(known.pairs)
    if use_x_sendfile:
        # The server in front sends the file, and cuts it, too.
        return [], [*pairs, ("X-Sendfile", path)], None
    file = open(path, "rb")  # noqa: SIM115  # closed with the response
    return wrap_file(environ, file, PIECE), pairs, known.size


def _body_of_file(
    file: Any, environ: WSGIEnvironment, described: tuple[Pair, ...]
) -> tuple[Iterable[bytes], list[Pair], int | None]:
    """The body of an open file, its headers, and its size where a range can be cut of it.

    :raises ValueError: for a file opened in text mode.
    """
    if isinstance(file, TextIOBase):
        raise ValueError(  # noqa: TRY004  # what callers of Flask expect
            "A file is sent as the bytes it holds. Open it in binary mode, "
            "or take io.BytesIO instead of io.StringIO."
        )
    size = None
    pairs = list(described)
    if isinstance(file, BytesIO):
        start, size = file.tell(), file.getbuffer().nbytes
        pairs.append(("Content-Length", str(max(0, size - start))))
        if start:
            size = None
    return wrap_file(environ, file, PIECE), pairs, size


def _set_validators(
    headers: Headers, etag: bool | str, last_modified: datetime | float | None
) -> None:
    """Put what the caller gave in place of the file's own."""
    if etag is not True:
        headers.remove("ETag")
        if etag:
            headers["ETag"] = quote_etag(etag)
    if last_modified is not None:
        headers["Last-Modified"] = http_date(last_modified)


def _make_conditional(response: Response, environ: WSGIEnvironment, size: int | None) -> Response:
    """Answer 304, 412 or 206 where the request asks for it."""
    try:
        answer: Response = response.make_conditional(environ, True, size)
    except RequestedRangeNotSatisfiable:
        response.close()
        raise
    if answer.status_code == 304:
        # Some servers would send the file all the same.
        answer.headers.remove("X-Sendfile")
    return answer
