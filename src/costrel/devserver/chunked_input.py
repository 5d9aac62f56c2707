"""Read a body that comes in chunks (RFC 9112 7.1).

Law: a byte that does not belong where it stands ends the reading with an error.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# The longest line that gives a size or a trailer, in bytes, and how many trailers.
MAX_LINE, MAX_TRAILERS = 4096, 64
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[^\r\n]*)?\r\n")
_TRAILER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*\r\n")


class Reader(Protocol):
    """A stream of bytes that is read in pieces and lines."""

    def read(self, size: int, /) -> bytes:
        """Read so many bytes, fewer only at the end."""

    def readline(self, size: int, /) -> bytes:
        """Read a line, or so many bytes of it."""


class DechunkedInput(io.RawIOBase):
    """The body inside its chunks, as a stream that ends where the body does.

    :param rfile: the connection, at the first chunk.
    """

    def __init__(self, rfile: Reader) -> None:
        super().__init__()
        self._rfile = rfile
        self._left = 0
        self._is_first = True
        self._done = False

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read into a buffer, as much as one chunk gives.

        :raises OSError: the chunks are malformed or break off.
        """
        if not self._left and not self._done:
            self._begin_chunk()
        if self._done:
            return 0
        view = memoryview(buffer).cast("B")
        data = self._rfile.read(min(len(view), self._left))
        if not data:
            raise OSError("The connection ended inside a chunk.")
        view[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def _begin_chunk(self) -> None:
        """Read up to the data of the next chunk, or to the body's end."""
        if not self._is_first and self._rfile.read(2) != b"\r\n":
            raise OSError("A chunk is longer than it said.")
        self._is_first = False
        line = self._rfile.readline(MAX_LINE)
        size = _SIZE.fullmatch(line)
        if size is None:
            raise OSError(f"A chunk's size was expected, not {line[:40]!r}.")
        self._left = int(size[1], 16)
        if not self._left:
            self._skip_trailers()
            self._done = True

    def _skip_trailers(self) -> None:
        for _ in range(MAX_TRAILERS):
            line = self._rfile.readline(MAX_LINE)
            if line == b"\r\n":
                return
            if _TRAILER.fullmatch(line) is None:
                raise OSError("The chunks end with something that is no trailer.")
        raise OSError("The chunks end with too many trailers.")
