"""The three protocols, driven in process: one request in, status, headers and body out.

The RSGI side is a small fake after the specification (1.6): scope, protocol, transport.
"""

import asyncio
import io
import sys
from dataclasses import dataclass, field
from types import SimpleNamespace
from urllib.parse import unquote, unquote_to_bytes

from costrel.serve.drive import BACKGROUND


@dataclass
class Ask:
    """A request as a client sends it."""

    method: str = "GET"
    target: str = "/"
    headers: list = field(default_factory=list)
    body: bytes | list = b""

    @property
    def chunks(self):
        return self.body if isinstance(self.body, list) else [self.body]

    @property
    def all_headers(self):
        """With what a client adds by itself."""
        own = [("Host", "localhost")]
        if isinstance(self.body, list):
            own.append(("Transfer-Encoding", "chunked"))
        elif self.body or self.method in {"POST", "PUT"}:
            own.append(("Content-Length", str(len(self.body))))
        given = {name.lower() for name, _ in self.headers}
        return [*(pair for pair in own if pair[0].lower() not in given), *self.headers]

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return self.target.partition("?")[2]


@dataclass
class Answer:
    """What came back, in what a client can tell apart."""

    status: int
    headers: list
    body: bytes

    @staticmethod
    def of(status, headers, body):
        pairs = [(name.lower(), value) for name, value in headers]
        # The clock goes on between two answers.
        pairs = [(name, "now" if name == "date" else value) for name, value in pairs]
        return Answer(status, pairs, body)


# --- WSGI ------------------------------------------------------------------------------------


def ask_wsgi(app, ask):
    environ = {
        "REQUEST_METHOD": ask.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(ask.path).decode("latin-1"),
        "QUERY_STRING": ask.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b"".join(ask.chunks)),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in ask.all_headers:
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    started = []
    body = app(environ, lambda status, headers, exc_info=None: started.append((status, headers)))
    try:
        content = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    status, headers = started[-1]
    return Answer.of(int(status[:3]), headers, content)


# --- ASGI ------------------------------------------------------------------------------------


def http_scope(ask):
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": ask.method,
        "scheme": "http",
        "path": unquote(ask.path),
        "raw_path": ask.path.encode(),
        "query_string": ask.query.encode("latin-1"),
        "root_path": "",
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in ask.all_headers
        ],
        "client": ("127.0.0.1", 4711),
        "server": ("localhost", 80),
        "extensions": {},
    }


async def call_asgi(app, ask):
    chunks = list(ask.chunks)
    sent, gone = [], asyncio.Event()

    async def receive():
        if chunks:
            chunk = chunks.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    await app(http_scope(ask), receive, send)
    start, *rest = sent
    assert start["type"] == "http.response.start"
    assert all(message["type"] == "http.response.body" for message in rest)
    assert [message.get("more_body", False) for message in rest] == [True] * (len(rest) - 1) + [
        False
    ]
    assert all(name == name.lower() for name, _ in start["headers"])
    headers = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]
    ]
    return Answer.of(
        start["status"], headers, b"".join(message.get("body", b"") for message in rest)
    )


def ask_asgi(app, ask):
    return BACKGROUND.run(call_asgi(app, ask))


# --- RSGI ------------------------------------------------------------------------------------


class RsgiHeaders:
    """The server's headers: names in lower case, several values per name."""

    def __init__(self, pairs):
        self.pairs = [(name.lower(), value) for name, value in pairs]

    def __contains__(self, name):
        return any(name == known for known, _ in self.pairs)

    def items(self):
        return list(self.pairs)

    def get(self, name, default=None):
        return next((value for known, value in self.pairs if known == name), default)

    def get_all(self, name):
        return [value for known, value in self.pairs if known == name]


class RsgiScope:
    rsgi_version = "1.6"
    http_version = "1.1"
    server = "localhost:80"
    client = "127.0.0.1:4711"
    scheme = "http"
    authority = None

    def __init__(self, ask, proto="http"):
        self.proto = proto
        self.method = ask.method
        self.path = unquote(ask.path)
        self.query_string = ask.query
        self.headers = RsgiHeaders(ask.all_headers)


class ClosedByClient(Exception):
    """What granian raises is a class of its own, no OSError."""


class RsgiTransport:
    def __init__(self, protocol):
        self.protocol = protocol

    async def send_bytes(self, data):
        if self.protocol.gone.is_set():
            raise ClosedByClient
        self.protocol.body.append(data)

    async def send_str(self, data):
        await self.send_bytes(data.encode())


class RsgiSocket:
    """One WebSocket, protocol and transport: these messages come, and what is sent is kept."""

    def __init__(self, *messages):
        self.messages = [*messages, (0, None)]
        self.sent = []

    async def accept(self):
        return self

    async def receive(self):
        kind, data = self.messages.pop(0)
        return SimpleNamespace(kind=kind, data=data)

    async def send_str(self, data):
        self.sent.append(data)

    async def send_bytes(self, data):
        self.sent.append(data)

    def close(self, status=None):
        self.status = status


class RsgiProtocol:
    """One exchange: what the app answers is kept."""

    def __init__(self, chunks):
        self.chunks = list(chunks)
        self.status = None
        self.headers = []
        self.body = []
        self.gone = asyncio.Event()

    async def __call__(self):
        return b"".join(self.chunks)

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.chunks:
            raise StopAsyncIteration
        return self.chunks.pop(0)

    async def client_disconnect(self):
        await self.gone.wait()

    def start(self, status, headers):
        assert self.status is None, "answered twice"
        self.status, self.headers = status, list(headers)

    def response_empty(self, status, headers):
        self.start(status, headers)

    def response_str(self, status, headers, body):
        self.start(status, headers)
        self.body.append(body.encode())

    def response_bytes(self, status, headers, body):
        self.start(status, headers)
        self.body.append(body)
        # As granian does; tests/servers asks the real one.
        if "content-length" not in {name.lower() for name, _ in headers}:
            self.headers.append(("content-length", str(len(body))))

    def response_stream(self, status, headers):
        self.start(status, headers)
        return RsgiTransport(self)


async def call_rsgi(app, ask):
    protocol = RsgiProtocol([chunk for chunk in ask.chunks if chunk])
    await app.__rsgi__(RsgiScope(ask), protocol)
    return Answer.of(protocol.status, protocol.headers, b"".join(protocol.body))


def ask_rsgi(app, ask):
    return BACKGROUND.run(call_rsgi(app, ask))


def as_async(function):
    """The same as an async view."""

    async def view(**values):
        return function(**values)

    return view


GATEWAYS = {"wsgi": ask_wsgi, "asgi": ask_asgi, "rsgi": ask_rsgi}
