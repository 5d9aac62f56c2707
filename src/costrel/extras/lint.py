"""Warn when an application or a server breaks the rules of WSGI or HTTP.

A check is a line in a table: what is wrong, and how to tell. (PEP 3333, RFC 9110)
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from costrel.http.header_kinds import is_entity_header
from costrel.http.headers import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUIRED_KEYS = (
    "REQUEST_METHOD",
    "SERVER_NAME",
    "SERVER_PORT",
    "wsgi.version",
    "wsgi.input",
    "wsgi.errors",
    "wsgi.multithread",
    "wsgi.multiprocess",
    "wsgi.run_once",
)
PATH_KEYS = ("SCRIPT_NAME", "PATH_INFO")
# Entity headers that a 304 may repeat.
KEPT_BY_304 = {"expires", "content-location"}


class WSGIWarning(Warning):
    """A rule of WSGI is broken."""


class HTTPWarning(Warning):
    """A rule of HTTP is broken."""


def warn(text: str, kind: type[Warning] = WSGIWarning) -> None:
    """Warn at the first caller outside of this file."""
    warnings.warn(text, kind, stacklevel=3)


def check_type(context: str, value: object, needed: type = str) -> None:
    """Warn unless a value has just the type that is needed."""
    if type(value) is not needed:
        warn(f"{context} needs {needed.__name__!r}, but got {type(value).__name__!r}.")


class InputStream:
    """A request's body that warns of reads which may never return."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, *args: Any) -> bytes:
        """Read; without a size, servers are free to wait for ever."""
        if not args:
            warn(
                "wsgi.input.read() without a size may never return: WSGI does not promise that "
                "the stream ends where the body does."
            )
        elif len(args) > 1:
            warn(f"wsgi.input.read() takes one argument, not {len(args)}.")
        return self._stream.read(*args)

    def readline(self, *args: Any) -> bytes:
        """Read a line, of bounded length."""
        if not args:
            warn("wsgi.input.readline() without a size is not safe. Use wsgi.input.read(size).")
        elif len(args) > 1:
            warn(f"wsgi.input.readline() takes one argument, not {len(args)}.")
        return self._stream.readline(*args)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def close(self) -> None:
        """Close; that is the server's business."""
        warn("The application closed wsgi.input. Only the server may do that.")
        self._stream.close()


class ErrorStream:
    """A server's error stream that checks what is written to it."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, s: str) -> None:
        """Write text."""
        check_type("wsgi.errors.write()", s, str)
        self._stream.write(s)

    def flush(self) -> None:
        """Flush."""
        self._stream.flush()

    def writelines(self, seq: Iterable[str]) -> None:
        """Write several texts."""
        for line in seq:
            self.write(line)

    def close(self) -> None:
        """Close; that is the server's business."""
        warn("The application closed wsgi.errors. Only the server may do that.")
        self._stream.close()


class GuardedWrite:
    """The write function of `start_response`, checked and counted."""

    def __init__(self, write: Callable[[bytes], object], chunks: list[int]) -> None:
        self._write = write
        self._chunks = chunks

    def __call__(self, s: bytes) -> None:
        """Write bytes."""
        check_type("write()", s, bytes)
        self._write(s)
        self._chunks.append(len(s))


class GuardedIterator:
    """A response's body, checked piece by piece, and as a whole when it is closed."""

    closed = True

    def __init__(
        self, iterator: Iterable[bytes], headers_set: list[Any], chunks: list[int]
    ) -> None:
        self._iterator = iterator
        self._next = iter(iterator).__next__
        self._headers_set = headers_set
        self._chunks = chunks
        self.closed = False

    def __iter__(self) -> "GuardedIterator":
        return self

    def __next__(self) -> bytes:
        if self.closed:
            warn("The body was read after it had been closed.")
        chunk = self._next()
        if not self._headers_set:
            warn("The application sent a part of the body before it started the response.")
        check_type("The body's items", chunk, bytes)
        self._chunks.append(len(chunk))
        return chunk

    def close(self) -> None:
        """Close the body, and compare what was sent with what the headers said."""
        self.closed = True
        if hasattr(self._iterator, "close"):
            self._iterator.close()
        if self._headers_set:
            status, headers = self._headers_set
            check_body(status, headers, sum(self._chunks))

    def __del__(self) -> None:
        if not self.closed:
            warn("The body was thrown away before it was closed.")


def check_body(status: int, headers: Headers, sent: int) -> None:
    """Warn if status and headers do not allow what was sent.

    Args:
        status: the status code.
        headers: the response's headers.
        sent: how many bytes the body had.

    """
    length = headers.get("content-length", type=int)
    if status == 304:
        for name, _ in headers:
            if name.lower() not in KEPT_BY_304 and is_entity_header(name):
                warn(f"A 304 response must not have the entity header {name!r}.", HTTPWarning)
    elif (100 <= status < 200 or status == 204) and length:
        warn(f"A {status} response must not have a Content-Length.", HTTPWarning)
    if 100 <= status < 200 or status in {204, 304}:
        if sent:
            warn(f"A {status} response must not have a body.", HTTPWarning)
    elif length is not None and length != sent:
        warn(f"Content-Length says {length} bytes, but {sent} were sent.")


class LintMiddleware:
    """Check everything that passes between a server and an application.

    Args:
        app: the WSGI application.

    """

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app

    def check_environ(self, environ: "WSGIEnvironment") -> None:
        """Check what the server hands over."""
        if type(environ) is not dict:
            warn("The environ is not a plain dict.")
        for key in REQUIRED_KEYS:
            if key not in environ:
                warn(f"The environ has no {key!r}.")
        if environ.get("wsgi.version") != (1, 0):
            warn("Environ is not a WSGI 1.0 environ.")
        for key in PATH_KEYS:
            path = environ.get(key, "")
            if path and not path.startswith("/"):
                warn(f"{key!r} does not start with a slash: {path!r}")

    def check_start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: object
    ) -> tuple[int, Headers]:
        """Check what the application says, and return it parsed."""
        check_type("The status", status, str)
        status = str(status)
        code = status.partition(" ")[0]
        if len(code) != 3 or not code.isdecimal():
            warn("The status code must have three digits.")
        if len(status) < 4 or status[3] != " ":
            warn(f"The status {status!r} is not three digits, a space and a phrase.")
        number = int(code) if code.isdecimal() and code.isascii() else 0
        if number < 100:
            warn("There are no status codes below 100.")
        parsed = self._parse_headers(headers)
        if exc_info is not None and not isinstance(exc_info, tuple):
            warn("exc_info is neither None nor a tuple.")
        self.check_headers(parsed)
        return number, parsed

    def _parse_headers(self, headers: Any) -> Headers:
        if type(headers) is not list:
            warn("Header list is not a list.")
        parsed = Headers()
        for item in headers:
            if type(item) is not tuple or len(item) != 2:
                warn("Header items must be 2-item tuples.")
                continue
            name, value = item
            if type(name) is not str or type(value) is not str:
                warn("Header names and values must be strings.")
                continue
            if name.lower() == "status":
                warn("The status header is not supported: CGI uses it for the status line.")
            parsed.add(name, value)
        return parsed

    def check_headers(self, headers: Headers) -> None:
        """Check the values of single headers."""
        etag = headers.get("etag")
        if etag is not None:
            if etag.startswith(("W/", "w/")):
                if etag.startswith("w/"):
                    warn("The mark of a weak ETag is an upper case W.", HTTPWarning)
                etag = etag[2:]
            if not (len(etag) > 1 and etag[0] == etag[-1] == '"'):
                warn("The ETag is not quoted.", HTTPWarning)
        location = headers.get("location")
        if location is not None and not urlsplit(location).netloc:
            warn("Absolute URLs required for location header.", HTTPWarning)

    def check_iterator(self, app_iter: object) -> None:
        """Check the body as a whole."""
        if isinstance(app_iter, str):
            warn(
                "The application returned a str. It would be sent character by character: return "
                "a list of bytes."
            )

    def __call__(self, *args: Any, **kwargs: Any) -> Iterable[bytes]:
        """Check one request and its response."""
        if len(args) != 2:
            warn("A WSGI application takes two arguments.")
        if kwargs:
            warn("A WSGI application takes no keyword arguments.")
        environ: WSGIEnvironment = args[0]
        start_response: StartResponse = args[1]
        self.check_environ(environ)
        environ["wsgi.input"] = InputStream(environ["wsgi.input"])
        environ["wsgi.errors"] = ErrorStream(environ["wsgi.errors"])
        # A server that hands out its file wrapper would send the file past these checks.
        environ.pop("wsgi.file_wrapper", None)
        headers_set: list[Any] = []
        chunks: list[int] = []

        def checking_start_response(*args: Any, **kwargs: Any) -> GuardedWrite:
            if len(args) not in {2, 3}:
                warn(f"start_response takes 2 or 3 arguments, not {len(args)}.")
            if kwargs:
                warn("start_response takes no keyword arguments.")
            exc_info = args[2] if len(args) > 2 else None
            headers_set[:] = self.check_start_response(args[0], args[1], exc_info)
            return GuardedWrite(start_response(*args), chunks)

        app_iter = self.app(environ, cast("StartResponse", checking_start_response))
        self.check_iterator(app_iter)
        return GuardedIterator(app_iter, headers_set, chunks)
