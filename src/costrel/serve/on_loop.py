"""Serve a request on an event loop: what the ASGI and the RSGI gateway have in common.

Law: nothing here blocks the loop. A sync plan goes to a worker thread as a whole, unless it was
declared quick; an async one runs where it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Coroutine, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from costrel.http.request import Request
from costrel.http.response import BODILESS, Response
from costrel.parts.signals import LIVE
from costrel.serve.client_watch import ClientWatch, Gone
from costrel.serve.context import RequestContext, announce
from costrel.serve.current import CURRENT
from costrel.serve.drive import as_it_is, run_on
from costrel.serve.environ_request import make_environ_request
from costrel.serve.tear_down import end_request
from costrel.serve.thread_call import Unfinished
from costrel.serve.thread_stream import END, ThreadStream
from costrel.serve.way_out import must_be_called
from costrel.serve.workers import Workers, default_size

if TYPE_CHECKING:
    from costrel.http.wire import Wire
    from costrel.serve.answer import Answer
    from costrel.serve.plan import Plan


# Threads that open and save the sessions of async views where these may wait for a store.
STORE_THREADS = 8
STORES_ARE_SLOW = (
    "The store of sessions answers too slowly for what is asked of it: have a look at it."
)


async def wait_from_thread(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any]
) -> Any:
    """How a context in a worker thread waits: the loop runs the coroutine, the thread stands."""
    return run_on(loop, coroutine)


def make_context(
    runner: LoopRunner, wire: Wire, raw: Any, method: str, server: Any
) -> RequestContext:
    """Make the context of a request, and the request.

    :param wire: tells the request what `raw` says.
    :param server: the server's side of the request.
    """
    # PERF: in one call, and past both constructors (0.2 µs of 2.8 for hello).
    app = runner.app
    request_class = app.request_class
    if runner.calls_constructor:
        request = make_environ_request(request_class, wire, raw)
    else:
        request = request_class.__new__(request_class)
        request.wire = wire
        request.raw = raw
        request.method = method
    request.settings = app
    ctx = RequestContext.__new__(RequestContext)
    ctx.app = app
    ctx.request = request
    ctx.wait = as_it_is
    ctx.runner = runner
    ctx.server = server
    return ctx


class LoopRunner:
    """Runs plans for the gateways of one app; made at the first request.

    :param app: the application.
    :param gone: called with the server's side of a request; waits until its client has gone.
    """

    def __init__(self, app: Any, gone: Gone) -> None:
        self.app = app
        self.calls_constructor = app.request_class.__init__ is not Request.__init__
        self.watch = ClientWatch(gone)
        size = app.config.get("WORKER_THREADS") or default_size()
        self.workers = Workers(size, app.logger.warning)
        # Of its own, so that sync views that take long do not keep async ones from their sessions.
        self.store_workers = Workers(STORE_THREADS, app.logger.warning, STORES_ARE_SLOW)
        # Threads of sync handlers of WebSockets, which stay in theirs for long.
        self.websocket_threads = 0

    def is_fatal(self, ctx: RequestContext, error: BaseException) -> bool:
        """Note what ended a request, and tell whether the server has to know of it."""
        ctx.error = error
        return not self.watch.has_cancelled(ctx, error)

    async def run_aside(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call in a thread what may wait for a store of sessions."""
        return await self.store_workers.run(asyncio.get_running_loop(), function, *args)

    async def run_in_thread(self, ctx: RequestContext, plan: Plan) -> Response | Answer:
        """Run a sync plan in a worker thread."""
        ctx.loop = asyncio.get_running_loop()
        ctx.wait = partial(wait_from_thread, ctx.loop)
        return await self.call_in_thread(ctx, self._run_whole, ctx, plan)

    async def call_in_thread(
        self, ctx: RequestContext, function: Callable[..., Any], *args: Any
    ) -> Response:
        """Have a worker thread make a response."""
        try:
            return await self.workers.run(ctx.loop, function, *args)
        except asyncio.CancelledError:
            if ctx.stream is not None:
                await ctx.stream.close()
            raise

    async def call_wsgi(self, ctx: RequestContext, application: Any, environ: Any) -> Response:
        """Call a WSGI application in a worker thread, which also makes its body."""
        ctx.loop = asyncio.get_running_loop()

        def call() -> Any:
            response = Response.from_app(application, environ)
            return go_on(ctx, response) if has_steps(response) else response

        return await self.call_in_thread(ctx, call)

    def _run_whole(self, ctx: RequestContext, plan: Plan) -> Response | Answer | Unfinished:
        """Run a sync plan, make its body, and end the request.

        All in one thread: database connections and the like belong to the thread they are of.
        """
        try:
            response = plan.run(ctx, plan)
            if not isinstance(response, tuple) and must_be_called(response):
                response = Response.from_app(response, ctx.request.environ)
        except BaseException as error:
            ctx.error = error
            self._tear_down(ctx)
            raise
        if isinstance(response, tuple):
            self._tear_down(ctx)
            return response
        if hasattr(response.response, "__aiter__"):
            return response
        if has_steps(response):
            return go_on(ctx, response, lambda: self._tear_down(ctx))
        self._tear_down(ctx)
        return response

    def _tear_down(self, ctx: RequestContext) -> None:
        if ctx.has_an_end():
            ctx.is_torn_down = True
            self.app.tear_down(ctx, ctx.error)

    async def leave(self, ctx: RequestContext, token: Any) -> None:
        """End a request: teardown functions where the plan ran, then the outer context."""
        if not (ctx.needs_leaving or LIVE):
            ctx.leave_with_files()
            return
        try:
            if ctx.plan is not None and ctx.plan.runs_on_loop:
                await end_request(ctx, ctx.error)
            elif not ctx.is_torn_down:
                loop = asyncio.get_running_loop()
                await self.workers.run(loop, self.app.tear_down, ctx, ctx.error)
        finally:
            CURRENT.reset(token)
            ctx.tokens = ()
            ctx.start_jobs()
        if ctx.owns_app_context:
            announce("appcontext_popped", self.app)

    def send(self, ctx: RequestContext, stream: Coroutine[Any, Any, None]) -> Awaitable[None]:
        """Send a stream; end it when its client goes away, or when the app stops.

        :param stream: sends the whole body.
        """
        return self.watch.send(ctx, stream, self.app.lifespan.open_ends)

    def chunks(self, ctx: RequestContext, response: Response) -> AsyncGenerator[Any, None]:
        """Iterate over a response's body, in chunks of bytes, or of text where it is async."""
        if has_no_body(ctx, response):
            return no_chunks()
        body = response.response
        if hasattr(body, "__aiter__"):
            # PERF: an async generator goes as it is; one around it costs 0.25 µs a chunk.
            return body if hasattr(body, "asend") else each_of(body)
        if ctx.stream is None and has_steps(response):
            loop = asyncio.get_running_loop()
            ctx.loop = ctx.loop or loop
            self.workers.begin(loop, go_on(ctx, response).rest)
        return self._file(response) if ctx.stream is None else ctx.stream.chunks()

    async def _file(self, response: Response) -> AsyncGenerator[Any, None]:
        """Iterate over a file, which any thread may read."""
        loop = asyncio.get_running_loop()
        steps = iter(in_bytes(response))
        while (chunk := await self.workers.run(loop, next, steps, END)) is not END:
            yield chunk

    async def close(self, ctx: RequestContext, response: Response) -> None:
        """Close a response whose body was sent, or whose client went away."""
        if ctx.stream is not None:
            await ctx.stream.close()
            return
        body = response.response
        if hasattr(body, "aclose"):
            await body.aclose()
        is_own = type(response).close is not Response.close
        # PERF: a hop to a worker thread costs 30 µs, so it is spared where nothing is to be done.
        if is_own or response._closers or hasattr(body, "close"):
            await self.workers.run(asyncio.get_running_loop(), response.close)


def has_no_body(ctx: RequestContext, response: Response) -> bool:
    """Whether nothing is sent of a body, because of the method or the status."""
    return ctx.request.method == "HEAD" or response.status_code in BODILESS


def whole_body(ctx: RequestContext, response: Response) -> bytes:
    """The body of a response that has it at hand."""
    return b"" if has_no_body(ctx, response) else b"".join(in_bytes(response))


def in_bytes(response: Response) -> Iterable[bytes]:
    """The chunks of a body as bytes; what is to be handed on unexamined is not looked at."""
    if response.direct_passthrough:
        return response.response  # type: ignore[no-any-return]  # whatever was passed through
    return response.iter_encoded()


def has_steps(response: Response) -> bool:
    """Whether a body is made by sync code while it is sent; a file is not."""
    return response.is_streamed and not response.direct_passthrough


def go_on(
    ctx: RequestContext, response: Response, end: Callable[[], None] | None = None
) -> Unfinished:
    """What a worker thread returns for a body that it goes on to make.

    :param end: called in that thread at the end.
    """

    def finish(error: BaseException | None) -> None:
        ctx.error = ctx.error or error
        try:
            response.close()
        finally:
            if end is not None:
                end()

    ctx.stream = ThreadStream(ctx.loop, response.iter_encoded, finish)
    return Unfinished(response, ctx.stream.run)


async def each_of(body: AsyncIterable[Any]) -> AsyncGenerator[Any, None]:
    """Iterate over a body that is async, and no generator."""
    async for chunk in body:
        yield chunk


async def no_chunks() -> AsyncGenerator[Any, None]:
    """The body of an answer that has none."""
    nothing: tuple[bytes, ...] = ()
    for chunk in nothing:
        yield chunk
