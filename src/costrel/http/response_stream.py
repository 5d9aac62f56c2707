"""A response's body seen as a file to write to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costrel.http.response import Response


def encode_chunks(chunks: Iterable[Any]) -> Iterator[bytes]:
    """Iterate over chunks of text or bytes as bytes."""
    for chunk in chunks:
        yield chunk.encode() if isinstance(chunk, str) else chunk


class ResponseStream:
    """A response's body as a file to write to."""

    mode = "wb+"
    closed = False
    encoding = "utf-8"

    def __init__(self, response: Response) -> None:
        self.response = response

    def write(self, value: bytes) -> int:
        """Append to the body and return the number of bytes."""
        if self.closed:
            raise ValueError("I/O operation on closed file")
        self.response._ensure_sequence(mutable=True)
        self.response.response.append(value)
        self.response.headers.pop("Content-Length", None)
        return len(value)

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Append each of the lines."""
        for line in lines:
            self.write(line)

    def close(self) -> None:
        """Refuse further writing."""
        self.closed = True

    def flush(self) -> None:
        """Nothing is held back, so there is nothing to do, except on a closed stream.

        :raises ValueError: when the stream was closed.
        """
        if self.closed:
            raise ValueError("I/O operation on closed file")

    def isatty(self) -> bool:
        """A body is no terminal.

        :raises ValueError: when the stream was closed.
        """
        self.flush()
        return False

    def tell(self) -> int:
        """Return how many bytes were written."""
        self.response._ensure_sequence()
        return sum(map(len, self.response.response))
