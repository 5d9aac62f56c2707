"""The worker threads that sync plans run in under a gateway with an event loop.

Law: there is one bounded pool per process, its size is a setting, and when it is full it says so.
"""

from __future__ import annotations

import os
import threading
import time
from asyncio import CancelledError, wait, wrap_future
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from costrel.serve.drive import take_over

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

# Seconds between two words about a full pool.
QUIET_TIME = 10.0


def default_size() -> int:
    """How many threads there are unless ``WORKER_THREADS`` says otherwise."""
    return max(32, 4 * (os.cpu_count() or 1))


class Workers:
    """A bounded pool of threads.

    :param size: the most threads.
    :param warn: called with a text when all threads are busy.
    """

    def __init__(self, size: int, warn: Callable[[str], None]) -> None:
        self.size = size
        self.warn = warn
        self.busy = 0
        self.warned_at = -QUIET_TIME
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="costrel")

    async def run(
        self, loop: asyncio.AbstractEventLoop, function: Callable[..., T], *args: Any
    ) -> T:
        """Run a function in a thread, with the caller's context variables both ways.

        PERF: one hop of about 50 µs, which is why a whole plan takes it and not each step.
        """
        context = copy_context()
        self.busy += 1
        if self.busy > self.size:
            self._say_full()
        running = self._pool.submit(context.run, function, *args)
        try:
            return await wrap_future(running, loop=loop)
        except CancelledError:
            # A thread cannot be cancelled, and nothing may be torn down under it.
            await until_done(running)
            raise
        finally:
            self.busy -= 1
            take_over(context)

    def _say_full(self) -> None:
        now = time.monotonic()
        if now - self.warned_at < QUIET_TIME:
            return
        self.warned_at = now
        self.warn(
            f"All {self.size} worker threads are busy and requests wait. Views that take long "
            "should be async or do less; WORKER_THREADS sets the number of threads."
        )

    def shut_down(self) -> None:
        """Let the threads end once they have finished what they are at."""
        self._pool.shutdown(wait=False, cancel_futures=True)


async def until_done(running: Future[Any]) -> None:
    """Wait for what a thread is at, however often the waiting itself is cancelled."""
    while not running.done():
        with suppress(CancelledError):
            await wait((wrap_future(running),))
