"""The worker threads that sync plans run in under a gateway with an event loop.

Law: a pool is bounded, and when it is full it says so.
The process ends when what they are at has ended, and not before.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from asyncio import AbstractEventLoop
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

from costrel.serve.at_exit import at_exit
from costrel.serve.drive import take_over
from costrel.serve.thread_call import ThreadCall

T = TypeVar("T")

# Seconds between two words about a full pool.
QUIET_TIME = 10.0
DO_LESS_OR_HAVE_MORE = (
    "Views that take long should be async or do less; WORKER_THREADS sets the number of threads."
)


def default_size() -> int:
    """How many threads there are unless ``WORKER_THREADS`` says otherwise."""
    return max(32, 4 * (os.cpu_count() or 1))


class Workers:
    """A bounded pool of threads.

    PERF: one hop there and back takes 30 µs, which is why a whole plan takes it and not each step;
    by way of a ThreadPoolExecutor it takes 45.

    :param size: the most threads.
    :param warn: called with a text when all threads are busy.
    :param advice: what to do about it, for the end of that text.
    """

    def __init__(
        self, size: int, warn: Callable[[str], None], advice: str = DO_LESS_OR_HAVE_MORE
    ) -> None:
        self.size = size
        self.warn = warn
        self.advice = advice
        self.warned_at = -QUIET_TIME
        self._started = 0
        self._waiting: SimpleQueue[ThreadCall | None] = SimpleQueue()
        # Those that wait and those that are being made.
        self._open: set[ThreadCall] = set()
        POOLS.add(self)

    @property
    def busy(self) -> int:
        """How many calls wait or are being made."""
        return len(self._open)

    def begin(
        self, loop: AbstractEventLoop, function: Callable[..., Any], *args: Any
    ) -> ThreadCall:
        """Have a function called in a thread, with a copy of the caller's context variables."""
        call = ThreadCall(loop, function, args)
        self._open.add(call)
        if len(self._open) > self._started:
            self._start_or_say_full()
        self._waiting.put(call)
        return call

    async def run(self, loop: AbstractEventLoop, function: Callable[..., T], *args: Any) -> T:
        """Call a function in a thread, with the caller's context variables both ways."""
        call = self.begin(loop, function, *args)
        try:
            return await call  # type: ignore[no-any-return]  # what the function returned
        finally:
            take_over(call.context)

    def _start_or_say_full(self) -> None:
        if self._started < self.size:
            self._started += 1
            threading.Thread(
                target=work,
                args=(self._waiting, self._open),
                name=f"costrel_{self._started}",
            ).start()
            return
        now = time.monotonic()
        if now - self.warned_at < QUIET_TIME:
            return
        self.warned_at = now
        self.warn(f"All {self.size} worker threads are busy and requests wait. {self.advice}")

    def shut_down(self) -> None:
        """Let the threads end once they have finished what they are at."""
        for _ in range(self._started):
            self._waiting.put(None)
        self._started = 0

    def __del__(self) -> None:
        self.shut_down()


# Those whose threads have to be let go when the process ends.
POOLS: weakref.WeakSet[Workers] = weakref.WeakSet()


def shut_all_down() -> None:
    """Let all threads end; the process waits for them."""
    for workers in list(POOLS):
        workers.shut_down()


at_exit(shut_all_down)


def work(waiting: SimpleQueue[ThreadCall | None], calls: set[ThreadCall]) -> None:
    """Make calls until there is none; what a thread does. It does not keep the pool alive."""
    while (call := waiting.get()) is not None:
        call.make(calls.discard)
        # Until the next one comes, this thread keeps nothing of it alive.
        del call
