"""AsyncFile: a request's body under WSGI, as async views with ``stream_body=True`` read it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import update_wrapper
from typing import IO, Any

from costrel.serve.current import CURRENT

CHUNK = 1 << 16


class AsyncFile:
    """A file that an async view reads by ``async for``; each read is in a thread of its own.

    :param file: the file.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # Heavy (40 ms), and an app without async views does without.
        from asyncio import to_thread  # noqa: PLC0415

        while chunk := await to_thread(self._file.read, CHUNK):
            yield chunk


def with_async_stream(view: Callable[..., Any]) -> Callable[..., Any]:
    """Give an async view a ``request.stream`` that it can read by ``async for`` under WSGI too."""

    async def call(**values: Any) -> Any:
        request = CURRENT.get().request
        if not hasattr(request.stream, "__aiter__"):
            request.__dict__["stream"] = AsyncFile(request.stream)
        return await view(**values)

    return update_wrapper(call, view)
