"""Advice on programs that do not start: imports, names of files, ports."""

from __future__ import annotations

import errno
import os
import re
import sys
from importlib.util import find_spec
from typing import Any

from costrel.debugger.advice.missing_module import how_to_get
from costrel.debugger.advice.rulebook import Advice, quoted, rule
from costrel.debugger.advice.situation import Situation, is_yours, nearest, short_path

# Files of the user's that would be imported in place of a library.
SHADOWING = ("flask", "costrel", "werkzeug", "jinja2", "click", "markupsafe", "multipart")
# Names that Flask and Werkzeug had → where they are now.
MOVED = {
    "Markup": "from markupsafe import Markup",
    "escape": "from markupsafe import escape",
    "safe_str_cmp": "from hmac import compare_digest",
    "_app_ctx_stack": "from costrel import g   # for values of one request",
    "_request_ctx_stack": "from costrel import g   # for values of one request",
    "url_quote": "from urllib.parse import quote",
    "url_unquote": "from urllib.parse import unquote",
    "url_encode": "from urllib.parse import urlencode",
    "url_decode": "from urllib.parse import parse_qs",
    "url_parse": "from urllib.parse import urlsplit",
    "secure_filename": "from werkzeug.utils import secure_filename",
    "FileStorage": "from werkzeug.datastructures import FileStorage",
    "JSONEncoder": "from costrel.parts.json_provider import DefaultJSONProvider",
    "JSONDecoder": "from costrel.parts.json_provider import DefaultJSONProvider",
    "soft_unicode": "from markupsafe import soft_str",
}


@rule("CST703", "costrel.cli.locate.NoAppException")
def app_not_found(situation: Situation) -> Advice | None:
    """The command line finds no application.

    It looks for `wsgi.py` and `app.py` in the current folder, and in them for `app`,
    `application`, any app, `create_app` or `make_app`. Name yours with `--app module:name`, or
    `COSTREL_APP` (or `FLASK_APP`) in the environment.
    """
    here = os.getcwd()
    files = sorted(name for name in os.listdir(here) if name.endswith(".py"))[:20]
    likely = [name for name in files if _has_app(os.path.join(here, name))]
    named = os.environ.get("COSTREL_APP") or os.environ.get("FLASK_APP")
    notes = [f"Python files in {here}: {', '.join(files) or 'none'}."]
    if named:
        notes.append(f"COSTREL_APP or FLASK_APP says {named!r}.")
    return Advice(
        f"No application was found from {here}.",
        f"{likely[0]} makes one: name it." if likely else "Go to the program's folder, or name it.",
        notes=tuple(notes),
        example=f"costrel --app {likely[0].removesuffix('.py') if likely else 'module:app'} run",
    )


def _has_app(path: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return "Flask(" in file.read(100_000)
    except OSError:
        return False


@rule("CST704", ImportError, AttributeError)
def file_hides_a_library(situation: Situation) -> Advice | None:
    """A file of yours has a library's name.

    A file `flask.py` or `costrel.py` beside the program is imported in place of the library.
    Rename it, and delete its `__pycache__`.
    """
    for name in SHADOWING:
        module = sys.modules.get(name)
        path = getattr(module, "__file__", None) or ""
        error: Any = situation.error
        told = getattr(error, "path", None) or ""
        for file in (path, told):
            # `multipart` is a library in a single file, and where it belongs it hides nothing.
            if os.path.basename(file) == f"{name}.py" and is_yours(file):
                return Advice(
                    f"{short_path(file)} has the name of a library, so `import {name}` finds it "
                    "in place of the library.",
                    "Rename it, and delete the folder __pycache__ beside it.",
                    where=short_path(file),
                )
    return None


@rule("CST705", OSError)
def port_in_use(situation: Situation) -> Advice | None:
    """The port is taken.

    Another server, perhaps an earlier run of the same program, listens on it. On a Mac port 5000
    belongs to AirPlay.
    """
    error: Any = situation.error
    if error.errno != errno.EADDRINUSE:
        return None
    return Advice(
        "Another program listens on that port.",
        "Stop it, or take another port: costrel run --port 5001, app.run(port=5001).",
        notes=("Who it is: lsof -i :5000, or ss -ltnp on Linux.",),
        example="app.run(port=5001)",
        where=situation.where,
    )


@rule("CST707", ModuleNotFoundError)
def module_not_found(situation: Situation) -> Advice | None:
    """A module cannot be imported.

    It is not installed in this environment, its name is misspelled, or the program was started
    from another folder.
    """
    error: Any = situation.error
    name = error.name or ""
    top = name.partition(".")[0]
    if not top or top.startswith("flask.ext"):
        return None
    if "." in name and top in sys.modules:
        return Advice(
            f"The package {top!r} has no module {name.rpartition('.')[2]!r}.",
            "Look at its spelling, and at the version of the package.",
            where=situation.where,
        )
    fix, example = how_to_get(top, situation)
    return Advice(
        f"There is no module {top!r} in this environment ({sys.executable}).",
        fix,
        example=example,
        where=situation.where,
    )


@rule("CST709", ImportError)
def circular_import(situation: Situation) -> Advice | None:
    """Two modules import each other.

    The second one asks for a name before the first one has made it. Make the app's extensions
    (`db = SQLAlchemy()`) in a module of their own, or import within the app's factory.
    """
    if "partially initialized module" not in situation.message:
        return None
    words = quoted(situation.message)
    name, module = (*words, "?", "?")[:2]
    if module.partition(".")[0] in SHADOWING:
        return None
    return Advice(
        f"{module!r} is still being imported, and has no {name!r} yet: something that it imports "
        "imports it again.",
        f"Move {name!r} to a module that imports neither, such as extensions.py; or import it "
        "inside of the function that needs it.",
        where=situation.where,
    )


@rule("CST714", ImportError)
def name_has_moved(situation: Situation) -> Advice | None:
    """A name was removed from Flask or Werkzeug.

    Such imports break when these libraries are upgraded. The finding has the line to write.
    """
    if "partially initialized" in situation.message:
        return None
    found = re.match(r"cannot import name '(\w+)' from '([\w.]+)'", situation.message)
    if found is None:
        return None
    name, module = found.groups()
    if module.partition(".")[0] not in {"flask", "werkzeug", "costrel", "jinja2"}:
        return None
    if name in MOVED:
        return Advice(
            f"{module} has no {name!r} any more.",
            "Import it from its new place. An extension that does this needs its newer version.",
            example=MOVED[name],
            where=situation.where,
        )
    like = nearest(name, dir(sys.modules.get(module)))
    if like is None:
        return None
    return Advice(
        f"{module} has no {name!r}.",
        f"Did you mean {like!r}?",
        example=f"from {module} import {like}",
        where=situation.where,
    )


@rule("CST715", SyntaxError)
def source_does_not_parse(situation: Situation) -> Advice | None:
    """A file is no Python.

    The finding says where. An unclosed bracket is often in the line before.
    """
    error: Any = situation.error
    if not error.filename or not error.lineno:
        return None
    fix = "Look at that line and the one before it: brackets, quotes, colons."
    if isinstance(error, TabError) or "tab" in situation.message.lower():
        fix = "Indent with spaces only."
    elif isinstance(error, IndentationError):
        fix = "Indent it as the lines around it."
    elif "Perhaps you forgot a comma" in situation.message:
        fix = "A comma or a closing bracket is missing there."
    return Advice(
        f"{short_path(error.filename)} does not parse: {error.msg}.",
        fix,
        example=(error.text or "").strip(),
        where=f"{short_path(error.filename)}:{error.lineno}",
    )


@rule("CST719", RuntimeError, ImportError)
def optional_part_missing(situation: Situation) -> Advice | None:
    """A server or library for an optional part is not installed.

    `costrel serve` needs granian (`pip install costrel[serve]`), `--cert adhoc` needs
    cryptography (`costrel[adhoc]`), `.env` files need python-dotenv (`costrel[dotenv]`).
    """
    extras = {"granian": "serve", "cryptography": "adhoc", "dotenv": "dotenv"}
    name = (getattr(situation.error, "name", None) or "").partition(".")[0]
    if name not in extras or find_spec(name) is not None:
        return None
    return Advice(
        f"This needs {name!r}, which is not installed.",
        f"Install it with costrel: pip install 'costrel[{extras[name]}]'.",
        where=situation.where,
    )
