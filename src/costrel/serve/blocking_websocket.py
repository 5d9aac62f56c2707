"""BlockingWebSocket: a WebSocket for sync handlers, with blocking calls of the same names.

Law: the loop does the work; the handler's thread stands until it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from costrel.serve.drive import run_on
from costrel.serve.websocket import GOING_AWAY, WebSocketDisconnect

if TYPE_CHECKING:
    import asyncio

    from costrel.serve.websocket import WebSocket

WAITING = frozenset({"accept", "receive", "receive_json", "send", "send_json", "close", "reject"})


class BlockingWebSocket:
    """A WebSocket, as sync handlers in a worker thread see it.

    :param websocket: the WebSocket on the loop.
    :param loop: that loop.
    """

    def __init__(self, websocket: WebSocket, loop: asyncio.AbstractEventLoop) -> None:
        self.websocket = websocket
        self.loop = loop
        self._waiting: asyncio.Task[Any] | None = None
        self._closing: asyncio.Task[None] | None = None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.websocket, name)
        return self._blocking(found) if name in WAITING else found

    def __repr__(self) -> str:
        return repr(self.websocket)

    def _blocking(self, method: Callable[..., Any]) -> Callable[..., Any]:
        async def wait(*args: Any, **kwargs: Any) -> Any:
            # asyncio is imported wherever a loop runs.
            from asyncio import current_task  # noqa: PLC0415

            self._waiting = current_task()
            return await method(*args, **kwargs)

        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return run_on(self.loop, wait(*args, **kwargs))
            except CancelledError as error:
                raise WebSocketDisconnect(GOING_AWAY) from error

        return call

    def interrupt(self) -> None:
        """Have what the handler waits for, and all it calls from now on, say that this is over."""
        self._closing = self.loop.create_task(self.websocket.end(GOING_AWAY, ""))
        if self._waiting is not None:
            self._waiting.cancel()

    def __iter__(self) -> Iterator[str | bytes]:
        while True:
            try:
                yield self.receive()
            except WebSocketDisconnect:
                return
