"""`app.run()`: the development server for one app."""

from __future__ import annotations

import os
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from costrel.devserver import simple
from costrel.devserver.banner import say
from costrel.devserver.supervisor import is_running_from_reloader
from costrel.parts.environment import get_debug_flag, get_load_dotenv

if TYPE_CHECKING:
    from costrel.app import Flask

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 5000
# The command line stands above this room, so it is opened here as a door is.
ENV_FILES = "costrel.cli.dotenv"

_SERVER_NAME = re.compile(r"(?P<host>\[[^]]*\]|[^:]*)(?::(?P<port>[0-9]+))?")


def run(
    app: Flask,
    host: str | None = None,
    port: int | None = None,
    debug: bool | None = None,
    load_dotenv: bool = True,
    **options: Any,
) -> None:
    """Serve the app for development until Ctrl-C or SIGTERM.

    :param host: the address to listen on; that of ``SERVER_NAME``, else this machine only.
    :param port: the port; that of ``SERVER_NAME``, else 5000, or where that is taken
        the next one. 0 takes one that is free.
    :param debug: sets ``app.debug``, which turns reloader and debugger on unless told otherwise.
    :param load_dotenv: read ``.env`` and ``.flaskenv`` first.
    :param options: those of ``run_simple``: ``use_reloader``, ``ssl_context``, ``threaded``, …
    :raises SystemExit: the port is taken, and was asked for.
    """
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        if not is_running_from_reloader():
            say(
                " * app.run() was ignored, as the command line serves this app already. Put it"
                ' under `if __name__ == "__main__":` to run the file as a program too.',
                "yellow",
            )
        return
    if get_load_dotenv(load_dotenv):
        import_module(ENV_FILES).load_dotenv()
        if "FLASK_DEBUG" in os.environ:
            app.debug = get_debug_flag()
    if debug is not None:
        app.debug = bool(debug)
    options.setdefault("use_reloader", app.debug)
    options.setdefault("use_debugger", app.debug)
    options.setdefault("threaded", True)
    found = _address(app, host, port)
    is_named = bool(app.config["SERVER_NAME"])
    options.setdefault("is_default_host", host is None and found[0] == DEFAULT_HOST)
    options.setdefault("is_default_port", port is None and not is_named)
    try:
        # Through the module, where programs and tests replace it.
        simple.run_simple(*found, app, **options)
    finally:
        # In a console the app may go on, and declare more.
        app._got_first_request = False


def _address(app: Flask, host: str | None, port: int | None) -> tuple[str, int]:
    """Where to listen: as asked, else as ``SERVER_NAME`` says, else the defaults."""
    found = _SERVER_NAME.match(app.config["SERVER_NAME"] or "")
    named_host, named_port = found.group("host", "port") if found else ("", None)
    if port is None:
        port = DEFAULT_PORT if named_port is None else int(named_port)
    return host or named_host.strip("[]") or DEFAULT_HOST, int(port)
