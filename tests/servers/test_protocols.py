"""The same app on every server, each in a process of its own, by the protocols it speaks."""

import http.client
import json
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import processes
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parent / "apps" / "protocols"
GRANIAN = [processes.command_of("granian"), "--host", "127.0.0.1", "--port", "{port}"]
SERVERS = {
    **{name: processes.SERVERS[name] for name in ("gunicorn gthread", "waitress", "granian wsgi")},
    "granian asgi": [*GRANIAN, "--interface", "asgi", "app:app"],
    "granian rsgi": [*GRANIAN, "--interface", "rsgi", "app:app"],
    "uvicorn": [sys.executable, "-m", "uvicorn", "--port", "{port}", "app:app"],
    "gunicorn gevent": [
        *(sys.executable, "-m", "gunicorn", "-k", "gevent", "--graceful-timeout", "10"),
        *("-b", "127.0.0.1:{port}", "app:app"),
    ],
    "gevent": [sys.executable, "gevent_server.py"],
    "gevent, later": [sys.executable, "gevent_later.py"],
    "uwsgi": [
        *(
            processes.command_of("uwsgi"),
            "--http-socket",
            "127.0.0.1:{port}",
            "--module",
            "app:app",
        ),
        *("--home", sys.prefix, "--need-app", "--master", "--threads", "8"),
        *("--hook-master-start", "unix_signal:15 gracefully_kill_them_all"),
    ],
    "hypercorn": [sys.executable, "-m", "hypercorn", "-b", "127.0.0.1:{port}", "asgi:app:app"],
}
WITH_WEBSOCKETS = ["granian asgi", "granian rsgi", "uvicorn", "hypercorn"]
# waitress has no handler for SIGTERM, and so ends at once; docs/async.md has a program with one.
SERVERS["waitress draining"] = [sys.executable, "waitress_server.py"]
GRACEFUL = [name for name in SERVERS if name != "waitress"]


@pytest.fixture(params=SERVERS)
def server_name(request):
    return request.param


@pytest.fixture
def start(request, tmp_path):
    """Starts a server; its log of events is a file."""
    request.node.servers = []

    def start(name):
        log = tmp_path / "events.log"
        log.touch()
        running = processes.start(SERVERS[name], FOLDER, tmp_path, PROTOCOLS_LOG=str(log))
        running.events = lambda: log.read_text().splitlines()
        request.node.servers.append(running)
        return running

    yield start
    for running in request.node.servers:
        processes.kill_group(running.process)


def wait_for(running, *events):
    """Until all of these are in the log."""
    deadline = time.monotonic() + 10
    while not set(events) <= set(running.events()):
        assert time.monotonic() < deadline, (events, running.events())
        time.sleep(0.05)


def read_some(running, path, size, headers=""):
    """Begin to read an answer, and go away abruptly; returns what came."""
    with socket.create_connection(("127.0.0.1", running.port), 10) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
        found = b""
        while len(found.partition(b"\r\n\r\n")[2]) < size:
            found += client.recv(4096)
        # RST instead of FIN: nobody says good-bye.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    return found


def test_requests_of_each_kind_are_answered(start, server_name):
    running = start(server_name)
    assert running.ask("GET", "/").text == "sync"
    assert running.ask("GET", "/async").text == "async"
    assert running.ask("GET", "/nothing").status == 404
    assert running.ask("HEAD", "/").body == b""
    for path, length in {"/": 4, "/async": 5, "/nothing": 207}.items():
        answer = running.ask("GET", path)
        assert answer.headers.get_all("Content-Length") == [str(length)]
    assert [running.ask("GET", "/session").text for _ in range(3)] == ["1", "2", "3"]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = running.ask("POST", "/form", b"a=1&b=2", form)
    assert json.loads(answer.body) == {"form": {"a": "1", "b": "2"}, "files": {}}
    assert running.ask("POST", "/count", b"x" * 3_000_000).text == "3000000"
    if not server_name.startswith(("waitress", "uwsgi")):
        # waitress gathers a chunked body and gives it a length; uWSGI hides it.
        chunks = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
        chunks.request("POST", "/count", iter([b"abc"] * 100), encode_chunked=True)
        assert chunks.getresponse().read() == b"300"
        chunks.close()
    assert running.events()[0] == "started"


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_stream_arrives_whole_and_ends_when_its_client_goes(start, server_name, colour):
    running = start(server_name)
    path = f"/stream/{colour}"
    text = running.ask("GET", f"{path}?n=3").text
    assert text == "".join(f"{path} {number}\n" for number in range(3))
    wait_for(running, f"closed {path}", f"torn down {path} NoneType")
    before = len(running.events())
    assert f"{path} 0".encode() in read_some(running, f"{path}?n=1000", 20)
    deadline = time.monotonic() + 20
    while len(running.events()) < before + 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert running.events()[before:] == [f"closed {path}", f"torn down {path} NoneType"]


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_stream_that_breaks_keeps_nobody_waiting(start, server_name, colour):
    running = start(server_name)
    # Whether it looks whole is the server's: granian ends it so, except over ASGI.
    with suppress(http.client.HTTPException, ConnectionError):
        assert running.ask("GET", f"/breaks/{colour}").body == b"begun"


@pytest.mark.parametrize("name", ["gunicorn gevent", "gevent", "gevent, later"])
def test_under_gevent_a_view_may_have_a_loop_of_its_own_beside_async_ones(start, name):
    running = start(name)
    with ThreadPoolExecutor(4) as pool:
        asked = {
            path: [pool.submit(running.ask, "GET", path) for _ in range(10)]
            for path in ("/async", "/stream/async?n=2")
        }
        # One at a time: two of them do not go together in one thread.
        assert [running.ask("GET", "/own-loop").text for _ in range(10)] == ["own"] * 10
        texts = {path: {each.result().text for each in of} for path, of in asked.items()}
    lines = "/stream/async 0\n/stream/async 1\n"
    assert texts == {"/async": {"async"}, "/stream/async?n=2": {lines}}
    assert "rror" not in running.said()


def test_events_arrive_as_they_come_and_end_with_their_client(start, server_name):
    running = start(server_name)
    found = read_some(running, "/events", 60, "Last-Event-ID: 42\r\n")
    head, _, body = found.partition(b"\r\n\r\n")
    assert b"content-type: text/event-stream" in head.lower()
    assert b"cache-control: no-cache" in head.lower()
    assert b'data: {"last": "42"}\n\n' in body
    assert b":\n\n" in body
    wait_for(running, "closed /events")
    assert b"data: tick\n\n" in read_some(running, "/events/sync", 20)
    wait_for(running, "closed /events/sync")


@pytest.mark.parametrize("name", WITH_WEBSOCKETS)
@pytest.mark.parametrize("kind", ["ws", "sync"])
def test_websockets_echo_and_end_with_their_client(start, name, kind):
    running = start(name)
    url = f"ws://127.0.0.1:{running.port}/{kind}/den"
    with connect(url) as client:
        client.send("é")
        assert client.recv(10) == "den: é"
        if kind == "ws":
            client.send(b"\x00")
            assert client.recv(10) == b"\x00"
    # The server has answered its good-bye.
    assert client.close_code == 1000
    wait_for(running, "left")
    with connect(url, close_timeout=0.1) as client:
        client.send("x")
        client.recv(10)
        # The connection breaks, and nobody says good-bye.
        client.socket.shutdown(socket.SHUT_RDWR)
    deadline = time.monotonic() + 10
    while running.events().count("left") < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running.events().count("left") == 2


@pytest.mark.parametrize("name", WITH_WEBSOCKETS)
def test_websockets_are_refused_as_far_as_the_protocol_can_say(start, name):
    running = start(name)
    base = f"ws://127.0.0.1:{running.port}"

    def status(path, **options):
        with pytest.raises(InvalidStatus) as refused, connect(base + path, **options):
            pass
        return refused.value.response.status_code

    assert status("/none") == 404
    assert status("/ws/den", origin="http://evil.example") == 403
    with connect(f"{base}/ws/den", origin=f"http://127.0.0.1:{running.port}") as client:
        client.send("in")
        assert client.recv(10) == "den: in"


@pytest.mark.parametrize("name", WITH_WEBSOCKETS)
def test_subprotocols_and_close_codes_where_the_protocol_has_them(start, name):
    running = start(name)
    url = f"ws://127.0.0.1:{running.port}/chat"
    if name == "granian rsgi":
        with pytest.raises(InvalidStatus) as refused, connect(url, subprotocols=["chat"]):
            pass
        assert refused.value.response.status_code == 500
        assert "RSGI cannot carry a WebSocket's subprotocol" in running.said()
        return
    with connect(url, subprotocols=["soap", "chat"]) as client:
        assert client.subprotocol == "chat"
        # granian drops the headers, without a word.
        assert name == "granian asgi" or client.response.headers["X-Room"] == "den"
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(10)
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "bye")


@pytest.mark.parametrize("path", ["/slow", "/slow/async"])
@pytest.mark.parametrize("name", GRACEFUL)
def test_sigterm_lets_requests_end_and_waits_for_jobs(start, name, path):
    running = start(name)
    answers = []
    running.ask("GET", "/job")
    asking = threading.Thread(target=lambda: answers.append(running.ask("GET", path)))
    asking.start()
    time.sleep(0.4)
    running.process.send_signal(signal.SIGTERM)
    asking.join(15)
    assert [answer.text for answer in answers] == ["slow"]
    running.stop()
    wait_for(running, "job done", "stopped", f"torn down {path} NoneType")


@pytest.mark.parametrize(
    ("program", "page"), [("waitress_server.py", "async.md"), ("gevent_server.py", "deploying.md")]
)
def test_a_documented_program_is_what_is_tested(program, page):
    assert (FOLDER / program).read_text() in (processes.ROOT / "docs" / page).read_text()
