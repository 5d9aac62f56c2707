"""Real programs under the development server: started, asked, changed and stopped."""

import http.client
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="needs signals and inherited sockets"),
]

COSTREL = str(Path(sysconfig.get_path("scripts")) / "costrel")
PROGRAM = """\
import sys
from costrel import Flask, request
app = Flask(__name__)

@app.route("/")
def index():
    return "first"

@app.post("/length")
def length():
    return str(len(request.get_data()))

@app.route("/stream")
def stream():
    return (f"{number}\\n" for number in range(3))

@app.route("/crash")
def crash():
    raise ValueError("on purpose")

if __name__ == "__main__":
    app.run(port=0, debug="debug" in sys.argv)
"""


class Program:
    """A program that runs, and what it said so far."""

    def __init__(self, folder, command, **environment):
        self.folder = folder
        self.log = folder / "said.log"
        variables = {key: value for key, value in os.environ.items() if "FLASK" not in key}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env={**variables, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1", **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self):
        return self.log.read_text(errors="replace")

    def wait_for(self, pattern, within=15):
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            found = re.search(pattern, self.said())
            if found:
                return found
            assert self.process.poll() is None, self.said()
            time.sleep(0.02)
        raise AssertionError(f"{pattern!r} was not said within {within} s:\n{self.said()}")

    @property
    def port(self):
        return int(self.wait_for(r"Running on https?://127\.0\.0\.1:(\d+)")[1])

    def ask(self, path="/", method="GET", body=None, headers=None, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=15)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def stop(self, number):
        self.process.send_signal(number)
        return self.process.wait(10)

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(10)


@pytest.fixture
def start(tmp_path):
    (tmp_path / "hello.py").write_text(PROGRAM)
    programs = []

    def start(*command, **environment):
        programs.append(Program(tmp_path, command, **environment))
        return programs[-1]

    yield start
    for program in programs:
        program.kill()


WAYS = {
    "app.run": [sys.executable, "hello.py"],
    "costrel run": [COSTREL, "--app", "hello", "run", "--port", "0"],
    "app.run debug": [sys.executable, "hello.py", "debug"],
    "costrel run debug": [COSTREL, "--app", "hello:app", "run", "--port", "0", "--debug"],
    "simple server": [COSTREL, "--app", "hello", "run", "--port", "0", "--without-threads"],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_stops_cleanly(start, way, number):
    program = start(*WAYS[way])
    assert program.ask() == (200, "first")
    assert program.ask("/length", "POST", b"x" * 300_000) == (200, "300000")
    assert program.ask("/stream") == (200, "0\n1\n2\n")
    assert program.ask("/crash")[0] == 500
    assert program.stop(number) == 0
    said = program.said()
    assert said.count("Traceback") == 1  # of /crash
    assert "KeyboardInterrupt" not in said


def test_a_body_of_unknown_length_is_received(start):
    program = start(*WAYS["app.run"])
    assert program.ask("/length", "POST", iter([b"ab", b"c"])) == (200, "3")


@pytest.mark.parametrize("way", ["app.run debug", "costrel run debug"])
def test_a_saved_change_is_served_without_a_refused_request(start, way):
    program = start(*WAYS[way])
    source = program.folder / "hello.py"
    assert program.ask() == (200, "first")
    source.write_text(PROGRAM.replace('"first"', '"second"'))
    deadline = time.monotonic() + 10
    while (answer := program.ask()) != (200, "second"):
        assert answer == (200, "first")
        assert time.monotonic() < deadline, program.said()
        time.sleep(0.02)
    assert re.search(r"Detected change in '.*hello\.py'", program.said())


def test_a_syntax_error_is_told_of_and_healed_by_the_next_save(start):
    program = start(*WAYS["costrel run debug"])
    source = program.folder / "hello.py"
    program.ask()
    source.write_text("def broken(:\n")
    program.wait_for("Save a file to start it anew")
    assert program.said().count("SyntaxError") == 1
    source.write_text(PROGRAM.replace('"first"', '"healed"'))
    assert program.ask() == (200, "healed")


def test_files_that_a_program_writes_do_not_start_it_anew(start):
    program = start(*WAYS["app.run debug"])
    program.ask()
    (program.folder / "data.sqlite").write_text("x")
    (program.folder / "output.log").write_text("y")
    time.sleep(0.6)
    # Not "no change at all": the folder of an editable costrel is watched as well.
    assert "data.sqlite" not in program.said()
    assert "output.log" not in program.said()


def test_a_child_does_not_outlive_its_supervisor(start):
    program = start(*WAYS["app.run debug"])
    program.ask()
    port = program.port
    program.process.kill()
    program.process.wait(10)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.05)
    raise AssertionError("the port is still served")


@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_a_taken_port_is_one_line_without_a_traceback(start, debug):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        program = start(COSTREL, "--app", "hello", "run", "--port", port, *debug)
        assert program.process.wait(15) == 1
    assert re.fullmatch(
        rf"Cannot start: 127\.0\.0\.1 port {port} is already in use .*\n", program.said()
    )


@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_an_application_that_is_not_found_is_a_usage_error(start, debug):
    program = start(COSTREL, "--app", "nowhere", "run", "--port", "0", *debug)
    assert program.process.wait(15) == 2
    assert "no module 'nowhere'" in program.said()
    assert "Traceback" not in program.said()


def test_a_running_stream_does_not_keep_the_server_from_stopping(start):
    program = start(*WAYS["app.run"])
    source = program.folder / "hello.py"
    program.stop(signal.SIGTERM)
    endless = "import time\n" + PROGRAM.replace(
        "range(3)", "iter(lambda: time.sleep(0.01) or 1, None)"
    )
    source.write_text(endless)
    program = start(*WAYS["app.run"])
    with socket.create_connection(("127.0.0.1", program.port), timeout=10) as client:
        client.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(15) == b"HTTP/1.1 200 OK"
        assert program.stop(signal.SIGTERM) == 0


def test_bad_bytes_are_refused_and_the_server_lives_on(start):
    program = start(*WAYS["app.run"])
    for raw in (
        b"GET /\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"GET /\x1b[31m HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", program.port), timeout=10) as client:
            client.sendall(raw)
            answer = client.recv(100)
        assert answer == b"" or re.match(rb"HTTP/1\.1 (4\d\d|501|505) ", answer), raw
    assert program.ask() == (200, "first")
    assert "\x1b" not in program.said()
    assert "Traceback" not in program.said()


def test_a_client_that_has_said_all_still_gets_its_answer(start):
    program = start(*WAYS["app.run"])
    with socket.create_connection(("127.0.0.1", program.port), timeout=10) as client:
        client.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := client.recv(1000):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b"0\r\n\r\n")


def test_no_request_is_refused_or_cut_off_through_three_restarts(start):
    program = start(*WAYS["app.run debug"])
    source = program.folder / "hello.py"
    port = program.port
    answers, failures, stop = {program.ask()}, [], threading.Event()

    def ask_again_and_again():
        while not stop.wait(0.02):
            try:
                answers.add(program.ask(port=port))
            except OSError as error:
                failures.append(repr(error))

    client = threading.Thread(target=ask_again_and_again)
    client.start()
    try:
        for number in range(3):
            source.write_text(PROGRAM.replace('"first"', f'"change {number}"'))
            deadline = time.monotonic() + 15
            while (200, f"change {number}") not in answers and time.monotonic() < deadline:
                time.sleep(0.02)
    finally:
        stop.set()
        client.join(20)
    assert failures == []
    assert answers == {(200, "first"), *((200, f"change {number}") for number in range(3))}


def test_the_certificate_made_on_the_spot_stays_over_restarts(start):
    pytest.importorskip("cryptography")
    command = [COSTREL, "--app", "hello", "run", "--port", "0", "--debug", "--cert", "adhoc"]
    program = start(*command)
    address = ("127.0.0.1", program.port)
    before = ssl.get_server_certificate(address, timeout=15)
    source = program.folder / "hello.py"
    source.write_text("def broken(:\n")
    program.wait_for("Save a file to start it anew")
    assert ssl.get_server_certificate(address, timeout=15) == before
    source.write_text(PROGRAM)
    assert ssl.get_server_certificate(address, timeout=15) == before


def test_middleware_around_wsgi_app_is_run(start):
    program = start(sys.executable, "-c", "pass")
    (program.folder / "hello.py").write_text(
        PROGRAM.replace(
            "if __name__",
            "def shout(environ, start_response, inner=app.wsgi_app):\n"
            "    return [part.upper() for part in inner(environ, start_response)]\n"
            "app.wsgi_app = shout\n"
            "if __name__",
        )
    )
    for way in ("app.run", "app.run debug"):
        assert start(*WAYS[way]).ask() == (200, "FIRST")


def test_a_start_up_that_fails_is_a_failure_of_the_program_not_a_restart(start):
    program = start(sys.executable, "-c", "pass")
    (program.folder / "hello.py").write_text(
        PROGRAM.replace(
            "if __name__",
            "@app.before_serving\ndef connect():\n    raise OSError('no database')\nif __name__",
        )
    )
    program = start(*WAYS["app.run debug"])
    program.wait_for(r"exit code 1")
    assert "no database" in program.ask(headers={"Accept": "application/json"})[1]
    assert program.said().count("exit code") == 1


def test_on_all_addresses_the_debugger_stays_closed_to_others(start):
    program = start(sys.executable, "-c", "pass")
    (program.folder / "hello.py").write_text(PROGRAM.replace("port=0", "port=0, host='0.0.0.0'"))
    program = start(*WAYS["app.run debug"])
    port, said = program.port, program.said()
    assert said.count("WARNING: listening on all addresses") == 1
    near = program.ask("/crash", headers={"Accept": "text/html"})[1]
    others = [
        {"Accept": "text/html", "Host": "evil.test"},
        {"Accept": "text/html", "X-Forwarded-For": "192.0.2.1"},
    ]
    assert 'class="console"' in near
    for headers in others:
        status, page = program.ask("/crash", headers=headers)
        assert status == 500
        assert 'class="console"' not in page
    found = re.search(r"Running on http://(?!127\.)([\d.]+):", said)
    if found:
        # By its address in the network this machine itself is one of the others.
        client = http.client.HTTPConnection(found[1], port, timeout=15)
        client.request("GET", "/crash", headers={"Accept": "text/html"})
        page = client.getresponse().read().decode()
        client.close()
        assert 'class="console"' not in page


def test_a_body_that_is_too_large_is_told_of_and_not_cut_off(start):
    program = start(sys.executable, "-c", "pass")
    limited = "app = Flask(__name__)\napp.config['MAX_CONTENT_LENGTH'] = 1000"
    (program.folder / "hello.py").write_text(PROGRAM.replace("app = Flask(__name__)", limited))
    program = start(*WAYS["app.run"])
    for size in (1001, 5_000_000):
        assert program.ask("/length", "POST", b"x" * size)[0] == 413
