"""FlaskCliRunner: run an app's commands in isolation and look at what they print."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner, Result

if TYPE_CHECKING:
    from costrel.app import Flask

SCRIPT_INFO = "costrel.cli.locate"


class FlaskCliRunner(CliRunner):
    """A click CliRunner for the commands of `app`; `kwargs` are those of CliRunner."""

    def __init__(self, app: Flask, **kwargs: Any) -> None:
        self.app = app
        super().__init__(**kwargs)

    def invoke(self, cli: Any = None, args: Any = None, **kwargs: Any) -> Result:  # type: ignore[override]  # click wants a command here
        """Run a command (default: `app.cli`) with `args`; its `obj` finds this app."""
        if cli is None:
            cli = self.app.cli
        if "obj" not in kwargs:
            # The command line stands above this room, so it is opened here as a door is.
            script_info = import_module(SCRIPT_INFO).ScriptInfo
            kwargs["obj"] = script_info(create_app=lambda: self.app)
        return super().invoke(cli, args, **kwargs)


def open_runner(app: Flask, **kwargs: Any) -> FlaskCliRunner:
    """Make a runner for `app` (`app.test_cli_runner()`), of its `test_cli_runner_class` if any."""
    make = app.test_cli_runner_class or FlaskCliRunner
    runner: FlaskCliRunner = make(app, **kwargs)
    return runner
