"""What the security tests share: one raw request to an app, and a measure of how time grows."""

import gc
import io
import json
import re
import socket
import sys
import threading
import time
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

for folder in ("fuzz", "contract"):
    sys.path.insert(0, str(Path(__file__).parent.parent / folder))

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*").fullmatch
_STATUS = re.compile(r"[1-5][0-9]{2} [\x20-\x7e]+").fullmatch


class Answer:
    """What an app answered: `status`, `headers` (a list of pairs), `body`."""

    def __init__(self, status, headers, body):
        self.status = int(status.split()[0])
        self.headers = headers
        self.body = body

    def header(self, name, default=None):
        return next((value for key, value in self.headers if key.lower() == name.lower()), default)

    def header_list(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


def make_environ(method="GET", target="/", headers=None, body=b"", **environ):
    """An environ as a server makes it, without any check of what is in it.

    :param target: percent-encoded path, and a query behind `?`.
    :param headers: names and values; repeated names are joined as servers do it.
    :param environ: has the last word; a value of None takes the key away.
    """
    path, _, query = target.partition("?")
    made = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in (headers or {}).items():
        key = name.upper().replace("-", "_")
        made[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
    made.update(environ)
    return {key: value for key, value in made.items() if value is not None}


def send(app, method="GET", target="/", headers=None, body=b"", **environ):
    """Send one request; return the answer, which must be one that a server could send."""
    said = []

    def start_response(status, pairs, exc_info=None):
        said.append((status, pairs))
        return lambda data: None

    chunks = app(make_environ(method, target, headers, body, **environ), start_response)
    try:
        content = b"".join(chunks)
    finally:
        getattr(chunks, "close", list)()
    ((status, pairs),) = said
    assert _STATUS(status), status
    for name, value in pairs:
        assert type(name) is str
        assert type(value) is str
        assert _NAME(name), name
        assert _VALUE(value), value
    return Answer(status, pairs, content)


@pytest.fixture(name="send")
def send_fixture():
    return send


@pytest.fixture
def post():
    """Send a POST with a body of some type."""

    def post(app, target, body, kind, **environ):
        return send(app, "POST", target, {"Content-Type": kind}, body, **environ)

    return post


@pytest.fixture(name="make_environ")
def make_environ_fixture():
    return make_environ


def cpu_time(function, argument, times, rounds):
    """The least CPU time of this thread for some calls, of several rounds, in seconds."""
    least = float("inf")
    gc.disable()
    try:
        for _ in range(rounds):
            started = time.thread_time()
            for _ in range(times):
                function(argument)
            least = min(least, time.thread_time() - started)
    finally:
        gc.enable()
    return least


@pytest.fixture
def grows_linearly():
    """Assert that eight times the input takes less than 24 times the time, of 64 if quadratic.

    What takes less than a millisecond is repeated until it does, so that the clock can tell. A bad
    result is measured again, and of more rounds the least time counts: with what else runs beside,
    a large input falls out of a cache that a small one stays in.
    """

    def check(function, make, size):
        small, large = make(size // 2), make(4 * size)
        once = max(cpu_time(function, small, 1, 2), 1e-6)
        few, many = (int(0.001 / expected) + 1 for expected in (8 * once, once))
        ratios = []
        for rounds in (1, 3, 3, 7):
            short = cpu_time(function, small, many, rounds) / many
            ratios.append(cpu_time(function, large, few, rounds) / few / short)
            if ratios[-1] < 24:
                return
        raise AssertionError(f"Eight times the input takes {ratios} times as long.")

    return check


@pytest.fixture(scope="module")
def serve_for_development():
    """Serves an app by the server of `costrel run`, until the module's tests are through."""
    from costrel.devserver import uvicorn_server

    servers, threads = [], []
    make = uvicorn_server.QuietServer

    def remember(config):
        servers.append(make(config))
        return servers[-1]

    def serve(app):
        bound = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=uvicorn_server.serve, args=(app, [bound]))
        thread.start()
        threads.append(thread)
        return bound.getsockname()[1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uvicorn_server, "QuietServer", remember)
        yield serve
        for server in servers:
            server.should_exit = True
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()
