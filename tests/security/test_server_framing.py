"""Q1, Q2, F, H4, B20: what the development server makes of bytes that are no good request."""

import re
import socket
import threading
import time
from contextlib import suppress

import pytest

from costrel import Flask, request
from costrel.devserver.wsgi_server import make_server

HEAD = b"Host: localhost\r\n"


@pytest.fixture(scope="module")
def seen():
    return []


@pytest.fixture(scope="module")
def port(seen):
    app = Flask("served")
    app.before_request(lambda: seen.append(request.full_path) and None)

    @app.route("/", methods=["GET", "POST", "HEAD"])
    @app.route("/<path:rest>", methods=["GET", "POST"])
    def read(rest=""):
        return {"read": request.get_data(as_text=True), "rest": rest}

    app.route("/unread", methods=["GET", "POST"], endpoint="unread")(lambda: "unread")
    app.get("/breaks", endpoint="breaks")(lambda: _broken())
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server.port
    server.shutdown()
    thread.join(5)


def _broken():
    yield "some"
    raise ValueError("in the middle of the body")


@pytest.fixture
def talk(port, seen):
    """Send bytes; return all that comes back until the server closes."""

    def talk(raw):
        seen.clear()
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(raw)
            # A server that refuses may have closed by now.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            connection.settimeout(10)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        return answer

    return talk


def status_of(answer):
    """The status of an answer, which has a status line; None where there is no answer."""
    if not answer:
        return None
    assert answer.startswith(b"HTTP/1."), answer[:80]
    return int(answer.split()[1])


REQUEST_LINES = [
    *(b"\x16\x03\x01\x02\x00\x01\x00", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0", b"\0" * 100),
    *(b"\r", b"GET", b"GET /", b"GET / ", b"GET / HTTP", b"GET / HTTP/", b"GET / HTTP/9.9"),
    *(b"GET / HTTP/2.0", b"GET / HTTP/1", b"GET / HTTP/1.", b"GET / HTTP/1.x"),
    *(b"GET / HTTP/11.1", b"GET / http/1.1", b"GET  / HTTP/1.1", b"GET /  HTTP/1.1"),
    *(b" GET / HTTP/1.1", b"GET / HTTP/1.1 ", b"GET\t/ HTTP/1.1", b"GET /a b HTTP/1.1"),
    *(b"G\0T / HTTP/1.1", b"GET /\0 HTTP/1.1", b"GET /\r HTTP/1.1", b"/ HTTP/1.1"),
    *(b"G(T / HTTP/1.1", b"\xff / HTTP/1.1", b"GET " + b"/" * 70_000 + b" HTTP/1.1"),
    *(b"A" * 70_000, b"GET @evil HTTP/1.1", b"GET evil.example:80 HTTP/1.1"),
    *(b"GET ftp://a/ HTTP/1.1", b":", b"{}", b"GET / HTTP/1.1\rX", b"HTTP/1.1 200 OK"),
    b"GET / HTTP/0.9",
]


@pytest.mark.parametrize("line", REQUEST_LINES)
def test_q1_a_malformed_request_line_is_refused_or_closed(talk, seen, line):
    assert len(REQUEST_LINES) >= 35
    answer = talk(line + b"\r\n" + HEAD + b"\r\n")
    status = status_of(answer)
    assert status is None or 400 <= status < 500 or status in {501, 505}
    assert seen == []


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1", b"POST / HTTP/1.1", b"HEAD / HTTP/1.0"])
def test_q1_a_good_request_line_is_answered(talk, line):
    assert status_of(talk(line + b"\r\n" + HEAD + b"\r\n")) == 200


@pytest.mark.parametrize(
    "header",
    [
        *(b"X y: z", b"X : y", b" X: y", b"X", b": y", b"X: a\0b", b"X: a\rb", b"\0: y"),
        *(b"\xff: y", b"X\t: y"),
    ],
)
def test_q2_malformed_header_lines_are_refused(talk, seen, header):
    answer = talk(b"GET / HTTP/1.1\r\n" + HEAD + header + b"\r\n\r\n")
    assert status_of(answer) == 400 or (header.startswith(b" ") and status_of(answer) in {200, 400})
    assert seen == [] or header.startswith(b" ")


def test_q5_too_many_headers_are_refused(talk, seen):
    for headers in (b"X: y\r\n" * 20_000, b"X: " + b"y" * 70_000 + b"\r\n"):
        assert status_of(talk(b"GET / HTTP/1.1\r\n" + HEAD + headers + b"\r\n")) == 431
    assert seen == []


def test_q6_names_with_underscores_are_dropped(port, talk):
    answer = talk(b"POST / HTTP/1.1\r\n" + HEAD + b"Content_Length: 5\r\n\r\nhello")
    assert status_of(answer) == 200
    assert b"hello" not in answer


@pytest.mark.parametrize("hosts", [b"", HEAD * 2, HEAD + b"Host: evil.example\r\n"])
def test_h4_no_host_or_two_are_refused(talk, seen, hosts):
    assert status_of(talk(b"GET / HTTP/1.1\r\n" + hosts + b"\r\n")) == 400
    assert seen == []
    assert hosts or status_of(talk(b"GET / HTTP/1.0\r\n\r\n")) == 200


NEXT = b"GET /smuggled HTTP/1.1\r\n" + HEAD + b"\r\n"


@pytest.mark.parametrize("method", [b"GET", b"POST", b"DELETE", b"HEAD"])
@pytest.mark.parametrize("path", [b"/unread", b"/", b"/missing/", b"//x", b"/static/x"])
def test_f1_an_unread_body_is_never_the_next_request(talk, seen, method, path):
    length = b"Content-Length: %d\r\n\r\n" % len(NEXT)
    answer = talk(method + b" " + path + b" HTTP/1.1\r\n" + HEAD + length + NEXT)
    assert status_of(answer) < 500
    assert not any("smuggled" in each for each in seen)
    assert answer.count(b"HTTP/1.1 ") == 1


LENGTHS = [
    *(b"Content-Length: 5\r\nContent-Length: 5", b"Content-Length: 5\r\nContent-Length: 6"),
    *(b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"Content-Length: +5"),
    *(b"Content-Length: -5", b"Content-Length: 1_0", b"Content-Length: 0x5"),
    *(b"Content-Length: 5,6", b"Content-Length: 5, 5", b"Content-Length: 5 5"),
    *(b"Content-Length: 5.0", b"Content-Length: \xb2", b"Content-Length: five"),
    *(b"Content-Length: " + b"9" * 30, b"Content-Length:", b"Content-Length: \x0b5"),
    *(b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked, chunked"),
    *(b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip"),
    *(b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: \x0bchunked"),
    *(b"Transfer-Encoding: chunked;x", b"Transfer-Encoding:"),
]


@pytest.mark.parametrize("headers", LENGTHS)
def test_f2_a_body_of_doubtful_length_is_refused(talk, seen, headers):
    answer = talk(b"POST / HTTP/1.1\r\n" + HEAD + headers + b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    assert status_of(answer) in {400, 501}
    assert seen == []


def chunked(talk, body):
    head = b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    return talk(head + body)


CHUNKS = [
    *(b"", b"5", b"5\r\n", b"5\r\nhel", b"5\r\nhello", b"5\r\nhello\r\n"),
    *(b"5\r\nhello\r\n0\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b"+5\r\nhello\r\n0\r\n\r\n"),
    *(b"-5\r\nhello\r\n0\r\n\r\n", b"5_0\r\nhello\r\n0\r\n\r\n", b" 5\r\nhello\r\n0\r\n\r\n"),
    *(b"5\nhello\n0\n\n", b"g\r\n\r\n", b"5\r\nhelloX\r\n0\r\n\r\n"),
    *(b"4\r\nhello\r\n0\r\n\r\n", b"6\r\nhello\r\n0\r\n\r\n", b"\r\n\r\n"),
    *(b"f" * 20 + b"\r\nhello\r\n0\r\n\r\n", b"5;\x00\nhello\r\n0\r\n\r\n"),
    *(b"\xb2\r\nhe\r\n0\r\n\r\n", b"5;" + b"x" * 70_000 + b"\r\nhello\r\n0\r\n\r\n"),
    b"5\r\nhello\r\n0\r\nX y\r\n\r\n",
]


@pytest.mark.parametrize("body", CHUNKS)
def test_f3_malformed_chunks_are_400_or_closed(talk, body):
    assert len(CHUNKS) >= 16
    assert status_of(chunked(talk, body)) in {400, None}


def test_f3_good_chunks_are_read(talk):
    answer = chunked(talk, b"5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n")
    assert b"hello0123456789" in answer


def test_b19_a_broken_chunk_is_400(talk):
    assert status_of(chunked(talk, b"5\r\nhello\r\nzz\r\n")) == 400


test_b20_chunks_of_another_kind_are_400 = test_f3_malformed_chunks_are_400_or_closed
test_b20_request_lines_of_another_kind_get_a_status_line = (
    test_q1_a_malformed_request_line_is_refused_or_closed
)
test_b20_two_lengths_are_400 = test_f2_a_body_of_doubtful_length_is_refused


@pytest.mark.parametrize("digits", ["\u0665", "\uff15", "\u06f5"])
def test_f4_only_ascii_digits_are_digits(talk, seen, digits):
    raw = digits.encode()
    head = b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: " + raw + b"\r\n\r\nhello"
    assert status_of(talk(head)) == 400
    assert status_of(chunked(talk, raw + b"\r\nhello\r\n0\r\n\r\n")) in {400, None}


@pytest.mark.parametrize("space", [b"\x0b", b"\x0c", b"\x1c", b"\x85", b"\xa0"])
def test_f4_only_blank_and_tab_are_white_space(talk, space):
    head = b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 5" + space + b"\r\n\r\nhello"
    assert status_of(talk(head)) == 400
    assert status_of(talk(b"GET" + space + b"/ HTTP/1.1\r\n" + HEAD + b"\r\n")) == 400


def test_f5_trailers_are_bounded_and_no_headers(talk):
    answer = chunked(talk, b"1\r\nx\r\n0\r\nHost: evil.example\r\nContent-Length: 9\r\n\r\n")
    assert status_of(answer) == 200
    assert status_of(chunked(talk, b"1\r\nx\r\n0\r\n" + b"X: y\r\n" * 1000 + b"\r\n")) in {
        400,
        None,
    }


def test_f6_twenty_thousand_chunks_of_a_byte_take_less_than_a_second(talk):
    started = time.thread_time()
    answer = chunked(talk, b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n")
    assert b"x" * 20_000 in answer
    assert time.thread_time() - started < 1


def test_f7_pipelined_requests_are_answered_in_order(serve_for_development):
    app = Flask("pipelined")
    app.route("/<int:number>", methods=["GET", "POST"])(lambda number: f"<{number}>")
    port = serve_for_development(app)
    raw = b"".join(
        b"POST /%d HTTP/1.1\r\n%sContent-Length: 5\r\n\r\nabcde" % (number, HEAD)
        if number % 3 == 0
        else b"GET /%d HTTP/1.1\r\n%s\r\n" % (number, HEAD)
        for number in range(50)
    )
    answer = b""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(raw)
        while b"<49>" not in answer:
            answer += connection.recv(65536)
    assert re.findall(rb"<(\d+)>", answer) == [b"%d" % number for number in range(50)]


def test_f8_head_has_no_body(talk):
    head, _, body = talk(b"HEAD / HTTP/1.1\r\n" + HEAD + b"\r\n").partition(b"\r\n\r\n")
    assert b"200 OK" in head
    assert body == b""


def test_f9_a_stream_that_breaks_is_never_a_whole_body(talk):
    answer = talk(b"GET /breaks HTTP/1.1\r\n" + HEAD + b"\r\n")
    assert b"some" in answer
    assert not answer.endswith(b"0\r\n\r\n")


def test_d4_the_server_names_no_version(talk):
    for raw in (b"GET / HTTP/1.1\r\n" + HEAD + b"\r\n", b"nonsense\r\n\r\n"):
        for line in talk(raw).split(b"\r\n"):
            if line.lower().startswith(b"server:"):
                assert not any(48 <= byte <= 57 for byte in line)
