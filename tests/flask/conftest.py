"""Programs written for Flask, run on costrel in processes of their own."""

import os
import subprocess
import sys
from textwrap import dedent

import pytest


@pytest.fixture(autouse=True)
def of_kept_bytecode(kept_bytecode):
    """There are fifty such processes."""


@pytest.fixture
def run(tmp_path):
    """What runs a program and returns what it printed, line by line."""

    def run_program(program, *arguments, **variables):
        path = tmp_path / "program.py"
        path.write_text(dedent(program))
        kept = {key: value for key, value in os.environ.items() if key != "COSTREL_FLASK"}
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "costrel.flask", str(path), *arguments],
            env={**kept, **variables},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run_program
