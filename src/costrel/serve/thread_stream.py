"""ThreadStream: a sync body made in one thread, and sent on the loop.

Law: each step of the body, its closing and what ends its request happen in one thread; database
connections and the like belong to the thread they are of. It is at most a few chunks ahead of the
client, and nothing is made for a client that wants no body.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any

# How many chunks may wait for the client.
AHEAD = 4
# Seconds after which a thread that waits for room sees whether the loop still runs.
LOOK_EVERY = 1.0
END: Any = object()


class ThreadStream:
    """The chunks of a sync body.

    :param loop: the loop that sends them.
    :param body: returns what is iterated over; called in the thread.
    :param finish: called in the thread at the end, with what went wrong or ``None``.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        body: Callable[[], Iterable[Any]],
        finish: Callable[[BaseException | None], None],
    ) -> None:
        self._loop = loop
        self._body = body
        self._finish = finish
        self._wanted = threading.Semaphore(0)
        self._made: deque[Any] = deque()
        self._news = asyncio.Event()
        self._is_closed = False
        self._is_over = False
        self._error: BaseException | None = None

    def run(self) -> None:
        """Make the chunks that are wanted, and finish; the thread's part."""
        error: BaseException | None = None
        try:
            self._make()
        except BaseException as raised:
            error = raised
        try:
            self._finish(error)
        except BaseException as raised:
            error = error or raised
        self._tell(self._end, error)

    def _make(self) -> None:
        if not self._is_wanted():
            return
        for chunk in self._body():
            self._tell(self._add, chunk)
            if not self._is_wanted():
                return
        self._tell(self._add, END)
        # What ends the request waits until all of it was sent.
        while self._is_wanted():
            pass

    def _is_wanted(self) -> bool:
        """Wait until there is room for a chunk; false when the stream was closed."""
        while not self._wanted.acquire(timeout=LOOK_EVERY):
            if not self._loop.is_running():
                # A server that ended without a word to its requests.
                return False
        return not self._is_closed

    def _tell(self, take: Callable[[Any], None], what: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(take, what)
        except RuntimeError:
            # The loop is closed: nobody wants any more.
            self._is_closed = True
            self._wanted.release()

    def _add(self, chunk: Any) -> None:
        self._made.append(chunk)
        self._news.set()

    def _end(self, error: BaseException | None) -> None:
        self._error = error
        self._is_over = True
        self._news.set()

    async def chunks(self) -> AsyncGenerator[Any, None]:
        """Iterate over the chunks; raises what the body raised."""
        self._wanted.release(AHEAD)
        while not self._is_over:
            await self._news.wait()
            self._news.clear()
            while self._made:
                chunk = self._made.popleft()
                if chunk is END:
                    return
                yield chunk
                self._wanted.release()
        self._raise_once()

    async def close(self) -> None:
        """End the body at its next step, and wait until the thread is done with it.

        :raises BaseException: what the end of it raised.
        """
        self._is_closed = True
        self._wanted.release()
        given_up: asyncio.CancelledError | None = None
        while not self._is_over:
            try:
                await self._news.wait()
            except asyncio.CancelledError as error:
                given_up = error
            self._news.clear()
        if given_up is not None:
            raise given_up
        self._raise_once()

    def _raise_once(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error
