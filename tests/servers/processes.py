"""Real servers in processes of their own: started on a free port, waited for, stopped by pid.

Its law: nothing waits without a bound, and nothing is left running.
"""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
START_WITHIN = 30.0
STOP_WITHIN = 15.0

# Both parts of a name in a Set-Cookie header that a client sends back.
COOKIE = re.compile(r"([^=;\s]+)=([^;]*)")


def command_of(name: str) -> str:
    """A command of this environment, whatever PATH says."""
    return str(Path(sysconfig.get_path("scripts")) / name)


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# How each server is told to serve `app` from ./app.py; {port} is filled in.
SERVERS = {
    "python app.py": [sys.executable, "app.py"],
    "costrel run": [command_of("costrel"), "--app", "app", "run", "--port", "{port}"],
    "gunicorn gthread": [
        *(sys.executable, "-m", "gunicorn", "-k", "gthread", "--threads", "4"),
        *("--graceful-timeout", "3", "-b", "127.0.0.1:{port}", "app:app"),
    ],
    "waitress": [sys.executable, "-m", "waitress", "--listen=127.0.0.1:{port}", "app:app"],
    "granian wsgi": [
        *(command_of("granian"), "--interface", "wsgi", "--blocking-threads", "4"),
        *("--host", "127.0.0.1", "--port", "{port}", "app:app"),
    ],
}


@dataclass
class Answer:
    """What came back: status, headers as a message, body as text."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Running:
    """A server that runs, and a client for it that keeps cookies."""

    process: subprocess.Popen
    port: int
    log: Path
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method, path, body=None, headers=None) -> Answer:
        """One request on a connection of its own."""
        headers = dict(headers or {})
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", ()):
            name, value = COOKIE.match(line).groups()
            self.cookies[name] = value
        return answer

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Ask it to stop; returns its exit code. Killed, and an error, when it does not."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            kill_group(self.process)
            raise AssertionError(
                f"{self.process.args} did not stop within {STOP_WITHIN} s:\n{self.said()}"
            ) from None

    def said(self) -> str:
        """What it wrote to its outputs so far; the last 100 lines of it."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-100:])


def kill_group(process: subprocess.Popen) -> None:
    """End a process and its children, which it leads as a group of its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait(STOP_WITHIN)


def start(command: list[str], folder: Path, scratch: Path, **environment: str) -> Running:
    """Start a server for the app in a folder, and wait until it answers.

    Where it is not installed, the test is skipped.
    """
    if not Path(command[0]).exists():
        pytest.skip(f"{Path(command[0]).name} is not installed")
    port = free_port()
    log = scratch / f"server-{port}.log"
    variables = {
        **os.environ,
        "PORT": str(port),
        "CHAT_DATABASE": str(scratch / "chat.sqlite"),
        "UPLOADS_FOLDER": str(scratch / "pictures"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **environment,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [part.format(port=port) for part in command],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    running = Running(process, port, log)
    try:
        wait_until_it_answers(running)
    except BaseException:
        kill_group(process)
        raise
    return running


def wait_until_it_answers(running: Running) -> None:
    """Until the port takes a connection and answers a request."""
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline:
        if running.process.poll() is not None:
            raise AssertionError(
                f"{running.process.args} ended with {running.process.returncode}:\n{running.said()}"
            )
        try:
            running.ask("GET", "/static/none")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(
        f"{running.process.args} did not answer within {START_WITHIN} s:\n{running.said()}"
    )
