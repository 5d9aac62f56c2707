"""A program: import every module of an unpacked release, and write down what became of each.

usage: python import_release.py FOLDER NOTES

Law: it imports nothing that a release imports. What is written is there when the run is cut short,
too; the last line says that it was not.
"""

import importlib
import json
import os
import sys
import traceback
import warnings
from pathlib import Path

ASIDE = ("__main__", "conftest", "example", "examples", "test", "tests")


def main(folder, notes):
    """Import all, a line of JSON for each: its name, and what it failed with, or nothing."""
    warnings.simplefilter("ignore")
    homes = [home for home in (Path(folder), Path(folder, "src")) if home.is_dir()]
    sys.path[:0] = map(str, homes)
    with open(notes, "w", buffering=1) as file:
        for home in homes:
            for module in modules_of(home):
                file.write(json.dumps([module, error_of(module)]) + "\n")
        file.write(json.dumps(["", ""]) + "\n")
    # Threads that a release has started, and what it does at the end, are not asked for.
    os._exit(0)


def modules_of(home):
    """Name the modules that a release says it installs, those of its packages, too."""
    said = {name for file in home.glob("*.egg-info/top_level.txt") for name in words(file)}
    for name in sorted(said):
        if (home / f"{name}.py").is_file():
            yield name
        elif name not in ASIDE:
            yield from package(home / name, name)


def package(folder, name):
    """Name a package and its modules."""
    if (folder / "__init__.py").is_file():
        yield name
    for path in sorted(folder.glob("*")):
        part = path.stem
        if part in (*ASIDE, "__init__") or part.startswith("test_"):
            continue
        if path.suffix == ".py":
            yield f"{name}.{part}"
        elif (path / "__init__.py").is_file():
            yield from package(path, f"{name}.{part}")


def words(file):
    """The words of a file."""
    return file.read_text().split()


def error_of(module):
    """Import a module; say what it fails with, if it does."""
    try:
        importlib.import_module(module)
    # Some end the process when a library is missing.
    except BaseException as error:
        return "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    return ""


if __name__ == "__main__":
    main(*sys.argv[1:])
