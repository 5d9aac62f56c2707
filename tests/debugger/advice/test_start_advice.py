"""Programs that do not start."""

import socket

import pytest

from costrel.cli.locate import ScriptInfo
from costrel.debugger.advice.missing_module import misspelled


def test_an_app_that_is_not_found_is_told_with_what_lies_there(advice_on, tmp_path, monkeypatch):
    (tmp_path / "shop.py").write_text("from costrel import Flask\nx = Flask('x')\n")
    (tmp_path / "other.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLASK_APP", "nothing")
    told = advice_on(lambda: ScriptInfo(create_app=None).load_app())["CST703"]
    assert told["example"] == "costrel --app shop run"
    assert any("other.py, shop.py" in note for note in told["notes"])
    assert any("'nothing'" in note for note in told["notes"])


def test_a_file_with_a_librarys_name_is_told(advice_on, program, monkeypatch):
    import sys

    monkeypatch.delitem(sys.modules, "flask", raising=False)
    files = {"flask.py": "from flask import Flask\napp = Flask(__name__)\n"}
    told = advice_on(lambda: program(files, "flask"))["CST704"]
    assert told["where"].endswith("flask.py")
    assert "Rename it" in told["fix"]


def test_a_port_that_is_taken_is_told(advice_on):
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        one.listen()
        found = advice_on(lambda: two.bind(one.getsockname()))
    assert "another port" in found["CST705"]["fix"]


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("yaml_that_is_not_here", "pip install yaml-that-is-not-here"),
        ("jsn", "Did you mean 'json'?"),
    ],
)
def test_a_module_that_is_missing_is_told(advice_on, name, fix):
    assert fix in advice_on(lambda: __import__(name))["CST707"]["fix"]


def missing(name):
    raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("redis", "redis"),
        ("numpy", "numpy"),
        ("sqlalchemy", "sqlalchemy"),
        ("wtforms", "wtforms"),
        ("matplotlib", "matplotlib"),
        ("boto3", "boto3"),
        ("bcrypt", "bcrypt"),
        ("httpx", "httpx"),
        ("PIL", "pillow"),
        ("flask_login", "Flask-Login"),
    ],
)
def test_a_package_that_is_not_installed_is_no_misspelling(advice_on, name, distribution):
    told = advice_on(lambda: missing(name))["CST707"]
    assert told["fix"].endswith(f"-m pip install {distribution}")


@pytest.mark.parametrize("name", ["models", "utils", "config", "db"])
def test_a_module_with_a_programs_usual_name_is_its_own(
    advice_on, program, name, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    files = {"own_importer.py": f"raise ModuleNotFoundError('No module', name='{name}')\n"}
    told = advice_on(lambda: program(files, "own_importer"))["CST707"]
    assert "a module of your own" in told["fix"]
    assert told["example"] == f"from . import {name}"


def test_a_module_beside_the_importing_one_in_a_package_takes_a_relative_import(
    advice_on, program, tmp_path
):
    (tmp_path / "own_shop").mkdir()
    files = {
        "own_shop/__init__.py": "from own_shop import views_of_it\n",
        "own_shop/views_of_it.py": "import goods_of_it\n",
        "own_shop/goods_of_it.py": "",
    }
    told = advice_on(lambda: program(files, "own_shop"))["CST707"]
    assert "beside" in told["fix"]
    assert told["example"] == "from . import goods_of_it"


def test_a_module_of_the_programs_own_with_a_slip_is_told(advice_on, program):
    files = {"own_slip.py": "import inventry\n", "inventory.py": ""}
    told = advice_on(lambda: program(files, "own_slip"))["CST707"]
    assert told["fix"] == "Did you mean 'inventory'?"


@pytest.mark.parametrize(
    ("name", "own", "meant"),
    [
        ("abcde", "abcdx", "abcdx"),
        ("jnventory", "inventory", None),
        ("invantary", "inventory", None),
        ("inventory", "inventory_of", None),
        ("jsont", "jont", "jont"),
        ("jose", "josee", None),
    ],
)
def test_a_slip_is_small_and_not_in_the_first_letter(tmp_path, name, own, meant):
    (tmp_path / f"{own}.py").touch()
    assert misspelled(name, str(tmp_path)) == meant


@pytest.mark.parametrize("file", ["goods_far.py", "goods_far/__init__.py"])
def test_a_module_further_up_is_told_with_its_folder(advice_on, program, tmp_path, file):
    above = tmp_path / "own_far"
    (above / "sub").mkdir(parents=True)
    (above / file).parent.mkdir(exist_ok=True)
    files = {
        "own_far/__init__.py": "from own_far.sub import user_of_it\n",
        "own_far/sub/__init__.py": "",
        "own_far/sub/user_of_it.py": "import goods_far\n",
        f"own_far/{file}": "",
    }
    told = advice_on(lambda: program(files, "own_far"))["CST707"]
    assert f"It lies in {above}, which is not searched" in told["fix"]
    assert told["example"] == f"cd {above}"


def test_who_has_no_flask_is_told_of_the_alias(advice_on):
    told = advice_on(lambda: missing("flask"))["CST707"]
    assert "from costrel import Flask" in told["example"]
    assert "python -m costrel.flask" in told["fix"]


def test_a_module_missing_in_a_package_is_told(advice_on):
    found = advice_on(lambda: __import__("json.nothing"))
    assert "no module 'nothing'" in found["CST707"]["says"]


def test_modules_that_import_each_other_are_told(advice_on, program):
    files = {
        "ring_app.py": "from ring_models import User\ndb = 1\n",
        "ring_models.py": "from ring_app import db\nUser = 2\n",
    }
    told = advice_on(lambda: program(files, "ring_app"))["CST709"]
    assert "'ring_app' is still being imported, and has no 'db' yet" in told["says"]


def test_a_name_that_has_moved_is_told(advice_on, program):
    files = {"old_import.py": "from costrel import JSONEncoder\n"}
    told = advice_on(lambda: program(files, "old_import"))["CST714"]
    assert told["example"] == "from costrel.parts.json_provider import DefaultJSONProvider"
    files = {"misspelled_import.py": "from costrel import rendr_template\n"}
    told = advice_on(lambda: program(files, "misspelled_import"))["CST714"]
    assert told["example"] == "from costrel import render_template"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def f(:\n    pass\n", "broken.py:1"),
        ("if True:\nx = 1\n", "Indent"),
        ("x = [1 2]\n", "comma"),
        ("if True:\n\tx = 1\n        y = 2\n", "spaces"),
    ],
)
def test_a_file_that_does_not_parse_is_told(advice_on, program, text, says):
    told = advice_on(lambda: program({"broken.py": text}, "broken"))["CST715"]
    assert says in f"{told['where']} {told['fix']}"


def test_an_optional_part_that_is_missing_is_told(advice_on, monkeypatch):
    import costrel.debugger.advice.start_advice as rules

    monkeypatch.setattr(rules, "find_spec", lambda name: None)

    def start():
        raise ModuleNotFoundError("No module named 'granian'", name="granian")

    assert "costrel[serve]" in advice_on(start)["CST719"]["fix"]


def test_an_installed_library_in_a_single_file_hides_nothing(advice_on):
    import multipart  # noqa: F401  # as an app that took an upload has

    def fails():
        raise ImportError("No module named 'no_such_module'")

    assert "CST704" not in advice_on(fails)
