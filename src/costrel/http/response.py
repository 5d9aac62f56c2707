"""Response: status, headers, body.

Law: what a response answers to preconditions and ranges is decided in ``conditional.py``; here
it only has the methods' names. Exceptions stand below, and are told at the end of this file what
their pages are made of.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, AnyStr
from urllib.parse import urljoin

from costrel.http.conditional import add_etag, freeze, make_conditional
from costrel.http.cookies import dump_cookie
from costrel.http.environ import get_current_url
from costrel.http.exceptions import HTTPException
from costrel.http.header_kinds import remove_entity_headers
from costrel.http.headers import Headers
from costrel.http.response_fields import ResponseFields, with_charset
from costrel.http.response_stream import ResponseStream, encode_chunks
from costrel.http.status import STATUS_LINES, parse_status
from costrel.http.streams import ClosingIterator
from costrel.http.urls import iri_to_uri
from costrel.http.wsgi_call import run_application

if TYPE_CHECKING:
    from http import HTTPStatus

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Body = Iterable[bytes] | Iterable[str] | bytes | str

# Answers that have no body: what is set on them is not sent (RFC 9110, 6.4.1).
BODILESS = frozenset({*range(100, 200), 204, 304})


class _ContentTypes(dict[str | None, tuple[str, str]]):
    """Media type → its Content-Type header, each made once."""

    def __missing__(self, mimetype: str) -> tuple[str, str]:
        header = self[mimetype] = ("Content-Type", with_charset(mimetype))
        return header


class ContentLengths(dict[int, tuple[AnyStr, AnyStr]]):
    """Size of a body in bytes → its Content-Length header; those of small ones are kept.

    :param write: makes the header.
    """

    def __init__(self, write: Callable[[int], tuple[AnyStr, AnyStr]]) -> None:
        super().__init__()
        self.write: Callable[[int], tuple[AnyStr, AnyStr]] = write

    def __missing__(self, size: int) -> tuple[AnyStr, AnyStr]:
        header = self.write(size)
        if size < _MOST_KEPT:
            self[size] = header
        return header


# Bytes; 4,096 headers take half a megabyte.
_MOST_KEPT = 4096
CONTENT_TYPES = _ContentTypes()
# PERF: a number's text and its pair take 0.09 µs to make and 0.03 to look up.
CONTENT_LENGTHS = ContentLengths(lambda size: ("Content-Length", str(size)))


class Response(ResponseFields):
    """An HTTP response, which is also a WSGI application.

    :param response: the body: text, bytes, or an iterable of either.
    :param status: a code or a status line; 200 unless given.
    :param headers: a mapping, pairs, or a Headers, which is then used as it is.
    :param mimetype: the media type; text types get ``charset=utf-8``.
    :param content_type: the whole Content-Type, used as it is.
    :param direct_passthrough: hand the iterable to the server unexamined.
    """

    make_conditional = make_conditional
    add_etag = add_etag
    freeze = freeze

    default_status: int | str = 200
    default_mimetype: str | None = "text/plain"
    max_cookie_size: int = 4093
    autocorrect_location_header = False
    automatically_set_content_length = True
    implicit_sequence_conversion = True
    json_module: Any = json

    direct_passthrough = False
    # Decided for each class: whether its constructor need not ask `set_data`.
    sets_data_itself = True
    _status = "200 OK"
    _status_code = 200
    _list: list[tuple[str, str]]
    _headers: Headers | None = None
    _closers: list[Callable[[], Any]] | tuple[()] = ()
    _stream: ResponseStream | None = None

    def __init__(
        self,
        response: Body | None = None,
        status: int | str | HTTPStatus | None = None,
        headers: Mapping[str, str | Iterable[str]] | Iterable[tuple[str, str]] | None = None,
        mimetype: str | None = None,
        content_type: str | None = None,
        direct_passthrough: bool = False,
    ) -> None:
        # PERF: the usual response, text alone, touches no Headers object: its two pairs are laid
        # down as a list, which `headers` adopts at first touch (0.5 µs of 2.9 for hello).
        if headers is None and content_type is None:
            kind = self.default_mimetype if mimetype is None else mimetype
            self._headers = None
            self._list = [] if kind is None else [CONTENT_TYPES[kind]]
        else:
            self._take_headers(headers, mimetype, content_type)
        if status is None:
            status = self.default_status
        if type(status) is int:
            self._status, self._status_code = STATUS_LINES[status], status
        else:
            self._status, self._status_code = parse_status(status)
        if direct_passthrough:
            self.direct_passthrough = True
        sets_itself = self.sets_data_itself
        if sets_itself and type(response) is str:
            response = response.encode()
        if sets_itself and type(response) is bytes:
            self.response: Any = [response]
            if self.automatically_set_content_length:
                length = CONTENT_LENGTHS[len(response)]
                if self._headers is None:
                    self._list.append(length)
                else:
                    self._headers["Content-Length"] = length[1]
        elif response is None:
            self.response = []
        elif isinstance(response, (str, bytes, bytearray)):
            self.set_data(response)
        else:
            self.response = response

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.sets_data_itself = cls.set_data is Response.set_data

    def _take_headers(self, headers: Any, mimetype: str | None, content_type: str | None) -> None:
        """Adopt or copy the given headers, and settle the content type among them."""
        self._headers = own = headers if isinstance(headers, Headers) else Headers(headers)
        self._list = own._list
        if content_type is None:
            if mimetype is None and "content-type" not in own:
                mimetype = self.default_mimetype
            if mimetype is not None:
                own["Content-Type"] = CONTENT_TYPES[mimetype][1]
        else:
            own["Content-Type"] = content_type

    def __repr__(self) -> str:
        size = f"{sum(map(len, self.iter_encoded()))} bytes" if self.is_sequence else "streamed"
        return f"<{type(self).__name__} {size} [{self.status}]>"

    # Status and headers

    @property
    def headers(self) -> Headers:
        """The headers, in order, with their names as they were set."""
        headers = self._headers
        if headers is None:
            headers = self._headers = Headers.wrap(self._list)
        return headers

    @headers.setter
    def headers(self, value: Any) -> None:
        # Other than headers, what makes some: a dict or a list of pairs.
        headers = value if isinstance(value, Headers) else Headers(value)
        self._headers = headers
        self._list = headers._list

    @property
    def status_code(self) -> int:
        """The status as a number."""
        return self._status_code

    @status_code.setter
    def status_code(self, code: int) -> None:
        if type(code) is int:
            self._status, self._status_code = STATUS_LINES[code], code
        else:
            self._status, self._status_code = parse_status(code)

    @property
    def status(self) -> str:
        """The status as a line: ``404 NOT FOUND``."""
        return self._status

    @status.setter
    def status(self, value: str | int | HTTPStatus) -> None:
        self._status, self._status_code = parse_status(value)

    def set_cookie(
        self,
        key: str,
        value: str = "",
        max_age: timedelta | int | None = None,
        expires: str | datetime | float | None = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: str | None = None,
        partitioned: bool = False,
    ) -> None:
        """Add a ``Set-Cookie`` header (RFC 6265).

        :param max_age: seconds or a timedelta; without it the cookie ends with the session.
        :param expires: a datetime, a Unix timestamp in seconds, or an HTTP date.
        :param samesite: ``"Lax"``, ``"Strict"`` or ``"None"``.
        :raises ValueError: where a name, path, domain or samesite would break the header.
        """
        cookie = dump_cookie(
            key,
            value=value,
            max_age=max_age,
            expires=expires,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            max_size=self.max_cookie_size,
            samesite=samesite,
            partitioned=partitioned,
        )
        self.headers.add("Set-Cookie", cookie)

    def delete_cookie(
        self,
        key: str,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: str | None = None,
        partitioned: bool = False,
    ) -> None:
        """Have the browser drop a cookie; path and domain must be those it was set with."""
        self.set_cookie(
            key,
            expires=0,
            max_age=0,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
        )

    # Body

    @property
    def data(self) -> Any:
        """The body as bytes; reading a stream makes it a list first."""
        return self.get_data()

    @data.setter
    def data(self, value: bytes | str) -> None:
        self.set_data(value)

    def get_data(self, as_text: bool = False) -> Any:
        """Return the body as bytes, or decoded from UTF-8.

        :raises RuntimeError: for a stream, where ``implicit_sequence_conversion`` is off.
        """
        self._ensure_sequence()
        whole = b"".join(self.iter_encoded())
        return whole.decode() if as_text else whole

    def set_data(self, value: bytes | str) -> None:
        """Replace the body, and its Content-Length."""
        body = value.encode() if isinstance(value, str) else bytes(value)
        self.response = [body]
        if self.automatically_set_content_length:
            self.headers["Content-Length"] = str(len(body))

    @property
    def json(self) -> Any:
        """The body parsed as JSON; ``None`` where the content type is not JSON."""
        return self.get_json()

    def get_json(self, force: bool = False, silent: bool = False) -> Any:
        """Parse the body as JSON.

        :param force: whatever the content type says.
        :param silent: return ``None`` instead of raising on malformed JSON.
        :raises ValueError: on malformed JSON.
        """
        if not (force or self.is_json):
            return None
        try:
            return self.json_module.loads(self.get_data())
        except ValueError:
            if not silent:
                raise
            return None

    @property
    def stream(self) -> ResponseStream:
        """The body as a file to write to."""
        if self._stream is None:
            self._stream = ResponseStream(self)
        return self._stream

    @property
    def is_sequence(self) -> bool:
        """Whether the body is a list or a tuple, so that it can be read again."""
        return isinstance(self.response, (tuple, list))

    @property
    def is_streamed(self) -> bool:
        """Whether the body is an iterable of unknown length."""
        # PERF: an error that is raised to be caught takes 0.4 µs.
        if not hasattr(self.response, "__len__"):
            return True
        try:
            len(self.response)
        except (TypeError, AttributeError):
            return True
        return False

    def calculate_content_length(self) -> int | None:
        """Return the body's size in bytes; ``None`` for a stream."""
        try:
            self._ensure_sequence()
        except RuntimeError:
            return None
        return sum(map(len, self.iter_encoded()))

    def _ensure_sequence(self, mutable: bool = False) -> None:
        """Have the body as a sequence, as a list if it is to be changed."""
        if self.is_sequence:
            if mutable and not isinstance(self.response, list):
                self.response = list(self.response)
            return
        if self.direct_passthrough:
            raise RuntimeError(
                "The body is passed through to the server as it is and cannot be read as a list. "
                "Set response.direct_passthrough = False first."
            )
        if not self.implicit_sequence_conversion:
            raise RuntimeError(
                "The body is an iterator and implicit_sequence_conversion is off. "
                "Call response.make_sequence() first."
            )
        self.make_sequence()

    def make_sequence(self) -> None:
        """Read the stream into a list; its ``close`` still runs when the response is closed."""
        if not self.is_sequence:
            close = getattr(self.response, "close", None)
            self.response = list(self.iter_encoded())
            if close is not None:
                self.call_on_close(close)

    def iter_encoded(self) -> Iterator[bytes]:
        """Iterate over the body as bytes."""
        return encode_chunks(self.response)

    @property
    def _on_close(self) -> list[Callable[[], Any]]:
        """What :meth:`close` calls: a list that programs extend with another response's."""
        if not self._closers:
            self._closers = []
        return self._closers

    def call_on_close(self, func: Callable[[], Any]) -> Callable[[], Any]:
        """Register a function to run after the response was sent; works as a decorator."""
        self._on_close.append(func)
        return func

    def close(self) -> None:
        """Close the body and run what was registered with :meth:`call_on_close`."""
        close = getattr(self.response, "close", None)
        if close is not None:
            close()
        for func in self._closers:
            func()

    def __enter__(self) -> Response:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    # WSGI

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """Return a copy of the headers as they go out: absolute Location, right length."""
        # PERF: they were checked when they were set, and are looked through once: 2 of 15 µs.
        headers = Headers.wrap(self.headers._list.copy())
        sent = {name.lower() for name, _ in headers._list}
        for name in ("Location", "Content-Location"):
            if name.lower() in sent:
                value = iri_to_uri(headers[name])
                if name == "Location" and self.autocorrect_location_header:
                    here = get_current_url(environ, strip_querystring=True)
                    # What is no URL at all goes out as it is: too late for an error to be handled.
                    with suppress(ValueError):
                        value = urljoin(iri_to_uri(here), value)
                headers[name] = value
        status = self._status_code
        if status == 304:
            remove_entity_headers(headers)
        elif status in BODILESS:
            headers.pop("Content-Length", None)
        elif (
            self.automatically_set_content_length
            and self.is_sequence
            and "content-length" not in sent
        ):
            headers["Content-Length"] = str(sum(map(len, self.iter_encoded())))
        return headers

    def get_app_iter(self, environ: WSGIEnvironment) -> Iterable[bytes]:
        """Return the body to send: nothing for HEAD and for answers without a body."""
        if environ.get("REQUEST_METHOD") == "HEAD" or self._status_code in BODILESS:
            return ClosingIterator((), self.close)
        if self.direct_passthrough:
            return self.response  # type: ignore[no-any-return]  # whatever the user passed through
        return ClosingIterator(self.iter_encoded(), self.close)

    def get_wsgi_response(
        self, environ: WSGIEnvironment
    ) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        """Return body, status line and headers for a WSGI server (PEP 3333)."""
        headers = self.get_wsgi_headers(environ)
        return self.get_app_iter(environ), self.status, headers.to_wsgi_list()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as a WSGI application."""
        body, status, headers = self.get_wsgi_response(environ)
        start_response(status, headers)
        return body

    @classmethod
    def force_type(
        cls, response: Response | WSGIApplication, environ: WSGIEnvironment | None = None
    ) -> Response:
        """Turn another response, or a WSGI application run on ``environ``, into this class.

        A Response changes its class in place and keeps its state.

        :raises TypeError: for a WSGI application without an environ.
        """
        if not isinstance(response, Response):
            if environ is None:
                raise TypeError("A WSGI application becomes a response only with an environ.")
            response = Response.from_app(response, environ)
        response.__class__ = cls
        return response

    @classmethod
    def from_app(
        cls, app: WSGIApplication, environ: WSGIEnvironment, buffered: bool = False
    ) -> Response:
        """Run a WSGI application and hold what it answered as a response."""
        body, status, headers = run_application(app, environ, buffered)
        return cls(body, status, headers)


HTTPException.response_class = Response
