import code
import os
import sys

import pytest

from costrel import Flask, g
from costrel.cli.command import FlaskGroup
from costrel.cli.shell import make_shell_context


@pytest.fixture
def app():
    app = Flask("shelled")

    @app.shell_context_processor
    def add():
        return {"answer": 42}

    return app


def test_a_shell_has_the_app_g_and_what_processors_add(app):
    assert make_shell_context(app) == {"app": app, "g": g, "answer": 42}
    assert app.make_shell_context()["answer"] == 42


def test_the_shell_runs_inside_the_app_with_the_startup_file(app, runner, write, monkeypatch):
    seen = {}
    monkeypatch.setattr(code, "interact", lambda **options: seen.update(options))
    os.environ["PYTHONSTARTUP"] = str(write("startup.py", "brought = 'along'\n"))
    result = runner.invoke(FlaskGroup(create_app=lambda: app), ["shell"])
    assert result.exit_code == 0, result.output
    assert seen["local"]["app"] is app
    assert seen["local"]["brought"] == "along"
    assert "App: shelled" in seen["banner"]


def test_the_consoles_own_hook_is_called_where_there_is_one(app, runner, monkeypatch):
    called = []
    monkeypatch.setattr(code, "interact", lambda **options: None)
    monkeypatch.setattr(sys, "__interactivehook__", lambda: called.append(1), raising=False)
    runner.invoke(FlaskGroup(create_app=lambda: app), ["shell"])
    monkeypatch.delattr(sys, "__interactivehook__")
    runner.invoke(FlaskGroup(create_app=lambda: app), ["shell"])
    assert called == [1]
