"""The one place where sync meets async.

Law: there is one ``async def`` of everything. Whether it is stepped through at once or awaited on
a loop is decided when the plan is compiled, and done here.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterable, Callable, Coroutine, Iterator
from contextvars import Context, copy_context
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar, cast

from costrel.serve.at_exit import in_forked_children

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

# What `inspect.CO_COROUTINE` is; importing inspect takes 10 ms.
CO_COROUTINE = 0x80

ON_ITSELF = (
    "Sync code called by an async function would wait here for what has to run on the same event "
    "loop, for ever: so does a test client, or ensure_sync(), in an async view over WSGI or in a "
    "function of the start. Make it async and await it, or call it by asyncio.to_thread()."
)


def step(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never truly waits."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]  # what the coroutine returned
    coroutine.close()
    raise RuntimeError(
        "A plan compiled as sync reached an await that waits. Report this as a costrel bug."
    )


class BackgroundLoop:
    """One event loop in a thread of its own, which lives as long as the process.

    Async views under WSGI run on it, so that a connection pool made in one request still belongs
    to a running loop in the next.
    """

    _loop: asyncio.AbstractEventLoop | None = None
    # Of the thread that it runs in.
    _ident: int | None = None

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the running loop, started at the first call."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            return loop
        # Not made with this object: gevent may have come since, and who waits for a lock of before
        # keeps all others waiting.
        with vars(self).setdefault("_lock", threading.Lock()):
            if self._loop is None or self._loop.is_closed():
                self._start()
            return cast("asyncio.AbstractEventLoop", self._loop)

    def _start(self) -> None:
        if threads_are_green():
            from costrel.serve.green_loop import GreenLoop  # noqa: PLC0415

            self._loop = GreenLoop()
        else:
            # Heavy (40 ms) and of no use to an app without async views.
            import asyncio  # noqa: PLC0415

            self._loop = asyncio.new_event_loop()
        self._ident = None
        made = (self._loop,)
        threading.Thread(target=self._run, args=made, name="costrel-loop", daemon=True).start()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        self._ident = threading.get_ident()
        loop.run_forever()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for what it returns.

        :raises RuntimeError: where the loop itself would have to wait.
        """
        loop = self.loop()
        if self.runs_here():
            coroutine.close()
            raise RuntimeError(ON_ITSELF)
        return run_on(loop, coroutine)

    def runs_here(self) -> bool:
        """Whether the caller is in the loop's own thread."""
        return self._ident == threading.get_ident()

    def forget(self) -> None:
        """Start anew in a forked child, where the loop's thread does not live on."""
        vars(self).clear()


def threads_are_green() -> bool:
    """Whether somebody, as a rule gevent, has put greenlets in the place of threads."""
    return type(threading.Lock()).__module__ != "_thread"


def run_on(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of another thread and wait for what it returns.

    The caller's context variables are seen by the coroutine, and what it sets is set for the
    caller afterwards. When the caller is interrupted, the coroutine is cancelled.
    """
    context = copy_context()
    done = threading.Event()
    tasks: list[asyncio.Task[T]] = []

    def start() -> None:
        task = loop.create_task(coroutine, context=context)
        tasks.append(task)
        task.add_done_callback(lambda _: done.set())

    loop.call_soon_threadsafe(start)
    try:
        done.wait()
    except BaseException:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in tasks])
        raise
    take_over(context)
    return tasks[0].result()


def take_over(context: Context) -> None:
    """Set here each context variable that was set there."""
    for variable, value in context.items():
        try:
            if variable.get() is value:
                continue
        except LookupError:
            pass
        variable.set(value)


BACKGROUND = BackgroundLoop()

in_forked_children(BACKGROUND.forget)


async def wait_in_background(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the background loop, without ever giving up the caller's thread."""
    return BACKGROUND.run(coroutine)


def as_it_is(coroutine: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
    """How a context on an event loop waits: it awaits the coroutine itself."""
    return coroutine


def iterate_now(chunks: AsyncIterable[T]) -> Iterator[T]:
    """Iterate over an async iterable from sync code; each step runs on the background loop."""
    steps = aiter(chunks)

    # An async generator takes its hooks from where its first step is asked for.
    async def advance() -> T:
        return await anext(steps)

    try:
        while True:
            try:
                yield BACKGROUND.run(advance())
            except StopAsyncIteration:
                return
    finally:
        close = getattr(steps, "aclose", None)
        if close is not None:
            BACKGROUND.run(close())


def wait_for(function: Callable[..., Coroutine[Any, Any, T]]) -> Callable[..., T]:
    """Make an async function callable from sync code: it runs on the background loop."""

    def call(*args: Any, **kwargs: Any) -> T:
        return BACKGROUND.run(function(*args, **kwargs))

    return update_wrapper(call, function)


def is_async(func: Any) -> bool:
    """Whether calling the function makes a coroutine."""
    while isinstance(func, partial):
        func = func.func
    func = getattr(func, "__func__", func)
    if hasattr(func, "_is_coroutine_mark") or hasattr(func, "_is_coroutine"):
        return True
    code = getattr(func, "__code__", None)
    if code is None and not isinstance(func, type):
        code = getattr(type(func).__call__, "__code__", None) if callable(func) else None
    return code is not None and bool(code.co_flags & CO_COROUTINE)
