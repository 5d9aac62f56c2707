"""granian, with one worker on one core, serving a peer's main app on a free port of loopback."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

HERE = Path(__file__).parent
# One thread runs the app in each protocol: under WSGI the one that may block, else the loop's.
OPTIONS = {
    "wsgi": ["--blocking-threads=1"],
    "asgi": ["--loop=uvloop"],
    "rsgi": ["--loop=uvloop"],
}
START, STOP = 30, 10  # seconds


def free_port():
    """Return a port of loopback on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class GranianServer:
    """A context: the server of a peer, up within it.

    :param peer: a file of peers/.
    :param protocol: by which granian calls it: wsgi, asgi or rsgi.
    :param core: the number of the core to which all of its threads are bound.
    """

    def __init__(self, peer, protocol, core):
        self.peer, self.protocol, self.core = peer, protocol, core
        self.port = free_port()
        self.workers = []

    def __enter__(self):
        self.log = tempfile.TemporaryFile("w+")
        command = [sys.executable, "-m", "granian", f"--interface={self.protocol}", "--workers=1"]
        command += ["--host=127.0.0.1", f"--port={self.port}", "--http=1", "--no-ws"]
        command += ["--log-level=warning", *OPTIONS[self.protocol], "served:app"]
        here = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self.core})
        try:
            self.process = subprocess.Popen(
                command,
                cwd=HERE,
                env={**os.environ, "PEER": self.peer, "PYTHONHASHSEED": "0"},
                stdout=self.log,
                stderr=self.log,
                start_new_session=True,
            )
        finally:
            os.sched_setaffinity(0, here)
        try:
            self.wait_until_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_until_up(self):
        """Wait until the worker answers, and note which process it is."""
        end = time.monotonic() + START
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(OSError, HTTPException):
                self.ask("/")
                self.workers = children_of(self.process.pid)
                return
            time.sleep(0.05)
        self.log.seek(0)
        raise RuntimeError(f"granian did not start with {self.peer}: {self.log.read()[-2000:]}")

    def ask(self, target):
        """Return status code, headers and body of one answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", target)
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, headers, answer.read()
        finally:
            connection.close()

    def cpu_seconds(self):
        """Return the CPU time of the worker so far, all its threads, to the nanosecond."""
        return sum(cpu_seconds_of(pid) for pid in self.workers)

    def __exit__(self, *failure):
        workers = self.workers or children_of(self.process.pid)
        self.process.terminate()
        try:
            self.process.wait(STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP)
        for pid in workers:
            with suppress(ProcessLookupError):
                # Only what is still of this server's session: a pid may have a new owner.
                if os.getsid(pid) == self.process.pid:
                    os.kill(pid, signal.SIGKILL)
        self.log.close()


def children_of(pid):
    """Return the processes that a process has started."""
    try:
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except FileNotFoundError:
        return []


def cpu_seconds_of(pid):
    """Return the CPU time of a process, by its clock: /proc/PID/stat has it to 10 ms only."""
    # Linux makes the number of a process's clock of its inverted pid; 2 is the scheduler's count.
    return time.clock_gettime((~pid << 3) | 2)
