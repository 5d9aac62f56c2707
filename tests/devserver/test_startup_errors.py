import importlib
import os
import subprocess
import sys

import pytest

from costrel.devserver import startup_errors
from costrel.devserver.startup_errors import (
    FINDINGS_MARK,
    STDERR_MARK,
    FindingsPipe,
    StderrCopy,
    end_startup,
    fail_start,
    traceback_from_yours,
)

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


def load(tmp_path, monkeypatch, text):
    """Import a module that fails; the error."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "fails_at_start.py").write_text(text)
    with pytest.raises((Exception, SyntaxError)) as caught:
        importlib.import_module("fails_at_start")
    return caught.value


def test_a_traceback_begins_with_the_programs_own_first_step(tmp_path, monkeypatch):
    from costrel.devserver import startup_errors

    monkeypatch.setattr(startup_errors, "is_yours", lambda file: "fails_at_start" in file)
    error = load(tmp_path, monkeypatch, "import json\njson.loads('{')\n")
    lines = traceback_from_yours(error).splitlines()
    assert "fails_at_start.py" in lines[1]
    assert "decoder" in "".join(lines[2:])
    error = load(tmp_path, monkeypatch, "x = (\n")
    assert traceback_from_yours(error).lstrip().startswith("File")


def test_a_program_that_fails_hands_its_findings_to_its_supervisor(tmp_path, monkeypatch, capsys):
    pipe = FindingsPipe()
    assert pipe.take() == []
    monkeypatch.setenv(FINDINGS_MARK, str(pipe.writer))
    text = 'from costrel import Flask\napp = Flask("x")\napp.config["NAMEE"]\n'
    error = load(tmp_path, monkeypatch, text)
    with pytest.raises(SystemExit, match="1"):
        fail_start(error)
    assert [finding.code for finding in pipe.take()] == ["CST717"]
    assert pipe.take() == []
    assert "CST717" not in capsys.readouterr().err
    for number in (pipe.reader, pipe.writer):
        os.close(number)


def test_a_program_without_a_supervisor_tells_its_findings_below_the_traceback(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.delenv(FINDINGS_MARK, raising=False)
    text = "from costrel import Flask\nFlask('x').route('/', method=['POST'])(print)\n"
    with pytest.raises(SystemExit):
        fail_start(load(tmp_path, monkeypatch, text))
    said = capsys.readouterr().err
    assert said.index("Traceback") < said.index("CST217") < said.index("The option is methods")
