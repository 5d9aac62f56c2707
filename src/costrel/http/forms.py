"""Forms: a body and its content type to fields and files, within limits.

Law: what was opened for an upload is closed again when the form turns out bad.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any

from costrel.http.body import IN_MEMORY, LEAST_MAX_FIELDS, MalformedForm
from costrel.http.environ import get_content_length, get_input_stream
from costrel.http.exceptions import RequestEntityTooLarge
from costrel.http.header_values import parse_options_header
from costrel.http.headers import Headers
from costrel.http.multidict import MultiDict
from costrel.http.query import TooManyFields, parse_query
from costrel.http.uploads import FileStorage

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from costrel.http.multipart import Part

StreamFactory = Callable[..., IO[bytes]]
ParsedForm = tuple[IO[bytes], Any, Any]

# Each decodes any bytes, and none of them grows or runs code.
PART_CHARSETS = frozenset({"utf-8", "ascii", "us-ascii", "iso-8859-1"})


def is_small(total_content_length: int | None) -> bool:
    """Whether a body stays in memory: it has a length, which is no more than `IN_MEMORY`."""
    return total_content_length is not None and total_content_length <= IN_MEMORY


def default_stream_factory(
    total_content_length: int | None,
    content_type: str | None,
    filename: str | None,
    content_length: int | None = None,
) -> IO[bytes]:
    """Open what an upload is written to: memory for small bodies, else a file from 2 MiB on.

    The file has no name that others could open, is readable by this user only, and is gone when
    it is closed.
    """
    if is_small(total_content_length):
        return BytesIO()
    # Only large uploads need it, and it brings random, shutil and their kin.
    from tempfile import SpooledTemporaryFile  # noqa: PLC0415

    return SpooledTemporaryFile(max_size=IN_MEMORY, mode="rb+")


def _store(cls: type[Any], lists: dict[str, list[Any]]) -> Any:
    return cls.wrap(lists) if issubclass(cls, MultiDict) else cls(MultiDict.wrap(lists))


class _Collector:
    """Takes the events of one multipart body and keeps fields and files.

    The events are a `Part`, its body as bytes, and None, for each part.
    """

    def __init__(self, parser: MultiPartParser, total_length: int | None) -> None:
        self.parser = parser
        self.total_length = total_length
        self.memory = parser.max_form_memory_size
        self.fields: dict[str, list[str]] = {}
        self.files: dict[str, list[FileStorage]] = {}
        self.opened: list[IO[bytes]] = []

    def take(self, events: Iterator[Any]) -> None:
        """Keep everything."""
        for part in events:
            if part.filename is None:
                value = self.read_field(part, events)
                if part.name is not None:
                    self.fields.setdefault(part.name, []).append(value)
            elif part.name is None:
                for _ in iter(events.__next__, None):
                    pass
            else:
                self.files.setdefault(part.name, []).append(self.read_file(part, events))

    def read_field(self, part: Part, events: Iterator[Any]) -> str:
        """Read the part's body as text, on the account of all fields."""
        chunks: list[bytes] = []
        for chunk in iter(events.__next__, None):
            if self.memory is not None:
                self.memory -= len(chunk)
                if self.memory < 0:
                    raise RequestEntityTooLarge
            chunks.append(chunk)
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        return body.decode(self.parser.get_part_charset(part), "replace")

    def read_file(self, part: Part, events: Iterator[Any]) -> FileStorage:
        """Write the part's body to a stream."""
        chunks: Iterator[bytes] = iter(events.__next__, None)
        if self.parser.stream_factory is default_stream_factory and is_small(self.total_length):
            # PERF: made of its content, a stream in memory shares it: 30 of the 250 µs of 1 MiB.
            stream: IO[bytes] = BytesIO(b"".join(chunks))
        else:
            stream = self.parser.open_stream(part, self.total_length)
            self.opened.append(stream)
            write = stream.write
            for chunk in chunks:
                write(chunk)
            stream.seek(0)
        headers = Headers.wrap(part.headers)
        return FileStorage(stream, part.filename, part.name, headers=headers)


class MultiPartParser:
    """Parses multipart/form-data bodies.

    :param stream_factory: opens what a file is written to; see `default_stream_factory`.
    :param max_form_memory_size: the most that all fields together may hold, in bytes.
    :param cls: the dictionary for fields and files.
    :param buffer_size: how much is read at a time, in bytes.
    :param max_form_parts: the most parts.
    """

    def __init__(
        self,
        stream_factory: StreamFactory | None = None,
        max_form_memory_size: int | None = None,
        cls: type[Any] | None = None,
        buffer_size: int = 64 * 1024,
        max_form_parts: int | None = None,
    ) -> None:
        self.stream_factory = stream_factory or default_stream_factory
        self.max_form_memory_size = max_form_memory_size
        self.cls: type[Any] = MultiDict if cls is None else cls
        self.buffer_size = buffer_size
        self.max_form_parts = max_form_parts

    def get_part_charset(self, part: Part) -> str:
        """Return the charset of a field: the part's own if it is a harmless one, else UTF-8."""
        content_type = part.header("Content-Type")
        if content_type is None:
            return "utf-8"
        charset = parse_options_header(content_type)[1].get("charset", "").lower()
        return charset if charset in PART_CHARSETS else "utf-8"

    def open_stream(self, part: Part, total_length: int | None) -> IO[bytes]:
        """Open what a file is written to."""
        length = part.header("Content-Length") or ""
        return self.stream_factory(
            total_content_length=total_length,
            filename=part.filename,
            content_type=part.header("Content-Type"),
            content_length=int(length) if length.isascii() and length.isdigit() else 0,
        )

    def parse(
        self, stream: IO[bytes], boundary: bytes, content_length: int | None
    ) -> tuple[Any, Any]:
        """Return the fields and the files of a body.

        :raises MalformedForm: a 400 and a ValueError: it does not parse.
        :raises RequestEntityTooLarge: over one of the limits.
        """
        # PERF: a body that fits into memory is parsed in one piece (20 of the 250 µs of 1 MiB).
        size = self.buffer_size
        if content_length is not None and is_small(content_length):
            size = max(size, content_length)
        return self._collect(iter(partial(stream.read, size), b""), boundary, content_length)

    def parse_body(self, body: bytes, boundary: bytes) -> tuple[Any, Any]:
        """Return the fields and the files of a body that is in memory; raises as `parse` does."""
        return self._collect(iter((body,) if body else ()), boundary, len(body))

    def _collect(
        self, chunks: Iterator[bytes], boundary: bytes, content_length: int | None
    ) -> tuple[Any, Any]:
        # The library below it takes as long to import as all of http; most apps see no upload.
        from costrel.http.multipart import PartReader  # noqa: PLC0415

        collector = _Collector(self, content_length)
        reader = PartReader(boundary, self.max_form_parts, content_length)
        try:
            collector.take(reader.read(chunks))
        except BaseException:
            for opened in collector.opened:
                opened.close()
            raise
        return _store(self.cls, collector.fields), _store(self.cls, collector.files)


class FormDataParser:
    """Parses a body as its content type says; a body that is no form is left alone.

    :param stream_factory: opens what a file is written to; see `default_stream_factory`.
    :param max_form_memory_size: the most that all fields together may hold, in bytes.
    :param max_content_length: the most that the whole body may hold, in bytes.
    :param cls: the dictionary for fields and files.
    :param silent: take a malformed form for an empty one.
    :param max_form_parts: the most parts, or (but not below 1000) urlencoded fields.
    """

    def __init__(
        self,
        stream_factory: StreamFactory | None = None,
        max_form_memory_size: int | None = None,
        max_content_length: int | None = None,
        cls: type[Any] | None = None,
        silent: bool = True,
        *,
        max_form_parts: int | None = None,
    ) -> None:
        self.stream_factory = stream_factory or default_stream_factory
        self.max_form_memory_size = max_form_memory_size
        self.max_content_length = max_content_length
        self.cls: type[Any] = MultiDict if cls is None else cls
        self.silent = silent
        self.max_form_parts = max_form_parts

    def parse_from_environ(self, environ: WSGIEnvironment) -> ParsedForm:
        """Parse the body of a WSGI request."""
        stream = get_input_stream(environ, max_content_length=self.max_content_length)
        mimetype, options = parse_options_header(environ.get("CONTENT_TYPE"))
        return self.parse(stream, mimetype.lower(), get_content_length(environ), options)

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> ParsedForm:
        """Return the stream, the fields and the files.

        :param options: the parameters of the content type, such as `boundary`.
        :raises MalformedForm: a 400 and a ValueError: it does not parse, unless silent.
        :raises RequestEntityTooLarge: over one of the limits.
        """
        parse = PARSERS.get(mimetype)
        if parse is not None:
            try:
                return parse(self, stream, content_length, options or {})
            except MalformedForm:
                if not self.silent:
                    raise
        return stream, self.cls(), self.cls()

    def _parse_multipart(
        self, stream: IO[bytes], content_length: int | None, options: dict[str, str]
    ) -> ParsedForm:
        parser = MultiPartParser(
            self.stream_factory,
            self.max_form_memory_size,
            self.cls,
            max_form_parts=self.max_form_parts,
        )
        form, files = parser.parse(stream, get_boundary(options), content_length)
        return stream, form, files

    def _parse_urlencoded(
        self, stream: IO[bytes], content_length: int | None, options: dict[str, str]
    ) -> ParsedForm:
        limit = self.max_form_memory_size
        if limit is None:
            body = stream.read()
        elif content_length is not None and content_length > limit:
            raise RequestEntityTooLarge
        else:
            body = read_at_most(stream, limit)
        return stream, read_fields(body, self.cls, self.max_form_parts), self.cls()


def get_boundary(options: dict[str, str]) -> bytes:
    """Return what separates the parts of a body, from the parameters of its content type."""
    return options.get("boundary", "").encode("ascii", "replace")


def read_fields(body: bytes, cls: type[Any], max_form_parts: int | None) -> Any:
    """Read the fields of an urlencoded body.

    :param cls: the dictionary to keep them in.
    :param max_form_parts: the most fields, but not below 1000.
    :raises MalformedForm: 400, it is not UTF-8.
    :raises RequestEntityTooLarge: 413, too many fields.
    """
    if max_form_parts is not None and max_form_parts < LEAST_MAX_FIELDS:
        max_form_parts = LEAST_MAX_FIELDS
    try:
        text = body.decode()
        if issubclass(cls, MultiDict):
            return parse_query(text, cls, max_fields=max_form_parts)
        return cls(parse_query(text, max_fields=max_form_parts))
    except UnicodeDecodeError as error:
        raise MalformedForm("The form is not in UTF-8.") from error
    except TooManyFields as error:
        raise RequestEntityTooLarge from error


def read_at_most(stream: IO[bytes], limit: int) -> bytes:
    """Read a stream to its end.

    :raises RequestEntityTooLarge: it holds more than `limit` bytes.
    """
    chunks = []
    left = limit + 1
    while left > 0 and (chunk := stream.read(left)):
        left -= len(chunk)
        chunks.append(chunk)
    if left <= 0:
        raise RequestEntityTooLarge
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


PARSERS: dict[str, Callable[..., ParsedForm]] = {
    "multipart/form-data": FormDataParser._parse_multipart,
    "application/x-www-form-urlencoded": FormDataParser._parse_urlencoded,
    # Sent by some old clients.
    "application/x-url-encoded": FormDataParser._parse_urlencoded,
}


def parse_form_data(
    environ: WSGIEnvironment,
    stream_factory: StreamFactory | None = None,
    max_form_memory_size: int | None = None,
    max_content_length: int | None = None,
    cls: type[Any] | None = None,
    silent: bool = True,
    *,
    max_form_parts: int | None = None,
) -> ParsedForm:
    """Return the stream, the fields and the files of a WSGI request; see `FormDataParser`."""
    parser = FormDataParser(
        stream_factory,
        max_form_memory_size,
        max_content_length,
        cls,
        silent,
        max_form_parts=max_form_parts,
    )
    return parser.parse_from_environ(environ)
