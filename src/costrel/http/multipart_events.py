"""Multipart bodies as events, decoded and encoded without any input or output.

The decoder takes every line ending that is met in the wild, CRLF, LF or CR: whichever ends the
first boundary line must end them all, so that data is not mistaken for a boundary.

Law: whatever arrives, and however it is cut into chunks, the time is linear and what is kept
between chunks is bounded.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Any, ClassVar

from costrel.http.body import MalformedForm
from costrel.http.exceptions import RequestEntityTooLarge
from costrel.http.header_values import parse_options_header
from costrel.http.headers import Headers

# The most that the head of one part may take: in all, in one line, and in lines. Browsers write
# the whole name of a file into one line.
MAX_HEAD_SIZE = 64 * 1024
MAX_HEADER_SIZE = 16 * 1024
MAX_HEADERS = 32
# The most that is kept of what stands before the first and behind the last boundary.
MAX_MARGIN = 4 * 1024
# White space behind a boundary; a line with more of it is no boundary.
MAX_PADDING = 64

LINE_BREAK = re.compile(rb"\r\n|\n|\r")
LINE_BREAK_AT_END = re.compile(rb"(?:\r\n|[\r\n])\Z")
# What may stand behind a boundary: the mark of the last one, or the line's end.
BOUNDARY_END = re.compile(rb"(--)|[ \t]{0,%d}(\r\n|\n|\r(?=[^\n]))" % MAX_PADDING)
PARTIAL_END = re.compile(rb"(?:-|[ \t]{0,%d}\r?)\Z" % MAX_PADDING)


class Event:
    """Something that was found in a multipart body, or is to be written to one."""

    __slots__: ClassVar[tuple[str, ...]] = ()

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        pairs = zip(self.__slots__, self._values(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in pairs)})"


class Preamble(Event):
    """What stands before the first boundary."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class Field(Event):
    """The head of a part that is a field."""

    __slots__ = ("headers", "name")

    def __init__(self, name: str, headers: Headers) -> None:
        self.name = name
        self.headers = headers


class File(Event):
    """The head of a part that is a file."""

    __slots__ = ("filename", "headers", "name")

    def __init__(self, name: str, filename: str, headers: Headers) -> None:
        self.name = name
        self.filename = filename
        self.headers = headers


class Data(Event):
    """A piece of a part's body; the last one has `more_data` false."""

    __slots__ = ("data", "more_data")

    def __init__(self, data: bytes, more_data: bool) -> None:
        self.data = data
        self.more_data = more_data


class Epilogue(Event):
    """What stands behind the last boundary; the end of the body."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class NeedData(Event):
    """Nothing more can be told until more is received."""

    __slots__ = ()


NEED_DATA = NeedData()


class State(Enum):
    """Where in a body a decoder or encoder stands."""

    PREAMBLE = auto()
    PART = auto()
    DATA_START = auto()
    DATA = auto()
    EPILOGUE = auto()
    COMPLETE = auto()


def parse_head(head: bytes, line_break: bytes = b"\r\n") -> list[tuple[str, str]]:
    """Read the header lines of a part; bytes that are not UTF-8 are replaced.

    :raises MalformedForm: a line is no header.
    :raises RequestEntityTooLarge: there are too many.
    """
    pairs: list[tuple[str, str]] = []
    for line in head.split(line_break):
        text = line.decode("utf-8", "replace")
        if text[:1] in {" ", "\t"} and pairs:  # folded: the line goes on with the one before
            name, value = pairs.pop()
            pairs.append((name, f"{value} {text.strip()}"))
            continue
        name, colon, value = text.partition(":")
        if not colon or "\0" in text or "\r" in text or "\n" in text:
            raise MalformedForm(f"A part has a malformed header line: {text[:80]!r}.")
        pairs.append((name.strip(), value.strip()))
        if len(pairs) > MAX_HEADERS or len(line) > MAX_HEADER_SIZE:
            raise RequestEntityTooLarge
    return pairs


class MultipartDecoder:
    """Turn chunks of a multipart body into events: `receive_data`, then `next_event`.

    :param boundary: from the Content-Type header.
    :param max_form_memory_size: the most that all fields together may hold, in bytes.
    :param max_parts: the most parts.
    """

    def __init__(
        self,
        boundary: bytes,
        max_form_memory_size: int | None = None,
        *,
        max_parts: int | None = None,
    ) -> None:
        self.boundary = boundary
        self.max_form_memory_size = max_form_memory_size
        self.max_parts = max_parts
        self.complete = False
        self.state = State.PREAMBLE
        self._dashes = b"--" + boundary
        self._break = b""  # the line break, once the first boundary has shown it
        self._delimiter = self._dashes
        self._buffer = b""
        self._at = 0  # what lies before it in the buffer is done with
        self._scanned = 0  # the head which begins at `_at` does not end before it
        self._skip = 0  # length of the line break kept from a head, as it may start a boundary
        self._parts = 0
        self._field_size = 0
        self._in_field = False
        self._steps = {
            State.PREAMBLE: self._preamble,
            State.PART: self._head,
            State.DATA_START: self._body,
            State.DATA: self._body,
            State.EPILOGUE: self._epilogue,
        }

    def receive_data(self, data: bytes | None) -> None:
        """Take the next chunk, or None for the end of the body."""
        if data is None:
            self.complete = True
            return
        if self.state is State.EPILOGUE and len(self._buffer) - self._at > MAX_MARGIN:
            return
        rest = self._buffer[self._at :] if self._at else self._buffer
        self._buffer = rest + data if rest else bytes(data)
        self._scanned -= self._at
        self._at = 0

    def next_event(self) -> Event:
        """Return what comes next.

        :raises MalformedForm: the body is malformed, or has ended too early.
        :raises RequestEntityTooLarge: over one of the limits.
        """
        step = self._steps.get(self.state)
        event = step() if step else NEED_DATA
        if event is NEED_DATA and self.complete:
            raise MalformedForm(
                f"The multipart body ends within its {self.state.name.lower().replace('_', ' ')}."
            )
        return event

    def _find_boundary(self, start: int) -> tuple[int, int, bool | None]:
        """Find the next boundary line from `start` on.

        Returns where it begins, with the line break before it, where it ends, and whether it is
        the last; that is None when the line is incomplete. (-1, -1, None): there is none.
        """
        buffer, delimiter = self._buffer, self._delimiter
        found = buffer.find(delimiter, start)
        while found >= 0:
            end = found + len(delimiter)
            match = BOUNDARY_END.match(buffer, end)
            if match and (match[1] or not self._break or match[2] == self._break):
                self._show_break(match[2])
                return found, match.end(), match[1] is not None
            if PARTIAL_END.match(buffer, end):
                return found, end, None
            found = buffer.find(delimiter, found + 1)
        return -1, -1, None

    def _show_break(self, line_break: bytes | None) -> None:
        if line_break and not self._break:
            self._break = line_break
            self._delimiter = line_break + self._dashes

    def _preamble(self) -> Event:
        begin, end, is_last = self._find_boundary(0)
        if is_last is not None:
            self._pass_boundary(end, is_last)
            # The line break before it belongs to the boundary.
            return Preamble(LINE_BREAK_AT_END.sub(b"", self._buffer[:begin], 1))
        # Of a long preamble, only what may yet be a boundary is kept.
        longest_boundary = len(self._dashes) + MAX_PADDING + 4
        if len(self._buffer) > MAX_MARGIN + longest_boundary:
            self._buffer = self._buffer[-longest_boundary:]
        return NEED_DATA

    def _pass_boundary(self, end: int, is_last: bool) -> None:
        self._at = self._scanned = end
        self.state = State.EPILOGUE if is_last else State.PART

    def _head(self) -> Event:
        buffer, start, line_break = self._buffer, self._at, self._break
        if buffer.startswith(line_break, start):
            end = start  # no header at all
        else:
            end = buffer.find(line_break * 2, self._scanned)
        if (len(buffer) if end < 0 else end) - start > MAX_HEAD_SIZE:
            raise RequestEntityTooLarge
        if end < 0:
            self._scanned = max(start, len(buffer) - 3)
            return NEED_DATA
        self._parts += 1
        if self.max_parts is not None and self._parts > self.max_parts:
            raise RequestEntityTooLarge
        self._skip = len(line_break)
        self._at = end + self._skip
        self.state = State.DATA_START
        return self._open_part(parse_head(buffer[start:end], line_break))

    def _open_part(self, pairs: list[tuple[str, str]]) -> Event:
        headers = Headers.wrap(pairs)
        disposition = headers.get("content-disposition")
        if disposition is None:
            raise MalformedForm("A part lacks its Content-Disposition header.")
        options = parse_options_header(disposition)[1]
        name: Any = options.get("name")
        filename = options.get("filename")
        self._in_field = filename is None
        return Field(name, headers) if filename is None else File(name, filename, headers)

    def _body(self) -> Event:
        start = self._at
        begin, end, is_last = self._find_boundary(start)
        body = start + self._skip
        if is_last is not None:
            self._pass_boundary(end, is_last)
            self._skip = 0
            return self._data(self._buffer[body:begin], False)
        hold = begin if begin >= 0 else self._hold_back()
        if hold <= body:
            return NEED_DATA
        self._skip = 0
        self._at = hold
        self.state = State.DATA
        return self._data(self._buffer[body:hold], True)

    def _hold_back(self) -> int:
        """Return where the last line begins if it is short enough to become a boundary."""
        buffer = self._buffer
        length = len(buffer)
        lowest = max(self._at, length - len(self._dashes) - 1)
        last = max(buffer.rfind(b"\n", lowest), buffer.rfind(b"\r", lowest))
        if last < 0:
            return length
        return last - 1 if last > self._at and buffer[last - 1 : last + 1] == b"\r\n" else last

    def _data(self, data: bytes, more: bool) -> Event:
        if self._in_field and self.max_form_memory_size is not None:
            self._field_size += len(data)
            if self._field_size > self.max_form_memory_size:
                raise RequestEntityTooLarge
        return Data(data, more)

    def _epilogue(self) -> Event:
        if not self.complete:
            return NEED_DATA
        self.state = State.COMPLETE
        line_break = LINE_BREAK.match(self._buffer, self._at)
        return Epilogue(self._buffer[line_break.end() if line_break else self._at :])


def quote_name(text: str) -> str:
    """Quote a field's or file's name as browsers do (WHATWG HTML, multipart/form-data).

    A backslash, which they leave as it is, is written twice: before the closing quote it would
    hide that from readers who take it for an escape.
    """
    escaped = text.replace("\\", "\\\\").replace('"', "%22")
    escaped = escaped.replace("\r", "%0D").replace("\n", "%0A")
    return f'"{escaped}"'


class MultipartEncoder:
    """Turn events into a multipart body, in the order in which a decoder gives them."""

    def __init__(self, boundary: bytes) -> None:
        self.boundary = boundary
        self.state = State.PREAMBLE

    def send_event(self, event: Event) -> bytes:
        """Return the bytes of an event.

        :raises ValueError: it cannot come at this place.
        """
        if isinstance(event, Preamble) and self.state is State.PREAMBLE:
            self.state = State.PART
            return event.data
        in_parts = self.state in {State.PREAMBLE, State.PART, State.DATA}
        if isinstance(event, (Field, File)) and in_parts:
            self.state = State.DATA_START
            return self._head(event)
        if isinstance(event, Data) and self.state in {State.DATA_START, State.DATA}:
            # An empty body shares its line break with the boundary that follows (RFC 2046, 5.1.1).
            is_first = self.state is State.DATA_START
            self.state = State.DATA if event.data or not event.more_data else self.state
            return b"\r\n" + event.data if is_first and event.data else event.data
        if isinstance(event, Epilogue) and self.state is not State.COMPLETE:
            self.state = State.COMPLETE
            return b"\r\n--%b--\r\n%b" % (self.boundary, event.data)
        raise ValueError(f"{event!r} cannot follow in the state {self.state.name}.")

    def _head(self, event: Field | File) -> bytes:
        disposition = f"form-data; name={quote_name(event.name)}"
        if isinstance(event, File):
            disposition += f"; filename={quote_name(event.filename)}"
        lines = [f"Content-Disposition: {disposition}"]
        lines += [
            f"{name}: {value}"
            for name, value in event.headers
            if name.lower() != "content-disposition"
        ]
        return b"\r\n--%b\r\n%b\r\n" % (self.boundary, "\r\n".join(lines).encode())
