"""ServerSentEvent and EventStream: what an EventSource reads (HTML standard, 9.2).

Law: nothing that is sent can break out of its field: data is cut at each kind of line end, and
what must be one line is refused when it is not.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping
from functools import partial, update_wrapper
from typing import Any

from costrel.http.late_pattern import late_pattern
from costrel.http.response import Response

# Seconds without an event after which a comment is sent, so that nobody on the way gives up.
HEARTBEAT = 15.0
COMMENT = b":\n\n"

CO_COROUTINE, CO_ASYNC_GENERATOR = 0x80, 0x200

_LINE_END = late_pattern(r"\r\n|\r|\n")
_ENDS_LINE = late_pattern(r"[\r\n]")

Events = Iterable[Any] | AsyncIterable[Any]


class ServerSentEvent:
    """One event of an event stream.

    :param data: the message: text, or what is sent as JSON; ``None`` for an event without one,
        which browsers do not pass on.
    :param event: its type, by which a page listens for it; ``message`` unless given.
    :param id: what the client sends as ``Last-Event-ID`` when it has to connect again.
    :param retry: milliseconds after which the client then connects.
    :param comment: text that clients leave out.
    :raises ValueError: where event or id has more than one line, or retry is negative.
    """

    __slots__ = ("comment", "data", "event", "id", "retry")

    def __init__(
        self,
        data: Any = None,
        *,
        event: str | None = None,
        id: str | int | None = None,
        retry: int | None = None,
        comment: str | None = None,
    ) -> None:
        for name, value in (("event", event), ("id", id)):
            if value is not None and (_ENDS_LINE.search(str(value)) or "\0" in str(value)):
                raise ValueError(f"The {name} of an event is one line without NUL, not {value!r}.")
        if retry is not None and retry < 0:
            raise ValueError(f"retry is a time in milliseconds, not {retry}.")
        self.data = data
        self.event = event
        self.id = None if id is None else str(id)
        self.retry = retry
        self.comment = comment

    def __repr__(self) -> str:
        fields = {name: getattr(self, name) for name in ("event", "id", "data")}
        told = ", ".join(f"{name}={value!r}" for name, value in fields.items() if value is not None)
        return f"<{type(self).__name__} {told}>"

    def encode(self, dumps: Callable[[Any], str]) -> bytes:
        """Return the event as it is sent.

        :param dumps: makes JSON of data that is not text.
        """
        lines = [f": {line}" for line in _split(self.comment)]
        if self.event is not None:
            lines.append(f"event: {self.event}")
        if self.id is not None:
            lines.append(f"id: {self.id}")
        if self.retry is not None:
            lines.append(f"retry: {int(self.retry)}")
        data = self.data
        text = data if data is None or isinstance(data, str) else dumps(data)
        lines.extend(f"data: {line}" for line in _split(text))
        return ("\n".join(lines) + "\n\n").encode(errors="replace")


def _split(text: str | None) -> list[str]:
    return [] if text is None else _LINE_END.split(text)


class EventStream(Response):
    """A response that sends events as they come, to be read by a page's ``EventSource``.

    Works under WSGI (where it holds a server's thread), ASGI and RSGI.

    :param events: a generator, sync or async, of :class:`ServerSentEvent`, of text, or of what
        JSON can hold. It is closed when the client goes away.
    :param heartbeat: seconds without an event after which a comment is sent; ``None`` for never.
    :param retry: milliseconds after which a client that was cut off connects again.
    """

    def __init__(
        self,
        events: Events,
        heartbeat: float | None = HEARTBEAT,
        retry: int | None = None,
        status: int | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(None, status, headers, content_type="text/event-stream; charset=utf-8")
        self.headers.setdefault("Cache-Control", "no-cache")
        # nginx would else collect what it is sent.
        self.headers.setdefault("X-Accel-Buffering", "no")
        self.response: Any = EventBody(self, events, heartbeat, retry)


class EventBody:
    """The body of an event stream.

    :param response: tells what makes JSON.
    """

    def __init__(
        self, response: Response, events: Events, heartbeat: float | None, retry: int | None
    ) -> None:
        self.response = response
        self.events = events
        self.heartbeat = heartbeat
        self.retry = retry
        self._sent: AsyncGenerator[bytes, None] | None = None

    def __aiter__(self) -> AsyncGenerator[bytes, None]:
        # Heavy (asyncio), and only needed to send a stream.
        from costrel.http.event_pump import pump  # noqa: PLC0415

        start = ServerSentEvent(retry=self.retry) if self.retry is not None else None
        self._sent = pump(self.events, self._encode, start, self.heartbeat)
        return self._sent

    async def aclose(self) -> None:
        """Stop making events."""
        if self._sent is not None:
            await self._sent.aclose()
        elif hasattr(self.events, "aclose"):
            await self.events.aclose()

    def _encode(self, event: Any) -> bytes:
        if event is None:
            return COMMENT
        if not isinstance(event, ServerSentEvent):
            event = ServerSentEvent(event)
        encoded: bytes = event.encode(self.response.json_module.dumps)
        return encoded


def event_view(function: Callable[..., Any], **options: Any) -> Callable[..., EventStream]:
    """Make a view of a generator function, whose events it sends.

    :param options: ``heartbeat`` and ``retry`` of :class:`EventStream`.
    :raises TypeError: for a coroutine function, which has no events.
    """
    if flags_of(function) & CO_COROUTINE:
        raise TypeError(
            f"{function.__name__}() is a coroutine function without a `yield`. What @sse decorates "
            "is a generator function: it yields events."
        )

    def view(**values: Any) -> EventStream:
        return EventStream(function(**values), **options)

    return update_wrapper(view, function)


def flags_of(function: Any) -> int:
    """What kind of function it is, as the flags of its code."""
    while isinstance(function, partial):
        function = function.func
    code = getattr(function, "__code__", None)
    return 0 if code is None else int(code.co_flags)


def is_async_generator(function: Any) -> bool:
    """Whether a generator function is async."""
    return bool(flags_of(function) & CO_ASYNC_GENERATOR)


def last_event_id(header: str | None) -> str | None:
    """Read ``Last-Event-ID``, whose bytes are UTF-8.

    :param header: the header as latin-1, as all headers are kept.
    """
    if header is None or header.isascii():
        return header
    return header.encode("latin-1", "replace").decode(errors="replace")
