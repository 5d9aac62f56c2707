"""A missing module: whether it is misspelled, the program's own, or to be installed.

Law: a similar name is proposed for a slip of the keyboard only. A package that is not installed is
often like another one, and who follows such a proposal is led astray.
"""

from __future__ import annotations

import os
import pkgutil
import sys
from collections.abc import Iterator

from costrel.debugger.advice.situation import Situation, Step, short_path

# Module → distribution, where the names differ.
DISTRIBUTIONS = {
    "yaml": "PyYAML",
    "PIL": "pillow",
    "cv2": "opencv-python",
    "dotenv": "python-dotenv",
    "bs4": "beautifulsoup4",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "MySQLdb": "mysqlclient",
    "psycopg2": "psycopg2-binary",
    "jwt": "PyJWT",
    "dateutil": "python-dateutil",
    "slugify": "python-slugify",
    "magic": "python-magic",
    "jose": "python-jose",
    "socketio": "python-socketio",
    "docx": "python-docx",
    "Crypto": "pycryptodome",
    "OpenSSL": "pyOpenSSL",
    "serial": "pyserial",
    "flask_sqlalchemy": "Flask-SQLAlchemy",
    "flask_login": "Flask-Login",
    "flask_wtf": "Flask-WTF",
    "flask_cors": "Flask-Cors",
    "flask_migrate": "Flask-Migrate",
    "flask_mail": "Flask-Mail",
    "flask_restful": "Flask-RESTful",
}
# Packages whose names are a letter or two from a module of Python's.
LIKE_PYTHONS = {"attrs", "bcrypt", "httpx", "tomli", "typer", "ujson"}
# What programs call modules of their own.
OWN = frozenset(
    (
        *("admin", "api", "app", "application", "auth", "blueprints", "config", "constants"),
        *("core", "database", "db", "decorators", "errors", "extensions", "filters", "forms"),
        *("handlers", "helpers", "lib", "main", "models", "permissions", "routes", "schemas"),
        *("security", "serializers", "server", "services", "settings", "tasks", "tests"),
        *("urls", "users", "util", "utils", "validators", "views", "web"),
    )
)
# How like a name must be, of 1: one slip in three letters, two in ten.
CUTOFF = 0.8
MOST_PARENTS = 3


def how_to_get(name: str, situation: Situation) -> tuple[str, str]:
    """Say what to do about a module that is missing: in words, and in code.

    :param name: its first part, as ``a`` of ``a.b``.
    """
    if name in {"flask", "werkzeug"}:
        return (
            (
                "costrel has Flask's API: import from costrel; or run the program unchanged, by "
                "python -m costrel.flask."
            ),
            "from costrel import Flask\n# or: python -m costrel.flask -m flask run",
        )
    step = situation.yours
    folder = os.path.dirname(os.path.abspath(step.file)) if step else os.getcwd()
    like = None if name in OWN else misspelled(name, folder)
    if like is not None:
        return f"Did you mean {like!r}?", f"import {like}"
    place = _place_of(name, folder)
    if place is not None and place not in map(os.path.abspath, sys.path):
        return _from_elsewhere(name, place, step)
    if name in OWN:
        return (
            (
                "It looks like a module of your own: start the program from the folder that has "
                f"{name}.py. Within a package, write a relative import."
            ),
            f"from . import {name}",
        )
    distribution = DISTRIBUTIONS.get(name, name.replace("_", "-"))
    install = f"{os.path.basename(sys.executable)} -m pip install {distribution}"
    return f"Install it: {install}", ""


def misspelled(name: str, folder: str) -> str | None:
    """The module that is meant, where the name has a slip of the keyboard.

    :param folder: where the program's own modules lie.
    """
    if name in DISTRIBUTIONS or name in LIKE_PYTHONS:
        return None
    # 2 ms to import.
    from difflib import SequenceMatcher  # noqa: PLC0415

    best, found = CUTOFF, None
    for other in _known(folder):
        # Slips are seldom in the first letter, and packages often add some: bcrypt, sysconfig.
        if other == name or other[0].lower() != name[0].lower() or abs(len(other) - len(name)) > 2:
            continue
        likeness = SequenceMatcher(None, name.lower(), other.lower()).ratio()
        # Equally like ones: the program's own, which come first.
        if likeness > best or (found is None and likeness == best):
            best, found = likeness, other
    return found


def _known(folder: str) -> Iterator[str]:
    """The modules that can be imported: the program's own, installed ones and Python's."""
    for module in pkgutil.iter_modules([folder, os.getcwd()]):
        yield module.name
    for module in pkgutil.iter_modules():
        if not module.name.startswith("_"):
            yield module.name
    yield from (name for name in sys.stdlib_module_names if not name.startswith("_"))


def _place_of(name: str, folder: str) -> str | None:
    """The folder that has a module of this name: the importing file's own, or one above it."""
    for _ in range(MOST_PARENTS + 1):
        path = os.path.join(folder, name)
        if os.path.isfile(f"{path}.py") or os.path.isfile(os.path.join(path, "__init__.py")):
            return folder
        folder = os.path.dirname(folder)
    return None


def _from_elsewhere(name: str, place: str, step: Step | None) -> tuple[str, str]:
    """How to import a module whose folder is not searched."""
    package = step.frame.f_globals.get("__package__") if step is not None else None
    if step is not None and package and os.path.dirname(os.path.abspath(step.file)) == place:
        says = f"It lies beside {short_path(step.file)}, in the package {package!r}"
        return f"{says}: write a relative import.", f"from . import {name}"
    says = f"It lies in {place}, which is not searched: start the program from that folder"
    return f"{says}. Within a package, write a relative import.", f"cd {place}"
