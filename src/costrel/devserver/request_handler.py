"""One connection of the simple server: read a request, run the application, send its answer.

Law: the head of a request is read strictly (RFC 9112), by this file and not by `http.server`,
and each connection serves one request. A malformed head is answered with an error and closed.
"""

from __future__ import annotations

import io
import re
import socket
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from costrel.devserver.access_log import format_access, log_exception
from costrel.devserver.chunked_input import DechunkedInput
from costrel.devserver.request_environ import (
    SOFTWARE,
    BadRequestHead,
    add_headers,
    add_path,
    check_framing,
)
from costrel.parts.log_lines import escape_log_text

if TYPE_CHECKING:
    from costrel.devserver.wsgi_server import BaseWSGIServer

MAX_LINE = 65536
MAX_HEADERS = 100
# Seconds without a byte from a client that still owes one.
PATIENCE = 60.0
# After the answer: how long to wait for the client, and for how many bytes.
DRAIN_PATIENCE, DRAIN_LIMIT = 0.5, 4 * 1024 * 1024

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105  # RFC 9110 5.6.2
_REQUEST_LINE = re.compile(rf"({_TOKEN}) ([\x21-\x7e\x80-\xff]+) HTTP/([0-9])\.([0-9])\r?\n")
_HEADER = re.compile(rf"({_TOKEN}):[ \t]*([^\r\n\0]*)\r?\n")
_BREAKS = re.compile(r"[\r\n\0]")
_FOLDED = re.compile(r"([ \t][^\r\n\0]*)\r?\n")

connection_dropped_errors = (ConnectionError, socket.timeout)


class BadHead(Exception):
    """The head of a request is refused.

    :param status: the status to answer with.
    :param reason: one line that says why.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(status, reason)
        self.status, self.reason = status, reason


class WSGIRequestHandler(BaseHTTPRequestHandler):
    """Serves one connection; its public methods may be overridden."""

    server: BaseWSGIServer
    timeout = PATIENCE
    environ: dict[str, Any] = {}  # noqa: RUF012  # replaced by that of the request
    started_at = 0.0

    @property
    def server_version(self) -> str:  # type: ignore[override]  # a plain attribute in the base
        """What the server calls itself."""
        return str(self.server._server_version)

    def version_string(self) -> str:
        """What stands in the Server header."""
        return self.server_version.strip()

    # Reading the head

    def handle(self) -> None:
        """Serve the connection's one request."""
        try:
            self.handle_one_request()
        except connection_dropped_errors as error:
            self.connection_dropped(error)
        except OSError as error:  # TLS that failed, above all
            self.log_error("The connection failed: %s", error)

    def connection_dropped(
        self, error: BaseException, environ: dict[str, Any] | None = None
    ) -> None:
        """Called when the client closed the connection; does nothing."""

    def handle_one_request(self) -> None:
        """Read a request's head and run the application, or refuse it."""
        self.close_connection = True
        self.requestline, self.request_version, self.command = "", "HTTP/1.0", ""
        self.path = ""
        self.raw_requestline = self.rfile.readline(MAX_LINE + 1)
        self.started_at = time.perf_counter()
        if not self.raw_requestline:
            return
        if self.parse_request():
            self.run_wsgi()
        self.drain()

    def parse_request(self) -> bool:
        """Read the request line and headers; answer what is malformed and return False."""
        try:
            self._read_request_line()
            self._read_headers()
            self.environ = self.make_environ()
        except BadHead as error:
            self.refuse(error.status, error.reason)
        except BadRequestHead as error:
            self.refuse(HTTPStatus.BAD_REQUEST, str(error))
        else:
            return True
        return False

    def _read_request_line(self) -> None:
        text = self.raw_requestline.decode("latin-1")
        self.requestline = text.rstrip("\r\n")
        if len(text) > MAX_LINE:
            self.requestline = self.requestline[:200]
            raise BadHead(HTTPStatus.REQUEST_URI_TOO_LONG, "the request line is too long.")
        found = _REQUEST_LINE.fullmatch(text)
        if found is None:
            raise BadHead(HTTPStatus.BAD_REQUEST, "the first line is no request of HTTP.")
        self.command, self.path, major, minor = found.groups()
        if major != "1":
            raise BadHead(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "HTTP/1.1 is spoken here.")
        self.request_version = f"HTTP/1.{minor}"

    def _read_headers(self) -> None:
        pairs: list[tuple[str, str]] = []
        while (line := self._read_header_line()) not in {"\r\n", "\n"}:
            header = _HEADER.fullmatch(line)
            if header is not None:
                pairs.append((header[1], header[2]))
            elif pairs and (folded := _FOLDED.fullmatch(line)):
                name, value = pairs[-1]
                pairs[-1] = (name, value + folded[1])
            else:
                raise BadHead(HTTPStatus.BAD_REQUEST, "a header line is malformed.")
            if len(pairs) > MAX_HEADERS:
                raise BadHead(
                    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "there are too many headers."
                )
        self.headers = HTTPMessage()
        for name, value in pairs:
            self.headers[name] = value
        self._check_single("Host", required=self.request_version != "HTTP/1.0")
        self._check_single("Content-Length")

    def _read_header_line(self) -> str:
        line = self.rfile.readline(MAX_LINE + 1)
        if len(line) > MAX_LINE:
            raise BadHead(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "a header is too long.")
        if not line.endswith(b"\n"):
            raise BadHead(HTTPStatus.BAD_REQUEST, "the headers break off.")
        return line.decode("latin-1")

    def _check_single(self, name: str, *, required: bool = False) -> None:
        count = len(self.headers.get_all(name, ()))
        if count > 1 or (required and not count):
            raise BadHead(HTTPStatus.BAD_REQUEST, f"there has to be one {name} header.")

    def make_environ(self) -> dict[str, Any]:
        """Say what the request's head says as a WSGI environ."""
        target, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http" if self.server.ssl_context is None else "https",
            "wsgi.input": self.rfile,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": self.server.multithread,
            "wsgi.multiprocess": self.server.multiprocess,
            "wsgi.run_once": False,
            # The connection itself, for who takes it over for WebSockets.
            "werkzeug.socket": self.connection,
            "SERVER_SOFTWARE": SOFTWARE,
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "QUERY_STRING": query,
            "REQUEST_URI": self.path,
            "RAW_URI": self.path,
            "REMOTE_ADDR": self.address_string(),
            "REMOTE_PORT": self.port_integer(),
            "SERVER_NAME": str(self.server.server_address[0]),
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
        }
        add_headers(environ, self.headers.items())
        add_path(environ, target)
        check_framing(environ)
        if environ.get("wsgi.input_terminated"):
            if self.request_version == "HTTP/1.0":
                raise BadRequestHead("HTTP/1.0 knows no Transfer-Encoding.")
            environ["wsgi.input"] = io.BufferedReader(DechunkedInput(self.rfile))
        return environ

    # Answering

    def refuse(self, status: HTTPStatus, reason: str) -> None:
        """Answer a request that is not handed to the application."""
        body = f"{status.phrase}: {reason}\n".encode()
        self.send_response(status, status.phrase)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def drain(self) -> None:
        """Take in what the client still sends, within bounds, so that it gets to the answer.

        Closing a connection with bytes unread resets it, which may discard the answer.
        """
        if self.server.ssl_context is not None or not self._owes_body():
            return
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(DRAIN_PATIENCE)
            left = DRAIN_LIMIT
            while left > 0 and (data := self.connection.recv(65536)):
                left -= len(data)

    def _owes_body(self) -> bool:
        """Whether more than a head may be on its way; of a refused request nothing is known."""
        return (
            not self.environ
            or "CONTENT_LENGTH" in self.environ
            or "HTTP_TRANSFER_ENCODING" in self.environ
        )

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer with an error; `http.server` calls this for what it refuses itself."""
        status = HTTPStatus(code)
        self.refuse(status, message or status.phrase)

    def run_wsgi(self) -> None:
        """Run the application and send its answer."""
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "Upgrade" in self.headers:
            # Whoever takes the connection over may wait on it for as long as it likes.
            self.connection.settimeout(None)
        answer = Answer(self)
        try:
            answer.run(self.server.app)
        except connection_dropped_errors as error:
            self.connection_dropped(error, self.environ)
        except Exception:
            if self.server.passthrough_errors:
                raise
            log_exception(self.requestline)
            if not answer.head_is_sent:
                self.refuse(
                    HTTPStatus.INTERNAL_SERVER_ERROR, "the application failed, see the log."
                )

    def send_response(self, code: int, message: str | None = None) -> None:
        """Write the status line and log the request; headers follow."""
        self.log_request(code)
        self.send_response_only(code, message)

    # Logging

    def address_string(self) -> str:
        """The client's address."""
        peer: Any = self.client_address  # of a Unix socket, a text that may be empty
        return str(peer[0]) if peer and isinstance(peer, tuple) else "unix"

    def port_integer(self) -> int:
        """The client's port."""
        peer: Any = self.client_address
        return int(peer[1]) if isinstance(peer, tuple) else 0

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log one request."""
        took = time.perf_counter() - self.started_at
        status = int(code) if isinstance(code, int) else code
        line = format_access(self.address_string(), self.requestline, status, size, took)
        self.server.log("info", "%s", line)

    def log_error(self, format: str, *args: Any) -> None:
        """Log what went wrong with a connection."""
        self.log("error", format, *args)

    def log_message(self, format: str, *args: Any) -> None:
        """Log a text."""
        self.log("info", format, *args)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log a text with the client's address, its control characters spelled out."""
        text = f"{self.address_string()} - - {message % args}"
        self.server.log(type, "%s", escape_log_text(text))


class Answer:
    """The response to one request, as PEP 3333 wants it sent."""

    def __init__(self, handler: WSGIRequestHandler) -> None:
        self.handler = handler
        self.head: tuple[str, list[tuple[str, str]]] | None = None
        self.head_is_sent = False
        self.is_chunked = False
        self.has_body = True

    def run(self, app: Callable[..., Iterable[bytes]]) -> None:
        """Call the application and send all it gives."""
        body = app(self.handler.environ, self.start_response)
        try:
            for chunk in body:
                self.write(chunk)
            if not self.head_is_sent:
                self.write(b"")
            if self.is_chunked:
                self.handler.wfile.write(b"0\r\n\r\n")
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        """Take the response's head; it may be replaced until it is sent."""
        if exc_info is not None:
            if self.head_is_sent:
                raise exc_info[1].with_traceback(exc_info[2])
        elif self.head is not None:
            raise AssertionError(
                "start_response was called twice, the second time without exc_info."
            )
        self.head = (status, headers)
        return self.write

    def write(self, chunk: bytes) -> None:
        """Send a part of the body, with the head before the first one."""
        if not self.head_is_sent:
            self._send_head()
        if not chunk or not self.has_body:
            return
        wfile = self.handler.wfile
        wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if self.is_chunked else chunk)

    def _send_head(self) -> None:
        if self.head is None:
            raise AssertionError("The application did not call start_response.")
        handler, (status, headers) = self.handler, self.head
        code, _, phrase = status.partition(" ")
        for name, value in headers:
            if _BREAKS.search(name) or _BREAKS.search(value):
                raise ValueError(f"The header {name!r} has a line break in it.")
        self.head_is_sent = True
        handler.send_response(int(code), phrase)
        for name, value in headers:
            handler.send_header(name, value)
        sent = {name.lower() for name, _ in headers}
        self.has_body = not (
            handler.command == "HEAD" or code in {"204", "304"} or code.startswith("1")
        )
        # Without a length, HTTP/1.1 sends chunks: only they show where a body was cut off.
        self.is_chunked = (
            self.has_body
            and "content-length" not in sent
            and handler.protocol_version >= "HTTP/1.1"
            and handler.request_version >= "HTTP/1.1"
        )
        if self.is_chunked:
            handler.send_header("Transfer-Encoding", "chunked")
        if "server" not in sent:
            handler.send_header("Server", handler.version_string())
        if "date" not in sent:
            handler.send_header("Date", handler.date_time_string())
        # `http.server` cannot tell where an unread body ends, so the next request gets a new one.
        handler.send_header("Connection", "close")
        handler.end_headers()
