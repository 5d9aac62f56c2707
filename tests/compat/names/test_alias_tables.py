"""The alias tables against the real packages: nothing public missing, nothing invented."""

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pytest

import costrel
from costrel.flask.finder import ALIAS, targets_of
from costrel.flask.flask_names import FLASK, FLASK_VERSION
from costrel.flask.old_api.old_names import OLD, STAND_INS
from costrel.flask.werkzeug_names import WERKZEUG, WERKZEUG_VERSION

TABLES = {**FLASK, **WERKZEUG}
FAMILY = ("flask", "werkzeug")
# What the real packages lack, or are about to drop: their versions, which old programs ask for.
ADDED = {("flask", "__version__"), ("werkzeug", "__version__")}
# Homes that are no dependency of costrel's: who asks for the name is told what to install.
OPTIONAL = {"cachelib"}
# Private names that other projects import.
PRIVATE = {
    "flask.app": "_cv_app _cv_request",
    "flask.ctx": "_AppCtxGlobals",
    "flask.globals": "_cv_app _cv_request",
    "flask.json.provider": "_default",
    "flask.sansio.scaffold": "_endpoint_from_view_func",
    "werkzeug._internal": "_log",
    "werkzeug._reloader": "run_with_reloader",
    "werkzeug.exceptions": "_aborter",
}


def real_modules():
    for root in FAMILY:
        package = importlib.import_module(root)
        yield root
        for module in pkgutil.walk_packages(package.__path__, f"{root}."):
            if not module.name.endswith("__main__"):
                yield module.name


def is_theirs(value):
    """Whether a value was made by flask or werkzeug, and not just imported by them."""
    if isinstance(value, (ModuleType, TypeVar)):
        return False
    home = getattr(type(value), "__module__", "") if not callable(value) else ""
    # A proxy would run code to answer for its own module.
    if type(value).__name__ == "LocalProxy":
        return True
    return str(getattr(value, "__module__", home)).partition(".")[0] in FAMILY


def public_names(module):
    return {
        name
        for name, value in vars(module).items()
        if name[0] != "_" and name != "annotations" and is_theirs(value)
    }


def is_unbuilt(home):
    """Whether a home is in a room of costrel that has no file yet."""
    room = Path(costrel.__file__).parent / home.partition(".")[2].partition(".")[0]
    return room.is_dir() and [file.name for file in room.glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("name", sorted(real_modules()))
def test_every_public_name_is_in_the_tables(name):
    module = importlib.import_module(name)
    assert name in TABLES
    assert public_names(module) <= set(targets_of(ALIAS, name))


@pytest.mark.parametrize("name", sorted(TABLES))
def test_no_name_is_invented(name):
    module = importlib.import_module(name)
    entries = set(targets_of(TABLES, name))
    expected = {entry for entry in entries if (name, entry) not in ADDED}
    assert not {entry for entry in expected if not hasattr(module, entry)}


@pytest.mark.parametrize("name", sorted(PRIVATE))
def test_private_names_that_others_import_are_there(name):
    assert set(PRIVATE[name].split()) <= set(targets_of(ALIAS, name))


@pytest.mark.parametrize("table", [ALIAS, STAND_INS], ids=["alias", "stand-ins"])
def test_every_name_has_its_object(table):
    absent = []
    for module in table:
        for name, target in targets_of(table, module).items():
            home, _, attribute = target.partition(":")
            if not attribute or is_unbuilt(home) or home in OPTIONAL:
                continue
            if not hasattr(importlib.import_module(home), attribute):
                absent.append(f"{module}.{name}: {target}")
    assert not absent


def test_no_row_names_a_thing_twice():
    for table in (FLASK, WERKZEUG, OLD):
        for module, homes in table.items():
            names = [entry.partition("=")[0] for row in homes.values() for entry in row.split()]
            assert len(names) == len(set(names)), module


def test_old_names_are_those_that_flask_has_dropped():
    for module in OLD:
        todays = targets_of(TABLES, module) if module in TABLES else {}
        assert not set(targets_of(OLD, module)) & set(todays), module


@pytest.mark.parametrize("version", [FLASK_VERSION, WERKZEUG_VERSION])
def test_versions_are_of_the_contract(version):
    assert version.startswith("3.1.")
