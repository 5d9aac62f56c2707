"""A WSGI application that shows where it runs: to see whether a server is set up rightly.

Law: it shows a server's environment to anyone who asks. Take it down when you have looked.
"""

import os
import platform
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from costrel.http.response import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TEMPLATE = """\
<!doctype html>
<html lang=en>
<meta charset=utf-8>
<title>Where this runs</title>
<style>
  body { font: 1rem/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  th { text-align: left; vertical-align: top; padding-right: 1rem; white-space: nowrap }
  td { overflow-wrap: anywhere; font-family: monospace }
</style>
<h1>It runs</h1>
%(sections)s
"""


def iter_sys_path() -> Iterator[tuple[str, bool, bool]]:
    """Yield each entry of `sys.path`: its name, whether it is missing, whether it was rewritten.

    An entry below the home directory is written with `~`.
    """
    home = str(Path("~").expanduser())
    for entry in sys.path:
        real = os.path.normpath(os.path.join(Path.cwd(), entry or "."))
        shown = f"~{real[len(home) :]}" if real.startswith(home + os.sep) else real
        yield shown, not Path(real).exists(), shown != entry


def _section(title: str, rows: Iterable[tuple[object, object]]) -> Markup:
    body = Markup().join(
        Markup("<tr><th>{}<td>{}\n").format(str(name), str(value)) for name, value in rows
    )
    return Markup("<h2>{}</h2>\n<table>\n{}</table>\n").format(title, body)


def _render(environ: "WSGIEnvironment") -> str:
    sections = (
        _section(
            "Python",
            [
                ("version", sys.version),
                ("implementation", platform.python_implementation()),
                ("platform", platform.platform()),
                ("executable", sys.executable),
                ("process", os.getpid()),
            ],
        ),
        _section(
            "Installed packages",
            sorted({(found.metadata["Name"], found.version) for found in distributions()}),
        ),
        _section("WSGI environment", sorted((key, repr(environ[key])) for key in environ)),
        _section(
            "Import path",
            [(entry, "not there" if missing else "") for entry, missing, _ in iter_sys_path()],
        ),
    )
    return TEMPLATE % {"sections": escape(Markup().join(sections))}


def test_app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer with the page."""
    response: WSGIApplication = Response(_render(environ), mimetype="text/html")
    return response(environ, start_response)
