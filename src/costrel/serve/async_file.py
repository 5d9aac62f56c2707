"""AsyncFile: a request's body under WSGI, for views with ``stream_body=True``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import IO, Any

CHUNK = 1 << 16


class AsyncFile:
    """A file that can be read by ``async for`` as well; each read is in a thread then.

    :param file: the file.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._file)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # Heavy (40 ms), and an app without async views does without.
        from asyncio import to_thread  # noqa: PLC0415

        while chunk := await to_thread(self._file.read, CHUNK):
            yield chunk
