"""Bytes that are no good request, sent to every server: no 5xx, and the process lives on."""

import socket
from contextlib import suppress

import processes
import pytest

pytestmark = pytest.mark.slow

LINE = b"GET / HTTP/1.1\r\n"
HOST = b"Host: localhost\r\n"
END = b"Connection: close\r\n\r\n"
POST = b"POST /messages HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"

# What is sent, by a name for it. Servers refuse some of these before the app sees them.
REQUESTS = {
    "nothing": b"",
    "not http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no version": b"GET /\r\n\r\n",
    "a malformed escape in the path": b"GET /%zz%f% HTTP/1.1\r\n" + HOST + END,
    "a path that is not UTF-8": b"GET /%ff%fe HTTP/1.1\r\n" + HOST + END,
    "a malformed escape in the query": b"GET /messages?after=%zz%ff HTTP/1.1\r\n" + HOST + END,
    "raw bytes in the query": b"GET /messages?after=\xff\xfe HTTP/1.1\r\n" + HOST + END,
    "raw bytes in a header": LINE + HOST + b"X-A: \xff\xfe\r\n" + END,
    "cookies of garbage": LINE + HOST + b'Cookie: =;;session=x.y.z; a="\\9\xff\r\n' + END,
    "a host that lies": LINE + b"Host: evil.example/@x y\r\n" + END,
    "no host": LINE + END,
    "a method nobody knows": b"BREW / HTTP/1.1\r\n" + HOST + END,
    "a way out of the static folder": b"GET /static/../app.py HTTP/1.1\r\n" + HOST + END,
    "an encoded way out": b"GET /static/..%2f..%2fapp.py HTTP/1.1\r\n" + HOST + END,
    "json that is not": POST + b"Content-Length: 1\r\n" + END + b"{",
    "json nested too deep": POST + b"Content-Length: 9000\r\n" + END + b"[" * 9000,
    "a body shorter than its length": POST + b"Content-Length: 100\r\n" + END + b"{}",
    "a body longer than its length": POST + b"Content-Length: 1\r\n" + END + b"{" * 50,
    "a length that is no number": POST + b"Content-Length: x\r\n" + END + b"{}",
    "chunks that are none": POST + b"Transfer-Encoding: chunked\r\n" + END + b"xyz\r\n{}\r\n",
    "a body over the limit": POST + b"Content-Length: 20000\r\n" + END + b"x" * 20000,
}


def send(port, request):
    """Send bytes and no more; returns what came back until the server closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        answer = b""
        try:
            connection.sendall(request)
            # A server that refuses may have answered and closed by now: "not connected".
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65536):
                answer += chunk
        except ConnectionError:
            pass  # closed by the server, which is one way to refuse
    return answer


@pytest.mark.parametrize("server", processes.SERVERS)
def test_bad_requests_are_refused_and_the_server_lives_on(server, serve):
    chat = serve(server, "chat")
    wrong = {}
    for name, request in REQUESTS.items():
        answer = send(chat.port, request)
        status = answer.split(b" ", 2)[1][:3] if answer.startswith(b"HTTP/1.") else b""
        # 501 and 505 are what a server says to a method or a version that it does not speak.
        if status[:1] == b"5" and status not in {b"501", b"505"}:
            wrong[name] = answer[:300]
        if b"import sqlite3" in answer:
            wrong[name] = b"the source of the app"
        assert chat.process.poll() is None, name
    assert wrong == {}
    assert chat.ask("GET", "/").status == 200
    assert chat.ask("GET", "/messages").body.strip() == b"[]"
    assert "Traceback" not in chat.said()
