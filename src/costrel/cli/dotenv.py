"""Environment variables: from .env and .flaskenv files, and COSTREL_… under Flask's names."""

from __future__ import annotations

import os
from pathlib import Path

import click

# Later files win over earlier ones; what is set in the environment wins over all.
DEFAULT_FILES = (".flaskenv", ".env")
OWN_PREFIX, FLASK_PREFIX = "COSTREL_", "FLASK_"
# Switches of costrel itself, which are no options of commands.
_INTERNAL = frozenset(
    {
        "COSTREL_FLASK",
        "COSTREL_SERVER_FDS",
        "COSTREL_PARENT_PIPE",
        "COSTREL_STDERR_FD",
        "COSTREL_ADHOC_PAIR",
        "COSTREL_DEBUG_TOKEN",
    }
)


def load_dotenv(path: str | os.PathLike[str] | None = None, load_defaults: bool = True) -> bool:
    """Set the environment variables that dotenv files hold, unless they are set already.

    :param path: a file that wins over the default ones.
    :param load_defaults: read the ``.flaskenv`` and ``.env`` nearest to the current folder,
        looking upwards.
    :returns: whether a file was read. Without the package ``python-dotenv`` none is.
    """
    files = _find_files(path, load_defaults=load_defaults)
    if not files:
        return False
    try:
        import dotenv  # noqa: PLC0415  # optional
    except ImportError:
        names = ", ".join(file.name for file in files)
        click.secho(
            f" * {names} was not read: that takes python-dotenv. Run: pip install python-dotenv",
            fg="yellow",
            err=True,
        )
        return False
    values: dict[str, str | None] = {}
    for file in files:
        values |= dotenv.dotenv_values(file, encoding="utf-8")
    for name, value in values.items():
        if value is not None:
            os.environ.setdefault(name, value)
    adopt_own_variables()
    return True


def _find_files(path: str | os.PathLike[str] | None, *, load_defaults: bool) -> list[Path]:
    """The files to read, in order, without those that do not exist."""
    found = [_find_upwards(name) for name in DEFAULT_FILES] if load_defaults else []
    if path is not None and Path(path).is_file():
        found.append(Path(path))
    return [file for file in found if file is not None]


def _find_upwards(name: str) -> Path | None:
    """The file of a name that is nearest to the current folder."""
    here = Path.cwd()
    candidates = (folder / name for folder in (here, *here.parents))
    return next((file for file in candidates if file.is_file()), None)


def adopt_own_variables() -> None:
    """Let each ``COSTREL_…`` variable count as ``FLASK_…``, over one that is set.

    Options of commands, extensions and programs go by Flask's names only.
    """
    for name, value in list(os.environ.items()):
        if name.startswith(OWN_PREFIX) and name not in _INTERNAL:
            os.environ[FLASK_PREFIX + name.removeprefix(OWN_PREFIX)] = value
