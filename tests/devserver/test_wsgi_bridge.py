import asyncio
import time

import pytest

from costrel.devserver.wsgi_bridge import WsgiBridge


def scope(target="/", method="GET", headers=(), **more):
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "method": method,
        "http_version": "1.1",
        "scheme": "http",
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
        "server": ("127.0.0.1", 5000),
        "client": ("127.0.0.9", 4000),
        **more,
    }


class Connection:
    """What uvicorn would be: gives parts of a body, takes messages, may be gone."""

    def __init__(self, parts=(), *, breaks_off=False, gone_after=None):
        self.parts = list(parts)
        self.breaks_off = breaks_off
        self.gone_after = gone_after
        self.sent = []
        self.gone = None

    async def receive(self):
        if self.gone is None:
            self.gone = asyncio.Event()
        if self.parts:
            part = self.parts.pop(0)
            more = bool(self.parts) or self.breaks_off
            return {"type": "http.request", "body": part, "more_body": more}
        if not self.breaks_off:
            await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)
        if self.gone_after == len(self.sent):
            self.gone.set()
            await asyncio.sleep(0.02)

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def body(self):
        return b"".join(message["body"] for message in self.sent[1:])


def run(app, connection=None, **options):
    connection = connection or Connection()
    asyncio.run(
        asyncio.wait_for(WsgiBridge(app)(scope(**options), connection.receive, connection.send), 5)
    )
    return connection


def ok(start_response):
    return start_response("200 OK", [("Content-Type", "text/plain"), ("X-A", "b")])


def test_a_plain_answer_is_two_messages():
    def app(environ, start_response):
        ok(start_response)
        return [b"hello"]

    sent = run(app).sent
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["headers"] == [(b"content-type", b"text/plain"), (b"x-a", b"b")]
    assert sent[1] == {"type": "http.response.body", "body": b"hello", "more_body": False}


def test_the_environ_tells_about_the_request():
    seen = {}

    def app(environ, start_response):
        seen.update(environ)
        ok(start_response)
        return []

    run(app, target="//a%20b?c=%20d", headers=[("host", "x.test"), ("x_a", "no")])
    assert seen["PATH_INFO"] == "/a b"
    assert seen["QUERY_STRING"] == "c=%20d"
    assert seen["RAW_URI"] == seen["REQUEST_URI"] == "//a%20b?c=%20d"
    assert seen["HTTP_HOST"] == "x.test"
    assert "HTTP_X_A" not in seen
    assert (seen["REMOTE_ADDR"], seen["REMOTE_PORT"]) == ("127.0.0.9", 4000)
    assert (seen["SERVER_NAME"], seen["SERVER_PORT"]) == ("127.0.0.1", "5000")
    assert seen["wsgi.multithread"] is True


def test_a_socket_without_addresses_is_served():
    def app(environ, start_response):
        ok(start_response)
        return [environ["SERVER_NAME"].encode() + str("REMOTE_ADDR" in environ).encode()]

    assert run(app, client=None, server=None).body == b"localhostFalse"


def test_a_body_is_read_as_it_arrives():
    def app(environ, start_response):
        ok(start_response)
        stream = environ["wsgi.input"]
        yield stream.readline()
        yield stream.read()
        yield stream.read(5)

    parts = [b"a", b"b\nc", b"", b"d"]
    found = run(app, Connection(parts), method="POST", headers=[("content-length", "5")])
    assert found.body == b"ab\ncd"


def test_a_body_is_not_fetched_before_it_is_read():
    connection = Connection([b"x"] * 3)

    def app(environ, start_response):
        ok(start_response)
        return [str(len(connection.parts)).encode()]

    run(app, connection, method="POST", headers=[("content-length", "3")])
    assert connection.body == b"3"


def test_a_request_without_a_body_reads_as_empty():
    def app(environ, start_response):
        ok(start_response)
        return [b"<" + environ["wsgi.input"].read() + b">"]

    assert run(app).body == b"<>"


def test_a_client_that_leaves_in_the_middle_of_its_body_is_an_error_of_the_stream():
    seen = []

    def app(environ, start_response):
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            seen.append(error)
        ok(start_response)
        return [b"x"]

    connection = Connection([b"a"], breaks_off=True)
    run(app, connection, method="POST", headers=[("content-length", "5")])
    assert isinstance(seen[0], ConnectionError)
    assert connection.sent == []


def test_a_stream_ends_when_its_client_has_left():
    closed = []

    def app(environ, start_response):
        ok(start_response)
        try:
            while True:
                yield b"tick"
                time.sleep(0.001)
        finally:
            closed.append(True)

    connection = Connection(gone_after=6)
    run(app, connection)
    assert closed == [True]
    assert len(connection.sent) < 10


def test_parts_are_sent_as_they_come_and_empty_ones_left_out():
    def app(environ, start_response):
        write = ok(start_response)
        write(b"w")
        return iter([b"a", b"", b"b"])

    sent = run(app).sent[1:]
    assert [message["body"] for message in sent] == [b"w", b"a", b"b", b""]
    assert [message["more_body"] for message in sent] == [True, True, True, False]


@pytest.mark.parametrize("body", [[], [b""], iter(())])
def test_an_empty_answer_has_its_head_all_the_same(body):
    def app(environ, start_response):
        start_response("204 No Content", [])
        return body

    found = run(app)
    assert (found.status, found.body) == (204, b"")


def test_an_application_that_fails_is_an_error_for_the_server_and_logged(caplog):
    def app(environ, start_response):
        raise ValueError("it broke")

    with pytest.raises(ValueError, match="it broke"):
        run(app, target="/\x1b")
    assert "GET /\\x1b HTTP/1.1" in caplog.text
    assert "Traceback" in caplog.text


def test_an_application_that_exits_does_not_end_the_server(caplog):
    def app(environ, start_response):
        raise SystemExit(1)

    with pytest.raises(RuntimeError, match="SystemExit"):
        run(app)


def test_an_application_that_forgets_start_response_is_told(caplog):
    with pytest.raises(AssertionError, match="did not call start_response"):
        run(lambda environ, start_response: [b"x"])


def test_start_response_is_called_once_unless_there_is_an_error(caplog):
    def twice(environ, start_response):
        ok(start_response)
        ok(start_response)
        return []

    def replaced(environ, start_response):
        ok(start_response)
        try:
            raise KeyError("k")
        except KeyError as error:
            info = (KeyError, error, error.__traceback__)
        start_response("500 Oh", [], info)
        yield b"x"
        start_response("500 Too late", [], info)

    with pytest.raises(AssertionError, match="twice"):
        run(twice)
    connection = Connection()
    with pytest.raises(KeyError):
        run(replaced, connection)
    assert connection.status == 500


@pytest.mark.parametrize(
    "options",
    [
        {"target": "nowhere"},
        {"http_version": "9.9"},
        {"headers": [("content-length", "5"), ("transfer-encoding", "chunked")]},
        {"headers": [("transfer-encoding", "gzip")]},
    ],
)
def test_a_head_that_is_ambiguous_is_refused(options):
    found = run(None, **options)
    assert found.status == 400
    assert (b"connection", b"close") in found.sent[0]["headers"]


def test_only_http_is_answered():
    with pytest.raises(RuntimeError, match="websocket"):
        asyncio.run(WsgiBridge(None)({"type": "websocket"}, None, None))


def test_requests_are_answered_beside_each_other():
    async def both():
        first, second = Connection(), Connection()
        met = asyncio.Event()
        loop = asyncio.get_running_loop()

        def app(environ, start_response):
            ok(start_response)
            if environ["PATH_INFO"] == "/waits":
                asyncio.run_coroutine_threadsafe(met.wait(), loop).result(5)
            else:
                loop.call_soon_threadsafe(met.set)
            return [b"x"]

        bridge = WsgiBridge(app)
        await asyncio.wait_for(
            asyncio.gather(
                bridge(scope("/waits"), first.receive, first.send),
                bridge(scope("/wakes"), second.receive, second.send),
            ),
            5,
        )
        return first.body + second.body

    assert asyncio.run(both()) == b"xx"


def test_each_request_is_logged(caplog):
    caplog.set_level("INFO", "werkzeug")

    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "2")])
        return [b"hi"]

    run(app, target="/x?y")
    assert "127.0.0.9 - - [" in caplog.text
    assert '"GET /x?y HTTP/1.1" 200 2 ' in caplog.text
