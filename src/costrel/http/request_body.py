"""RequestBody: the body of a request, and what it is read as: a stream, bytes, a form, JSON.

Law: a body is read once, and not before somebody asks for it.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, NoReturn

from costrel.http.body import LEAST_MAX_FIELDS, MalformedForm
from costrel.http.cached import lazy
from costrel.http.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType
from costrel.http.forms import (
    FormDataParser,
    MultiPartParser,
    StreamFactory,
    default_stream_factory,
    get_boundary,
    read_fields,
)
from costrel.http.multidict import ImmutableMultiDict, iter_multi_items
from costrel.http.request_fields import RequestFields
from costrel.http.streams import LimitedStream
from costrel.http.wire import ENVIRON_WIRE, Wire

if TYPE_CHECKING:
    from costrel.http.uploads import FileStorage

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

# States of a request's JSON beside a value.
JSON_NOT_READ: Any = object()
JSON_FAILED: Any = object()


class RequestBody(RequestFields):
    """What a request carries; the other half of Request."""

    raw: Any
    wire: Wire = ENVIRON_WIRE
    shallow = False
    json_module: Any = json
    parameter_storage_class: type[Any] = ImmutableMultiDict
    form_data_parser_class: type[FormDataParser] = FormDataParser
    max_content_length: int | None = None
    max_form_memory_size: int | None = 500_000
    max_form_parts: int | None = 1_000

    _body: bytes | None = None
    # Whether the body was read past the stream.
    _is_read = False
    # The body, where the gateway has put it into a file.
    body_file: IO[bytes] | None = None
    # Whether there are files, of a form or of a body, which are to be closed in the end.
    holds_files = False
    _json: Any = JSON_NOT_READ
    # Short cuts, which `Request` closes to classes that replace what they go past.
    finds_headers_raw = True
    reads_body_at_once = True
    reads_forms_at_once = True

    def close(self) -> None:
        """Close the uploaded files, if any were read, and the file of a large body."""
        if self.body_file is not None:
            self.body_file.close()
        files = self.__dict__.get("files")
        if files:
            for _, upload in iter_multi_items(files):
                upload.close()

    def _body_header(self, name: str) -> str | None:
        # PERF: forms and JSON need two headers of a dozen: making all of them first took 5 of the
        # 15 µs of a form over ASGI.
        if "headers" in self.__dict__ or not self.finds_headers_raw:
            return self.headers.get(name)
        return self.wire.body_header(self.raw, name)

    @lazy
    def stream(self) -> IO[bytes]:
        """The body as a stream that ends where the body ends.

        :raises RequestEntityTooLarge: where the announced length is over the limit.
        """
        if self.shallow:
            self._refuse_as_shallow()
        if self._is_read:
            return LimitedStream(BytesIO(), 0)  # type: ignore[return-value]  # a RawIOBase is a binary file
        return self._opened(self.wire.body(self.raw, self.max_content_length))

    def _opened(self, stream: IO[bytes]) -> IO[bytes]:
        """The body's stream as views see it."""
        return stream

    def _refuse_as_shallow(self) -> NoReturn:
        raise RuntimeError("This request was created with shallow=True and does not read its body.")

    @property
    def data(self) -> bytes:
        """The body, empty where it was a form that was parsed."""
        body: bytes = self.get_data(parse_form_data=True)
        return body

    def get_data(
        self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False
    ) -> Any:
        """Read the body.

        :param cache: keep it, so that it can be read again and parsed as a form later.
        :param as_text: decode it from UTF-8.
        :param parse_form_data: parse a form first, which leaves no data behind.
        :raises RequestEntityTooLarge: over ``max_content_length``.
        """
        body = self._body
        if body is None:
            if parse_form_data:
                self._load_form_data()
            body = self._read_at_once()
            if body is None:
                body = self.stream.read()
            if cache:
                self._body = body
        return body.decode(errors="replace") if as_text else body

    def _read_at_once(self) -> bytes | None:
        """Read the whole body past the stream, where nobody has asked for that yet."""
        # PERF: one read and no stream objects (1.5 of 7 µs for a form or JSON).
        if self._is_read or self.shallow or "stream" in self.__dict__:
            return None
        if not self.reads_body_at_once:
            return None
        body = self.wire.read(self.raw, self.max_content_length)
        self._is_read = body is not None
        return body

    @lazy
    def form(self) -> ImmutableMultiDict[str, str]:
        """The fields of a form in the body."""
        self._load_form_data()
        return self.__dict__["form"]  # type: ignore[no-any-return]  # of parameter_storage_class

    @lazy
    def files(self) -> ImmutableMultiDict[str, FileStorage]:
        """The files of a form in the body, as :class:`FileStorage`."""
        kept: dict[str, ImmutableMultiDict[str, FileStorage]] = self.__dict__
        if "form" not in kept:
            self._load_form_data()
        # A form without files leaves nothing behind.
        return kept["files"] if "files" in kept else self.parameter_storage_class()

    @property
    def want_form_data_parsed(self) -> bool:
        """Whether the body may be a form: it has a content type."""
        return bool(self.headers.get("Content-Type"))

    def make_form_data_parser(self) -> FormDataParser:
        """Return the parser of forms, with this request's limits."""
        return self.form_data_parser_class(
            stream_factory=self._get_stream_factory(),
            max_form_memory_size=self.max_form_memory_size,
            max_content_length=self.max_content_length,
            max_form_parts=self.max_form_parts,
            cls=self.parameter_storage_class,
        )

    def _get_stream_factory(self) -> StreamFactory:
        is_own = type(self)._get_file_stream is not RequestBody._get_file_stream
        return self._get_file_stream if is_own else default_stream_factory

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Where an uploaded file is written to; a subclass may choose another place."""
        return default_stream_factory(total_content_length, content_type, filename, content_length)

    def _get_stream_for_parsing(self) -> IO[bytes]:
        return self.stream if self._body is None else BytesIO(self._body)

    def _load_form_data(self) -> None:
        """Parse the form once; afterwards ``form``, ``files`` and ``stream`` are plain."""
        kept = self.__dict__
        if "form" in kept:
            return
        if self.shallow:
            self._refuse_as_shallow()
        if self._load_form_at_once():
            return
        if self.want_form_data_parsed:
            parser, stream = self.make_form_data_parser(), self._get_stream_for_parsing()
            kept["stream"], kept["form"], files = parser.parse(
                stream, self.mimetype, self.content_length, self.mimetype_params
            )
            self._keep_files(files)
        else:
            kept["stream"], kept["form"] = self.stream, self.parameter_storage_class()

    def _keep_files(self, files: Any) -> None:
        if files:
            self.__dict__["files"] = files
            self.holds_files = True

    def _load_form_at_once(self) -> bool:
        """Parse a form that comes in one piece, without a stream, where nobody replaced a step."""
        if not self.reads_forms_at_once or self.form_data_parser_class is not FormDataParser:
            return False
        # PERF: nearly all write it just so, and then it needs no parsing (0.3 of 6 µs).
        is_urlencoded = self._body_header("content-type") == URLENCODED
        if not is_urlencoded and self.mimetype not in {URLENCODED, MULTIPART}:
            return False
        body = self._read_at_once() if self._body is None else self._body
        if body is None:
            return False
        kept, storage = self.__dict__, self.parameter_storage_class
        try:
            if is_urlencoded or self.mimetype == URLENCODED:
                limit = self.max_form_memory_size
                if limit is not None and len(body) > limit:
                    raise RequestEntityTooLarge
                # PERF: what is too short for too many fields needs no limit (0.2 of 5 µs).
                most = None if len(body) < LEAST_MAX_FIELDS else self.max_form_parts
                kept["form"] = read_fields(body, storage, most)
            else:
                parser = MultiPartParser(
                    self._get_stream_factory(),
                    self.max_form_memory_size,
                    storage,
                    max_form_parts=self.max_form_parts,
                )
                kept["form"], files = parser.parse_body(body, get_boundary(self.mimetype_params))
                self._keep_files(files)
        except MalformedForm:
            # As the parser has it, which is silent.
            kept["form"] = storage()
        return True

    @property
    def json(self) -> Any:
        """The body parsed as JSON.

        :raises UnsupportedMediaType: 415, where the content type is not JSON.
        :raises BadRequest: 400, where it does not parse.
        """
        return self.get_json()

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Parse the body as JSON.

        :param force: whatever the content type says.
        :param silent: return ``None`` instead of raising.
        :param cache: keep the result, and the body.
        :raises UnsupportedMediaType: 415, where the content type is not JSON.
        :raises BadRequest: 400, where it does not parse.
        """
        if cache and self._json is not JSON_NOT_READ:
            if self._json is not JSON_FAILED:
                return self._json
            if silent:
                return None
        if not (force or self.is_json):
            return None if silent else self.on_json_loading_failed(None)
        data = self.get_data(cache=cache)
        try:
            value = self.json_module.loads(data)
        except (ValueError, RecursionError) as error:
            if cache:
                self._json = JSON_FAILED
            if silent:
                return None
            problem = error if isinstance(error, ValueError) else ValueError("nested too deep")
            value = self.on_json_loading_failed(problem)
        if cache:
            self._json = value
        return value

    def on_json_loading_failed(self, error: ValueError | None) -> Any:
        """Answer for :meth:`get_json` where it failed; what is returned becomes its value.

        :param error: what the parser said, or ``None`` where the content type is not JSON.
        """
        if error is not None:
            raise BadRequest(f"Failed to decode JSON object: {error}")
        raise UnsupportedMediaType(
            "Did not attempt to load JSON data because the request Content-Type was not "
            "'application/json'."
        )
