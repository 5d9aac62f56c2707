"""What a type checker says of programs that use public names alone."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy")

pytestmark = pytest.mark.slow  # mypy takes seconds

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "src"


def check(name, tmp_path):
    """Run `mypy --strict` over a program beside this file; return the lines it prints."""
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent"]
    command += ["--config-file=", f"--cache-dir={tmp_path}", "--no-error-summary", name]
    done = subprocess.run(
        command,
        cwd=HERE,
        env={"MYPYPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_a_strict_check_finds_nothing_in_a_program_that_is_right(tmp_path):
    assert check("right.py", tmp_path) == []


def test_a_strict_check_finds_the_mistakes_of_a_program(tmp_path):
    program = (HERE / "wrong.py").read_text().splitlines()
    marked = [
        (number, line.rpartition("# mypy: ")[2])
        for number, line in enumerate(program, 1)
        if "# mypy: " in line
    ]
    found = [line for line in check("wrong.py", tmp_path) if ": error: " in line]
    assert [(int(line.split(":")[1]), line.rpartition("[")[2][:-1]) for line in found] == marked
