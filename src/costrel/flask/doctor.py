"""`python -m costrel.flask.doctor`: whether costrel has what a program and its packages ask for.

Reads the program's files and those of every installed package, runs none of them, and looks each
name of flask and werkzeug up that they ask for.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import Distribution, distributions
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import click

from costrel.flask.finder import install
from costrel.flask.used_names import Use, used_names

YOURS = "your code"
NOT_ASKED = {"costrel", "flask", "werkzeug"}
# Folders that hold no code of the program, or of a package, that is run.
OTHERS = {"__pycache__", "node_modules", "site-packages", "test", "tests"}


class Source(NamedTuple):
    """A package, or the program, and what was found.

    Attributes:
        name: what it is called.
        names: how many names it asks for.
        missing: those that are not there, each with what to do, and the places that ask for it.

    """

    name: str
    names: int
    missing: dict[tuple[str, str], list[str]]


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the Python files of a program; a file is its own."""
    if folder.is_file():
        yield folder
        return
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            is_other = entry.name in OTHERS or entry.name[0] == "."
            if not is_other and not (entry / "pyvenv.cfg").exists():
                yield from files_below(entry)
        elif entry.suffix == ".py":
            yield entry


def files_of(package: Distribution) -> Iterator[Path]:
    """Yield the Python files of an installed package."""
    for file in package.files or ():
        if file.suffix == ".py" and not OTHERS.intersection(file.parts[:-1]):
            yield Path(str(package.locate_file(file)))


def examine(name: str, files: Iterable[Path], shown_from: Path) -> Source:
    """Look up what some files ask for.

    Args:
        name: what to call them.
        files: the files; those that cannot be read as Python are passed over.
        shown_from: the folder that their places are told from.

    """
    asked: set[str] = set()
    missing: dict[tuple[str, str], list[str]] = {}
    for file in files:
        for use in _uses_in(file):
            found = find(use)
            if found is None:
                continue
            name_asked, advice = found
            asked.add(name_asked)
            if advice is not None:
                place = file.relative_to(shown_from) if file.is_relative_to(shown_from) else file
                missing.setdefault((name_asked, advice), []).append(f"{place}:{use.line}")
    return Source(name, len(asked), missing)


def _uses_in(file: Path) -> list[Use]:
    try:
        source = file.read_bytes()
        # Nearly all files of nearly all packages name neither.
        return used_names(source) if b"flask" in source or b"werkzeug" in source else []
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []


def find(use: Use) -> tuple[str, str | None] | None:
    """Look up what a place asks for.

    Returns:
        the full name, and what to do where it is not there (`None` where it is); or `None` where it
        is asked of an object and not of a module.

    """
    return _look_up(use.module, use.path) if not use.path or _is_module(use.module) else None


@cache
def _look_up(module: str, path: str) -> tuple[str, str | None]:
    name, _, rest = path.partition(".")
    full_name = f"{module}.{name}" if name else module
    try:
        found = import_module(module)
        value = getattr(found, name) if name else None
    except (ImportError, AttributeError) as error:
        return full_name, str(error).removeprefix(f"costrel has no {full_name}. ")
    if rest and isinstance(value, ModuleType):
        return _look_up(value.__name__, rest)
    return full_name, None


@cache
def _is_module(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        # `from flask import json` has noted already where there is none.
        return "." not in name
    return True


def report(sources: list[Source]) -> int:
    """Print what was found; return how many names are missing."""
    width = max(len(source.name) for source in sources)
    for source in sorted(sources, key=lambda each: (bool(each.missing), each.name.lower())):
        count = len(source.missing)
        click.echo(f"{source.name:{width}}  {source.names:4} names, ", nl=False)
        click.secho(f"{count} missing" if count else "all there", fg="red" if count else "green")
        for (name, advice), places in source.missing.items():
            more = f" and {len(places) - 1} more" if len(places) > 1 else ""
            click.echo(f"    {name} ({places[0]}{more})\n        → {advice}")
    return sum(len(source.missing) for source in sources)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.pass_context
def main(ctx: click.Context, paths: tuple[Path, ...]) -> None:
    """Tell whether costrel has what a program written for Flask asks for.

    Reads the program's files (PATHS, or the current folder) and those of every installed package,
    without running them, and looks up each name of flask and werkzeug that they ask for. It ends
    with 1 where one is missing.
    """
    install()
    here = Path.cwd()
    own = [file.resolve() for path in paths or (here,) for file in files_below(path)]
    sources = [examine(YOURS, own, here)]
    for package in distributions():
        if package.name.lower() not in NOT_ASKED:
            root = Path(str(package.locate_file("")))
            name = f"{package.name} {package.version}"
            sources.append(examine(name, files_of(package), root))
    lacking = report([each for each in sources if each.names or each.name == YOURS])
    if lacking:
        click.echo(
            "\nWhat is missing fails where it is imported or read; the rest is there. To try:"
        )
    else:
        click.echo("\nAll of it is there. To run the program:")
    click.echo("    python -m costrel.flask program.py")
    ctx.exit(bool(lacking))


if __name__ == "__main__":
    main(prog_name="python -m costrel.flask.doctor")
