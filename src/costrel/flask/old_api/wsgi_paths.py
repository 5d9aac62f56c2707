"""Functions for WSGI environs and input that Werkzeug had before 2.3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any
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


def _pieces(stream: Any, limit: int | None, size: int) -> Iterator[Any]:
    """What a file or an iterable holds, at most `limit` of it."""
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


def _split(
    pieces: Iterator[Any], split: Callable[[bytes], list[bytes]], most: int | None
) -> Iterator[Any]:
    """Split what comes in pieces, as bytes or as text.

    Args:
        pieces: what comes.
        split: returns what is complete, and as the last one what may go on in the next piece.
        most: how long what is not complete may get before it is yielded as it is.

    """
    first = next(pieces, None)
    if first is None:
        return
    if isinstance(first, str):
        encoded = (piece.encode() for piece in chain([first], pieces))
        yield from (part.decode() for part in _split(encoded, split, most))
        return
    rest = b""
    for piece in chain([first], pieces):
        *complete, rest = split(rest + piece)
        yield from complete
        while most is not None and len(rest) >= most:
            yield rest[:most]
            rest = rest[most:]
    yield rest


def _split_lines(data: bytes) -> list[bytes]:
    r"""Split after each end of a line; a `\r` at the end may be half of one."""
    lines = data.splitlines(keepends=True)
    return [*lines, b""] if data.endswith(b"\n") or not lines else lines


def make_line_iter(
    stream: Any,
    limit: int | None = None,
    buffer_size: int = 10 * 1024,
    cap_at_buffer: bool = False,
) -> Iterator[Any]:
    """Iterate over lines, each with its end.

    Args:
        stream: a file, or an iterable, of bytes or of text.
        limit: how much is read at most.
        buffer_size: how much is read at once.
        cap_at_buffer: whether a line longer than that comes in pieces.

    """
    most = buffer_size if cap_at_buffer else None
    yield from filter(None, _split(_pieces(stream, limit, buffer_size), _split_lines, most))


def make_chunk_iter(
    stream: Any,
    separator: str | bytes,
    limit: int | None = None,
    buffer_size: int = 10 * 1024,
    cap_at_buffer: bool = False,
) -> Iterator[Any]:
    """Iterate over what stands between separators, also what is empty.

    Args:
        stream: a file, or an iterable, of bytes or of text.
        separator: what stands between two chunks.
        limit: how much is read at most.
        buffer_size: how much is read at once.
        cap_at_buffer: whether a chunk longer than that comes in pieces.

    """
    between = separator.encode() if isinstance(separator, str) else separator
    most = buffer_size if cap_at_buffer else None
    pieces = _pieces(stream, limit, buffer_size)
    yield from _split(pieces, lambda data: data.split(between), most)
