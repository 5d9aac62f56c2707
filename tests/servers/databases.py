"""A real Redis and a real PostgreSQL, on free ports of loopback, stopped by their process ids.

Its law: nothing waits without a bound, and nothing is left running.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from processes import free_port

START_WITHIN = 60.0
STOP_WITHIN = 15.0
USER = "postgres"  # PostgreSQL refuses to run as root.


def postgresql_command(name):
    """A command of PostgreSQL, which Debian keeps out of PATH; `None` where it is not there."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def has_redis():
    return shutil.which("redis-server") is not None


def has_postgresql():
    return postgresql_command("postgres") is not None


@contextmanager
def redis_server():
    """Start a server that keeps nothing; its URL."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", folder]
        with running(command, port):
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def postgresql_server():
    """Start a server with a fresh cluster; the URL of its database."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        options = {}
        if os.geteuid() == 0:
            import pwd  # not everywhere there is one

            user = pwd.getpwnam(USER)
            os.chown(folder, user.pw_uid, user.pw_gid)
            options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        data = f"{folder}/data"
        command = [postgresql_command("initdb"), "-D", data, "-U", "tester", "--auth=trust"]
        command += ["--no-sync", "--no-locale", "--encoding=UTF8"]
        subprocess.run(
            command, cwd=folder, check=True, timeout=START_WITHIN, capture_output=True, **options
        )
        command = [postgresql_command("postgres"), "-D", data, "-p", str(port), "-k", folder]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        with running(command, port, cwd=folder, **options):
            yield f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"


@contextmanager
def running(command, port, **options):
    """Run a server until it is done with."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )
    try:
        wait_for(process, port)
        yield
    finally:
        # Of PostgreSQL an interrupt ends the clients' connections as well.
        process.send_signal(2)
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_WITHIN)


def wait_for(process, port):
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline:
        assert process.poll() is None, f"{process.args[0]} ended with {process.returncode}"
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"{process.args[0]} did not listen in time")
