"""RangeBody: one span of bytes out of a body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import SEEK_CUR, UnsupportedOperation
from typing import Any


class RangeBody:
    """Iterate over ``length`` bytes of a body, from ``start`` on.

    A body that can seek, as a file can, is not read before the span.

    :param body: an iterable of bytes; its ``close`` is passed on.
    :param start: the first byte's position.
    :param length: how many bytes.
    """

    def __init__(self, body: Iterable[bytes], start: int, length: int) -> None:
        self.body = body
        self.start = start
        self.length = length
        self.chunks = self._span()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self.chunks)

    def _span(self) -> Iterator[bytes]:
        skip, left = self._seek(), self.length
        for chunk in self.body:
            if skip >= len(chunk):
                skip -= len(chunk)
                continue
            piece = chunk[skip : skip + left]
            skip = 0
            left -= len(piece)
            yield piece
            if not left:
                return

    def _seek(self) -> int:
        """Go to the first byte where the body can; how many bytes are left to skip."""
        body: Any = self.body
        if not (hasattr(body, "seekable") and body.seekable()):
            return self.start
        try:
            body.seek(self.start - body.tell(), SEEK_CUR)
        except UnsupportedOperation:
            return self.start
        return 0

    def close(self) -> None:
        """Close the body."""
        close = getattr(self.body, "close", None)
        if close is not None:
            close()
