"""A runner runs an app's commands, which find that very app."""

import sys
from types import ModuleType, SimpleNamespace

import click
import pytest

from costrel.testing.cli_runner import SCRIPT_INFO, FlaskCliRunner, open_runner


class ScriptInfo:
    """Stands for the command line's own, which is not this room's to test."""

    def __init__(self, create_app):
        self.load_app = create_app


@pytest.fixture
def app(monkeypatch):
    module = ModuleType(SCRIPT_INFO)
    module.ScriptInfo = ScriptInfo
    monkeypatch.setitem(sys.modules, SCRIPT_INFO, module)

    @click.group()
    def cli():
        pass

    @cli.command()
    @click.pass_obj
    def whoami(info):
        click.echo(info.load_app().name)

    return SimpleNamespace(name="the app", cli=cli, whoami=whoami, test_cli_runner_class=None)


def test_a_command_is_run_by_name_or_by_itself(app):
    runner = open_runner(app)
    assert type(runner) is FlaskCliRunner
    assert runner.invoke(args=["whoami"]).output == "the app\n"
    assert runner.invoke(app.whoami).output == "the app\n"


def test_an_object_given_by_hand_is_passed_on(app):
    other = ScriptInfo(lambda: SimpleNamespace(name="another"))
    assert open_runner(app).invoke(app.whoami, obj=other).output == "another\n"


def test_the_app_chooses_the_class_and_the_caller_its_options(app):
    class Mine(FlaskCliRunner):
        pass

    app.test_cli_runner_class = Mine
    runner = open_runner(app, env={"A": "b"})
    assert (type(runner), runner.env) == (Mine, {"A": "b"})
