"""Send events as they come and comments while none does.

Law: the generator runs in one task, or if it is sync in one thread, from its start to its end;
when the stream is closed it is closed there, and waited for.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable
from contextlib import suppress
from contextvars import copy_context
from typing import Any

END: Any = object()


class _Failed:
    """What a generator raised."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


async def pump(
    events: Iterable[Any] | AsyncIterable[Any],
    encode: Callable[[Any], bytes],
    start: Any,
    heartbeat: float | None,
) -> AsyncGenerator[bytes, None]:
    """Yield what a generator yields, encoded; and ``encode(None)`` where it waits for long.

    :param start: sent first, if not ``None``.
    :param heartbeat: seconds after which it has waited for long.
    """
    source = TaskSource(events) if isinstance(events, AsyncIterable) else ThreadSource(events)
    try:
        if start is not None:
            yield encode(start)
        source.start()
        while True:
            try:
                async with asyncio.timeout(heartbeat):
                    event = await source.queue.get()
            except TimeoutError:
                yield encode(None)
                continue
            if event is END:
                return
            if isinstance(event, _Failed):
                raise event.error
            yield encode(event)
    finally:
        await source.stop()


class TaskSource:
    """An async generator, run in a task of its own."""

    def __init__(self, events: AsyncIterable[Any]) -> None:
        self.events = events
        # At most one event is made ahead of what the client takes.
        self.queue: asyncio.Queue[Any] = asyncio.Queue(1)
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to make events."""
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            async for event in self.events:
                await self.queue.put(event)
        except Exception as error:
            await self.queue.put(_Failed(error))
        else:
            await self.queue.put(END)
        finally:
            await self._close()

    async def _close(self) -> None:
        close = getattr(self.events, "aclose", None)
        if close is not None:
            await close()

    async def stop(self) -> None:
        """Cancel the generator wherever it waits, and wait until it is closed."""
        if self.task is None:
            await self._close()
            return
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


class ThreadSource:
    """A sync generator, run in a thread of its own.

    Not in the worker threads: an event stream would keep one of those for as long as it lives.
    """

    def __init__(self, events: Iterable[Any]) -> None:
        self.events = events
        self.queue: asyncio.Queue[Any] = asyncio.Queue(1)
        self.is_stopped = False
        self.loop = asyncio.get_running_loop()
        self.done = asyncio.Event()
        self.is_started = False

    def start(self) -> None:
        """Begin to make events."""
        self.is_started = True
        run = copy_context().run
        threading.Thread(target=run, args=(self._run,), name="costrel-events", daemon=True).start()

    def _run(self) -> None:
        try:
            for event in self.events:
                self._hand_over(event)
                if self.is_stopped:
                    break
            else:
                self._hand_over(END)
        except Exception as error:
            self._hand_over(_Failed(error))
        finally:
            self._close()
            self.loop.call_soon_threadsafe(self.done.set)

    def _hand_over(self, event: Any) -> None:
        if not self.is_stopped:
            asyncio.run_coroutine_threadsafe(self.queue.put(event), self.loop).result()

    def _close(self) -> None:
        close = getattr(self.events, "close", None)
        if close is not None:
            close()

    async def stop(self) -> None:
        """Close the generator once its current step has ended; a thread cannot be cancelled."""
        self.is_stopped = True
        if not self.is_started:
            self._close()
            return
        while not self.done.is_set():
            # Whoever waits to hand over an event has to be let go.
            while not self.queue.empty():
                self.queue.get_nowait()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await self.done.wait()
