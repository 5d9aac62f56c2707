"""ClientWatch: end an async view, or a stream, whose client has gone.

Law: a request pays for it with two attributes and a look at a timer. Once a second the loop's tasks
are looked through, and only a request that is there at two looks in a row has its client listened
for.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextvars import Context
from functools import partial
from typing import TYPE_CHECKING, Any

from costrel.serve.lanes import full_lane

if TYPE_CHECKING:
    from costrel.serve.context import RequestContext

Gone = Callable[[Any], Awaitable[Any]]

# Seconds between two looks at what is running.
LOOK_EVERY = 1.0


class ClientWatch:
    """Looks after the long-running requests of one gateway: those that its runner runs.

    :param gone: called with the server's side of a request; waits until its client has gone.
    :ivar timer: runs until the next look; ``None`` where none is due.
    """

    def __init__(self, gone: Gone) -> None:
        self._gone = gone
        # By their ids, so that none is kept alive by having been seen. One that has another's id
        # by then is listened for a second early.
        self._seen: set[int] = set()
        self._listeners: dict[RequestContext, asyncio.Task[None]] = {}
        self.timer: asyncio.TimerHandle | None = None

    async def send(
        self,
        ctx: RequestContext,
        stream: Coroutine[Any, Any, None],
        ends: set[Callable[[], None]],
    ) -> None:
        """Send a stream until its end, until its client goes away, or until the app stops.

        :param stream: sends the whole body.
        :param ends: what the app calls when it stops; it waits until none is left.
        """
        task = asyncio.current_task()
        end = partial(cut_off, ctx, task)
        ends.add(end)
        self.look_later()
        try:
            await stream
        except asyncio.CancelledError as error:
            if task is not None:
                # The app waits until the request has been torn down.
                task.add_done_callback(lambda _: ends.discard(end))
            if not self.has_cancelled(ctx, error):
                raise
        except BaseException:
            ends.discard(end)
            raise
        else:
            ends.discard(end)

    def has_cancelled(self, ctx: RequestContext, error: BaseException) -> bool:
        """Whether an error is the cancelling of a request that was cut off; asked once."""
        if not (ctx.is_cut_off and isinstance(error, asyncio.CancelledError)):
            return False
        task = asyncio.current_task()
        return task is not None and task.uncancel() == 0

    def look_later(self) -> None:
        """Look in a while at what is running, if no look is due."""
        if self.timer is not None:
            return
        # A timer that held this, or the variables of the request that comes by, would hold the
        # app, which may be done with before it runs out.
        loop = asyncio.get_running_loop()
        look = partial(_look_if_there, weakref.ref(self))
        self.timer = Context().run(loop.call_later, LOOK_EVERY, look)

    def _look(self) -> None:
        running = {
            ctx: task
            for ctx, task in running_requests()
            if ctx.runner is not None and ctx.runner.watch is self
        }
        for ctx in self._listeners.keys() - running.keys():
            self._listeners.pop(ctx).cancel()
        loop = asyncio.get_running_loop()
        for ctx, task in running.items():
            if id(ctx) in self._seen and ctx not in self._listeners:
                self._listeners[ctx] = loop.create_task(self._listen(ctx, task))
        self._seen = set(map(id, running))
        self.timer = None
        if running:
            self.look_later()

    async def _listen(self, ctx: RequestContext, task: asyncio.Task[Any]) -> None:
        await self._gone(ctx.server)
        # By then the request may be answered, and its task at another.
        if (ctx, task) in running_requests():
            cut_off(ctx, task)


# The coroutines in which a request is looked after; each has its context as `ctx`. A view that
# reads its body as it arrives asks the server itself.
LANE, STREAM = full_lane.__code__, ClientWatch.send.__code__


def running_requests() -> Iterator[tuple[RequestContext, asyncio.Task[Any]]]:
    """Find what is looked after on this loop, and the task that awaits it in the end."""
    # PERF: a register of what runs costs each request 0.15 µs, of 3 for hello.
    for task in asyncio.all_tasks():
        coroutine: Any = task.get_coro()
        while coroutine is not None:
            code = getattr(coroutine, "cr_code", None)
            if code is STREAM or code is LANE:
                ctx = coroutine.cr_frame.f_locals["ctx"]
                if code is STREAM or ctx.plan.is_watched:
                    yield ctx, task
                break
            coroutine = getattr(coroutine, "cr_await", None)


def cut_off(ctx: RequestContext, task: asyncio.Task[Any] | None) -> None:
    """Cancel a request, once."""
    # Not "unless it is being cancelled": by a timeout of its own, it goes on after that.
    if task is not None and not ctx.is_cut_off:
        ctx.is_cut_off = True
        task.cancel()


def _look_if_there(watch: weakref.ref[ClientWatch]) -> None:
    found = watch()
    if found is not None:
        found._look()
