"""Extensions by their old names."""

import importlib
import sys

import pytest

from costrel.flask.old_api.extension_modules import ExtensionFinder


@pytest.fixture
def extension(tmp_path, monkeypatch):
    package = tmp_path / "flask_things"
    package.mkdir()
    (package / "__init__.py").write_text("class Things: pass\n")
    (package / "inner.py").write_text("from flask_things import Things\n")
    (tmp_path / "flask_broken.py").write_text("import a_library_that_is_not_there\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [ExtensionFinder("flaskext"), *sys.meta_path])
    yield importlib.import_module("flask_things")
    for name in [name for name in sys.modules if "flask_things" in name or "flaskext" in name]:
        del sys.modules[name]


def test_the_old_name_is_the_extension_itself(extension):
    import flaskext.things
    from flaskext.things import Things

    assert flaskext.things is extension
    assert Things is extension.Things
    assert extension.__spec__.name == extension.__name__ == "flask_things"


def test_from_the_package(extension):
    from flaskext import things

    assert things is extension


def test_modules_inside_are_there_once(extension):
    inner = importlib.import_module("flaskext.things.inner")
    assert inner is importlib.import_module("flask_things.inner")
    assert inner.Things is extension.Things


def test_what_is_not_installed_says_what_to_install(extension):
    text = "flaskext.no_such is the module flask_no_such now.*`pip install flask-no-such`"
    with pytest.raises(ModuleNotFoundError, match=text) as info:
        importlib.import_module("flaskext.no_such")
    assert info.value.name == "flask_no_such"


def test_what_an_extension_lacks_is_told_as_it_is(extension):
    with pytest.raises(ModuleNotFoundError, match="a_library_that_is_not_there"):
        importlib.import_module("flaskext.broken")


def test_other_names_are_left_to_other_finders():
    finder = ExtensionFinder("flask.ext")
    assert finder.find_spec("flask.extensions") is None
    assert finder.find_spec("json") is None
