"""WebSocket: accept, receive, send, close, over whatever channel a gateway brings.

Law: a client that has gone is told to the handler by what it calls next. A handler that calls
nothing is looked after: once it has received nothing for a while, the next message is read ahead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Protocol

from costrel.http.exceptions import BadRequest, RequestEntityTooLarge
from costrel.http.header_values import parse_list_header
from costrel.http.headers import Headers
from costrel.http.response import Response

CONNECTING, OPEN, CLOSED = range(3)

# RFC 6455, 7.4.1: what an endpoint may send; 3000 to 4999 are for libraries and applications.
CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)})
NORMAL, GOING_AWAY, VANISHED, TOO_BIG = 1000, 1001, 1006, 1009
MAX_REASON = 123  # bytes; RFC 6455, 5.5: a control frame has 125, of which two are the code

# Seconds after which a handler that receives nothing has its next message read ahead, so that it
# is seen when the client goes.
READ_AHEAD_AFTER = 1.0
# Seconds that a handler then has to call something, before it is cancelled.
GRACE = 5.0

HeaderPairs = Mapping[str, str] | Iterable[tuple[str, str]]


class WebSocketDisconnect(Exception):
    """The WebSocket is closed: by the client, by its network, or by this side.

    :param code: the close code (RFC 6455, 7.4); 1005 for none, 1006 for a lost connection.
    :param reason: what the client gave as its reason.
    """

    def __init__(self, code: int = VANISHED, reason: str = "") -> None:
        super().__init__(f"The WebSocket was closed with code {code}. {reason}".rstrip())
        self.code = code
        self.reason = reason


class NotCarried(RuntimeError):
    """The server's protocol cannot carry what was asked for."""


class Channel(Protocol):
    """What a gateway must be able to do for a WebSocket."""

    async def accept(self, subprotocol: str | None, headers: list[tuple[str, str]]) -> None:
        """Accept the handshake.

        :raises NotCarried: where the protocol has no subprotocols or no headers.
        """
        ...

    async def receive(self) -> str | bytes:
        """Wait for the next message.

        :raises WebSocketDisconnect: where there is none any more.
        """
        ...

    async def send(self, message: str | bytes) -> None:
        """Send a message.

        :raises WebSocketDisconnect: where the client is gone.
        """
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close an accepted WebSocket.

        :raises NotCarried: where the protocol has no close codes.
        """
        ...

    async def reject(self, response: Response) -> None:
        """Answer the handshake with an HTTP response, as much of it as the protocol has."""
        ...


class WebSocket:
    """A WebSocket, as async handlers see it. What its request says is there as well.

    ``websocket.headers``, ``args``, ``cookies``, ``path``, ``url``, ``view_args`` and all else
    are those of the handshake's request.

    :param request: the handshake.
    :param channel: the gateway's side.
    :param app: the application, for its limits and its JSON.
    """

    def __init__(self, request: Any, channel: Channel, app: Any) -> None:
        self.request = request
        self.channel = channel
        self.app = app
        self.state = CONNECTING
        self._gone: WebSocketDisconnect | None = None
        self._is_receiving = False
        self._ahead: asyncio.Task[str | bytes] | None = None
        self._timer: asyncio.TimerHandle | None = None
        # The task that the handler runs in, where it is one; set by the gateway.
        self.handler: asyncio.Task[Any] | None = None
        self._received_at = 0.0
        self.was_cancelled = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.request, name)

    def __repr__(self) -> str:
        state = ("connecting", "open", "closed")[self.state]
        return f"<{type(self).__name__} {self.request.path!r} {state}>"

    @property
    def subprotocols(self) -> list[str]:
        """The subprotocols that the client offers, in its order (RFC 6455, 11.3.4)."""
        offered = self.request.headers.getlist("Sec-WebSocket-Protocol")
        return [name for header in offered for name in parse_list_header(header)]

    @property
    def is_open(self) -> bool:
        """Whether it was accepted, and not closed since."""
        return self.state == OPEN

    # What an async handler calls

    async def accept(
        self, subprotocol: str | None = None, headers: HeaderPairs | None = None
    ) -> None:
        """Accept the handshake; the first `receive` or `send` does it otherwise.

        :param subprotocol: one of :attr:`subprotocols`.
        :param headers: headers of the answer to the handshake.
        :raises RuntimeError: where it was accepted, rejected or closed before.
        :raises ValueError: for a subprotocol that the client did not offer.
        :raises NotCarried: where the server's protocol (RSGI) has no subprotocols or headers.
        """
        if self.state != CONNECTING:
            raise RuntimeError(
                "This WebSocket was accepted, rejected or closed before: accept() comes first, "
                "and the first receive() or send() calls it."
            )
        if subprotocol is not None and subprotocol not in self.subprotocols:
            raise ValueError(
                f"The client did not offer the subprotocol {subprotocol!r}, but "
                f"{self.subprotocols!r}. Choose one of these, or none."
            )
        await self.channel.accept(subprotocol, Headers(headers).to_wsgi_list())
        self.state = OPEN
        self._look_after()

    async def receive(self) -> str | bytes:
        """Wait for the next message: text as `str`, binary as `bytes`.

        :raises WebSocketDisconnect: when the client goes away, or where it has gone.
        """
        if self.state != OPEN:
            await self._open()
        if self._is_receiving:
            raise RuntimeError(
                "Another task is waiting for a message of this WebSocket. Let one task receive, "
                "and hand on what it gets."
            )
        self._is_receiving = True
        try:
            message = await self._next()
        except WebSocketDisconnect as gone:
            self.note_gone(gone)
            raise
        finally:
            self._is_receiving = False
        self._look_after()
        limit = self.app.config["MAX_WEBSOCKET_MESSAGE"]
        if limit is not None and is_longer(message, limit):
            await self.end(TOO_BIG, "message too big")
            raise WebSocketDisconnect(TOO_BIG, f"A message was over {limit} bytes.")
        return message

    async def receive_json(self) -> Any:
        """Wait for the next message and parse it as JSON.

        :raises BadRequest: where it is none; unhandled, it closes the WebSocket with code 1007.
        """
        message = await self.receive()
        try:
            return self.app.json.loads(message)
        except (ValueError, RecursionError) as error:
            raise BadRequest("The message is not JSON.") from error

    async def send(self, message: str | bytes) -> None:
        """Send a message: `str` as text, `bytes` as binary.

        :raises WebSocketDisconnect: where the client has gone.
        """
        if not isinstance(message, (str, bytes)):
            raise TypeError(
                f"A message is a str or bytes, not {type(message).__name__}. "
                "send_json() takes what JSON can hold."
            )
        if self.state != OPEN:
            await self._open()
        try:
            await self.channel.send(message)
        except WebSocketDisconnect as gone:
            self.note_gone(gone)
            raise

    async def send_json(self, *args: Any, **kwargs: Any) -> None:
        """Send a message as JSON: one value, several as a list, or keywords as an object."""
        if args and kwargs:
            raise TypeError("send_json() takes values or keywords, not both.")
        value = kwargs or (args[0] if len(args) == 1 else args)
        await self.send(self.app.json.dumps(value))

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close it; before it was accepted, refuse it with 403. A second time nothing happens.

        :param code: a close code (RFC 6455, 7.4): 1000 for all is well, 3000 to 4999 your own.
        :param reason: a short text for the client, of at most 123 bytes.
        :raises ValueError: for a code that must not be sent, or too long a reason.
        :raises NotCarried: where the server's protocol (RSGI) has no close codes.
        """
        if code not in CLOSE_CODES:
            raise ValueError(
                f"{code} is no close code that may be sent. Use 1000, 1001, 1003, 1007 to 1014, or "
                "one of your own from 3000 to 4999."
            )
        if len(reason.encode()) > MAX_REASON:
            raise ValueError(f"A close reason has at most {MAX_REASON} bytes.")
        if self.state == CONNECTING:
            await self.reject()
        elif self.state == OPEN:
            await self.channel.close(code, reason)
            self.note_gone(WebSocketDisconnect(code, reason))

    async def reject(self, response: Response | None = None) -> None:
        """Refuse the handshake with an HTTP response; 403 unless given.

        Returning a response from the handler before accepting, or ``abort(401)``, does the same.

        :raises RuntimeError: where it was accepted before.
        """
        if self.state != CONNECTING:
            raise RuntimeError(
                "This WebSocket was accepted already: nothing but close() ends it now."
            )
        if response is None:
            response = self.app.response_class("Forbidden", 403, mimetype="text/plain")
        self.note_gone(WebSocketDisconnect(VANISHED, "It was rejected."))
        await self.channel.reject(response)

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        return self._messages()

    async def _messages(self) -> AsyncIterator[str | bytes]:
        """Yield messages until the WebSocket is closed."""
        while True:
            try:
                message = await self.receive()
            except WebSocketDisconnect:
                return
            yield message

    # What the gateway calls

    async def end(self, code: int, reason: str) -> None:
        """Close it for the framework's own reasons, with as much of them as can be told."""
        if self.state != OPEN:
            return
        self.note_gone(WebSocketDisconnect(code, reason))
        try:
            await self.channel.close(code, reason)
        except NotCarried:
            await self.channel.close(NORMAL, "")
        except WebSocketDisconnect:
            pass

    def go_away(self) -> None:
        """End the handler because the server stops."""
        if self.handler is not None:
            self.was_cancelled = True
            self.handler.cancel()

    def stop_looking(self) -> None:
        """Give up what was begun to see the client go."""
        if self._timer is not None:
            self._timer.cancel()
        if self._ahead is not None:
            self._ahead.cancel()
        self.handler = None

    async def _open(self) -> None:
        """Accept it for a handler that has not, or say that it is closed."""
        if self._gone is not None:
            raise WebSocketDisconnect(self._gone.code, self._gone.reason)
        await self.accept()

    async def _next(self) -> str | bytes:
        if self._ahead is None:
            return await self.channel.receive()
        message = await asyncio.shield(self._ahead)
        self._ahead = None
        return message

    def note_gone(self, gone: WebSocketDisconnect) -> None:
        """Have all further calls raise that it is closed."""
        self._gone = gone
        self.state = CLOSED

    # Seeing the client go while the handler does something else

    def _look_after(self) -> None:
        # PERF: one timer stands for many messages: it is set again only after it has run out.
        loop = asyncio.get_running_loop()
        self._received_at = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(READ_AHEAD_AFTER, self._read_ahead)

    def _read_ahead(self) -> None:
        self._timer = None
        if self._is_receiving or self._ahead is not None or self.state != OPEN:
            return
        loop = asyncio.get_running_loop()
        wait = self._received_at + READ_AHEAD_AFTER - loop.time()
        if wait > 0:
            self._timer = loop.call_later(wait, self._read_ahead)
            return
        self._ahead = loop.create_task(self.channel.receive())
        self._ahead.add_done_callback(self._see)

    def _see(self, ahead: asyncio.Task[str | bytes]) -> None:
        """What was read ahead: a message is kept; a client that has gone ends the handler."""
        gone = None if ahead.cancelled() else ahead.exception()
        if isinstance(gone, WebSocketDisconnect) and not self._is_receiving:
            self.note_gone(gone)
            self._timer = asyncio.get_running_loop().call_later(GRACE, self.go_away)


def is_longer(message: str | bytes, limit: int) -> bool:
    """Whether a message has more bytes than the limit, text as UTF-8."""
    if len(message) > limit:
        return True
    return isinstance(message, str) and not message.isascii() and len(message.encode()) > limit


def close_code_of(status: int) -> int:
    """The close code for an HTTP error that is raised after the handshake."""
    special = {BadRequest.code: 1007, RequestEntityTooLarge.code: TOO_BIG}
    return special.get(status, 1008 if status < 500 else 1011)
