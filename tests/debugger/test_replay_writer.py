"""Kept requests as tests."""

import sys
from types import ModuleType

import pytest

from costrel.debugger.kept_requests import KeptRequest
from costrel.debugger.replay_writer import NoTest, how_to_load, render_test
from costrel.flask.finder import AliasFinder


@pytest.fixture
def module(monkeypatch, tmp_path):
    """Makes a module with a name, a file and contents."""

    def make(name, file, **contents):
        found = ModuleType(name)
        found.__file__ = str(tmp_path / file)
        vars(found).update(contents)
        monkeypatch.setitem(sys.modules, name, found)
        return found

    return make


class App:
    def __init__(self, import_name):
        self.import_name = import_name


def test_an_app_in_a_module_is_imported_by_its_name(module, tmp_path):
    app = App("shop_a")
    module("shop_a", "shop_a.py", app=app)
    assert how_to_load(app) == (str(tmp_path), "from shop_a import app", "")


def test_an_app_in_a_package_is_imported_from_above_it(module, tmp_path):
    app = App("shop_b")
    module("shop_b", "shop_b/__init__.py", application=app)
    assert how_to_load(app)[:2] == (str(tmp_path), "from shop_b import application as app")


def test_an_app_of_a_factory_is_made_anew(module, tmp_path):
    app = App("shop_c.web")
    module("shop_c.web", "shop_c/web.py", create_app=lambda: app)
    assert how_to_load(app) == (
        str(tmp_path),
        "from shop_c.web import create_app",
        "    app = create_app()\n",
    )


def test_a_program_is_imported_by_its_file(module, tmp_path, monkeypatch):
    app = App("__main__")
    main = module("__main__", "run_me.py", app=app)
    main.__spec__ = None
    assert how_to_load(app)[1] == "from run_me import app"


def test_an_app_that_cannot_be_imported_is_refused(module):
    with pytest.raises(NoTest, match="no file"):
        how_to_load(App("not_there"))
    module("shop_d", "shop_d.py")
    with pytest.raises(NoTest, match="under no name"):
        how_to_load(App("shop_d"))


@pytest.mark.parametrize(
    "error",
    ['KeyError: "x"', 'ends in """', "back\\slash", "two\nlines", "a" * 500, "quote at end'\""],
)
def test_whatever_the_error_says_the_file_is_python(error):
    kept = KeptRequest(
        "POST",
        "",
        "/a\xc3\xa4\"'\\n",
        "q='\"",
        "http",
        [("X-Odd", "\"'\\")],
        body=b"\x00'\"",
        error=error,
    )
    text = render_test(kept, "replay_1", "from x import app", "", 500)
    compile(text, "test", "exec")
    assert "X-Odd" in text


def rendered(path="/", headers=()):
    kept = KeptRequest("GET", "", path, "", "http", list(headers))
    return render_test(kept, "replay_1", "from x import app", "", 500)


@pytest.mark.parametrize(
    "name",
    [
        *("Authorization", "proxy-authorization", "X-Auth-User", "Cookie", "X-Api-Key", "apikey"),
        *("X-CSRF-Token", "X-Amz-Security-Token", "X-Client-Secret"),
    ],
)
def test_a_header_that_may_be_a_credential_is_left_out(name):
    text = rendered(headers=[(name, "hush-hush"), ("Accept", "text/html")])
    assert "hush-hush" not in text
    assert "('Accept', 'text/html')" in text


def test_the_path_is_sent_as_it_came():
    assert "'/50%25%20%3F/%C3%A4'," in rendered("/50% ?/\xc3\xa4")


def test_a_program_that_runs_on_the_alias_has_it_in_its_test(monkeypatch):
    assert "install()" not in rendered()
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, AliasFinder({}, is_last=True)])
    assert rendered().index("install()") < rendered().index("from x import app")
