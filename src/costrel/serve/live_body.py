"""LiveBody: a request's body that the view reads while it arrives (``stream_body=True``).

Law: the server is asked for the next chunk only when the view asks, so that a client cannot send
faster than the view reads. A body over the limit, or cut short, is an error of the read.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import IO, TYPE_CHECKING, Any

from costrel.http.body import check_length
from costrel.http.exceptions import ClientDisconnected, RequestEntityTooLarge
from costrel.serve.drive import run_on
from costrel.serve.received_body import ReceivedBody, receive_body

if TYPE_CHECKING:
    from costrel.serve.plan import Plan

Read = Callable[[], Awaitable[tuple[bytes, bool]]]

# From HTTP/2 on a body need not be told of by a header, but for methods that seldom have one.
UNTOLD = frozenset({"2", "2.0", "3", "3.0"})
BODILESS_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

ON_LOOP = (
    "This async view reads its streamed body as a sync one would, which would stop the event loop: "
    "read it by `async for chunk in request.stream`. Without stream_body=True on the route, "
    "`request.data`, `form` and `json` are there as well."
)


class BodyStream(io.RawIOBase):
    """A body as it arrives: a file for sync views, ``async for`` for async ones.

    :param read: returns the next chunk and whether more are to come.
    :param length: the declared length, in bytes.
    :param limit: the most that is accepted, in bytes.
    :param loop: the loop that reads.
    """

    def __init__(
        self,
        read: Read,
        length: int | None,
        limit: int | None,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._read: Read | None = read
        self._length = length
        self._limit = limit
        self._loop = loop
        self._size = 0
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """A body is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for what comes next and put it into a buffer; returns its size, 0 at the end."""
        if not self._rest:
            if asyncio._get_running_loop() is self._loop:
                raise RuntimeError(ON_LOOP)
            self._rest = memoryview(run_on(self._loop, self._next()))
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._rest:
            rest, self._rest = bytes(self._rest), memoryview(b"")
            yield rest
        while chunk := await self._next():
            yield chunk

    async def _next(self) -> bytes:
        """Return the next chunk that is not empty; nothing at the end."""
        chunk = b""
        while not chunk and self._read is not None:
            try:
                chunk, more = await self._read()
            except ConnectionError as error:
                raise ClientDisconnected from error
            self._size += len(chunk)
            if self._limit is not None and self._size > self._limit:
                raise RequestEntityTooLarge
            if not more or (self._length is not None and self._size >= self._length):
                self._read = None
        if not chunk and self._length is not None and self._size < self._length:
            raise ClientDisconnected
        return chunk


class LiveBody:
    """A body that is opened by the view: to a gateway what :class:`ReceivedBody` is.

    :param request: tells the declared length.
    :param read: returns the next chunk and whether more are to come.
    """

    def __init__(self, request: Any, read: Read) -> None:
        self._length = request.content_length
        self._read = read
        self._loop = asyncio.get_running_loop()
        self._stream: BodyStream | None = None

    def open(self, max_content_length: int | None) -> IO[bytes]:
        """Return the body as a stream.

        :raises RequestEntityTooLarge: where its declared length is over the limit.
        """
        check_length(self._length, max_content_length)
        if self._stream is None:
            self._stream = BodyStream(self._read, self._length, max_content_length, self._loop)
        return self._stream  # type: ignore[return-value]  # a RawIOBase is a binary file

    def read(self, max_content_length: int | None) -> None:
        """Return ``None``: only its stream tells how long it is."""

    @property
    def file(self) -> IO[bytes]:
        """The body for a WSGI environ."""
        return self.open(None)


def may_come_whole(request: Any, plan: Plan, told: bytes | str) -> bool:
    """Whether a body may be read in one piece: its view leaves that to us, and it is not too long.

    :param told: its length, as the header has it.
    """
    if plan.streams_body:
        return False
    limit = request.settings.config["MAX_CONTENT_LENGTH"]
    if limit is None:
        return True
    # Python refuses to read a number of thousands of digits.
    return len(told) < 20 and told.isascii() and told.isdigit() and int(told) <= limit


def take_body(request: Any, plan: Plan, read: Read) -> Awaitable[ReceivedBody | LiveBody]:
    """Read a request's body before its view runs, unless that wants to read it itself.

    :param read: returns the next chunk and whether more are to come.
    """
    limit = request.settings.config["MAX_CONTENT_LENGTH"]
    # A sync view, or a hook of it, may raise the limit, and reads the body then.
    may_be_raised = limit is not None and not plan.runs_on_loop
    if plan.streams_body or (may_be_raised and (request.content_length or 0) > limit):
        return leave_body(request, read)
    return receive_body(request, read, limit)


async def leave_body(request: Any, read: Read) -> LiveBody:
    """Leave a request's body to its view."""
    return LiveBody(request, read)
