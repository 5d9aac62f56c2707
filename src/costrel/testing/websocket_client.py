"""WebSockets for tests, in process: the client's side, awaited or blocking."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from costrel.http.headers import Headers
from costrel.http.response import Response
from costrel.serve.drive import BACKGROUND
from costrel.serve.websocket import WebSocketDisconnect

T = TypeVar("T")

# Seconds to wait for a message before a test is taken to hang.
PATIENCE = 5.0


class WebSocketRejected(Exception):
    """The handshake was not accepted; `response` is the answer to it."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"The WebSocket was rejected with {response.status}.")
        self.response = response


class AsyncTestWebSocket:
    """A WebSocket to an app, for async tests: `async with client.websocket("/ws") as websocket`.

    `accepted_subprotocol` and `accept_headers` say how the handshake was answered.
    """

    __test__ = False  # no test case, whatever its name says to pytest

    def __init__(self, app: Any, scope: dict[str, Any]) -> None:
        self.app = app
        self.scope = scope
        self.accepted_subprotocol: str | None = None
        self.accept_headers = Headers()
        self.is_closed = False

    async def __aenter__(self) -> Self:
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._to_app.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.ensure_future(
            self.app(self.scope, self._to_app.get, self._from_app.put)
        )
        self._task.add_done_callback(lambda _: self._from_app.put_nowait(None))
        try:
            await self._wait_for_answer()
        except BaseException:
            self.is_closed = True
            self._task.cancel()
            await asyncio.wait((self._task,))
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
        await asyncio.wait((self._task,), timeout=PATIENCE)
        if not self._task.done():
            self._task.cancel()
            raise RuntimeError(
                f"The handler of {self.scope['path']!r} went on for {PATIENCE} s after the client "
                "had gone. It should receive, send, or end."
            )
        # An error of the app is the test's, unless the test has one of its own.
        if self._task.exception() and (error is None or isinstance(error, WebSocketDisconnect)):
            self._task.result()

    async def _wait_for_answer(self) -> None:
        message = await self._next(PATIENCE)
        kind = message["type"]
        if kind == "websocket.accept":
            self.accepted_subprotocol = message.get("subprotocol")
            pairs = message.get("headers") or ()
            self.accept_headers = Headers(
                [(n.decode("latin-1"), v.decode("latin-1")) for n, v in pairs]
            )
        elif kind == "websocket.http.response.start":
            pairs = message["headers"]
            headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in pairs]
            body = (await self._next(PATIENCE))["body"]
            raise WebSocketRejected(Response(body, message["status"], headers))
        else:
            raise WebSocketRejected(Response(status=403))

    async def _next(self, patience: float) -> dict[str, Any]:
        """The app's next message; raises what the app has raised."""
        try:
            async with asyncio.timeout(patience):
                message = await self._from_app.get()
        except TimeoutError:
            raise TimeoutError(f"The app sent nothing within {patience} s.") from None
        if message is None:
            self._from_app.put_nowait(None)
            self._task.result()
            raise WebSocketDisconnect
        return message

    async def receive(self, patience: float = PATIENCE) -> str | bytes:
        """The next message. Raises WebSocketDisconnect, with its code, where the app closed."""
        message = await self._next(patience)
        if message["type"] == "websocket.close":
            self.is_closed = True
            raise WebSocketDisconnect(message.get("code", 1000), message.get("reason") or "")
        found: str | bytes = message["bytes"] if message.get("text") is None else message["text"]
        return found

    async def receive_json(self, patience: float = PATIENCE) -> Any:
        """The next message, parsed."""
        return json.loads(await self.receive(patience))

    async def send(self, message: str | bytes) -> None:
        """Send a message, text or binary."""
        kind = "text" if isinstance(message, str) else "bytes"
        self._to_app.put_nowait({"type": "websocket.receive", kind: message})

    async def send_json(self, value: Any) -> None:
        """Send a message as JSON."""
        await self.send(json.dumps(value))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Go away, as a client with this close code."""
        if not self.is_closed:
            self.is_closed = True
            message = {"type": "websocket.disconnect", "code": code, "reason": reason}
            self._to_app.put_nowait(message)


class TestWebSocket:
    """The same for sync tests: `with client.websocket_connect("/ws") as websocket`.

    The app runs on the background loop; each method blocks until it is done.
    """

    __test__ = False

    def __init__(self, websocket: AsyncTestWebSocket) -> None:
        self._websocket = websocket

    def __enter__(self) -> Self:
        self._run(self._websocket.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._run(self._websocket.__aexit__(kind, error, traceback))

    @staticmethod
    def _run(coroutine: Coroutine[Any, Any, T]) -> T:
        return BACKGROUND.run(coroutine)

    @property
    def accepted_subprotocol(self) -> str | None:
        """The subprotocol that the app chose."""
        return self._websocket.accepted_subprotocol

    @property
    def accept_headers(self) -> Headers:
        """The headers of the answer to the handshake."""
        return self._websocket.accept_headers

    def receive(self, patience: float = PATIENCE) -> str | bytes:
        """The next message. Raises WebSocketDisconnect, with its code, where the app closed."""
        return self._run(self._websocket.receive(patience))

    def receive_json(self, patience: float = PATIENCE) -> Any:
        """The next message, parsed."""
        return self._run(self._websocket.receive_json(patience))

    def send(self, message: str | bytes) -> None:
        """Send a message, text or binary."""
        self._run(self._websocket.send(message))

    def send_json(self, value: Any) -> None:
        """Send a message as JSON."""
        self._run(self._websocket.send_json(value))

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Go away, as a client with this close code."""
        self._run(self._websocket.close(code, reason))
