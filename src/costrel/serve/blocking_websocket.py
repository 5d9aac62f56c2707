"""BlockingWebSocket: a WebSocket for sync handlers, with blocking calls of the same names.

Law: the loop does the work; the handler's thread stands until it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from costrel.serve.drive import run_on
from costrel.serve.websocket import WebSocketDisconnect

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

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.websocket, name)
        return self._blocking(found) if name in WAITING else found

    def __repr__(self) -> str:
        return repr(self.websocket)

    def _blocking(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            return run_on(self.loop, method(*args, **kwargs))

        return call

    def __iter__(self) -> Iterator[str | bytes]:
        while True:
            try:
                yield self.receive()
            except WebSocketDisconnect:
                return
