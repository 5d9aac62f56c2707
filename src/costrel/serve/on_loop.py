"""Serve a request on an event loop: what the ASGI and the RSGI gateway have in common.

Law: nothing here blocks the loop. A sync plan goes to a worker thread as a whole; an async one
runs where it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from costrel.http.response import BODILESS, Response
from costrel.serve.client_watch import ClientWatch, Gone
from costrel.serve.context import RequestContext, announce
from costrel.serve.current import CURRENT
from costrel.serve.drive import run_on
from costrel.serve.lanes import full_lane
from costrel.serve.tear_down import end_request
from costrel.serve.workers import Workers, default_size

if TYPE_CHECKING:
    from costrel.serve.plan import Plan

END: Any = object()


def as_it_is(coroutine: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
    """How a context on the loop waits: it awaits the coroutine itself."""
    return coroutine


async def wait_from_thread(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any]
) -> Any:
    """How a context in a worker thread waits: the loop runs the coroutine, the thread stands."""
    return run_on(loop, coroutine)


class LoopRunner:
    """Runs plans for the gateways of one app; made at the first request.

    :param app: the application.
    :param gone: called with the server's side of a request; waits until its client has gone.
    """

    def __init__(self, app: Any, gone: Gone) -> None:
        self.app = app
        self.watch = ClientWatch(gone)
        size = app.config.get("WORKER_THREADS") or default_size()
        self.workers = Workers(size, app.logger.warning)
        # Threads of sync handlers of WebSockets, which stay in theirs for long.
        self.websocket_threads = 0

    def run(self, ctx: RequestContext, plan: Plan, server: Any) -> Awaitable[Response]:
        """Run a plan: on the loop, or in a worker thread where it might block that.

        :param server: the server's side of the request.
        """
        if not plan.runs_on_loop:
            return self._run_in_thread(ctx, plan)
        ctx.wait = as_it_is
        if plan.is_watched:
            self.watch.look_after(ctx, server)
        return full_lane(ctx, plan)

    def is_fatal(self, ctx: RequestContext, error: BaseException) -> bool:
        """Note what ended a request, and tell whether the server has to know of it."""
        ctx.error = error
        return not self.watch.has_cancelled(ctx, error)

    async def _run_in_thread(self, ctx: RequestContext, plan: Plan) -> Response:
        loop = asyncio.get_running_loop()
        ctx.wait = partial(wait_from_thread, loop)
        ctx.loop = loop
        return await self.workers.run(loop, self._run_whole, ctx, plan)

    def _run_whole(self, ctx: RequestContext, plan: Plan) -> Response:
        """Run a sync plan, and what ends the request unless its body is still to be made.

        Both in one thread: database connections and the like belong to the thread they are of.
        """
        try:
            response: Response = plan.run(ctx, plan)
        except BaseException as error:
            ctx.error = error
            self._tear_down(ctx)
            raise
        if not response.is_streamed or response.direct_passthrough:
            self._tear_down(ctx)
        return response

    def _tear_down(self, ctx: RequestContext) -> None:
        if ctx.needs_leaving:
            ctx.is_torn_down = True
            self.app.tear_down(ctx, ctx.error)

    async def leave(self, ctx: RequestContext, token: Any) -> None:
        """End a request: teardown functions where the plan ran, then the outer context."""
        try:
            if ctx.wait is as_it_is:
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

    def send(
        self, ctx: RequestContext, stream: Coroutine[Any, Any, None], server: Any
    ) -> Awaitable[None]:
        """Send a stream; end it when its client goes away, or when the app stops.

        :param stream: sends the whole body.
        :param server: the server's side of the request.
        """
        return self.watch.send(ctx, stream, server, self.app.lifespan.open_ends)

    def chunks(self, response: Response, method: str) -> AsyncGenerator[Any, None]:
        """Iterate over a response's body, in chunks of bytes, or of text where it is async."""
        if method == "HEAD" or response.status_code in BODILESS:
            return no_chunks()
        body = response.response
        # PERF: an async generator goes as it is; one around it costs 0.25 µs a chunk.
        return body if hasattr(body, "asend") else self._chunks_of(response)

    async def _chunks_of(self, response: Response) -> AsyncGenerator[Any, None]:
        """Iterate over another body; a sync iterator takes each step in a worker thread."""
        body = response.response
        if hasattr(body, "__aiter__"):
            async for chunk in body:
                yield chunk
            return
        if response.is_sequence:
            yield b"".join(response.iter_encoded())
            return
        loop = asyncio.get_running_loop()
        steps = iter(response.iter_encoded())
        while True:
            chunk = await self.workers.run(loop, next, steps, END)
            if chunk is END:
                return
            yield chunk

    async def close(self, response: Response) -> None:
        """Close a response whose body was sent, or whose client went away."""
        body = response.response
        if hasattr(body, "aclose"):
            await body.aclose()
        is_own = type(response).close is not Response.close
        # PERF: a hop to a worker thread costs 50 µs, so it is spared where nothing is to be done.
        if is_own or response._on_close or hasattr(body, "close"):
            await self.workers.run(asyncio.get_running_loop(), response.close)


async def no_chunks() -> AsyncGenerator[Any, None]:
    """The body of an answer that has none."""
    nothing: tuple[bytes, ...] = ()
    for chunk in nothing:
        yield chunk
