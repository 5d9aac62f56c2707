import os
import subprocess
import sys

import pytest

from costrel.devserver import startup_errors
from costrel.devserver.startup_errors import STDERR_MARK, StderrCopy, end_startup

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs inherited pipes")


def test_what_a_program_says_is_kept_and_shown(capfd):
    copy = StderrCopy()
    command = [sys.executable, "-c", "import sys; sys.exit('no licence')"]
    process = subprocess.Popen(command, stderr=copy.writer)
    copy.child_has_it()
    assert process.wait(20) == 1
    assert copy.text() == "no licence\n"
    assert capfd.readouterr().err == "no licence\n"


def test_only_the_last_of_much_is_kept(capfd, monkeypatch):
    monkeypatch.setattr(startup_errors, "MOST_KEPT", 10)
    copy = StderrCopy()
    os.write(copy.writer, b"x" * 5000 + b"the end.")
    copy.child_has_it()
    assert copy.text() == "xxthe end."


def test_a_program_that_serves_has_the_terminal_itself(tmp_path):
    code = (
        "import os, sys\n"
        "from costrel.devserver.startup_errors import end_startup\n"
        "print('before', file=sys.stderr)\n"
        "end_startup()\n"
        "print('after', file=sys.stderr)\n"
        f"assert {STDERR_MARK!r} not in os.environ\n"
    )
    with (tmp_path / "terminal").open("wb") as terminal:
        number = terminal.fileno()
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, STDERR_MARK: str(number)},
            pass_fds=[number],
            stderr=subprocess.PIPE,
            timeout=30,
            check=True,
        )
    assert done.stderr == b"before\n"
    assert (tmp_path / "terminal").read_bytes() == b"after\n"


def test_nothing_happens_in_a_program_that_is_no_child(monkeypatch):
    monkeypatch.delenv(STDERR_MARK, raising=False)
    end_startup()
    monkeypatch.setenv(STDERR_MARK, "9999")
    end_startup()
    assert STDERR_MARK not in os.environ
