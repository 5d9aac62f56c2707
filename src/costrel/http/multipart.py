"""Parts of a multipart/form-data body (RFC 7578), read within limits.

The work is done by the push parser of the `multipart` library; bodies whose lines do not end in
CRLF are left to the decoder in `multipart_events`.

Law: each limit of the library is given explicitly, as its own defaults have none on the parts.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from itertools import chain
from math import inf
from typing import Any

from costrel.http.body import MalformedForm
from costrel.http.exceptions import RequestEntityTooLarge
from costrel.http.header_values import parse_options_header
from costrel.http.multipart_events import (
    MAX_HEAD_SIZE,
    MAX_HEADER_SIZE,
    MAX_HEADERS,
    Data,
    Epilogue,
    Field,
    File,
    MultipartDecoder,
    NeedData,
    parse_head,
)

try:
    from multipart import (  # type: ignore[import-untyped]  # the library has no py.typed
        MultipartError,
        ParserLimitReached,
        PushMultipartParser,
    )

    PushMultipartParser._create_segment  # noqa: B018  # since version 2
except (ImportError, AttributeError) as error:
    raise ImportError(
        "costrel reads uploads with the package 'multipart' (version 2 or newer), but the module"
        " 'multipart' that was found is not it. It may be an older one, or the one that comes"
        " with 'python-multipart', which uses the same name.\n"
        "Install it with: pip install 'multipart>=2.0'"
    ) from error

HYPHEN = ord("-")

# RFC 2046 allows 70 characters.
MAX_BOUNDARY = 1000

PLAIN_DISPOSITION = re.compile(
    r'form-data; name="([^"\\%]*)"(?:; filename="([^"\\%]*)")?'
).fullmatch


class Part:
    """The head of a part: its headers, and the names of its field and file.

    `name` is None where the client gave none. `filename` is None for fields.

    :param headers: with their names in title case.
    """

    __slots__ = ("bytes_received", "complete", "filename", "headers", "name")

    def __init__(self, headers: list[tuple[str, str]]) -> None:
        self.bytes_received = 0  # the library counts here
        self.complete = False
        self.headers = headers
        disposition = self.header("Content-Disposition")
        if disposition is None:
            raise MalformedForm("A part lacks its Content-Disposition header.")
        plain = PLAIN_DISPOSITION(disposition)
        self.name: str | None
        self.filename: str | None
        if plain:
            self.name, self.filename = plain.groups()
        else:
            options = parse_options_header(disposition)[1]
            self.name, self.filename = options.get("name"), options.get("filename")

    def header(self, name: str) -> str | None:
        """Return the value of a header, whose name is given in title case."""
        for key, value in self.headers:
            if key == name:
                return value
        return None


def _read_part(pairs: Iterable[tuple[str, str]]) -> Part:
    return Part([(name.title(), value) for name, value in pairs])


# The lines in the heads of fields, which are the same each time a form is sent → name and value.
# PERF: they take 0.1 µs kept, and 0.9 read: 4 of 30 µs for a form of three parts.
_kept_lines: dict[bytes, tuple[str, str]] = {}
_OF_EACH_FORM = b"Content-Disposition:", b"Content-Type:"
LONGEST_KEPT = 100
MOST_KEPT = 1024


class _Parser(PushMultipartParser):  # type: ignore[misc]  # the library's types are loose
    """The library's parser, with our own idea of a part's head."""

    def _on_segment_headerline(self, line: bytes) -> None:
        pairs = self._segment_headerlist
        if line in _kept_lines and len(pairs) < MAX_HEADERS:
            pairs.append(_kept_lines[line])
            return
        if b"\r" in line or b"\0" in line:
            raise MalformedForm("A part has a control character in its head.")
        super()._on_segment_headerline(line)
        comes_again = line.startswith(_OF_EACH_FORM) and b"filename" not in line
        if comes_again and len(line) < LONGEST_KEPT and len(_kept_lines) < MOST_KEPT:
            _kept_lines[line] = pairs[-1]

    def _create_segment(self, headerlist: list[tuple[str, str]]) -> Any:
        # Latin-1 cannot fail; what browsers send is UTF-8.
        for index, (name, value) in enumerate(headerlist):
            if not value.isascii():
                headerlist[index] = name, value.encode("latin-1").decode("utf-8", "replace")
        return Part(headerlist)


# What PartReader yields: a part's head, pieces of its body, and None at its end.
PartEvent = Part | bytes | None

# In place of a body's first bytes, which begin with a hyphen: they were the last boundary.
END = b"end"


class PartReader:
    """Reads the parts of one body.

    :param boundary: from the Content-Type header.
    :param max_parts: the most parts, or None for no limit.
    :param max_part_size: the most bytes in one part, or None for no limit.
    :raises MalformedForm: the boundary is unusable.
    """

    def __init__(
        self, boundary: bytes, max_parts: int | None = None, max_part_size: int | None = None
    ) -> None:
        if not boundary or len(boundary) > MAX_BOUNDARY or b"\n" in boundary or b"\r" in boundary:
            raise MalformedForm("The boundary of the multipart body is missing or malformed.")
        self.boundary = boundary
        self.dashes = b"--" + boundary
        self.max_parts = max_parts
        self.max_part_size = max_part_size
        self.count = 0

    def read(self, chunks: Iterator[bytes]) -> Iterator[PartEvent]:
        """Yield each part's head, the pieces of its body, and None at its end.

        :param chunks: the body, without empty chunks; it is read to its end.
        :raises MalformedForm: it is no multipart body, or ends too early.
        :raises RequestEntityTooLarge: over one of the limits.
        """
        head = b""
        for chunk in chunks:
            head = head + chunk if head else chunk
            if len(head) >= len(self.dashes) + 4:
                break
        whole = chain((head,) if head else (), chunks)
        try:
            if self._has_odd_lines(head):
                yield from self._decode(whole)
            else:
                yield from self._mend(whole)
        except ParserLimitReached as error:
            raise RequestEntityTooLarge from error
        except MultipartError as error:
            raise MalformedForm(f"The multipart body is malformed: {error}.") from error

    def _has_odd_lines(self, head: bytes) -> bool:
        """Whether the first boundary stands in lines that do not end in CRLF."""
        if head.startswith(self.dashes + b"\r\n"):
            return False
        begin = head.find(self.dashes)
        end = begin + len(self.dashes)
        if begin < 0:
            return False
        has_odd_start = begin > 0 and head[max(0, begin - 2) : begin] != b"\r\n"
        return has_odd_start or head[end : end + 2] not in {b"\r\n", b"--"}

    def _decode(self, chunks: Iterable[bytes]) -> Iterator[PartEvent]:
        """Read with our own decoder, which takes all line ends."""
        decoder = MultipartDecoder(self.boundary, max_parts=self.max_parts)
        for chunk in chain(chunks, (None,)):
            decoder.receive_data(chunk)
            while not isinstance(event := decoder.next_event(), (NeedData, Epilogue)):
                if isinstance(event, (Field, File)):
                    part = _read_part(event.headers)
                    yield part
                elif isinstance(event, Data):
                    part.bytes_received += len(event.data)
                    if self.max_part_size is not None and part.bytes_received > self.max_part_size:
                        raise RequestEntityTooLarge
                    yield event.data
                    if not event.more_data:
                        yield None

    def _mend(self, chunks: Iterable[bytes]) -> Iterator[PartEvent]:
        """Read with the library's parser, and find the boundaries that it takes for data.

        A part without a body may share the line break which ends its head with the boundary
        that follows (RFC 2046, 5.1.1). The library reads that boundary, and the part behind it,
        as the body.
        """
        parser = _Parser(
            self.boundary,
            max_header_size=MAX_HEADER_SIZE,
            max_header_count=MAX_HEADERS,
            max_segment_size=inf if self.max_part_size is None else self.max_part_size,
            max_segment_count=inf if self.max_parts is None else self.max_parts,
            header_charset="latin-1",
        )
        start: bytes | None = None  # a body's first bytes, while they may yet be a boundary
        for chunk in chunks:
            for event in parser.parse(chunk):
                if isinstance(event, Part):
                    yield self._counted(event)
                    start = b""
                # PERF: what cannot be a boundary gets no closer look (1 of 30 µs for three parts).
                elif start is None or (event and not start and event[0] != HYPHEN):
                    yield event
                    start = None
                elif event is None:
                    yield from self._finish(start)
                    start = None
                elif (start := (yield from self._reopen(start + event))) == END:
                    yield None
                    for _ in chunks:
                        pass  # the epilogue
                    return
        parser.close()

    def _counted(self, part: Part) -> Part:
        self.count += 1
        if self.max_parts is not None and self.count > self.max_parts:
            raise RequestEntityTooLarge
        return part

    def _reopen(self, start: bytes) -> Generator[PartEvent, None, bytes | None]:
        """Pass on a body's first bytes; return those that must wait for more, or END."""
        dashes = self.dashes
        while start.startswith(dashes):
            tail = start[len(dashes) :]
            if tail.startswith(b"--"):
                return END
            end = tail.find(b"\r\n\r\n")
            if end < 0:
                if len(tail) > MAX_HEAD_SIZE:
                    raise RequestEntityTooLarge
                return start
            yield None
            yield self._nested(tail[: end + 2])
            start = tail[end + 4 :]
        if dashes.startswith(start):
            return start
        yield start
        return None

    def _finish(self, start: bytes) -> Iterator[PartEvent]:
        """End a body of which only the first bytes have come."""
        if start.startswith(self.dashes):
            # The part behind is without a body too.
            yield None
            yield self._nested(start[len(self.dashes) :])
        elif start:
            yield start
        yield None

    def _nested(self, head: bytes) -> Part:
        if len(head) > MAX_HEAD_SIZE:
            raise RequestEntityTooLarge
        if len(head) < 4 or head[:2] != b"\r\n" or head[-2:] != b"\r\n":
            raise MalformedForm("The multipart body has a malformed boundary line.")
        return self._counted(_read_part(parse_head(head[2:-2])))
