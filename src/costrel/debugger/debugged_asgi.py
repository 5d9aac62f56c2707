"""The debugger's edge for ASGI servers: messages in, pages out. All else is the desk's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from costrel.debugger.debug_desk import (
    LARGEST_CALL,
    OF_THE_BODY,
    WATCHED,
    Answer,
    DebugDesk,
    Outcome,
)
from costrel.debugger.kept_requests import LARGEST_BODY, KeptRequest
from costrel.debugger.stall_watch import watch_loop
from costrel.http.status import HTTP_STATUS_CODES

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
REPLAY_WITHIN = 30.0


class DebuggedASGI:
    """An ASGI application whose errors are shown.

    :param app: the application.
    :param desk: the debugger.
    """

    def __init__(self, app: Any, desk: DebugDesk) -> None:
        self.app = app
        self.desk = desk
        self.loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan" or not self.desk.is_on:
            await self.app(scope, receive, send)
            return
        self.loop = asyncio.get_running_loop()
        watch_loop(self.loop, app=self.desk.app)
        kept = keep_scope(scope)
        if scope["type"] == "websocket":
            await self._run_websocket(scope, receive, send, kept)
        elif self.desk.answers(kept.path):
            kept.body = await _read(receive)
            self.desk.run_again = self._run_again
            await _send(send, await asyncio.to_thread(self.desk.serve, kept))
        else:
            await self._run(scope, receive, send, kept)

    async def _run(self, scope: Message, receive: Receive, send: Send, kept: KeptRequest) -> None:
        recorded = _RecordedReceive(receive)
        watched: list[tuple[Any, Any]] = []
        gate = _SendGate(send, watched, self.desk, kept, recorded)
        token = WATCHED.set(watched)
        try:
            await self.app(scope, recorded, gate)
        except Exception as error:
            kept.body = await recorded.whole()
            answer = self.desk.report_crash(error, kept)
            if gate.is_started:
                raise
            await _send(send, answer)
        finally:
            WATCHED.reset(token)

    async def _run_websocket(
        self, scope: Message, receive: Receive, send: Send, kept: KeptRequest
    ) -> None:
        ended: list[str] = []

        async def note(message: Message) -> None:
            if message["type"] != "websocket.send" and message["type"] != "websocket.accept":
                ended.append(message["type"])
            await send(message)

        try:
            await self.app(scope, receive, note)
        except Exception as error:
            kept.method, kept.body = "WEBSOCKET", None
            self.desk.report_crash(error, kept)
            if not ended:
                await send({"type": "websocket.close", "code": 1011})

    def _run_again(self, kept: KeptRequest) -> Outcome:
        """Run a request again on the loop, from the thread of the call."""
        assert self.loop is not None  # a call came in over it
        again = asyncio.run_coroutine_threadsafe(self._replay(kept), self.loop)
        return again.result(REPLAY_WITHIN)

    async def _replay(self, kept: KeptRequest) -> Outcome:
        told: list[int] = []
        body = [{"type": "http.request", "body": kept.body or b"", "more_body": False}]

        async def receive() -> Message:
            if body:
                return body.pop()
            await asyncio.sleep(REPLAY_WITHIN)
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                told.append(message["status"])

        try:
            await self.app(make_scope(kept), receive, send)
        except Exception as error:
            return Outcome("500", error)
        status = told[-1] if told else 500
        return Outcome(f"{status} {HTTP_STATUS_CODES.get(status, 'Unknown').upper()}")


class _RecordedReceive:
    """A ``receive`` whose body is kept, up to a size."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.kept: list[bytes] = []
        self.size = 0
        self.is_whole = False

    async def __call__(self) -> Message:
        message = await self.receive()
        if message["type"] == "http.request":
            chunk = message.get("body", b"")
            self.size += len(chunk)
            self.is_whole = not message.get("more_body", False)
            self.kept.append(chunk)
            if self.size > LARGEST_BODY:
                self.kept.clear()
        else:
            self.is_whole = True
        return message

    async def whole(self) -> bytes | None:
        """What was sent, the unread rest included; ``None`` where it is too large."""
        while not self.is_whole and self.size <= LARGEST_BODY:
            await self()
        return b"".join(self.kept) if self.size <= LARGEST_BODY else None


class _SendGate:
    """A ``send`` that replaces an HTTP error's own page where there is advice."""

    def __init__(
        self,
        send: Send,
        watched: list[tuple[Any, Any]],
        desk: DebugDesk,
        kept: KeptRequest,
        recorded: _RecordedReceive,
    ) -> None:
        self.send = send
        self.watched = watched
        self.desk = desk
        self.kept = kept
        self.recorded = recorded
        self.is_started = self.is_replaced = False
        self.held: Message | None = None

    async def __call__(self, message: Message) -> None:
        if self.is_replaced:
            return
        if message["type"] == "http.response.start":
            # Held until the first part of the body, so that a failure there can be shown.
            self.held = message
            self.is_replaced = await self._replace(message)
            return
        if self.held is not None:
            held, self.held = self.held, None
            self.is_started = True
            await self.send(held)
        await self.send(message)

    async def _replace(self, start: Message) -> bool:
        """Send the page in place of an HTTP error's own, if there is advice on it."""
        headers = start.get("headers", ())
        self.desk.report_cookies(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in headers
        )
        if not self.watched or not 400 <= start["status"] < 500:
            return False
        answer = self.desk.report_answer(*self.watched[-1], await self._whole())
        if answer is None:
            return False
        self.is_started = True
        await _send(self.send, answer, headers)
        return True

    async def _whole(self) -> KeptRequest:
        self.kept.body = await self.recorded.whole()
        return self.kept


async def _read(receive: Receive) -> bytes:
    """Read the body of a call, which is small."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False) or sum(map(len, parts)) > LARGEST_CALL:
            return b"".join(parts)


async def _send(send: Send, answer: Answer, own: Any = ()) -> None:
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in answer.header_list()
    ]
    taken = {name for name, _ in headers} | {name.encode() for name in OF_THE_BODY}
    headers += [(name, value) for name, value in own if name.lower() not in taken]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def keep_scope(scope: Message) -> KeptRequest:
    """Read a scope, without the body."""
    root = str(scope.get("root_path", ""))
    path = str(scope["path"])
    path = path[len(root) :] if root and path.startswith(root) else path
    server = scope.get("server") or ("localhost", 80)
    return KeptRequest(
        method=scope.get("method", "GET"),
        root=root.encode().decode("latin-1"),
        path=path.encode().decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        scheme=scope.get("scheme", "http"),
        headers=[
            (name.decode("latin-1").title(), value.decode("latin-1"))
            for name, value in scope["headers"]
        ],
        peer=(scope.get("client") or (None,))[0],
        server=(str(server[0]), str(server[1])),
    )


def make_scope(kept: KeptRequest) -> Message:
    """Make a scope of a kept request."""
    root, path = (
        text.encode("latin-1", "replace").decode("utf-8", "replace")
        for text in (kept.root, kept.path)
    )
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in kept.headers
        if name.lower() not in {"content-length", "transfer-encoding"}
    ]
    if kept.body:
        headers.append((b"content-length", str(len(kept.body)).encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": kept.method,
        "scheme": kept.scheme,
        "root_path": root,
        "path": root + path,
        "raw_path": (kept.root + kept.path).encode("latin-1", "replace"),
        "query_string": kept.query.encode("latin-1", "replace"),
        "headers": headers,
        "client": (kept.peer or "127.0.0.1", 0),
        "server": (kept.server[0], int(kept.server[1])),
    }
