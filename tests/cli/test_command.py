import os
import subprocess
import sys
from importlib import metadata

import click
import pytest

from costrel import Blueprint, Flask, current_app
from costrel.cli import command
from costrel.cli.command import FlaskGroup, cli, main, show_server_banner


@pytest.fixture
def app():
    app = Flask("grouped")

    @app.cli.command()
    def own():
        """The app's own."""
        click.echo(current_app.name)

    return app


@pytest.fixture
def group(app):
    return FlaskGroup(create_app=lambda: app)


def test_an_apps_own_commands_are_found_and_run_inside_it(runner, group):
    assert runner.invoke(group, ["own"]).output == "grouped\n"


def test_the_help_lists_built_in_and_own_commands(runner, group):
    output = runner.invoke(group, ["--help"]).output
    for name in ("run", "shell", "routes", "own"):
        assert f"  {name} " in output


def test_the_help_lists_the_commands_of_the_app_that_the_environment_names(runner, write):
    write(
        "seen.py",
        "from costrel import Flask\napp = Flask('seen')\n\n"
        "@app.cli.command('of-seen')\ndef of_seen():\n    pass\n",
    )
    os.environ["COSTREL_APP"] = "seen"
    assert "of-seen" in runner.invoke(cli, ["--help"]).output
    assert "of-seen" in runner.invoke(cli, []).output
    del os.environ["COSTREL_APP"]
    del os.environ["FLASK_APP"]
    assert "of-seen" in runner.invoke(cli, ["--app", "seen", "--help"]).output


def test_without_an_app_the_help_is_there_and_the_reason(runner):
    result = runner.invoke(cli, ["--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.stdout
    assert "No application was found" in result.stderr


def test_an_app_that_fails_to_load_leaves_the_help_and_shows_its_traceback(runner):
    def create_app():
        raise RuntimeError("no luck")

    result = runner.invoke(FlaskGroup(create_app=create_app), ["--help"])
    assert result.exit_code == 0
    assert "RuntimeError: no luck" in result.stderr


def test_an_unknown_command_says_why_the_app_could_not_be_asked(runner):
    result = runner.invoke(cli, ["frobnicate"])
    assert result.exit_code == 2
    assert "FLASK_APP" in result.stderr
    assert "No such command 'frobnicate'" in result.stderr


def test_a_wrong_app_is_one_clear_error(runner):
    result = runner.invoke(cli, ["--app", "gone", "routes"])
    assert result.exit_code == 2
    assert "There is no module 'gone'" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(("option", "expected"), [("--debug", "True"), ("--no-debug", "False")])
def test_the_debug_option_sets_the_app(runner, app, option, expected):
    @app.cli.command()
    def debugging():
        click.echo(current_app.debug)

    os.environ["FLASK_DEBUG"] = "1"
    group = FlaskGroup(create_app=lambda: app)
    assert runner.invoke(group, [option, "debugging"]).output == f"{expected}\n"


def test_an_env_file_is_read_first(runner, write):
    pytest.importorskip("dotenv")
    write("fromfile.py", "from costrel import Flask\napp = Flask('fromfile')\n")
    file = write("mine.env", "FLASK_APP=fromfile\n")
    result = runner.invoke(cli, ["-e", str(file), "routes"])
    assert result.exit_code == 0
    assert "static" in result.output


def test_env_files_are_skipped_on_demand(runner, write):
    write(".env", "A_ONE=1\n")
    os.environ["FLASK_SKIP_DOTENV"] = "1"
    runner.invoke(cli, ["--help"])
    assert "A_ONE" not in os.environ


def test_options_of_commands_have_variables(runner, app, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "costrel.devserver.simple.run_simple", lambda *args, **kw: seen.append(args)
    )
    os.environ["COSTREL_RUN_PORT"] = "8099"
    runner.invoke(FlaskGroup(create_app=lambda: app), ["run"])
    assert seen[0][1] == 8099


def test_a_program_can_see_that_the_command_line_runs_it(runner, group):
    runner.invoke(group, ["own"])
    assert os.environ["FLASK_RUN_FROM_CLI"] == "true"


def test_plug_ins_are_imported_when_they_are_called(runner, monkeypatch):
    loaded = []

    class Entry:
        name = "plugged"

        def load(self):
            loaded.append(self)
            return click.Command("plugged", callback=lambda: click.echo("from outside"))

    found = {"flask.commands": [Entry()]}
    monkeypatch.setattr(metadata, "entry_points", lambda group: found.get(group, []))
    group = FlaskGroup(create_app=lambda: Flask("x"))
    assert runner.invoke(group, ["routes"]).exit_code == 0
    assert loaded == []
    assert runner.invoke(group, ["plugged"]).output == "from outside\n"
    assert "plugged" in runner.invoke(group, ["--help"]).output


def test_a_group_may_do_without_the_built_in_commands(runner):
    group = FlaskGroup(add_default_commands=False, add_version_option=False)
    assert list(group.commands) == []
    assert runner.invoke(group, ["--version"]).exit_code == 2


def test_a_group_inside_another_knows_its_app(runner, app):
    outer = click.Group("outer")
    outer.add_command(FlaskGroup(name="inner", create_app=lambda: app))
    assert runner.invoke(outer, ["inner", "own"]).output == "grouped\n"


def test_a_script_made_by_the_caller_is_used(runner, app):
    group = FlaskGroup()
    script = command.ScriptInfo(create_app=lambda: app)
    assert runner.invoke(group, ["own"], obj=script).output == "grouped\n"


def test_commands_of_blueprints_are_under_their_name_or_as_registered(runner):
    app = Flask("x")
    for name, group in {"one": "named", "two": None}.items():
        blueprint = Blueprint(name, __name__, cli_group=group)
        blueprint.cli.command(f"{name}-command")(lambda: click.echo("ran"))
        app.register_blueprint(blueprint)
    test_runner = app.test_cli_runner()
    assert test_runner.invoke(args=["named", "one-command"]).output == "ran\n"
    assert test_runner.invoke(args=["two-command"]).output == "ran\n"


def test_the_version_names_python_and_costrel(runner):
    output = runner.invoke(cli, ["--version"]).output
    assert output.startswith("Python 3.")
    assert f"costrel {metadata.version('costrel')}" in output


def test_main_is_the_command(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["costrel", "--version"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 0
    assert "costrel" in capsys.readouterr().out


def test_a_server_of_ones_own_may_say_what_it_serves(monkeypatch, capsys):
    monkeypatch.delenv("WERKZEUG_RUN_MAIN", raising=False)
    show_server_banner(True, "hello")
    assert "'hello'" in capsys.readouterr().err
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    show_server_banner(True, "hello")
    assert capsys.readouterr().err == ""


def test_a_command_of_the_apps_own_is_meant_before_ours(runner, write):
    write(
        "app.py",
        "import click\nfrom costrel import Flask\napp = Flask(__name__)\n"
        "@app.cli.command()\ndef check():\n    click.echo('mine')\n",
    )
    assert runner.invoke(cli, ["check"]).output == "mine\n"
    write("other.py", "from costrel import Flask\napp = Flask(__name__)\n")
    assert runner.invoke(cli, ["--app", "other", "check"]).output == "Nothing was found.\n"
    assert "no module 'nowhere'" in runner.invoke(cli, ["--app", "nowhere", "check"]).output


def test_other_command_lines_have_flasks_commands_only():
    assert set(FlaskGroup().commands) == {"run", "shell", "routes"}
    assert {"serve", "check"} < set(cli.commands)


def test_python_m_costrel_is_the_command(write):
    write("module_app.py", "from costrel import Flask\napp = Flask(__name__)\n")
    command = [sys.executable, "-m", "costrel", "--app", "module_app", "routes"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "/static/<path:filename>" in done.stdout


@pytest.mark.parametrize(
    "args", [["--app", "hello"], ["--app=hello"], ["-p", "80", "--app", "hello"]]
)
def test_an_option_behind_the_command_that_belongs_before_it_is_told_its_place(runner, args):
    done = runner.invoke(cli, ["run", *args], prog_name="costrel")
    assert done.exit_code == 2
    assert "stands before the command: costrel --app hello run" in done.stderr
    assert "No such option" in runner.invoke(cli, ["run", "--nothing"]).stderr
