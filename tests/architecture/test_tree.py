"""The tree keeps its own rules: sizes, names, arrows, and the map in ARCHITECTURE.md."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "costrel"
FILES = sorted(PACKAGE.rglob("*.py"))
FACE = {"json", "sessions", "signals", "typing", "views"}
FLOORS = [
    {"http"},
    {"routing", "parts"},
    {"declare", "serve"},
    {"compile"},
    {"app"},
    {"shortcuts"},
    {"debugger", "devserver", "testing", "cli"},
    {"__main__", *FACE},
    {"extras"},
    {"flask"},
]
FORBIDDEN_NAMES = {"utils", "util", "helpers", "common", "misc", "base", "manager", "data", "info"}
# The types of what a view finds (request, current_app, …) are those of floors below; `app` is
# named by rooms that are handed one.
ids = [str(path.relative_to(PACKAGE)) for path in FILES]


def floor_of(module: str) -> int:
    room = module.split(".")[1] if "." in module else "app"
    return next(level for level, rooms in enumerate(FLOORS) if room in rooms)


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_a_file_is_read_in_one_sitting(path):
    assert len(path.read_text().splitlines()) <= 500


@cache
def read(path):
    """What the tests ask of a file: its docstring, its functions, its imports by name."""
    tree = ast.parse(path.read_text())
    functions, imports = [], []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1
            functions.append((node.name, length, docstring_lines(node)))
        elif isinstance(node, ast.ImportFrom):
            imports.append((node.module or "", node.lineno))
    return ast.get_docstring(tree), functions, imports


def docstring_lines(node):
    text = ast.get_docstring(node)
    return len(text.splitlines()) if text else 0


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_a_function_fits_a_screen(path):
    _, functions, _ = read(path)
    for name, length, docstring in functions:
        assert length <= 50 + docstring, f"{name} has {length} lines"


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_a_file_says_its_job_on_top(path):
    docstring, _, _ = read(path)
    assert docstring


def test_no_two_files_share_a_name():
    # The face's modules have those of the files whose names they are.
    inner = [path for path in FILES if path.parent != PACKAGE]
    names = Counter(path.name for path in inner if not path.name.startswith("__"))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_file_is_a_drawer():
    assert [path for path in FILES if path.stem in FORBIDDEN_NAMES] == []


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_type_imports_do_not_point_up(path):
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room == "__init__":
        return
    level = next(number for number, rooms in enumerate(FLOORS) if room in rooms)
    text = path.read_text()
    _, _, imports = read(path)
    for module, line in imports:
        # What a door of this file opens onto may be named as its type, too.
        if module.startswith("costrel.") and f'Door("{module}:' not in text:
            assert floor_of(module) <= level, f"line {line} imports {module}"


def test_a_module_of_the_face_has_names_and_no_code():
    for path in PACKAGE.glob("*.py"):
        if path.stem in FACE:
            _docstring, *names, exported = ast.parse(path.read_text()).body
            assert {type(node) for node in names} == {ast.ImportFrom}
            assert [target.id for target in exported.targets] == ["__all__"]


def test_the_map_lists_every_file():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    missing = [
        path.name for path in FILES if not path.name.startswith("__") and path.name not in text
    ]
    assert missing == []


def test_a_type_ignore_has_its_reason():
    bare = [
        f"{path.name}:{number}"
        for path in FILES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if "# type: ignore" in line and "  # " not in line.partition("# type: ignore")[2]
    ]
    assert bare == []
