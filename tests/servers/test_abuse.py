"""V: clients that are slow, that vanish, and that send nonsense, beside clients that behave."""

import json
import random
import socket
import struct
import threading
import time
from contextlib import suppress

import processes
import pytest
from test_many_clients import left
from test_protocols import FOLDER, SERVERS

pytestmark = pytest.mark.slow

NAMES = [name for name in SERVERS if name != "waitress draining"]
ON_A_LOOP = ["granian asgi", "granian rsgi", "uvicorn", "hypercorn"]
SLOW_CLIENTS = 20
LONG = 10  # seconds
ABUSERS = 4
# What may come on top: the allocator's, not a leak's, which at 100 requests a second is more.
MOST_KILOBYTES = 12_000
# So that memory which was given back is no longer the process's.
ALLOCATOR = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "65536",
}
HOST = b"Host: localhost\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
KEY = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2l4dGVlbiBieXRlcywgbg==\r\n"
HANDSHAKE = b"GET /ws/den HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n"


@pytest.fixture
def running(request, tmp_path):
    log = tmp_path / "events.log"
    log.touch()
    running = processes.start(
        SERVERS[request.param], FOLDER, tmp_path, PROTOCOLS_LOG=str(log), **ALLOCATOR
    )
    running.name = request.param
    request.node.servers = [running]
    yield running
    processes.kill_group(running.process)


def connect(running):
    return socket.create_connection(("127.0.0.1", running.port), 10)


def slow_head(running):
    client = connect(running)
    client.sendall(b"GET / HTTP/1.1\r\nHo")
    return client


def slow_body(running):
    client = connect(running)
    client.sendall(b"POST /form HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 1000\r\n\r\na=")
    return client


def slow_reader(running):
    client = connect(running)
    client.sendall(b"GET /stream/async?n=1000 HTTP/1.1\r\n" + HOST + b"\r\n")
    return client


@pytest.mark.parametrize("behave", [slow_head, slow_body, slow_reader])
@pytest.mark.parametrize("running", ON_A_LOOP, indirect=True)
def test_v1_others_are_served_beside_slow_clients(running, behave):
    clients = [behave(running) for _ in range(SLOW_CLIENTS)]
    try:
        for path, text in (("/", "sync"), ("/async", "async"), ("/form", None)):
            body = {"body": "a=b", "headers": {"Content-Type": FORM.split()[1].decode()}}
            answer = running.ask("GET" if text else "POST", path, **({} if text else body))
            assert answer.status == 200
            assert answer.text == text or json.loads(answer.text)["form"] == {"a": "b"}
    finally:
        for client in clients:
            client.close()


def reset(client):
    """Close with RST instead of FIN: nobody says good-bye."""
    with suppress(OSError):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def send(running, data, *, reads=0):
    client = connect(running)
    with suppress(OSError):
        client.sendall(data)
        while reads > 0 and (chunk := client.recv(4096)):
            reads -= len(chunk)
    return client


def post(path, length, body, kind=FORM):
    head = f"POST {path} HTTP/1.1\r\nContent-Length: {length}\r\n".encode()
    return head + HOST + kind + b"\r\n" + body


UPLOAD = b"Content-Type: multipart/form-data; boundary=b\r\n"
PART = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
# What a client sends, and how much of the answer it waits for before it goes.
CRUELTIES = [
    (b"", 0),
    (b"\x16\x03\x01\x02\0\1\0", 100),
    (b"GET / HTTP/1.1\r\nHo", 0),
    (b"GET /%ff?%zz HTTP/1.1\r\n" + HOST + b"Cookie: \xff=;session=x.y\r\n\r\n", 10),
    (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 100_000 + b"\r\n\r\n", 10),
    (post("/form", 100, b"a=b"), 0),
    (post("/form", "x", b"a=b"), 10),
    (post("/form", 3 << 20, PART + b"x" * (2 << 20), UPLOAD), 0),
    (post("/form", 3 << 20, PART + b"x" * (5 << 18), UPLOAD), 0),
    (post("/form", 600_000, b"a=" + b"x" * 599_998), 10),
    (post("/form", 3, b"a=b"), 0),
    (b"POST /form HTTP/1.1\r\n" + HOST + FORM + b"Transfer-Encoding: chunked\r\n\r\nx\r\n", 10),
    (b"GET /stream/sync?n=50 HTTP/1.1\r\n" + HOST + b"\r\n", 200),
    (b"GET /stream/async?n=50 HTTP/1.1\r\n" + HOST + b"\r\n", 200),
    (b"GET /session HTTP/1.1\r\n" + HOST + b"\r\n", 0),
    (b"GET /nowhere HTTP/1.1\r\n" + HOST + b"\r\n", 10),
]
ON_LOOPS = [
    (b"GET /events HTTP/1.1\r\n" + HOST + b"\r\n", 100),
    (b"GET /slow/async HTTP/1.1\r\n" + HOST + b"\r\n", 0),
    (HANDSHAKE + b"\r\n", 10),
]
# hypercorn 0.18 does not tell the app of the end of a WebSocket whose first frame comes along
# with its handshake, nor of one that it finds malformed.
NOT_ON_HYPERCORN = [
    (HANDSHAKE + KEY + b"\r\n" + b"\x81\x81\0\0\0\0a", 100),
    (HANDSHAKE + KEY + b"\r\n" + b"\xff\xff\xff\xff\xff", 100),
]


def abuse(running, seed, until):
    """Be cruel in turn, in an order of its own, and ask properly between."""
    choose = random.Random(seed)
    cruelties = CRUELTIES + (ON_LOOPS if running.name in ON_A_LOOP else [])
    cruelties += [] if running.name == "hypercorn" else NOT_ON_HYPERCORN
    while time.monotonic() < until:
        data, reads = choose.choice(cruelties)
        client = send(running, data, reads=reads)
        choose.choice([reset, socket.socket.close])(client)


def all_abuse(running, seconds):
    until = time.monotonic() + seconds
    abusers = [
        threading.Thread(target=abuse, args=(running, seed, until)) for seed in range(ABUSERS)
    ]
    for each in abusers:
        each.start()
    asked = 0
    while time.monotonic() < until:
        assert running.ask("GET", "/").text == "sync"
        assert running.ask("GET", "/async").text == "async"
        asked += 2
    for each in abusers:
        each.join(60)
        assert not each.is_alive()
    return asked


def come_down(running, before):
    """What the process holds once nothing is under way, or after a while."""
    deadline = time.monotonic() + 20
    while True:
        now = left(running)
        names = ("tasks", "files", "contexts", "threads")
        if all(now[name] <= before[name] for name in names) or time.monotonic() > deadline:
            return now
        time.sleep(0.2)


@pytest.mark.parametrize("running", NAMES, indirect=True)
def test_v2_v3_abuse_leaves_nothing_behind(running):
    fresh = left(running)
    all_abuse(running, LONG)  # until the allocator has what it wants
    before = come_down(running, fresh)
    assert all_abuse(running, LONG) > 0
    after = come_down(running, before)
    for name in ("tasks", "files", "contexts", "threads"):
        assert after[name] <= before[name], name
    assert after["kilobytes"] < before["kilobytes"] + MOST_KILOBYTES
    assert running.process.poll() is None
