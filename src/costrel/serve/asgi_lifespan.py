"""Start and stop a mounted ASGI application, as a server would (ASGI lifespan 2.0)."""

from __future__ import annotations

import asyncio
from typing import Any

# Seconds for what an application still does once it has said that it is shut down.
GRACE = 1.0


class AsgiLifespan:
    """The lifespan of one ASGI application; one that has none is left alone.

    :param app: the application.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self.task: asyncio.Future[Any] | None = None

    async def start(self) -> None:
        """Run its start-up.

        :raises RuntimeError: where it failed.
        """
        self.to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue(1)
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        self.task = asyncio.ensure_future(self.app(scope, self.to_app.get, self.from_app.put))
        await self._ask("startup")

    async def stop(self) -> None:
        """Run its shut-down.

        :raises RuntimeError: where it failed.
        """
        if self.task is not None and not self.task.done():
            await self._ask("shutdown")
            await asyncio.wait((self.task,), timeout=GRACE)
            if not self.task.done():
                # It waits for more messages, of which there are none.
                self.task.cancel()
                await asyncio.wait((self.task,))

    async def _ask(self, phase: str) -> None:
        assert self.task is not None
        self.to_app.put_nowait({"type": f"lifespan.{phase}"})
        answer = asyncio.ensure_future(self.from_app.get())
        await asyncio.wait((answer, self.task), return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            # It ended, or raised, because it knows no lifespan: that is allowed.
            answer.cancel()
            self.task.cancelled() or self.task.exception()
            return
        message = answer.result()
        if not message["type"].startswith("lifespan."):
            # It does not look what it is called for.
            self.task.cancel()
            return
        if message["type"].endswith("failed"):
            raise RuntimeError(f"A mounted app's {phase} failed: {message.get('message', '')}")
