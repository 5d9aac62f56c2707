"""Functions for WSGI environs and input that Werkzeug had before 2.3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Any
from urllib.parse import quote


def _segments(environ: dict[str, Any]) -> tuple[str, str, str]:
    """The slashes that the path begins with, its first segment, and the rest."""
    path = environ.get("PATH_INFO", "")
    bare = path.lstrip("/")
    segment, slash, rest = bare.partition("/")
    return path[: len(path) - len(bare)], segment, slash + rest


def _decoded(text: str, charset: str | None, errors: str) -> Any:
    raw = text.encode("latin-1")
    return raw if charset is None else raw.decode(charset, errors)


def pop_path_info(
    environ: dict[str, Any], charset: str | None = "utf-8", errors: str = "replace"
) -> Any:
    """Move the first segment of the path to `SCRIPT_NAME` and return it.

    It is empty where only a slash is left, and `None` where nothing is.
    """
    if not environ.get("PATH_INFO"):
        return None
    slashes, segment, rest = _segments(environ)
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + slashes + segment
    environ["PATH_INFO"] = rest
    return _decoded(segment, charset, errors)


def peek_path_info(
    environ: dict[str, Any], charset: str | None = "utf-8", errors: str = "replace"
) -> Any:
    """Return the first segment of the path, empty at its end."""
    return _decoded(_segments(environ)[1], charset, errors)


def get_script_name(
    environ: dict[str, Any], charset: str | None = "utf-8", errors: str = "replace"
) -> Any:
    """Return `SCRIPT_NAME` as text; without a charset as bytes."""
    return _decoded(environ.get("SCRIPT_NAME", ""), charset, errors)


def get_query_string(environ: dict[str, Any]) -> str:
    """Return the query, with what may not stand in one encoded."""
    return quote(environ.get("QUERY_STRING", "").encode("latin-1"), safe=":&%=+$!*'(),")


def _pieces(stream: IO[bytes] | Iterable[bytes], limit: int | None, size: int) -> Iterator[bytes]:
    """What a file or an iterable of bytes holds, at most `limit` bytes."""
    if not hasattr(stream, "read"):
        yield from stream
        return
    left = limit
    while left is None or left > 0:
        piece = stream.read(size if left is None else min(size, left))
        if not piece:
            return
        left = None if left is None else left - len(piece)
        yield piece


def make_line_iter(
    stream: IO[bytes] | Iterable[bytes],
    limit: int | None = None,
    buffer_size: int = 10 * 1024,
    cap_at_buffer: bool = False,
) -> Iterator[bytes]:
    """Iterate over lines, each with its end.

    Args:
        stream: a file opened for bytes, or an iterable of bytes.
        limit: how many bytes are read at most.
        buffer_size: how many are read at once.
        cap_at_buffer: whether a line longer than that comes in pieces.

    """
    rest = b""
    for piece in _pieces(stream, limit, buffer_size):
        *lines, rest = (rest + piece).splitlines(keepends=True)
        yield from lines
        # A `\r` may be half of an end.
        if rest.endswith(b"\n"):
            yield rest
            rest = b""
        while cap_at_buffer and len(rest) >= buffer_size:
            yield rest[:buffer_size]
            rest = rest[buffer_size:]
    if rest:
        yield rest


def make_chunk_iter(
    stream: IO[bytes] | Iterable[bytes],
    separator: bytes,
    limit: int | None = None,
    buffer_size: int = 10 * 1024,
    cap_at_buffer: bool = False,
) -> Iterator[bytes]:
    """Iterate over what stands between separators, also what is empty.

    Args:
        stream: a file opened for bytes, or an iterable of bytes.
        separator: what stands between two chunks.
        limit: how many bytes are read at most.
        buffer_size: how many are read at once.
        cap_at_buffer: whether a chunk longer than that comes in pieces.

    """
    rest: bytes | None = None
    for piece in _pieces(stream, limit, buffer_size):
        *chunks, rest = ((rest or b"") + piece).split(separator)
        yield from chunks
        while cap_at_buffer and len(rest) >= buffer_size:
            yield rest[:buffer_size]
            rest = rest[buffer_size:]
    if rest is not None:
        yield rest
