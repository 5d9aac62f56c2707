"""Request: lazy views over a wire.

Law: making a Request parses nothing. Each attribute is computed at its first touch and kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import update_wrapper
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, ClassVar, NoReturn

from costrel.http.body import MalformedForm
from costrel.http.cached import lazy
from costrel.http.cookies import parse_cookie
from costrel.http.door import ClassDoor
from costrel.http.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    SecurityError,
    UnsupportedMediaType,
)
from costrel.http.forms import FormDataParser, default_stream_factory, read_fields
from costrel.http.header_fields import environ_property
from costrel.http.header_values import parse_list_header
from costrel.http.headers import Headers
from costrel.http.immutable import ImmutableList
from costrel.http.multidict import (
    CombinedMultiDict,
    ImmutableMultiDict,
    MultiDict,
    iter_multi_items,
)
from costrel.http.query import parse_query
from costrel.http.request_fields import RequestFields
from costrel.http.streams import LimitedStream
from costrel.http.urls import get_current_url, get_host, host_is_trusted
from costrel.http.wire import ENVIRON_WIRE, Wire

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

# What a request class may replace of how its forms are read.
FORM_STEPS = (
    "make_form_data_parser",
    "want_form_data_parsed",
    "_get_stream_for_parsing",
    "mimetype",
    "mimetype_params",
)

# States of a request's JSON beside a value.
JSON_NOT_READ: Any = object()
JSON_FAILED: Any = object()


class Request(RequestFields):
    """An HTTP request, as the views see it.

    :param environ: a WSGI environ.
    :param populate_request: put the request into the environ as ``werkzeug.request``.
    :param shallow: refuse to read the body.
    """

    from_values = ClassDoor("costrel.testing.environ_builder:request_from_values")

    wire: Wire = ENVIRON_WIRE
    shallow = False
    is_populating = True
    json_module: Any = json
    parameter_storage_class: type[Any] = ImmutableMultiDict
    dict_storage_class: type[Any] = ImmutableMultiDict
    list_storage_class: type[Any] = ImmutableList
    form_data_parser_class: type[FormDataParser] = FormDataParser
    trusted_hosts: list[str] | None = None
    max_content_length: int | None = None
    max_form_memory_size: int | None = 500_000
    max_form_parts: int | None = 1_000
    # Methods whose body's fields belong to `values` (RFC 9110, 9.3: a GET has no body to speak of).
    methods_with_form: ClassVar[frozenset[str]] = frozenset({"POST", "PUT", "PATCH"})

    _body: bytes | None = None
    # Whether the body was read past the stream.
    _is_read = False
    # The body, where the gateway has put it into a file.
    body_file: IO[bytes] | None = None
    # Whether there are files, of a form or of a body, which are to be closed in the end.
    holds_files = False
    # Decided for each class: whether it reads forms in a way of its own.
    has_own_form_steps = False
    _json: Any = JSON_NOT_READ

    remote_user = environ_property[str]("REMOTE_USER", doc="Who the server says has logged in.")
    input_stream = environ_property[Any]("wsgi.input", doc="The raw stream; use `stream` instead.")
    is_multithread = environ_property[bool](
        "wsgi.multithread", doc="Whether threads share the app."
    )
    is_multiprocess = environ_property[bool](
        "wsgi.multiprocess", doc="Whether other processes run the app too."
    )
    is_run_once = environ_property[bool]("wsgi.run_once", doc="Whether this process ends after it.")

    def __init__(
        self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False
    ) -> None:
        # PERF: two attributes. Paths, hosts, headers and bodies wait for their first touch.
        self.raw: Any = environ
        self.method: str = environ.get("REQUEST_METHOD", "GET")
        if shallow:
            self.shallow = True
        elif not populate_request:
            self.is_populating = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.has_own_form_steps = any(
            getattr(cls, step) is not getattr(Request, step) for step in FORM_STEPS
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url!r} [{self.method}]>"

    def __enter__(self) -> Request:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the uploaded files, if any were read, and the file of a large body."""
        if self.body_file is not None:
            self.body_file.close()
        files = self.__dict__.get("files")
        if files:
            for _, upload in iter_multi_items(files):
                upload.close()

    # Where it came from and where it goes

    @lazy
    def environ(self) -> WSGIEnvironment:
        """The request as a WSGI environ."""
        environ = self.wire.environ(self.raw)
        if self.is_populating and not self.shallow:
            environ["werkzeug.request"] = self
        return environ

    @lazy
    def headers(self) -> Headers:
        """The headers, read-only."""
        return self.wire.headers(self.raw)

    def _body_header(self, name: str) -> str | None:
        # PERF: forms and JSON need two headers of a dozen: making all of them first took 5 of the
        # 15 µs of a form over ASGI.
        if "headers" in self.__dict__:
            return self.headers.get(name)
        return self.wire.body_header(self.raw, name)

    @lazy
    def path(self) -> str:
        """The decoded path below the mount point, with a slash at its start."""
        return self.wire.path(self.raw)

    @lazy
    def root_path(self) -> str:
        """The decoded path of the mount point, without a slash at its end."""
        return self.wire.root_path(self.raw)

    @property
    def script_root(self) -> str:
        """The decoded path of the mount point, without a slash at its end."""
        return self.root_path.rstrip("/")

    @lazy
    def scheme(self) -> str:
        """The URL's scheme: ``http`` or ``https``."""
        return self.wire.scheme(self.raw)

    @lazy
    def server(self) -> tuple[str, int | None] | None:
        """The server's name and port."""
        return self.wire.server(self.raw)

    @lazy
    def remote_addr(self) -> str | None:
        """The address of the client, or of the last proxy."""
        return self.wire.remote_addr(self.raw)

    @lazy
    def query_string(self) -> bytes:
        """The query string as sent."""
        return self.wire.query(self.raw).encode("latin-1", "replace")

    @property
    def is_secure(self) -> bool:
        """Whether the connection is encrypted."""
        return self.scheme in {"https", "wss"}

    @lazy
    def host(self) -> str:
        """The host name, with the port where it is not the scheme's own; empty if malformed.

        :raises SecurityError: where it is none of ``trusted_hosts``.
        """
        host = get_host(self.scheme, self.headers.get("Host"), self.server)
        if self.trusted_hosts is not None and not host_is_trusted(host, self.trusted_hosts):
            raise SecurityError(f"Host {host!r} is not trusted.")
        return host

    @property
    def host_url(self) -> str:
        """Scheme and host."""
        return get_current_url(self.scheme, self.host)

    @property
    def root_url(self) -> str:
        """Scheme, host and mount point."""
        return get_current_url(self.scheme, self.host, self.root_path)

    url_root = root_url

    @property
    def base_url(self) -> str:
        """The whole URL without its query."""
        return get_current_url(self.scheme, self.host, self.root_path, self.path)

    @property
    def url(self) -> str:
        """The whole URL as an IRI."""
        return get_current_url(self.scheme, self.host, self.root_path, self.path, self.query_string)

    @property
    def full_path(self) -> str:
        """Path and query; ends with ``?`` where there is no query."""
        return f"{self.path}?{self.query_string.decode(errors='replace')}"

    @lazy
    def access_route(self) -> Any:
        """The addresses from the client to the last proxy, as ``X-Forwarded-For`` claims."""
        claimed = self.headers.get("X-Forwarded-For")
        if claimed is not None:
            return self.list_storage_class(parse_list_header(claimed))
        return self.list_storage_class([self.remote_addr] if self.remote_addr else [])

    # What it carries

    @lazy
    def args(self) -> Any:
        """The query's values."""
        storage = self.parameter_storage_class
        query: str | bytes = self.wire.query(self.raw)
        if not query.isascii():
            # Raw bytes, which WSGI spells as latin-1.
            query = self.query_string
        if issubclass(storage, MultiDict):
            return parse_query(query, storage)
        return storage(parse_query(query))

    @lazy
    def cookies(self) -> Any:
        """The cookies sent."""
        storage = self.dict_storage_class
        if "headers" in self.__dict__:
            text = "; ".join(self.headers.getlist("Cookie"))
        else:
            text = self.wire.cookie(self.raw)
        if issubclass(storage, MultiDict):
            return parse_cookie(text, storage)
        return storage(parse_cookie(text))

    @lazy
    def stream(self) -> IO[bytes]:
        """The body as a stream that ends where the body ends.

        :raises RequestEntityTooLarge: where the announced length is over the limit.
        """
        if self.shallow:
            self._refuse_as_shallow()
        if self._is_read:
            return LimitedStream(BytesIO(), 0)  # type: ignore[return-value]  # a RawIOBase is a binary file
        return self.wire.body(self.raw, self.max_content_length)

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
        """Read the whole body past the stream, where nobody has asked for that yet.

        PERF: a form or JSON body of a known, small length costs one read and no stream objects
        (1.5 µs of 7).
        """
        if self._is_read or self.shallow or "stream" in self.__dict__:
            return None
        body = self.wire.read(self.raw, self.max_content_length)
        self._is_read = body is not None
        return body

    @lazy
    def form(self) -> Any:
        """The fields of a form in the body."""
        self._load_form_data()
        return self.__dict__["form"]

    @lazy
    def files(self) -> Any:
        """The files of a form in the body, as :class:`FileStorage`."""
        kept = self.__dict__
        if "form" not in kept:
            self._load_form_data()
        # An urlencoded form has none, and leaves none behind.
        return kept["files"] if "files" in kept else self.parameter_storage_class()

    @lazy
    def values(self) -> CombinedMultiDict[str, str]:
        """``args``, and for POST, PUT and PATCH ``form`` behind it."""
        sources = [self.args]
        if self.method in self.methods_with_form:
            sources.append(self.form)
        return CombinedMultiDict(
            [each if isinstance(each, MultiDict) else MultiDict(each) for each in sources]
        )

    @property
    def want_form_data_parsed(self) -> bool:
        """Whether the body may be a form: it has a content type."""
        return bool(self.headers.get("Content-Type"))

    def make_form_data_parser(self) -> FormDataParser:
        """Return the parser of forms, with this request's limits."""
        is_own = type(self)._get_file_stream is not Request._get_file_stream
        return self.form_data_parser_class(
            stream_factory=self._get_file_stream if is_own else default_stream_factory,
            max_form_memory_size=self.max_form_memory_size,
            max_content_length=self.max_content_length,
            max_form_parts=self.max_form_parts,
            cls=self.parameter_storage_class,
        )

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
            kept["stream"], kept["form"], kept["files"] = self.make_form_data_parser().parse(
                self._get_stream_for_parsing(),
                self.mimetype,
                self.content_length,
                self.mimetype_params,
            )
            self.holds_files = self.holds_files or bool(kept["files"])
        else:
            storage = self.parameter_storage_class
            kept["stream"], kept["form"], kept["files"] = self.stream, storage(), storage()

    def _load_form_at_once(self) -> bool:
        """Parse a form that comes in one piece, without a stream, where nobody replaced a step."""
        if self.has_own_form_steps or self.form_data_parser_class is not FormDataParser:
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
                kept["form"] = read_fields(body, storage, self.max_form_parts)
            else:
                parser = self.make_form_data_parser()
                kept["form"], kept["files"] = parser.parse_body(body, self.mimetype_params)
                self.holds_files = self.holds_files or bool(kept["files"])
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

    @classmethod
    def application(cls, function: Callable[..., WSGIApplication]) -> WSGIApplication:
        """Make a function of a request that returns a response into a WSGI application."""

        def call(*args: Any) -> Any:
            *owner, environ, start_response = args
            with cls(environ) as request:
                try:
                    answer: Any = function(*owner, request)
                except HTTPException as error:
                    answer = error.get_response(environ)
                return answer(environ, start_response)

        return update_wrapper(call, function)
