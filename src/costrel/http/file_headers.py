"""The headers that say what a file is: its type, name, size, age and entity tag.

Law: they are the same for every request, and so are made once for each state of a file.
"""

from __future__ import annotations

import os
from datetime import datetime
from functools import lru_cache
from unicodedata import normalize
from urllib.parse import quote
from zlib import adler32

from costrel.http.dates import http_date
from costrel.http.header_values import dump_options_header
from costrel.http.headers import Headers, check_pair
from costrel.http.late_pattern import late_pattern
from costrel.http.response import CONTENT_TYPES

Pair = tuple[str, str]

NOSNIFF: Pair = ("X-Content-Type-Options", "nosniff")
UNKNOWN_TYPE = "application/octet-stream"

_CONTROL = late_pattern(r"[\x00-\x1f\x7f]+")
# A name that was made as a path; a single slash may also be part of a title.
_IS_PATH = late_pattern(r"\A/|\\|(?:\A|/)\.\./")
_SEPARATOR = late_pattern(r"[/\\]")
# RFC 8187: what stands for itself in `filename*`.
_SAFE_IN_EXTENDED = "!#$&+-.^_`|~"

# PERF: a response names three dates, and the same ones for a second (1.6 µs each).
date_of = lru_cache(maxsize=256)(http_date)


class FileHeaders:
    """What the headers of one file say, as long as it stays as it is.

    :ivar size: bytes.
    :ivar changed: when it changed last, in nanoseconds.
    :ivar pairs: the headers; type, entity tag and length come first.
    :ivar etag: the entity tag as it stands among them.
    :ivar last_modified: the date as it stands among them.
    """

    __slots__ = ("changed", "etag", "last_modified", "pairs", "size")

    def __init__(self, path: str, found: os.stat_result, described: tuple[Pair, ...]) -> None:
        self.size = found.st_size
        self.changed = found.st_mtime_ns
        self.etag = make_etag(path, found)
        self.last_modified = make_date(found.st_mtime)
        content_type, *others = described
        self.pairs: list[Pair] = [
            content_type,
            ("ETag", self.etag),
            ("Content-Length", str(self.size)),
            *others,
        ]
        if self.last_modified is not None:
            self.pairs.append(("Last-Modified", self.last_modified))


_KNOWN: dict[tuple[str, str | None, bool, str | None, bool], FileHeaders] = {}
_MOST_KNOWN = 1024


def headers_of_file(
    path: str,
    found: os.stat_result,
    mimetype: str | None,
    as_attachment: bool,
    download_name: str | None,
    nosniff: bool,
) -> FileHeaders:
    """Return the headers of a file, made anew only if it has changed.

    :param found: what the file system says of it now.
    """
    key = (path, mimetype, as_attachment, download_name, nosniff)
    known = _KNOWN.get(key)
    if known is not None and known.changed == found.st_mtime_ns and known.size == found.st_size:
        return known
    name = os.path.basename(path) if download_name is None else download_name
    described = describe(name, mimetype, as_attachment, nosniff)
    if len(_KNOWN) >= _MOST_KNOWN:
        _KNOWN.clear()
    made = _KNOWN[key] = FileHeaders(path, found, described)
    return made


def describe(
    name: str | None, mimetype: str | None, as_attachment: bool, nosniff: bool = False
) -> tuple[Pair, ...]:
    """Make the headers that follow from a file's name; the first is its Content-Type.

    :param name: what to save it as; tells the media type where none is given.
    :raises TypeError: without a name, where one is needed.
    """
    encoding = None
    if mimetype is None:
        if name is None:
            raise TypeError(
                "Unable to detect the MIME type of a file without a name. "
                "Give a 'mimetype' or a 'download_name', or a path instead of the file."
            )
        mimetype, encoding = guess_type(name)
    if name is None and as_attachment:
        raise TypeError("Sending a file without a name as an attachment needs a 'download_name'.")
    pairs = [check_pair(*CONTENT_TYPES[mimetype])]
    # Saved as a file it stays compressed; a browser would unpack it on the way.
    if encoding is not None and not as_attachment:
        pairs.append(("Content-Encoding", encoding))
    if name is not None:
        disposition = dump_disposition("attachment" if as_attachment else "inline", name)
        pairs.append(("Content-Disposition", disposition))
    if nosniff:
        pairs.append(NOSNIFF)
    return tuple(pairs)


def media_type_in(headers: Headers) -> str:
    """Return the media type that :func:`describe` made the Content-Type of."""
    whole = headers["Content-Type"]
    kind = whole.removesuffix("; charset=utf-8")
    return kind if CONTENT_TYPES[kind][1] == whole else whole


def guess_type(name: str) -> tuple[str, str | None]:
    """Tell the media type and the encoding by a name's endings."""
    ending = ".".join(("file", *name.rsplit(".", 2)[1:]))
    return _guess_by_ending(ending)


@lru_cache(maxsize=512)
def _guess_by_ending(name: str) -> tuple[str, str | None]:
    # It reads the system's tables at its first use, 5 ms, and many apps send no file.
    import mimetypes  # noqa: PLC0415

    mimetype, encoding = mimetypes.guess_type(name)
    return mimetype or UNKNOWN_TYPE, encoding


def dump_disposition(kind: str, name: str) -> str:
    """Write a Content-Disposition; a wide name is also given as ``filename*`` (RFC 6266).

    :param kind: ``attachment`` or ``inline``.
    :param name: the file's name; of a path the last part, and no control characters.
    """
    if _IS_PATH.search(name):
        name = _SEPARATOR.split(name)[-1]
    name = _CONTROL.sub("", name)
    if name.isascii():
        return dump_options_header(kind, {"filename": name})
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    # Names on disk that are not UTF-8 reach us with surrogates.
    wide = quote(name.encode("utf-8", "replace"), safe=_SAFE_IN_EXTENDED)
    return dump_options_header(kind, {"filename": plain, "filename*": f"UTF-8''{wide}"})


def make_etag(path: str, found: os.stat_result) -> str:
    """Make a file's entity tag of its time, its size and its path, quoted."""
    whose = adler32(os.fsencode(path))
    return f'"{found.st_mtime_ns:x}-{found.st_size:x}-{whose:x}"'


def make_date(moment: datetime | float) -> str | None:
    """Write when a file changed last; ``None`` where the calendar has no such day."""
    try:
        return http_date(moment)
    except (OverflowError, ValueError, OSError):
        return None


def cache_pairs(max_age: int | None, now: int) -> tuple[Pair, ...]:
    """Make the headers that say how long a file may be kept without asking.

    :param max_age: seconds; ``None`` has it kept, but asked for each time.
    :param now: the time in seconds.
    """
    if max_age is None:
        return (("Cache-Control", "no-cache"),)
    control = f"public, max-age={max_age}" if max_age > 0 else f"no-cache, max-age={max_age}"
    return (("Cache-Control", control), ("Expires", date_of(now + max_age)))
