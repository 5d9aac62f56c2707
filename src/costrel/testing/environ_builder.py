"""EnvironBuilder: what a request says, put together as the WSGI environ a server would hand over.

Law: a builder holds what was said; the environ is made from it anew each time it is asked for.
"""

from __future__ import annotations

import json as json_module
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, unquote_to_bytes, urlsplit

from costrel.http.callback_dict import CallbackDict
from costrel.http.credentials import Authorization
from costrel.http.environ import decode_text
from costrel.http.header_values import dump_options_header, parse_options_header
from costrel.http.headers import EnvironHeaders, Headers
from costrel.http.multidict import CombinedMultiDict, MultiDict, iter_multi_items
from costrel.http.query import dump_query
from costrel.http.request import Request
from costrel.http.response_fields import with_charset
from costrel.http.uploads import FileMultiDict
from costrel.http.urls import iri_to_uri

from .multipart_body import stream_encode_multipart
from .wsgi_text import header_variables, headers_to_send, split_host, wsgi_text

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

R = TypeVar("R", bound=Request)

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
# A path keeps what RFC 3986, 3.3 allows in one; `%` and `?` of the decoded path are escaped.
PATH_SAFE = "/:@!$&'()*+,;=~"


class EnvironBuilder:
    """Builds a WSGI environ, or a Request, for tests.

    `path` may have a query; `base_url` gives scheme, host and mount point. `data` is the body
    (text, bytes, a stream) or a mapping of fields, where a stream or a tuple `(stream or file
    name, filename, content type)` is an upload; `json` is an object to send instead. `auth` is a
    (user, password) pair or an Authorization. `environ_base` is what the environ starts from,
    `environ_overrides` has the last word. Raises TypeError when two bodies are given.
    """

    server_protocol = "HTTP/1.1"
    wsgi_version = (1, 0)
    request_class: type[Request] = Request
    # A static method, so that an app's builder may put its own in place.
    json_dumps: Callable[..., str] = staticmethod(json_module.dumps)

    closed = False
    _input_stream: IO[bytes] | None = None
    _form: MultiDict[str, Any] | None = None
    _files: FileMultiDict | None = None
    _query_string: str | None = None
    _args: MultiDict[str, Any] | None = None

    def __init__(
        self,
        path: str = "/",
        base_url: str | None = None,
        query_string: Mapping[str, Any] | str | bytes | None = None,
        method: str = "GET",
        input_stream: IO[bytes] | None = None,
        content_type: str | None = None,
        content_length: int | None = None,
        errors_stream: IO[str] | None = None,
        multithread: bool = False,
        multiprocess: bool = False,
        run_once: bool = False,
        headers: Headers | Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
        data: Any = None,
        environ_base: Mapping[str, Any] | None = None,
        environ_overrides: Mapping[str, Any] | None = None,
        mimetype: str | None = None,
        json: Any = None,
        auth: Authorization | tuple[str, str] | None = None,
    ) -> None:
        self._take_target(path, query_string)
        self.base_url = base_url or "http://localhost/"
        self.method = method
        self.headers = headers if isinstance(headers, Headers) else headers_to_send(headers)
        if auth is not None:
            self.headers["Authorization"] = authorization_header(auth)
        if content_type is not None:
            self.content_type = content_type
        self.errors_stream: IO[str] = sys.stderr if errors_stream is None else errors_stream
        self.multithread = multithread
        self.multiprocess = multiprocess
        self.run_once = run_once
        self.environ_base = environ_base
        self.environ_overrides = environ_overrides
        if content_length is not None:
            self.content_length = content_length
        if mimetype is not None:
            self.mimetype = mimetype
        self._take_body(input_stream, data, json)

    @classmethod
    def from_environ(cls, environ: WSGIEnvironment, **kwargs: Any) -> EnvironBuilder:
        """Make a builder that says what an environ says; `kwargs` replace parts of it.

        The body is not copied: the builder has the environ's own input stream.
        """
        headers = Headers.wrap(list(EnvironHeaders(environ)))
        host = headers.pop("Host", None) or environ.get("SERVER_NAME", "localhost")
        root = quote(environ.get("SCRIPT_NAME", "").encode("latin-1"), safe=PATH_SAFE)
        said = {
            "base_url": f"{environ.get('wsgi.url_scheme', 'http')}://{host}{root}/",
            "method": environ.get("REQUEST_METHOD", "GET"),
            "input_stream": environ.get("wsgi.input"),
            "content_type": headers.pop("Content-Type", None),
            "content_length": headers.pop("Content-Length", None),
            "errors_stream": environ.get("wsgi.errors"),
            "multithread": environ.get("wsgi.multithread", False),
            "multiprocess": environ.get("wsgi.multiprocess", False),
            "run_once": environ.get("wsgi.run_once", False),
            "headers": headers,
        }
        builder = cls(**{**said, **kwargs})
        if "path" not in kwargs:
            path = environ.get("PATH_INFO", "").encode("latin-1")
            builder.path = quote(path, safe=PATH_SAFE)
            builder.request_uri = decode_text(environ.get("REQUEST_URI", "")) or builder.path
            if "query_string" not in kwargs:
                builder.query_string = decode_text(environ.get("QUERY_STRING", ""))
        return builder

    # --- what is asked for ------------------------------------------------------------------

    def _take_target(self, path: str, query: Mapping[str, Any] | str | bytes | None) -> None:
        target = urlsplit(path)
        if query is None:
            query = target.query if "?" in path else None
        elif "?" in path:
            raise ValueError(
                f"A query is given twice: in the path {path!r} and as query_string. Give one."
            )
        self.path = iri_to_uri(target.path)
        # A server is sent neither scheme, host nor fragment (RFC 9112, 3.2.1).
        self.request_uri = f"{target.path}?{target.query}" if "?" in path else target.path
        if isinstance(query, bytes):
            query = query.decode("latin-1")
        if query is None or isinstance(query, str):
            self._query_string = query
        else:
            self._args = query if isinstance(query, MultiDict) else MultiDict(query)

    @property
    def base_url(self) -> str:
        """Scheme, host and mount point as one URL that ends in a slash."""
        return f"{self.url_scheme}://{self.host}{self.script_root}/"

    @base_url.setter
    def base_url(self, value: str) -> None:
        url = urlsplit(iri_to_uri(value))
        if url.query or url.fragment:
            raise ValueError(f"A base URL has no query and no fragment, unlike {value!r}.")
        self.url_scheme = url.scheme
        self.host = url.netloc.rpartition("@")[2].lower()  # a user is not part of Host
        self.script_root = url.path.rstrip("/")

    @property
    def server_name(self) -> str:
        """The host without its port."""
        return split_host(self.host)[0]

    @property
    def server_port(self) -> int:
        """The port of the host, or the scheme's own."""
        return split_host(self.host)[1] or DEFAULT_PORTS.get(self.url_scheme, 80)

    @property
    def query_string(self) -> str:
        """The query, as it was set or as `args` make it."""
        if self._query_string is None:
            return dump_query(self._args or {})
        return self._query_string

    @query_string.setter
    def query_string(self, value: str | None) -> None:
        self._query_string = value
        self._args = None

    @property
    def args(self) -> MultiDict[str, Any]:
        """The query's values; AttributeError when the query was given as text."""
        if self._query_string is not None:
            raise AttributeError("The query was given as text; read `query_string` or set `args`.")
        if self._args is None:
            self._args = MultiDict()
        return self._args

    @args.setter
    def args(self, value: MultiDict[str, Any] | None) -> None:
        self._query_string = None
        self._args = value

    # --- what is sent along -----------------------------------------------------------------

    def _take_body(self, input_stream: IO[bytes] | None, data: Any, json: Any) -> None:
        if json is not None:
            if data is not None:
                raise TypeError("A request has one body: give `data` or `json`, not both.")
            data = self.json_dumps(json)
            if self.content_type is None:
                self.content_type = "application/json"
        if input_stream is not None and data:
            raise TypeError("A request has one body: give `input_stream` or `data`, not both.")
        self._input_stream = input_stream
        if not data:
            return
        if hasattr(data, "read"):
            data = data.read()
        if isinstance(data, str):
            data = data.encode()
        if isinstance(data, bytes):
            self._input_stream = BytesIO(data)
            if self.content_length is None:
                self.content_length = len(data)
        elif isinstance(data, Mapping):
            self._take_fields(data)
        else:
            raise TypeError(
                f"`data` is text, bytes, a stream or a mapping, not a {type(data).__name__}. "
                "To send an object as JSON, use `json`."
            )

    def _take_fields(self, data: Mapping[str, Any]) -> None:
        for key, value in field_items(data):
            if isinstance(value, Mapping):
                raise TypeError(
                    f"The form field {key!r} is a {type(value).__name__}, which a form cannot "
                    "say. To send nested values, use `json`."
                )
            if isinstance(value, tuple) or hasattr(value, "read"):
                self._add_file_from_data(key, value)
            else:
                self.form.setlistdefault(key).append(value)

    def _add_file_from_data(self, key: str, value: Any) -> None:
        """Add an upload: a stream, or a tuple of what `files.add_file` takes."""
        self.files.add_file(key, *(value if isinstance(value, tuple) else (value,)))

    @property
    def content_type(self) -> str | None:
        """The Content-Type: the header, else what the fields and files ask for."""
        given = self.headers.get("Content-Type")
        if given is None and self._input_stream is None:
            if self._files:
                return MULTIPART
            if self._form:
                return FORM
        return given

    @content_type.setter
    def content_type(self, value: str | None) -> None:
        self._set_header("Content-Type", value)

    @property
    def content_length(self) -> int | None:
        """The Content-Length header."""
        return self.headers.get("Content-Length", type=int)

    @content_length.setter
    def content_length(self, value: int | None) -> None:
        self._set_header("Content-Length", None if value is None else str(value))

    def _set_header(self, name: str, value: str | None) -> None:
        if value is None:
            self.headers.pop(name, None)
        else:
            self.headers[name] = value

    @property
    def mimetype(self) -> str | None:
        """The Content-Type without its parameters; setting it adds the charset to text types."""
        content_type = self.content_type
        return content_type.partition(";")[0].strip() if content_type else None

    @mimetype.setter
    def mimetype(self, value: str) -> None:
        self.content_type = with_charset(value)

    @property
    def mimetype_params(self) -> Mapping[str, str]:
        """The parameters of the Content-Type; changes to them change the header."""

        def on_update(params: CallbackDict[str, str]) -> None:
            self.content_type = dump_options_header(self.mimetype, params)

        parsed = parse_options_header(self.headers.get("Content-Type", ""))[1]
        return CallbackDict(parsed, on_update)

    @property
    def input_stream(self) -> IO[bytes] | None:
        """The body as a stream, where it is given as such; setting it drops fields and files."""
        return self._input_stream

    @input_stream.setter
    def input_stream(self, value: IO[bytes] | None) -> None:
        self._input_stream = value
        self._form = None
        self._files = None

    @property
    def form(self) -> MultiDict[str, Any]:
        """The form's fields; AttributeError when the body was given as a stream."""
        self._need_fields()
        if self._form is None:
            self._form = MultiDict()
        return self._form

    @form.setter
    def form(self, value: MultiDict[str, Any]) -> None:
        self._input_stream = None
        self._form = value

    @property
    def files(self) -> FileMultiDict:
        """The uploads, `files.add_file` adds one; AttributeError as with `form`."""
        self._need_fields()
        if self._files is None:
            self._files = FileMultiDict()
        return self._files

    @files.setter
    def files(self, value: FileMultiDict) -> None:
        self._input_stream = None
        self._files = value

    def _need_fields(self) -> None:
        if self._input_stream is not None:
            raise AttributeError(
                "The body was given as a stream, so it has no fields; set `input_stream` to None."
            )

    # --- what comes out ---------------------------------------------------------------------

    def get_environ(self) -> WSGIEnvironment:
        """Make the environ. A stream given as body is shared by all environs made."""
        stream, length, content_type = self._make_body()
        environ: WSGIEnvironment = dict(self.environ_base or {})
        environ.update(self._request_line())
        environ.update(
            {
                "wsgi.version": self.wsgi_version,
                "wsgi.url_scheme": self.url_scheme,
                "wsgi.input": stream,
                "wsgi.errors": self.errors_stream,
                "wsgi.multithread": self.multithread,
                "wsgi.multiprocess": self.multiprocess,
                "wsgi.run_once": self.run_once,
            }
        )
        if content_type is not None:
            environ["CONTENT_TYPE"] = content_type
        if length is not None:
            environ["CONTENT_LENGTH"] = str(length)
        environ.update(header_variables(self.headers))
        environ.update(self.environ_overrides or {})
        return environ

    def _request_line(self) -> Iterator[tuple[str, str]]:
        query = wsgi_text(self.query_string)
        uri = wsgi_text(self.request_uri)
        if query and "?" not in uri:
            uri = f"{uri}?{query}"
        yield "REQUEST_METHOD", self.method
        yield "SCRIPT_NAME", unquote_to_bytes(self.script_root).decode("latin-1")
        yield "PATH_INFO", unquote_to_bytes(self.path).decode("latin-1")
        yield "QUERY_STRING", query
        yield "REQUEST_URI", uri
        yield "RAW_URI", uri
        yield "SERVER_NAME", self.server_name
        yield "SERVER_PORT", str(self.server_port)
        yield "HTTP_HOST", self.host
        yield "SERVER_PROTOCOL", self.server_protocol

    def _make_body(self) -> tuple[IO[bytes], int | None, str | None]:
        """The body as a stream, its length in bytes where known, and its Content-Type."""
        mimetype = self.mimetype
        if self._input_stream is not None:
            return self._input_stream, self._stream_length(self._input_stream), self.content_type
        if mimetype == MULTIPART:
            asked = parse_options_header(self.headers.get("Content-Type", ""))[1].get("boundary")
            fields = CombinedMultiDict([self.form, self.files])
            stream, length, boundary = stream_encode_multipart(fields, boundary=asked)
            return stream, length, f'{MULTIPART}; boundary="{boundary}"'
        if mimetype == FORM:
            body = dump_query(self.form).encode("ascii")
            return BytesIO(body), len(body), self.content_type
        return BytesIO(), self.content_length, self.content_type

    def _stream_length(self, stream: IO[bytes]) -> int | None:
        """What is left to read, in bytes; of a stream that cannot tell, what was given."""
        if not hasattr(stream, "seek"):
            return self.content_length
        start = stream.tell()
        end = stream.seek(0, 2)
        stream.seek(start)
        return end - start

    def get_request(self, cls: type[R] | None = None) -> R | Request:
        """Make a request of the environ, of class `cls` or the builder's `request_class`."""
        return (cls or self.request_class)(self.get_environ())

    def close(self) -> None:
        """Close the uploads; the builder does so itself when it is thrown away."""
        if self.closed:
            return
        self.closed = True
        for _, file in iter_multi_items(self._files or {}):
            file.close()

    def __del__(self) -> None:
        self.close()


def field_items(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of a form; a list has several values, but a tuple is one upload."""
    if isinstance(data, MultiDict):
        yield from iter_multi_items(data)
        return
    for key, value in data.items():
        yield from ((key, single) for single in (value if isinstance(value, list) else [value]))


def authorization_header(auth: Authorization | tuple[str, str]) -> str:
    """The Authorization header for a (user, password) pair or an Authorization."""
    if isinstance(auth, tuple):
        auth = Authorization("basic", {"username": auth[0], "password": auth[1]})
    return auth.to_header()


def create_environ(*args: Any, **kwargs: Any) -> WSGIEnvironment:
    """Make a WSGI environ from what EnvironBuilder takes, and close the uploads given."""
    builder = EnvironBuilder(*args, **kwargs)
    try:
        return builder.get_environ()
    finally:
        builder.close()


def request_from_values(cls: type[R], /, *args: Any, **kwargs: Any) -> R:
    """Make a request of class `cls` from what EnvironBuilder takes (`Request.from_values`)."""
    builder = EnvironBuilder(*args, **kwargs)
    try:
        return cls(builder.get_environ())
    finally:
        builder.close()
