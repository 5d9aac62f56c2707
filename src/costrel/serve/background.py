"""Background: work that goes on after the response was sent.

Law: each job is known until it is done, its errors are logged, and the process does not end under
it before ``SHUTDOWN_TIMEOUT`` seconds have passed. Async jobs run on the loop that serves, or the
background loop; sync ones in a few threads of their own, so that they never keep requests waiting.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from costrel.serve.at_exit import at_exit, in_forked_children
from costrel.serve.context import AppContext, RequestContext
from costrel.serve.current import CURRENT
from costrel.serve.drive import BACKGROUND, is_async, step
from costrel.serve.tear_down import end_app

if TYPE_CHECKING:
    import asyncio
    from contextvars import Context

# Threads that a sync job may have to wait for.
MOST_THREADS = 8
# Seconds that an idle thread waits for its next job before it ends.
IDLE = 10.0
LEFT = "%d background job(s) were not done within SHUTDOWN_TIMEOUT (%s s), and were left: %s"


class Background:
    """The background work of one app in this process.

    :param app: the application.
    """

    def __init__(self, app: Any) -> None:
        # A job keeps its app; an app that is done with is not kept by its background work.
        self._app = weakref.ref(app)
        self.forget()
        if not LIVING:
            # Under WSGI nothing else tells that the process ends.
            at_exit(drain_all)
        LIVING.add(self)

    def forget(self) -> None:
        """Start anew, as in a forked child: no thread lives on there, and no job is its own."""
        self._jobs: set[_Job] = set()
        self._waiting: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._threads = 0
        self._idle = 0

    def spawn(self, ctx: AppContext | None, function: Callable[..., Any], *args: Any) -> None:
        """Run a function, sync or async, beside whatever is served.

        :param ctx: the context that it sees a copy of; ``None`` for one of the app alone.
        """
        job = _Job(self._app(), ctx, function, args)
        with self._changed:
            self._jobs.add(job)
        if job.is_async:
            self._start_on_loop(job, loop_of(ctx))
        else:
            self._start_in_thread(job)

    def _start_on_loop(self, job: _Job, loop: asyncio.AbstractEventLoop) -> None:
        def start() -> None:
            job.task = loop.create_task(job.run_async(), context=job.variables)
            job.task.add_done_callback(lambda _: self._forget(job))

        loop.call_soon_threadsafe(start)

    def _start_in_thread(self, job: _Job) -> None:
        with self._changed:
            self._waiting.append(job)
            if self._idle >= len(self._waiting):
                self._changed.notify_all()
                return
            if self._threads >= MOST_THREADS:
                return
            self._threads += 1
        # A daemon: how long the process waits for it is decided by `drain` alone.
        threading.Thread(target=self._work, name="costrel-background", daemon=True).start()

    def _work(self) -> None:
        """Run jobs until none has come for a while."""
        while True:
            with self._changed:
                self._idle += 1
                found = self._changed.wait_for(lambda: self._waiting, IDLE)
                self._idle -= 1
                if not found:
                    self._threads -= 1
                    return
                job = self._waiting.popleft()
            job.variables.run(job.run)
            self._forget(job)

    def _forget(self, job: _Job) -> None:
        with self._changed:
            self._jobs.discard(job)
            self._changed.notify_all()

    def drain(self) -> None:
        """Wait until all jobs are done, but not for ever; blocks."""
        app = self._app()
        if app is None:
            return
        limit = app.config["SHUTDOWN_TIMEOUT"]
        deadline = time.monotonic() + limit
        with self._changed:
            while self._jobs and (wait := deadline - time.monotonic()) > 0:
                self._changed.wait(wait)
            left = sorted(map(str, self._jobs))
            # Nobody waits for them twice.
            self._jobs.clear()
        if left:
            app.logger.warning(LEFT, len(left), limit, ", ".join(left))

    async def drain_on_loop(self) -> None:
        """Wait as :meth:`drain` does, from a loop that goes on with its own jobs meanwhile."""
        # asyncio is imported wherever a loop runs.
        from asyncio import to_thread  # noqa: PLC0415

        if not self.is_busy:
            return
        mine = [job.task for job in self._jobs if job.task is not None]
        await to_thread(self.drain)
        for task in mine:
            task.cancel()

    @property
    def is_busy(self) -> bool:
        """Whether a job is not done."""
        return bool(self._jobs)


# The background work of this process, to wait for at its end.
LIVING: weakref.WeakSet[Background] = weakref.WeakSet()


def forget_all() -> None:
    """Start anew in a forked child."""
    for background in list(LIVING):
        background.forget()


in_forked_children(forget_all)


def drain_all() -> None:
    """Wait for all background work of this process."""
    for background in list(LIVING):
        background.drain()


class _Job:
    """A function that is to run in a copy of a context.

    :ivar variables: the context variables of whoever asked for it.
    """

    def __init__(
        self, app: Any, ctx: AppContext | None, function: Callable[..., Any], args: Any
    ) -> None:
        self.app = app
        self.ctx = copy_of(app, ctx)
        self.call = partial(function, *args)
        self.is_async = is_async(function)
        self.variables: Context = copy_context()
        self.task: Any = None

    def __str__(self) -> str:
        function: Any = self.call
        while isinstance(function, partial):
            function = function.func
        return str(getattr(function, "__qualname__", function))

    def run(self) -> None:
        """Run it here, in a thread."""
        step(self.run_async())

    async def run_async(self) -> None:
        """Run it, log what it raises, and run the teardown functions of its app."""
        ctx, error = self.ctx, None
        CURRENT.set(ctx)
        if self.is_async:
            ctx.wait = _itself
        try:
            value = self.call()
            if type(value) is CoroutineType:
                await ctx.wait(value)
        except Exception as failure:
            error = failure
            self.app.logger.exception("Exception in the background job %s", self)
        try:
            await end_app(ctx, error)
        except Exception:
            self.app.logger.exception("Exception after the background job %s", self)


def _itself(coroutine: Any) -> Any:
    """How a job on a loop waits: it awaits the coroutine itself."""
    return coroutine


def copy_of(app: Any, ctx: AppContext | None) -> AppContext:
    """Make a context for a job: of the same request if there is one, with a `g` of its own."""
    found = None if ctx is None else ctx.found_request
    if found is None:
        copy = AppContext(app)
    else:
        copy = RequestContext(app, None, found.request, found.__dict__.get("_session"))
        copy.plan, copy.args = found.plan, found.args
    return copy


def loop_of(ctx: AppContext | None) -> asyncio.AbstractEventLoop:
    """The loop that an async job runs on: the one that serves, or the background loop."""
    # asyncio is imported wherever there is an async function to run.
    from asyncio import get_running_loop  # noqa: PLC0415

    try:
        return get_running_loop()
    except RuntimeError:
        loop = None if ctx is None else ctx.loop
        return BACKGROUND.loop() if loop is None else loop
