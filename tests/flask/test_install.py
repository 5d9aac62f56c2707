"""Ways in, each in a process of its own: one process can have one Flask only."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from costrel.flask.__main__ import main
from costrel.flask.finder import AliasFinder, _users_of

# A wheel has it at its root.
SWITCH = Path(__file__).parents[2] / "src" / "costrel" / "flask" / "costrel_flask.pth"
# A program that tells whose names it got. LocalProxy: its home imports nearly nothing.
PROGRAM = """
import sys
from werkzeug.local import LocalProxy
print(LocalProxy.__module__, sys.argv[1:])
"""
OURS = "costrel.shortcuts.proxy"


def run(*arguments, env=None, cwd=None):
    environ = {key: value for key, value in os.environ.items() if key != "COSTREL_FLASK"}
    return subprocess.run(
        [sys.executable, *arguments],
        env=environ | (env or {}),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def out(*arguments, **options):
    done = run(*arguments, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "prog.py"
    path.write_text(PROGRAM)
    return path


def test_installing_makes_flask_mean_costrel():
    code = "import costrel.flask; costrel.flask.install(); import flask; print(flask.__version__)"
    assert out("-c", code).startswith("3.1.")


def test_installing_twice_is_installing_once():
    code = """
import sys, costrel.flask
costrel.flask.install(); before = len(sys.meta_path); costrel.flask.install()
print(len(sys.meta_path) - before)
"""
    assert out("-c", code) == "0"


def test_importing_costrel_installs_no_hook():
    code = """
import sys; before = (list(sys.meta_path), list(sys.path_hooks))
import costrel
print(before == (sys.meta_path, sys.path_hooks), "costrel.flask" in sys.modules)
"""
    assert out("-c", code) == "True False"


def test_installing_imports_nothing_but_the_alias():
    code = """
import sys, costrel.flask
before = set(sys.modules); costrel.flask.install(); import flask, werkzeug
print(sorted(set(sys.modules) - before))
"""
    assert out("-c", code) == "['flask', 'werkzeug']"


def test_installing_too_late_fails_and_names_who_was_first(tmp_path):
    pytest.importorskip("werkzeug")
    (tmp_path / "early_bird.py").write_text("from werkzeug.wrappers import Response\n")
    code = "import early_bird, costrel.flask; costrel.flask.install()"
    done = run("-c", code, cwd=tmp_path)
    assert done.returncode == 1
    assert "RuntimeError: The real werkzeug is already imported, by early_bird (" in done.stderr
    assert "python -m costrel.flask program.py" in done.stderr


def test_too_late_is_said_also_when_nobody_refers_to_it_any_more():
    pytest.importorskip("werkzeug")
    code = "import werkzeug; del werkzeug\nimport costrel.flask; costrel.flask.install()"
    assert "a module that no longer refers to it" in run("-c", code).stderr


def test_a_program_runs_with_its_arguments(program):
    assert out("-m", "costrel.flask", str(program), "a", "-b") == f"{OURS} ['a', '-b']"


def test_a_program_finds_its_neighbours(program, tmp_path):
    (program.parent / "neighbour.py").write_text("")
    program.write_text("import neighbour, sys\nprint(sys.argv[0])\n")
    assert out("-m", "costrel.flask", str(program), cwd="/") == str(program)


def test_a_module_runs_with_its_arguments(program):
    done = out("-m", "costrel.flask", "-m", "prog", "x", cwd=program.parent)
    assert done == f"{OURS} ['x']"


def test_what_a_program_starts_has_the_switch(program):
    program.write_text("import os\nprint(os.environ['COSTREL_FLASK'])\n")
    assert out("-m", "costrel.flask", str(program)) == "1"


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["-m"], 2), (["--help"], 0)])
def test_without_a_program_the_usage_is_shown(arguments, code):
    done = run("-m", "costrel.flask", *arguments)
    assert done.returncode == code
    assert "usage: python -m costrel.flask program.py" in done.stdout


def test_a_program_that_is_not_there_is_one_clear_line():
    done = run("-m", "costrel.flask", "nothing.py")
    assert done.returncode == 2
    assert done.stderr == "costrel.flask: there is no file 'nothing.py' here.\n"


@pytest.mark.parametrize(("switch", "ours"), [("1", True), ("0", False), ("", False)])
def test_the_environment_switch_installs_at_start_up(switch, ours):
    # What site does with a .pth file of site-packages.
    code = f"""
import sys, site
exec(open({str(SWITCH)!r}).read())
print("costrel.flask" in sys.modules)
"""
    assert out("-c", code, env={"COSTREL_FLASK": switch}) == str(ours)


def test_the_switch_is_a_line_that_site_runs():
    lines = SWITCH.read_text().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("import ")


def test_the_pytest_plugin_comes_before_the_tests(tmp_path):
    test = tmp_path / "test_it.py"
    test.write_text(
        "import os\nfrom werkzeug.local import LocalProxy\n\n"
        f"def test_it():\n    assert LocalProxy.__module__ == {OURS!r}\n"
        "    assert os.environ['COSTREL_FLASK'] == '1'\n"
    )
    (tmp_path / "conftest.py").write_text("import werkzeug.local\n")
    done = out("-m", "pytest", "-q", "-p", "costrel.flask.pytest_plugin", str(test), cwd=tmp_path)
    assert "1 passed" in done


def test_flask_runs_as_a_module():
    code = """
import costrel.flask, runpy, types, sys; costrel.flask.install()
import flask
main = types.SimpleNamespace
loader = flask.__loader__
print(loader.get_code("flask.__main__").co_names, flask.__spec__.loader.is_package("flask"))
"""
    assert "main" in out("-c", code)


def test_a_program_may_still_patch_its_standard_library_after_installing():
    # What gevent replaces, and what would make the switch dear for every process.
    code = """
import sys
import costrel.flask
costrel.flask.install()
import flask
patched = {"socket", "ssl", "select", "selectors", "subprocess", "queue", "signal"}
heavy = {"asyncio", "email", "importlib.resources", "importlib.metadata", "jinja2", "click"}
print(sorted((patched | heavy) & set(sys.modules)))
"""
    assert out("-c", code) == "[]"


def test_the_programs_that_came_first_are_found_by_what_they_refer_to(monkeypatch):
    import itsdangerous

    program = ModuleType("a_program_that_signs")
    program.signer = itsdangerous.Signer
    monkeypatch.setitem(sys.modules, program.__name__, program)
    users = _users_of("itsdangerous")
    assert 1 <= len(users) <= 3
    assert not any(user.startswith("costrel") for user in users)
    assert _users_of("no_such_package") == []


def test_usage_and_errors_run_nothing(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, AliasFinder({})])
    monkeypatch.setenv("COSTREL_FLASK", "")
    assert main([]) == main(["-m"]) == 2
    assert main(["-h"]) == 0
    assert main([str(tmp_path / "nothing.py")]) == 2
    captured = capsys.readouterr()
    assert captured.out.count("usage:") == 3
    assert "there is no file" in captured.err
