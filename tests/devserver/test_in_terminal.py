"""The development server as a person sees it: in a terminal, which here is a pseudo one."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

pty = pytest.importorskip("pty")
pytestmark = pytest.mark.slow

PROGRAM = """\
from costrel import Flask
app = Flask(__name__)

@app.route("/")
def index():
    return "hello"

if __name__ == "__main__":
    app.run(OPTIONS)
"""


class Terminal:
    """A program in a terminal of its own, and what it showed so far."""

    def __init__(self, folder, options, **environment):
        (folder / "hello.py").write_text(PROGRAM.replace("OPTIONS", options))
        self.leader, follower = pty.openpty()
        known = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "CI"}}
        self.process = subprocess.Popen(
            [sys.executable, "hello.py"],
            cwd=folder,
            env={**known, "TERM": "xterm", **environment},
            stdin=follower,
            stdout=follower,
            stderr=follower,
            start_new_session=True,
            preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
        )
        os.close(follower)
        os.set_blocking(self.leader, False)
        self.shown = ""

    def read(self):
        try:
            self.shown += os.read(self.leader, 65536).decode()
        except (BlockingIOError, OSError):
            pass
        return self.shown

    def wait_for(self, pattern, within=15):
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.read()):
                return found
            time.sleep(0.02)
        raise AssertionError(f"{pattern!r} was not shown within {within} s:\n{self.shown}")

    def wait(self, within=10):
        deadline = time.monotonic() + within
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read()
            time.sleep(0.02)
        self.read()
        return self.process.poll()

    def press(self, keys):
        os.write(self.leader, keys)

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(10)
        os.close(self.leader)


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def terminal(options, **environment):
        opened.append(Terminal(tmp_path, options, **environment))
        return opened[-1]

    yield terminal
    for one in opened:
        one.close()


def answers(port, path="/"):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        client.sendall(head.encode())
        received = b""
        while chunk := client.recv(1000):
            received += chunk
    return received.endswith(b"hello")


@pytest.mark.parametrize("debug", [False, True])
def test_it_says_where_it_is_and_ctrl_c_ends_it(terminal, debug):
    shown = terminal(f"port=0, debug={debug}")
    port = int(shown.wait_for(r"\x1b\[1m \* Running on http://127\.0\.0\.1:(\d+)\x1b\[0m")[1])
    assert answers(port)
    shown.wait_for(r'"GET / HTTP/1\.1" 200 5')
    assert not answers(port, "/nowhere")
    shown.wait_for(r'\x1b\[33m127\.0\.0\.1 .* "GET /nowhere HTTP/1\.1" 404 .*\x1b\[0m')
    shown.press(b"\x03")
    assert shown.wait() == 0
    assert "Traceback" not in shown.shown
    assert ("Its token: " in shown.shown) is debug


def test_no_colour_is_shown_to_who_wants_none(terminal):
    shown = terminal("port=0", NO_COLOR="1")
    shown.wait_for(r"Running on http")
    assert "\x1b" not in shown.shown


def test_a_taken_port_that_was_asked_for_is_told_with_its_holder(terminal):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        shown = terminal(f"port={port}")
        assert shown.wait() == 1
    assert f"port {port} is already in use by" in shown.shown
    assert f"process {os.getpid()}" in shown.shown
    assert "Traceback" not in shown.shown


def test_a_taken_port_that_nobody_asked_for_is_passed_over(terminal):
    try:
        holder = socket.create_server(("127.0.0.1", 5000))
    except OSError:  # something holds it already, which is as good
        holder = socket.socket()
    with holder:
        shown = terminal("")
        taken, used = shown.wait_for(r"Port (\d+) is in use by .*: this takes (\d+)\.").groups()
        port = int(shown.wait_for(r"Running on http://127\.0\.0\.1:(\d+)")[1])
        assert (taken, int(used)) == ("5000", port)
        assert port > 5000
        assert answers(port)
