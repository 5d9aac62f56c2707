"""Streams and iterables that carry a body: limited, closed on time, cut to a range.

Law: nothing here reads ahead of what it is asked for, and nothing past its limit.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from costrel.http.exceptions import ClientDisconnected, RequestEntityTooLarge

# How much one read asks for when all is wanted: a declared length is no reason to reserve memory.
CHUNK = 64 * 1024


class LimitedStream(io.RawIOBase):
    """A stream that ends after `limit` bytes.

    The limit is the length that was declared, and the client is gone when the stream ends
    earlier; or with `is_max` it is the most that is accepted, and more than that is refused.

    :raises ClientDisconnected: the stream ended, or broke, before all of it was read.
    :raises RequestEntityTooLarge: with `is_max`, there is more than the limit.
    """

    def __init__(self, stream: IO[bytes], limit: int, is_max: bool = False) -> None:
        self._stream = stream
        self._pos = 0
        self.limit = limit
        self._limit_is_max = is_max

    @property
    def is_exhausted(self) -> bool:
        """Whether all that the limit allows has been read."""
        return self._pos >= self.limit

    def on_exhausted(self) -> None:
        """React to a read at the limit: for a maximum, refuse the body if there is more."""
        if self._limit_is_max and self._fetch(self._stream.read, 1):
            raise RequestEntityTooLarge

    def on_disconnect(self, error: Exception | None = None) -> None:
        """React to a stream that ended early (`error` is None) or broke."""
        raise ClientDisconnected from error

    def _fetch(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            return read(size)
        except Exception as error:
            # Servers say so, each by an exception of its own, when the connection or the framing
            # of a chunked body breaks.
            self.on_disconnect(error)
            return b""

    def _advance(self, read: Callable[[int], bytes], size: int) -> bytes:
        """Read at most `size` bytes with `read`, within the limit."""
        left = self.limit - self._pos
        if left <= 0 or not size:
            if size:
                self.on_exhausted()
            return b""
        chunk = self._fetch(read, size if 0 < size < left else left)
        if chunk:
            self._pos += len(chunk)
        elif not self._limit_is_max:
            self.on_disconnect()
        return chunk

    def read(self, size: int | None = -1) -> bytes:
        """Read once and return up to `size` bytes; without a size, read all that is left."""
        if size is None or size < 0:
            return self.readall()
        return self._advance(self._stream.read, size)

    def readinto(self, buffer: Any) -> int:
        """Read into a writable buffer and return how many bytes it was."""
        chunk = self.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def readall(self) -> bytes:
        """Read all that is left."""
        chunk = self._advance(self._stream.read, CHUNK)
        if self._pos >= self.limit and not self._limit_is_max:
            return chunk
        chunks = [chunk]
        # A maximum is asked once more at its end, so that a longer body is refused, not cut.
        while chunk and (self._limit_is_max or self._pos < self.limit):
            chunk = self._advance(self._stream.read, CHUNK)
            chunks.append(chunk)
        return b"".join(chunks)

    def exhaust(self) -> bytes:
        """Read all that is left, if anything is, so that the connection can be used again."""
        return b"" if self.is_exhausted else self.readall()

    def readline(self, size: int | None = -1) -> bytes:
        """Read to the end of the line, and at most `size` bytes."""
        limit = -1 if size is None else size
        if not hasattr(self._stream, "readline"):
            return super().readline(limit)
        return self._advance(self._stream.readline, limit)

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def tell(self) -> int:
        """Return how many bytes have been read."""
        return self._pos


class ClosingIterator:
    """An iterable with more to do when the server closes it.

    :param callbacks: a function, or several, called after the iterable's own `close`. All are
        called even when one fails; the first failure is raised at the end.
    """

    def __init__(
        self,
        iterable: Iterable[Any],
        callbacks: Callable[[], None] | Iterable[Callable[[], None]] | None = None,
    ) -> None:
        self._iterator = iter(iterable)
        close = getattr(iterable, "close", None)
        self._callbacks: list[Callable[[], None]] = [close] if close else []
        if callable(callbacks):
            self._callbacks.append(callbacks)
        elif callbacks:
            self._callbacks.extend(callbacks)

    def __iter__(self) -> Iterator[Any]:
        # PERF: who iterates need not come by here at each step (0.08 µs a chunk).
        return self._iterator

    def __next__(self) -> Any:
        return next(self._iterator)

    def close(self) -> None:
        """Close the iterable, then call the callbacks in order."""
        failure: BaseException | None = None
        for callback in self._callbacks:
            try:
                callback()
            except BaseException as error:
                failure = failure or error
        if failure is not None:
            raise failure


class FileWrapper:
    """An open file as an iterable of chunks of `buffer_size` bytes (PEP 3333)."""

    def __init__(self, file: IO[bytes], buffer_size: int = 8192) -> None:
        self.file = file
        self.buffer_size = buffer_size

    def close(self) -> None:
        """Close the file, if it can be closed."""
        if hasattr(self.file, "close"):
            self.file.close()

    def seekable(self) -> bool:
        """Whether the file can jump to a position."""
        if hasattr(self.file, "seekable"):
            return self.file.seekable()
        return hasattr(self.file, "seek")

    def seek(self, *position: int) -> None:
        """Jump to a position, if the file can."""
        if hasattr(self.file, "seek"):
            self.file.seek(*position)

    def tell(self) -> int | None:
        """Return the file's position, if it has one."""
        return self.file.tell() if hasattr(self.file, "tell") else None

    def __iter__(self) -> FileWrapper:
        return self

    def __next__(self) -> bytes:
        chunk = self.file.read(self.buffer_size)
        if not chunk:
            raise StopIteration
        return chunk


def wrap_file(environ: dict[str, Any], file: IO[bytes], buffer_size: int = 8192) -> Iterable[bytes]:
    """Make an iterable of an open file: the server's own kind if it has one, else FileWrapper."""
    wrap: Callable[..., Iterable[bytes]] = environ.get("wsgi.file_wrapper", FileWrapper)
    return wrap(file, buffer_size)


class RangeWrapper:
    """Cut an iterable of bytes to a range.

    :param start_byte: the first byte of the range.
    :param byte_range: its length in bytes; without it, all that follows.
    """

    def __init__(
        self, iterable: Iterable[bytes], start_byte: int = 0, byte_range: int | None = None
    ) -> None:
        self.iterable = iterable
        self.start_byte = start_byte
        self.byte_range = byte_range
        self.seekable: bool = hasattr(iterable, "seekable") and iterable.seekable()
        self._slices = self._cut()

    def _cut(self) -> Iterator[bytes]:
        skip = self.start_byte
        left = self.byte_range
        if left == 0:
            return
        if self.seekable:
            self.iterable.seek(skip)  # type: ignore[attr-defined]  # seekable() said so
            skip = 0
        for chunk in self.iterable:
            piece = chunk[skip:] if left is None else chunk[skip : skip + left]
            skip = max(0, skip - len(chunk))
            if piece:
                yield piece
            if left is not None:
                left -= len(piece)
                if not left:
                    return

    def __iter__(self) -> RangeWrapper:
        return self

    def __next__(self) -> bytes:
        return next(self._slices)

    def close(self) -> None:
        """Close the iterable, if it can be closed."""
        self._slices.close()  # type: ignore[attr-defined]  # a generator
        if hasattr(self.iterable, "close"):
            self.iterable.close()
