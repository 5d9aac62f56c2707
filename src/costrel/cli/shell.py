"""The command `shell`: a Python console inside the application's context."""

from __future__ import annotations

import code
import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from costrel.cli.groups import with_appcontext
from costrel.serve.current import CURRENT


def make_shell_context(app: Any) -> dict[str, Any]:
    """The names that a shell starts with: ``app``, ``g`` and what the context processors give."""
    names = {"app": app, "g": import_module("costrel.shortcuts.globals").g}
    for processor in app.shell_context_processors:
        names.update(processor())
    return names


@click.command("shell", short_help="Run a Python shell inside the application.")
@with_appcontext
def shell_command() -> None:
    """Run a Python shell inside the context of the application.

    The names it starts with are those of app.make_shell_context(): the application as `app`, `g`,
    and what shell context processors add.
    """
    app = CURRENT.get().app
    names: dict[str, Any] = {}
    # As Python's own console does; it is how one's helpers come along.
    startup = os.environ.get("PYTHONSTARTUP")
    if startup and Path(startup).is_file():
        source = Path(startup).read_text(encoding="utf-8")
        exec(compile(source, startup, "exec"), names)  # noqa: S102  # the user's own file
    names.update(app.make_shell_context())
    _complete_in(names)
    code.interact(
        banner=(
            f"Python {sys.version} on {sys.platform}\n"
            f"App: {app.import_name}\nInstance: {app.instance_path}"
        ),
        local=names,
    )


def _complete_in(names: dict[str, Any]) -> None:
    """Have Tab complete these names, and bring history along, where a terminal can do it."""
    interactive_hook = getattr(sys, "__interactivehook__", None)
    if interactive_hook is None:
        return
    with suppress(ImportError):
        # Not on every system, and only a shell wants them.
        import readline  # noqa: PLC0415
        from rlcompleter import Completer  # noqa: PLC0415

        readline.set_completer(Completer(names).complete)
    interactive_hook()
