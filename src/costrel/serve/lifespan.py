"""What runs once a process, before the first request and after the last one.

Law: it runs once, whatever the protocol: by ASGI's lifespan, by RSGI's init, under WSGI before
the first request and at the process's end. A server for ASGI that tells of no start has it before
the first request as well, and nobody there tells of an end; but on the background loop, as the sync
test client's WebSockets are, it is the process's.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from functools import partial
from typing import Any

from costrel.serve.at_exit import at_exit
from costrel.serve.drive import BACKGROUND

# The lifespan that is being started for a first request, for what its functions do.
STARTING: ContextVar[Any] = ContextVar("costrel.starting", default=None)

NO_ASYNCIO = (
    "This server runs the app on an event loop that is not asyncio's, which costrel needs. "
    "Start it with its asyncio worker (hypercorn -k asyncio), or serve the app over WSGI."
)


class Lifespan:
    """The start and the end of one app in this process.

    :param app: the application, with its ``before_serving_funcs``, ``after_serving_funcs`` and
        ``while_serving_gens``.
    """

    def __init__(self, app: Any) -> None:
        self._app = weakref.ref(app)
        self.is_started = False
        self._open: list[Any] = []
        self._mounted: list[Any] = []
        self._late: Any = None
        # What ends connections that would stay open for ever; each is gone once it has ended.
        self.open_ends: set[Callable[[], None]] = set()

    @property
    def app(self) -> Any:
        """The application."""
        return self._app()

    async def start(self) -> None:
        """Run what comes before the first request; nothing happens the second time."""
        if self.is_started:
            return
        self.is_started = True
        for mount in self.app.mounts:
            lifespan = _lifespan_of(mount)
            if lifespan is not None:
                await lifespan.start()
                self._mounted.append(lifespan)
        with self.app.app_context():
            for function in self.app.before_serving_funcs:
                await _result(function())
            for function in self.app.while_serving_gens:
                generator = function()
                await _advance(generator)
                self._open.append(generator)

    async def stop(self) -> None:
        """Run what comes after the last request, in the reverse order; each of it, then raise."""
        if not self.is_started:
            return
        self.is_started = False
        errors: list[Exception] = []
        if self.open_ends:
            await self._end_connections()
        if self.app.has_background:
            await self.app.background.drain_on_loop()
        with self.app.app_context():
            while self._open:
                await _collect(errors, _advance(self._open.pop()))
            for function in self.app.after_serving_funcs:
                await _collect(errors, _call(function))
        while self._mounted:
            await _collect(errors, self._mounted.pop().stop())
        if errors:
            raise errors[0]

    async def _end_connections(self) -> None:
        """End the connections that the server has left open, and let their teardown run."""
        # asyncio is imported wherever a loop runs.
        from asyncio import get_running_loop, sleep  # noqa: PLC0415

        deadline = get_running_loop().time() + self.app.config["SHUTDOWN_TIMEOUT"]
        for end in list(self.open_ends):
            end()
        # An Event would have to be set by each connection that ends, only for this.
        while self.open_ends and get_running_loop().time() < deadline:  # noqa: ASYNC110
            await sleep(0.01)

    def start_now(self) -> None:
        """Start from sync code, on the background loop, and stop when the process ends.

        Whoever comes meanwhile waits; but a request that a function of the start makes itself.
        """
        if STARTING.get() is self:
            return
        # Not made with the app: gevent may have come since, whose greenlets no such lock lets run.
        with vars(self).setdefault("_lock", threading.Lock()):
            if self.is_started:
                return
            if not self._has_anything():
                self.is_started = True
                return
            BACKGROUND.run(self._start_for_request())

    def is_to_start(self) -> bool:
        """Whether a first request has to wait for the start."""
        if STARTING.get() is self or not self._has_anything():
            return False
        return not self.is_started or self._late is not None

    async def start_late(self) -> None:
        """Start for the first request; whoever comes meanwhile waits for the same start.

        It goes on where the client that it began for goes away.
        """
        # asyncio is imported wherever a loop runs.
        from asyncio import ensure_future, shield  # noqa: PLC0415

        if self._late is None:
            self._late = ensure_future(self._start_for_request())
        await shield(self._late)

    async def _start_for_request(self) -> None:
        token = STARTING.set(self)
        try:
            await self.start()
        except BaseException:
            # The next request tries again.
            self.is_started = False
            raise
        finally:
            STARTING.reset(token)
            self._late = None
        if BACKGROUND.runs_here():
            # Keeps the app until then: what it has begun has to be ended.
            at_exit(_stop_now, self.app)

    def stop_now(self) -> None:
        """Stop from sync code, on the background loop."""
        BACKGROUND.run(self.stop())

    def _has_anything(self) -> bool:
        app = self.app
        return bool(
            app.before_serving_funcs
            or app.after_serving_funcs
            or app.while_serving_gens
            or app.mounts
        )


def _stop_now(app: Any) -> None:
    app.lifespan.stop_now()


def _lifespan_of(mount: Any) -> Any:
    """What starts and stops a mounted app, if it has anything of that kind."""
    own = getattr(mount.app, "lifespan", None)
    if isinstance(own, Lifespan):
        return own
    if mount.asgi is None:
        return None
    # Heavy (asyncio), and only for mounted ASGI apps.
    from costrel.serve.asgi_lifespan import AsgiLifespan  # noqa: PLC0415

    return AsgiLifespan(mount.asgi)


async def _result(value: Any) -> Any:
    return await value if isinstance(value, Awaitable) else value


async def _call(function: Callable[[], Any]) -> None:
    await _result(function())


async def _advance(generator: Any) -> None:
    """Run a generator to its ``yield``, or from there to its end."""
    if hasattr(generator, "__anext__"):
        await anext(generator, None)
    else:
        next(generator, None)


async def _collect(errors: list[Exception], step: Coroutine[Any, Any, None]) -> None:
    try:
        await step
    except Exception as error:
        errors.append(error)


async def _start_on_loop(app: Any) -> None:
    # Imported by the gateway that this is called by.
    from asyncio import get_running_loop  # noqa: PLC0415

    try:
        get_running_loop()
    except RuntimeError:
        # Told now, as each request would only say that there is no running event loop.
        raise RuntimeError(NO_ASYNCIO) from None
    await app.lifespan.start()


async def serve_lifespan(app: Any, receive: Any, send: Any) -> None:
    """Answer a server's lifespan messages (ASGI lifespan 2.0)."""
    lifespan = app.lifespan
    steps = {"lifespan.startup": partial(_start_on_loop, app), "lifespan.shutdown": lifespan.stop}
    while True:
        kind = (await receive())["type"]
        try:
            await steps[kind]()
        except Exception as error:
            app.logger.exception("Exception in %s", kind)
            await send({"type": f"{kind}.failed", "message": str(error)})
            return
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
