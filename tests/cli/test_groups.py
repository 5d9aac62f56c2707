import click
import pytest

from costrel import Blueprint, Flask, current_app
from costrel.cli.groups import AppGroup, app_group, pass_script_info, with_appcontext
from costrel.cli.locate import ScriptInfo


@pytest.fixture
def info():
    return ScriptInfo(create_app=lambda: Flask("shown"))


@click.group(cls=AppGroup)
def cli():
    pass


@cli.command()
def show():
    click.echo(current_app.name)


@cli.command(with_appcontext=False)
def bare():
    click.echo(bool(current_app))


@cli.group()
def inner():
    pass


@inner.command("show")
def inner_show():
    click.echo(current_app.name)


@pytest.mark.parametrize("args", [["show"], ["inner", "show"]])
def test_commands_of_a_group_run_inside_the_app(runner, info, args):
    assert runner.invoke(cli, args, obj=info).output == "shown\n"


def test_a_command_may_do_without(runner, info):
    assert runner.invoke(cli, ["bare"], obj=info).output == "False\n"


def test_a_command_of_its_own_runs_inside_the_app(runner, info):
    @click.command()
    @click.argument("word")
    @with_appcontext
    def say(word):
        """Says."""
        click.echo(f"{current_app.name} {word}")

    assert say.help == "Says."
    assert runner.invoke(say, ["hi"], obj=info).output == "shown hi\n"


def test_a_context_that_is_there_is_kept(runner, info):
    with Flask("outer").app_context():
        assert runner.invoke(cli, ["show"], obj=info).output == "outer\n"


def test_the_script_is_passed_and_made_where_there_is_none(runner):
    @click.command()
    @pass_script_info
    def show_script(script):
        click.echo(type(script).__name__)

    assert runner.invoke(show_script).output == "ScriptInfo\n"


def test_the_group_of_an_app_or_blueprint_has_its_name():
    assert app_group(Flask("hello")).name == "hello"
    assert Flask("hello").cli.name == "hello"
    assert Blueprint("admin", __name__).cli.name == "admin"
    app = Flask("hello")
    assert app.cli is app.cli
