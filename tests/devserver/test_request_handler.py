import logging
import socket
import threading
from contextlib import contextmanager, suppress

import pytest

from costrel import Flask, request
from costrel.devserver.request_handler import WSGIRequestHandler
from costrel.devserver.wsgi_server import make_server

HOST = b"Host: x\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST
POST = b"POST / HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


class Impatient(WSGIRequestHandler):
    timeout = 0.3


@contextmanager
def running(app, **options):
    options.setdefault("request_handler", Impatient)
    options.setdefault("threaded", True)
    server = make_server("127.0.0.1", 0, app, **options)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join(5)


def exchange(server, raw, *, ends=True):
    """Send bytes, return status, headers and body of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(raw)
        if ends:
            # A server that refuses may have closed by now.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    status = int(line.split(" ")[1]) if line else None
    return status, dict(field.lower().split(": ", 1) for field in fields), body


app = Flask(__name__)


@app.route("/", methods=["GET", "POST"])
def echo():
    return f"{request.query_string.decode()}|{request.get_data().decode()}"


@app.get("/environ")
def environ():
    return {key: str(value) for key, value in request.environ.items()}


@pytest.fixture(scope="module")
def server():
    with running(app) as server:
        yield server


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /a\0 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET / HTTP/1.1\r" + HOST + b"\r\n", 400),
        (b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"G(T / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET x HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"CONNECT a:80 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
        (GET + HOST + b"\r\n", 400),
        (GET + b"X : a\r\n\r\n", 400),
        (GET + b"no colon\r\n\r\n", 400),
        (GET + b"X: a\0b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n folded: first\r\n\r\n", 400),
        (GET + b"X: a", 400),
        (GET + b"X: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (GET + b"X: a\r\n" * 150 + b"\r\n", 431),
        (POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
        (POST + b"Content-Length: +1\r\n\r\nx", 400),
        (CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 1\r\n\r\n"), 400),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", 400),
        (CHUNKED.replace(b"1.1", b"1.0"), 400),
        (CHUNKED + b"0x1\r\na\r\n0\r\n\r\n", 400),
        (CHUNKED + b"5\r\na", 400),
        (POST + b"Content-Length: 9\r\n\r\nshort", 400),
    ],
)
def test_a_malformed_request_is_answered_with_an_error_and_a_status_line(server, raw, status):
    found, headers, _ = exchange(server, raw)
    assert found == status
    assert headers["connection"] == "close"


def test_a_client_that_stops_in_the_middle_of_its_body_does_not_hold_the_server(server):
    assert exchange(server, POST + b"Content-Length: 9\r\n\r\nshort", ends=False)[0] == 400


def test_a_connection_without_a_request_is_closed_without_an_answer(server):
    assert exchange(server, b"")[0] is None


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_a_request_is_answered_and_the_connection_closed(server, end):
    status, headers, body = exchange(server, GET.replace(b"\r\n", end) + end)
    assert (status, body) == (200, b"|")
    assert headers["content-length"] == "1"
    assert "date" in headers


@pytest.mark.parametrize(
    "raw",
    [
        POST + b"Content-Length: 5\r\n\r\nhello",
        POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
        CHUNKED + b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    ],
)
def test_a_body_arrives_whole(server, raw):
    assert exchange(server, raw)[2].endswith(b"|hello")


def test_a_body_that_nobody_reads_does_not_cost_the_answer():
    def refuse(environ, start_response):
        start_response("413 Too Large", [("Content-Length", "2")])
        return [b"no"]

    with running(refuse) as server:
        raw = POST + b"Content-Length: 1000000\r\n\r\n" + b"x" * 1_000_000
        assert exchange(server, raw, ends=False)[::2] == (413, b"no")


def test_the_environ_tells_about_the_request(server):
    raw = b"GET http://other.test//environ?a=%20 HTTP/1.1\r\nHost: x\r\nX: a\r\n\tb\r\nX:c\r\n\r\n"
    body = exchange(server, raw)[2].decode()
    for part in (
        '"HTTP_HOST": "other.test"',
        '"PATH_INFO": "/environ"',
        '"QUERY_STRING": "a=%20"',
        '"RAW_URI": "http://other.test//environ?a=%20"',
        '"HTTP_X": "a\\tb,c"',
        '"REMOTE_ADDR": "127.0.0.1"',
        f'"SERVER_PORT": "{server.port}"',
        '"wsgi.multithread": "True"',
        '"werkzeug.socket"',
    ):
        assert part.replace(": ", ":") in body.replace(": ", ":")


def stream(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"a"
    yield b""
    yield b"bc"
    if environ["PATH_INFO"] == "/crash":
        raise ValueError("in the middle")


def test_a_stream_is_sent_in_chunks_to_who_knows_them(server):
    with running(stream) as found:
        _, headers, body = exchange(found, GET + b"\r\n")
        assert headers["transfer-encoding"] == "chunked"
        assert body == b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"
        _, headers, body = exchange(found, b"GET / HTTP/1.0\r\n\r\n")
        assert "transfer-encoding" not in headers
        assert body == b"abc"
        assert exchange(found, GET.replace(b"GET", b"HEAD") + b"\r\n")[2] == b""


def test_a_stream_that_fails_is_seen_to_be_cut_off(caplog):
    with running(stream) as found:
        body = exchange(found, GET.replace(b" / ", b" /crash ") + b"\r\n")[2]
    assert not body.endswith(b"0\r\n\r\n")
    assert "in the middle" in caplog.text


def test_a_server_of_one_request_at_a_time_speaks_http_1_0():
    with running(stream, threaded=False) as found:
        _, headers, body = exchange(found, GET + b"\r\n")
    assert headers["connection"] == "close"
    assert body == b"abc"


def fails(environ, start_response):
    raise ValueError("it broke")


def silent(environ, start_response):
    return [b"x"]


def twice(environ, start_response):
    start_response("200 OK", [])
    start_response("200 OK", [])
    return []


def split(environ, start_response):
    start_response("200 OK", [("X", "a\r\nSet-Cookie: b")])
    return [b""]


@pytest.mark.parametrize("application", [fails, silent, twice])
def test_an_application_that_fails_is_a_500_and_the_log_says_why(application, caplog):
    with running(application) as found:
        status, _, body = exchange(found, GET + b"\r\n")
    assert status == 500
    assert b"it broke" not in body
    assert "Traceback" in caplog.text


def test_a_header_with_a_line_break_is_not_sent(caplog):
    with running(split) as found:
        status, headers, _ = exchange(found, GET + b"\r\n")
    assert status == 500
    assert "set-cookie" not in headers
    assert "line break" in caplog.text


def test_a_head_may_be_replaced_until_it_is_sent():
    def application(environ, start_response):
        start_response("200 OK", [])
        try:
            raise ValueError
        except ValueError as error:
            info = (type(error), error, error.__traceback__)
        write = start_response("503 Later", [("Content-Length", "5")], info)
        write(b"wri")
        with pytest.raises(ValueError):
            start_response("200 OK", [], info)
        return [b"te"]

    with running(application) as found:
        status, _, body = exchange(found, GET + b"\r\n")
    assert (status, body) == (503, b"write")


def test_what_the_application_returns_is_closed():
    class Body(list):
        closed = False

        def close(self):
            Body.closed = True

    def application(environ, start_response):
        start_response("204 No Content", [])
        return Body()

    with running(application) as found:
        assert exchange(found, GET + b"\r\n")[0] == 204
    assert Body.closed


def test_requests_are_logged_on_one_line_each(caplog):
    caplog.set_level(logging.INFO, "werkzeug")
    with running(app) as found:
        exchange(found, GET + b"\r\n")
        exchange(found, b"GET /\x1b[31m HTTP/1.1\r\n\r\n")
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2
    assert '"GET / HTTP/1.1" 200' in lines[0]
    assert "\\x1b[31m" in lines[1]
    assert "\x1b" not in lines[1]


def test_the_hooks_of_a_handler_may_be_overridden(caplog):
    caplog.set_level(logging.INFO, "werkzeug")

    class Mine(Impatient):
        def address_string(self):
            return "fe80::1%eth2"

        def log_request(self, code="-", size="-"):
            self.log_message("mine %s", code)
            self.log_error("and\n%s", size)

    with running(app, request_handler=Mine) as found:
        assert b'"fe80::1%eth2"' in exchange(found, GET.replace(b" / ", b" /environ ") + b"\r\n")[2]
    assert [record.getMessage() for record in caplog.records] == [
        "fe80::1%eth2 - - mine 200",
        "fe80::1%eth2 - - and\\x0a-",
    ]
