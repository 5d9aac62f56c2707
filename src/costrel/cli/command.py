"""The command `costrel`: the built-in commands, those of plug-ins, and the application's own."""

from __future__ import annotations

import importlib.metadata
import os
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any

import click

from costrel.app import Flask
from costrel.cli.check import check_command
from costrel.cli.dotenv import adopt_own_variables, load_dotenv
from costrel.cli.explain import explain_command
from costrel.cli.groups import AppGroup, enter_app_context
from costrel.cli.list_routes import routes_command
from costrel.cli.locate import NoAppException, ScriptInfo
from costrel.cli.run import debug_option, run_command
from costrel.cli.serve import serve_command
from costrel.cli.shell import shell_command
from costrel.cli.version import version_option
from costrel.devserver.banner import say
from costrel.devserver.supervisor import is_running_from_reloader
from costrel.parts.environment import get_load_dotenv

# Where packages announce commands of theirs; the first name is for Flask's extensions.
PLUGIN_GROUPS = ("flask.commands", "costrel.commands")
BUILT_IN = (run_command, shell_command, routes_command)
# Of the program `costrel` only: other command lines are as Flask has them.
OWN = (serve_command, check_command, explain_command)


def _set_app(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        ctx.ensure_object(ScriptInfo).app_import_path = value
    return value


def _load_env_file(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    defaults = get_load_dotenv(ctx.ensure_object(ScriptInfo).load_dotenv_defaults)
    if value is not None or defaults:
        load_dotenv(value, load_defaults=defaults)
    return value


def _make_options() -> list[click.Parameter]:
    """The options of a group that come before the command; the first ones are read first."""
    return [
        click.Option(
            ["-e", "--env-file"],
            type=click.Path(exists=True, dir_okay=False),
            help="Set the environment variables in this file; it wins over .env and .flaskenv, "
            "and what is set already over all three. Takes python-dotenv.",
            is_eager=True,
            expose_value=False,
            callback=_load_env_file,
        ),
        click.Option(
            ["-A", "--app"],
            metavar="IMPORT",
            help="The application: 'module', 'module:name' or 'module:factory(arguments)'. The "
            "module is a dotted name or a file; the name may be left out if it is app, "
            "application, create_app or make_app.",
            is_eager=True,
            expose_value=False,
            callback=_set_app,
        ),
        debug_option,
    ]


class FlaskGroup(AppGroup):
    """A group that knows an application: it loads the app's commands beside its own.

    :param add_default_commands: have ``run``, ``shell`` and ``routes``.
    :param create_app: what makes the application; else it is found by ``--app``.
    :param add_version_option: have ``--version``.
    :param load_dotenv: read ``.env`` and ``.flaskenv``.
    :param set_debug_flag: set the application's debug flag by the environment.
    :param extra: as for ``click.Group``.
    """

    def __init__(
        self,
        add_default_commands: bool = True,
        create_app: Callable[..., Flask] | None = None,
        add_version_option: bool = True,
        load_dotenv: bool = True,
        set_debug_flag: bool = True,
        **extra: Any,
    ) -> None:
        params = [*(extra.pop("params", None) or ()), *_make_options()]
        if add_version_option:
            params.append(version_option)
        extra.setdefault("context_settings", {}).setdefault("auto_envvar_prefix", "FLASK")
        super().__init__(params=params, **extra)
        self.create_app = create_app
        self.load_dotenv = load_dotenv
        self.set_debug_flag = set_debug_flag
        if add_default_commands:
            for command in BUILT_IN:
                self.add_command(command)

    @cached_property
    def plugins(self) -> dict[str, importlib.metadata.EntryPoint]:
        """The commands of installed packages, by name, not yet imported."""
        return {
            entry.name: entry
            for group in PLUGIN_GROUPS
            for entry in importlib.metadata.entry_points(group=group)
        }

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Prepare the environment and the context that all commands share."""
        # An app.run() in the application's module must not serve while it is imported.
        os.environ["FLASK_RUN_FROM_CLI"] = "true"
        adopt_own_variables()
        if "obj" not in extra and "obj" not in self.context_settings:
            extra["obj"] = ScriptInfo(
                create_app=self.create_app,
                set_debug_flag=self.set_debug_flag,
                load_dotenv_defaults=self.load_dotenv,
            )
        return super().make_context(info_name, args, parent=parent, **extra)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help, with the commands of the application that the environment names."""
        # --help is read before the options that say where the application is.
        info = ctx.ensure_object(ScriptInfo)
        if info.app_import_path is None:
            for option in self.params:
                if option.name in {"env_file", "app"}:
                    option.handle_parse_result(ctx, {}, [])
        super().format_help(ctx, formatter)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Find a command: a built-in one, a plug-in's, or the application's."""
        command = super().get_command(ctx, name)
        if command is check_command:
            # It loads the application anyway; one of that name in there is meant.
            with suppress(NoAppException):
                return (
                    ctx.ensure_object(ScriptInfo).load_app().cli.get_command(ctx, name) or command
                )
        if command is None and name in self.plugins:
            command = self.plugins[name].load()
        if command is not None:
            return command
        try:
            found: click.Command | None = (
                ctx.ensure_object(ScriptInfo).load_app().cli.get_command(ctx, name)
            )
        except NoAppException as error:
            # The command may be misspelled, or the application's: this tells why not the latter.
            _warn(f"Error: {error.format_message()}\n")
            return None
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command to run; one of the application's is run inside it from the start."""
        # Not in get_command: the help asks that for each command, and never leaves a context.
        name, command, rest = super().resolve_command(ctx, args)
        is_built_in = command in self.commands.values()
        if command is not None and not is_built_in and name not in self.plugins:
            enter_app_context(ctx, ctx.ensure_object(ScriptInfo).load_app())
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an option of this group's that stands behind it is told its place."""
        args = list(ctx.args)
        try:
            return super().invoke(ctx)
        except click.NoSuchOption as error:
            option = error.option_name
            if error.ctx is None or not any(option in known.opts for known in self.params):
                raise
            place = f"{ctx.command_path} {option} {_value_of(option, args)}".rstrip()
            says = f"The option {option} stands before the command: {place} {error.ctx.info_name}"
            raise click.NoSuchOption(option, says, ctx=error.ctx) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands; an application that cannot be loaded leaves its own out."""
        names = {*super().list_commands(ctx), *self.plugins}
        try:
            names.update(ctx.ensure_object(ScriptInfo).load_app().cli.list_commands(ctx))
        except NoAppException as error:
            _warn(f"Error: {error.format_message()}\n")
        except Exception:
            _warn(f"{traceback.format_exc()}\n")
        return sorted(names)


def _value_of(option: str, args: list[str]) -> str:
    """What was given for an option; empty where nothing was."""
    for position, arg in enumerate(args):
        if arg == option:
            return "".join(args[position + 1 : position + 2])
        if arg.startswith(f"{option}="):
            return arg.partition("=")[2]
    return ""


def _warn(text: str) -> None:
    click.secho(text, err=True, fg="red")


def show_server_banner(debug: bool, app_import_path: str | None) -> None:
    """Say what is served, for programs that start a server by themselves."""
    if not is_running_from_reloader():
        served = f" {app_import_path!r}" if app_import_path else ""
        say(f" * Serving{served} for development, debug {'on' if debug else 'off'}")


cli = FlaskGroup(
    name="costrel",
    help="""Run and look into a costrel or Flask application.

The application is named with --app, with COSTREL_APP or FLASK_APP in the environment, or it is
in wsgi.py or app.py in the current folder.""",
)
for own in OWN:
    cli.add_command(own)


def main() -> None:
    """Run the command line."""
    cli.main()


if __name__ == "__main__":
    main()
