"""`costrel serve` with real workers: asked, started anew with new source, stopped."""

import http.client
import os
import signal
import socket
import subprocess
import sysconfig
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("granian")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="needs signals"),
]
COSTREL = str(Path(sysconfig.get_path("scripts")) / "costrel")
SYNC = """\
from costrel import Flask, request
app = Flask(__name__)

@app.route("/")
def index():
    return f"first {request.remote_addr}"

@app.route("/crash")
def crash():
    raise ValueError("on purpose")
"""
WAITS = SYNC.replace("def index", "async def index")
# A worker tells that it is up, by a file of its own.
TELL = """
import os
def up():
    open(f"{os.getpid()}.up", "w").close()
"""
SOCKETS = WAITS + "\n@app.websocket('/ws')\nasync def ws():\n    pass\n"


class Serving:
    def __init__(self, folder, *options):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.log = folder / "said.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [COSTREL, "--app", "hello", "serve", "-b", str(self.port), "-w", "2", *options],
                cwd=folder,
                env={**os.environ, "NO_COLOR": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(self.said())

    def said(self):
        return self.log.read_text(errors="replace")

    def ask(self, path="/", **headers):
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        client.request("GET", path, headers=headers)
        answer = client.getresponse()
        text = answer.read().decode()
        client.close()
        return answer.status, text

    def wait_for_workers(self, count):
        """Until so many processes have told that they are up."""
        deadline = time.monotonic() + 30
        while len(list(self.log.parent.glob("*.up"))) < count:
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.02)

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(10)


@pytest.fixture
def serve(tmp_path):
    opened = []

    def serve(program, *options):
        (tmp_path / "hello.py").write_text(program)
        opened.append(Serving(tmp_path, *options))
        return opened[-1]

    yield serve
    for serving in opened:
        serving.close()


@pytest.mark.parametrize(
    ("program", "processes", "words"),
    [
        # Two workers, and the process that looks which protocol suits.
        (f"{SYNC}{TELL}up()", 3, "over WSGI, as all of its views are sync"),
        (f"{WAITS}{TELL}app.before_serving(up)", 2, "over RSGI, as it has async views or hooks"),
        (f"{SOCKETS}{TELL}app.before_serving(up)", 2, "over ASGI, as it has WebSockets"),
    ],
)
def test_it_serves_over_the_protocol_that_suits_and_stops_cleanly(serve, program, processes, words):
    serving = serve(program, "--health", "/hz")
    # granian loses a SIGTERM that comes while a worker starts, and kills that one after 30 s.
    serving.wait_for_workers(processes)
    assert serving.ask() == (200, "first 127.0.0.1")
    assert serving.ask("/hz") == (200, "ok\n")
    assert serving.ask("/crash")[0] == 500
    assert words in serving.said()
    serving.process.send_signal(signal.SIGTERM)
    assert serving.process.wait(15) == 0


@pytest.mark.parametrize("program", [SYNC, SOCKETS])
def test_proxies_are_believed_as_many_as_are_trusted(serve, program):
    serving = serve(program, "--trusted-proxies", "1")
    assert serving.ask(**{"X-Forwarded-For": "6.6.6.6, 192.0.2.7"}) == (200, "first 192.0.2.7")


def test_debug_mode_stays_off(serve, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    serving = serve(SYNC.replace("app = Flask(__name__)", "app = Flask(__name__, )"))
    status, text = serving.ask("/crash", Accept="text/html")
    assert status == 500
    assert "on purpose" not in text


def test_workers_start_anew_with_new_source_and_refuse_nothing(serve):
    serving = serve(SYNC)
    answers, failures, stop = [], [], threading.Event()

    def ask_again_and_again():
        while not stop.wait(0.02):
            try:
                answers.append(serving.ask()[1].split()[0])
            except OSError as error:
                failures.append(repr(error))

    client = threading.Thread(target=ask_again_and_again)
    client.start()
    try:
        for number in range(3):
            word = f"change{number}"
            (serving.log.parent / "hello.py").write_text(SYNC.replace("first", word))
            serving.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + 20
            while answers[-20:].count(word) < 20 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert answers[-20:].count(word) == 20, answers[-20:]
    finally:
        stop.set()
        client.join(20)
    assert failures == []
