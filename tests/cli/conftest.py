"""What every test of the command line needs: an environment and a path that are put back."""

import os
import sys

import pytest
from click.testing import CliRunner


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch, tmp_path):
    """An empty folder, no variables of Flask's, and modules and paths put back afterwards."""
    before = dict(os.environ)
    modules, path = dict(sys.modules), list(sys.path)
    for name in before:
        if name.startswith(("FLASK_", "COSTREL_")):
            del os.environ[name]
    monkeypatch.chdir(tmp_path)
    yield
    for name in set(sys.modules) - set(modules):
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(
            sys.modules[name].__file__
        ):
            del sys.modules[name]
    sys.path[:] = path
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def runner():
    return CliRunner()


@pytest.fixture
def write(tmp_path):
    """Write a module into the current folder."""

    def write(name, text):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write
