"""W: what the development server makes of bytes that are no good WebSocket.

The limit of a message and foreign origins are in tests/serve/test_websocket.py as well.
"""

import base64
import resource
import socket
import struct
import time
import zlib
from contextlib import suppress

import pytest

from costrel import Flask, websocket

KEY = base64.b64encode(b"sixteen bytes, n").decode()
GOOD = {
    "Host": "localhost",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}
CONTINUATION, TEXT, BINARY, CLOSE, PING = 0, 1, 2, 8, 9
MEBIBYTE = 1 << 20
MOST_MEMORY = 64 * MEBIBYTE


@pytest.fixture(scope="module")
def ended():
    """What the handlers came to."""
    return []


@pytest.fixture(scope="module")
def port(ended, serve_for_development):
    app = Flask("served")

    @app.websocket("/echo")
    async def echo():
        try:
            while True:
                await websocket.send(await websocket.receive())
        finally:
            ended.append("echo")

    @app.teardown_websocket
    def end(error):
        ended.append("torn down")

    app.get("/", endpoint="root")(lambda: "root")
    return serve_for_development(app)


def said(headers):
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value is not None)


def handshake(path="/echo", method="GET", body=b"", **changes):
    headers = GOOD | {name.replace("_", "-"): value for name, value in changes.items()}
    return f"{method} {path} HTTP/1.1\r\n{said(headers)}\r\n".encode("latin-1") + body


def frame(kind, payload=b"", *, is_last=True, reserved=0, is_masked=True, length=None):
    """A frame (RFC 6455, 5.2); its mask is all zeros.

    :param length: what it says of its length, where that is not true.
    """
    size = len(payload) if length is None else length
    mask = 0x80 if is_masked else 0
    if size < 126:
        told = bytes([mask | size])
    elif size < 1 << 16:
        told = struct.pack(">BH", mask | 126, size)
    else:
        told = struct.pack(">BQ", mask | 127, size)
    return bytes([is_last << 7 | reserved << 4 | kind]) + told + bytes(mask and 4) + payload


class Connection:
    """A socket to the server, which reads frames."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.read = b""

    def more(self):
        chunk = self.socket.recv(1 << 16)
        self.read += chunk
        return chunk

    def send(self, data):
        # A server that refuses may have closed by now.
        with suppress(OSError):
            self.socket.sendall(data)

    def head(self):
        """The status of the answer; what follows its head stays."""
        while b"\r\n\r\n" not in self.read:
            if not self.more():
                break
        head, _, self.read = self.read.partition(b"\r\n\r\n")
        return int(head.split()[1])

    def frame(self):
        """The next frame's kind and payload, which is short; None where the connection ended."""
        while len(self.read) < 2 or len(self.read) < 2 + self.read[1]:
            try:
                if not self.more():
                    return None
            except ConnectionError:
                return None
        end = 2 + self.read[1]
        kind, payload = self.read[0] & 15, self.read[2:end]
        self.read = self.read[end:]
        return kind, payload

    def close_code(self):
        """The code that the server closes with."""
        while (found := self.frame()) is not None:
            kind, payload = found
            if kind == CLOSE:
                return int.from_bytes(payload[:2], "big")
        return None


@pytest.fixture
def connect(port):
    """Opens a connection; with a handshake, unless it is told of none."""
    opened = []

    def connect(*, is_open=True, **changes):
        connection = Connection(port)
        opened.append(connection.socket)
        if is_open:
            connection.send(handshake(**changes))
            assert connection.head() == 101
        return connection

    yield connect
    for each in opened:
        each.close()


@pytest.fixture(autouse=True)
def still_there(connect):
    """After each of them, the server serves others."""
    yield
    other = connect()
    other.send(frame(TEXT, b"a"))
    assert other.frame() == (TEXT, b"a")


@pytest.fixture
def memory():
    """Asserts that this process never held much more than before."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1024 < MOST_MEMORY


@pytest.mark.parametrize(
    "frames",
    [
        [frame(TEXT, b"a", is_masked=False)],
        *([frame(TEXT, b"a", reserved=bits)] for bits in (1, 2, 4)),
        *([frame(kind, b"a")] for kind in (3, 7, 11, 15)),
        [frame(PING, b"a", is_last=False)],
        [frame(PING, b"a" * 126)],
        [frame(CONTINUATION, b"a")],
        [frame(TEXT, b"a", is_last=False), frame(TEXT, b"b")],
    ],
)
def test_w1_malformed_frames_close_with_1002(connect, frames):
    connection = connect()
    connection.send(b"".join(frames))
    assert connection.close_code() == 1002


@pytest.mark.parametrize(
    "frames",
    [
        [frame(TEXT, b"\xff")],
        [frame(TEXT, b"\xed\xa0\x80")],
        [frame(TEXT, b"\xc3")],
        [frame(TEXT, b"\xc3", is_last=False), frame(CONTINUATION, b"(")],
        [frame(CLOSE, struct.pack(">H", 1000) + b"\xff")],
    ],
)
def test_w2_text_that_is_no_utf_8_closes_with_1007(connect, frames):
    connection = connect()
    connection.send(b"".join(frames))
    assert connection.close_code() == 1007


def test_w2_a_character_may_span_fragments(connect):
    connection = connect()
    connection.send(frame(TEXT, b"\xc3", is_last=False) + frame(CONTINUATION, b"\xa4"))
    assert connection.frame() == (TEXT, "ä".encode())


@pytest.mark.parametrize(
    "payload",
    [b"a", *(struct.pack(">H", code) for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000))],
)
def test_w3_close_codes_that_do_not_exist_close_with_1002(connect, payload):
    connection = connect()
    connection.send(frame(CLOSE, payload))
    assert connection.close_code() == 1002


@pytest.mark.parametrize(
    "frames",
    [
        [frame(BINARY, length=2**63)],
        [frame(BINARY, b"abc", length=2**30)],
        [frame(BINARY, b"a" * (17 * MEBIBYTE))],
        [frame(BINARY, b"a" * (2 * MEBIBYTE))],
        [
            frame(BINARY, b"a" * 65536, is_last=False),
            *[frame(CONTINUATION, b"a" * 65536, is_last=False)] * 400,
        ],
    ],
)
def test_w4_messages_over_the_limit_close_with_1009(connect, memory, frames):
    connection = connect()
    for each in frames:
        connection.send(each)
    assert connection.close_code() == 1009


def test_w5_a_message_that_inflates_beyond_the_limit_closes_with_1009(connect, memory):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(64 * MEBIBYTE)) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert len(packed) < 1 << 17
    connection = connect(Sec_WebSocket_Extensions="permessage-deflate")
    connection.send(frame(BINARY, packed[:-4], reserved=4))
    assert connection.close_code() == 1009


@pytest.mark.parametrize(
    "changes",
    [
        *({"Sec_WebSocket_Version": version} for version in ("12", "x", "", None)),
        *({"Sec_WebSocket_Key": key} for key in ("YQ==", "!", "", None)),
        {"method": "POST", "Content_Length": "0"},
        *({"Connection": value} for value in ("close", None)),
        *({"Upgrade": value} for value in ("h2c", None)),
        *({"path": path} for path in ("/", "/nowhere")),
    ],
)
def test_w6_what_is_no_handshake_is_refused(connect, changes):
    connection = connect(is_open=False)
    connection.send(handshake(**changes))
    assert 400 <= connection.head() < 500


@pytest.mark.parametrize(
    "protocols", ["ch\xe4t", "a b", ",", ", ".join(f"p{number}" for number in range(1000))]
)
def test_w7_odd_subprotocols_are_refused_or_ignored(connect, protocols):
    connection = connect(is_open=False)
    connection.send(handshake(Sec_WebSocket_Protocol=protocols))
    assert connection.head() in {101, 400}


SMUGGLED = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("changes", [{}, {"path": "/nowhere"}, {"Sec_WebSocket_Version": "12"}])
@pytest.mark.parametrize(
    ("told", "body"),
    [
        ({"Content_Length": str(len(SMUGGLED))}, SMUGGLED),
        ({"Transfer_Encoding": "chunked"}, b"5\r\nhello\r\n0\r\n\r\n" + SMUGGLED),
    ],
)
def test_w8_a_handshake_with_a_body_is_refused_and_the_connection_closed(
    connect, changes, told, body
):
    connection = connect(is_open=False)
    connection.send(handshake(body=body, **changes, **told))
    assert 400 <= connection.head() < 500
    while connection.more():
        pass
    assert b"HTTP/1.1" not in connection.read


def test_w9_a_page_of_another_origin_is_refused(connect):
    for origin in ("https://evil.example", "null", "http://localhost:1"):
        connection = connect(is_open=False)
        connection.send(handshake(Origin=origin))
        assert connection.head() == 403


@pytest.mark.parametrize("goodbye", [b"", b"\1\0\0\0\0\0\0\0"])
def test_w10_a_client_that_vanishes_ends_its_handler(connect, ended, goodbye):
    before = len(ended)
    connection = connect()
    if goodbye:  # RST instead of FIN
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, goodbye)
    connection.socket.close()
    deadline = time.monotonic() + 10
    while ended[before:][-2:] != ["echo", "torn down"]:
        assert time.monotonic() < deadline, ended[before:]
        time.sleep(0.01)
