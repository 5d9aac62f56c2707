import os
import sys
from types import SimpleNamespace

import pytest

from costrel import Flask
from costrel.cli.locate import (
    NoAppException,
    ScriptInfo,
    find_app_by_string,
    find_best_app,
    locate_app,
    parse_app_name,
    prepare_import,
)


def module(**names):
    return SimpleNamespace(__name__="mod", **names)


def make(name="made"):
    def create():
        return Flask(name)

    return create


@pytest.mark.parametrize(
    "names",
    [
        {"app": Flask("right"), "application": Flask("wrong")},
        {"application": Flask("right"), "other": Flask("wrong")},
        {"other": Flask("right"), "create_app": make("wrong")},
        {"create_app": make("right"), "make_app": make("wrong")},
        {"make_app": make("right"), "app": "no app"},
    ],
)
def test_an_app_is_found_by_its_name_then_its_kind_then_its_factory(names):
    assert find_best_app(module(**names)).name == "right"


def test_several_apps_are_named():
    with pytest.raises(NoAppException, match="several applications: one, two.*--app mod:one"):
        find_best_app(module(one=Flask("a"), two=Flask("b")))


def test_a_module_without_an_app_says_what_was_searched():
    with pytest.raises(NoAppException, match="'app' or 'application'.*'create_app' or 'make_app'"):
        find_best_app(module(create_app=lambda: "nothing"))


def test_an_app_of_the_real_flask_is_pointed_out():
    class Foreign:
        __module__ = "flask.app"

    with pytest.raises(NoAppException, match="python -m costrel.flask"):
        find_best_app(module(app=Foreign()))


def test_a_factory_that_takes_more_is_told_how_to_give_it():
    def create_app(name):
        return Flask(name)

    with pytest.raises(NoAppException, match=r"mod:create_app\('value'\)"):
        find_best_app(module(create_app=create_app))


def test_a_type_error_inside_a_factory_is_its_own():
    def create_app():
        raise TypeError("inside")

    with pytest.raises(TypeError, match="inside"):
        find_best_app(module(create_app=create_app))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app", ("app", (), {})),
        (" app ", ("app", (), {})),
        ("create()", ("create", (), {})),
        ("create (1, 'a', )", ("create", (1, "a"), {})),
        ("create([1], debug=True)", ("create", ([1],), {"debug": True})),
    ],
)
def test_a_name_may_have_literal_arguments(text, expected):
    assert parse_app_name(text) == expected


@pytest.mark.parametrize("text", ["create(", "a.b", "a.b()", "create(name)", "1", "", "f(**{1})"])
def test_anything_else_is_no_name(text):
    with pytest.raises(NoAppException, match="neither a name nor a call"):
        parse_app_name(text)


def test_an_app_is_found_by_its_name_or_made_by_a_call():
    def create(name, suffix=""):
        return Flask(name + suffix)

    mod = module(mine=Flask("mine"), create=create, make=make("made"), number=5)
    assert find_app_by_string(mod, "mine").name == "mine"
    assert find_app_by_string(mod, "make").name == "made"
    assert find_app_by_string(mod, "create('a', suffix='b')").name == "ab"
    for wrong in ("gone", "number", "create()", "create(1, 2, 3)"):
        with pytest.raises(NoAppException):
            find_app_by_string(mod, wrong)


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("hello", "", "hello"),
        ("hello.py", "", "hello"),
        ("src/hello.py", "src", "hello"),
        ("pkg/__init__.py", "", "pkg"),
        ("pkg/sub/mod.py", "", "pkg.sub.mod"),
        ("pkg.sub.mod", "", "pkg.sub.mod"),
    ],
)
def test_a_path_gives_a_name_and_the_folder_to_import_it_from(
    tmp_path, write, path, folder, expected
):
    write("pkg/__init__.py", "")
    write("pkg/sub/__init__.py", "")
    assert prepare_import(path) == expected
    assert sys.path[0] == os.path.realpath(tmp_path / folder)


def test_an_app_is_imported(write):
    write("first.py", "from costrel import Flask\nsite = Flask('site')\n")
    name = prepare_import("first.py")
    assert locate_app(name, None).name == "site"
    assert locate_app(name, "site").name == "site"


def test_a_missing_module_says_where_it_was_looked_for():
    with pytest.raises(NoAppException, match="no module 'gone'.*looked for in"):
        locate_app("gone", None)
    assert locate_app("gone", None, raise_if_not_found=False) is None


@pytest.mark.parametrize("line", ["import gone_too", "raise ImportError('why')"])
def test_a_module_that_fails_to_import_shows_its_traceback(write, line):
    write("fails.py", line)
    with pytest.raises(NoAppException, match=r"(?s)While importing 'fails'.*Traceback.*fails\.py"):
        locate_app(prepare_import("fails"), None, raise_if_not_found=False)


APP = "from costrel import Flask\napp = Flask('{}')\n"


@pytest.mark.parametrize(
    ("files", "expected"), [(["wsgi", "app"], "wsgi"), (["app"], "app"), (["wsgi"], "wsgi")]
)
def test_without_a_path_wsgi_py_and_app_py_are_tried(write, files, expected):
    for name in files:
        write(f"{name}.py", APP.format(name))
    assert ScriptInfo().load_app().name == expected


def test_without_anything_the_error_says_what_was_searched(tmp_path):
    with pytest.raises(NoAppException) as caught:
        ScriptInfo().load_app()
    for word in ("wsgi.py", "app.py", str(tmp_path), "--app", "COSTREL_APP", "FLASK_APP"):
        assert word in caught.value.message


def test_a_path_may_have_a_name_after_a_colon_also_after_a_drive(write):
    file = write("named.py", APP.format("named") + "other = Flask('other')\n")
    assert ScriptInfo("named:other").load_app().name == "other"
    assert ScriptInfo(f"{file}:other").load_app().name == "other"
    assert ScriptInfo(str(file)).load_app().name == "named"


def test_an_app_is_loaded_once():
    info = ScriptInfo(create_app=make())
    assert info.load_app() is info.load_app()


@pytest.mark.parametrize(("variable", "debug"), [("1", True), ("0", False)])
def test_the_debug_flag_is_the_environments_unless_it_is_to_be_left(variable, debug):
    os.environ["FLASK_DEBUG"] = variable
    assert ScriptInfo(create_app=make()).load_app().debug is debug

    def opposite():
        app = Flask("x")
        app.debug = not debug
        return app

    assert ScriptInfo(create_app=opposite, set_debug_flag=False).load_app().debug is not debug
