import datetime as dt
import os
import sys
from types import ModuleType

import pytest

from costrel.parts import importing
from costrel.parts.importing import (
    ImportStringError,
    find_instance_path,
    find_modules,
    find_package,
    get_root_path,
    import_string,
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder on sys.path whose modules are forgotten again."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("datetime", dt),
        ("datetime.date", dt.date),
        ("datetime:date", dt.date),
        ("os.path", os.path),
        ("os:path", os.path),
    ],
)
def test_a_name_is_imported(name, expected):
    assert import_string(name) is expected


def test_a_submodule_is_imported(project):
    write(project / "sub_pack" / "__init__.py")
    write(project / "sub_pack" / "inner.py", "x = 1")
    assert import_string("sub_pack.inner").x == 1
    assert import_string("sub_pack.inner:x") == 1


@pytest.mark.parametrize("name", ["nosuchmodule", "nosuch.module", "datetime.nosuch", "os.path.no"])
def test_what_is_not_there_is_an_error_or_none(name):
    assert import_string(name, silent=True) is None
    with pytest.raises(ImportStringError) as info:
        import_string(name)
    assert info.value.import_name == name
    assert isinstance(info.value.exception, ImportError)
    assert repr(name) in str(info.value)
    assert repr(name) in repr(info.value)


@pytest.mark.parametrize(
    ("name", "found", "missing"),
    [
        ("os.path.no", "'os.path' can be imported", "'no' failed"),
        ("nosuch.x", "no part of it can be imported", "'nosuch' failed"),
    ],
)
def test_the_error_tells_which_part_failed(name, found, missing):
    with pytest.raises(ImportStringError, match=f"{found}, then {missing}"):
        import_string(name)


def test_the_cause_is_seen_and_not_hidden_by_the_search(project):
    write(project / "broken_pack" / "__init__.py")
    write(project / "broken_pack" / "inner.py", "import nosuchmodule")
    with pytest.raises(ImportStringError, match="No module named 'nosuchmodule'"):
        import_string("broken_pack.inner")


def test_the_traceback_leads_to_the_faulty_import(project):
    write(project / "typo.py", "from os import a_typo")
    with pytest.raises(ImportStringError) as info:
        import_string("typo")
    assert "from os import a_typo" in "".join(str(line) for line in info.traceback)
    # `typo` was imported in part and given up again.
    assert "then 'typo' failed" in str(info.value)


def test_an_error_about_a_module_that_is_loaded_names_its_last_part():
    assert "then 'path' failed" in str(ImportStringError("os.path", ImportError("x")))


def test_other_errors_of_a_module_are_its_own(project):
    write(project / "bad_one.py", "raise AttributeError('bad')")
    with pytest.raises(AttributeError, match="bad"):
        import_string("bad_one")


def test_modules_of_a_package_are_found(project):
    write(project / "tree" / "__init__.py")
    write(project / "tree" / "a.py", "raise RuntimeError('imported')")
    write(project / "tree" / "sub" / "__init__.py")
    write(project / "tree" / "sub" / "b.py")
    assert list(find_modules("tree")) == ["tree.a"]
    assert list(find_modules("tree", include_packages=True)) == ["tree.a", "tree.sub"]
    assert list(find_modules("tree", recursive=True)) == ["tree.a", "tree.sub.b"]
    found = list(find_modules("tree", include_packages=True, recursive=True))
    assert found == ["tree.a", "tree.sub", "tree.sub.b"]


def test_a_module_has_no_modules():
    with pytest.raises(ValueError, match="'datetime' is not a package"):
        list(find_modules("datetime"))


def test_the_root_of_a_loaded_module_is_its_folder():
    assert get_root_path("json.decoder") == os.path.dirname(sys.modules["json"].__file__)


def test_the_root_of_a_module_that_is_not_loaded_is_its_folder(project):
    write(project / "unloaded.py", "raise RuntimeError('imported')")
    assert get_root_path("unloaded") == str(project)


def test_the_root_of_what_has_no_file_is_the_current_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    console = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", console)
    assert get_root_path("__main__") == str(tmp_path)
    assert get_root_path("nosuchmodule") == str(tmp_path)


def test_a_namespace_package_has_no_root(project):
    (project / "spaced").mkdir()
    with pytest.raises(RuntimeError, match="'spaced'.*root_path"):
        get_root_path("spaced")


def test_a_built_in_module_has_no_root(monkeypatch):
    with pytest.raises(RuntimeError, match="No root path can be found"):
        get_root_path("time")


def test_an_uninstalled_module_keeps_its_instance_beside_it(project):
    write(project / "lone.py")
    assert find_package("lone") == (None, str(project))
    assert find_instance_path("lone", "lone") == str(project / "instance")


def test_an_uninstalled_package_keeps_its_instance_beside_it(project):
    write(project / "pack" / "__init__.py")
    write(project / "pack" / "inner.py")
    assert find_package("pack") == (None, str(project))
    assert find_package("pack.inner") == (None, str(project))


def test_a_namespace_package_is_where_the_named_part_is(tmp_path, monkeypatch):
    for part in ("one", "two"):
        write(tmp_path / part / "space" / part / "__init__.py")
        monkeypatch.syspath_prepend(str(tmp_path / part))
    assert find_package("space.one") == (None, str(tmp_path / "one"))
    assert find_package("space.two") == (None, str(tmp_path / "two"))
    # The folder last put on sys.path is searched first.
    assert find_package("space") == (None, str(tmp_path / "two"))
    assert find_package("space.nosuch") == (None, str(tmp_path / "two"))


@pytest.mark.parametrize("name", ["nosuchmodule", "time"])
def test_what_is_nowhere_belongs_to_the_current_folder(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert find_package(name) == (None, str(tmp_path))


def test_a_namespace_without_folders_belongs_to_the_current_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    spec = type("Spec", (), {"submodule_search_locations": [], "has_location": False})
    monkeypatch.setattr(importing, "_find_spec", lambda name: spec)
    assert find_package("empty") == (None, str(tmp_path))


@pytest.mark.parametrize(
    ("place", "prefix"),
    [
        ("lib/python3.11/site-packages", ""),
        ("Lib/site-packages", ""),
        ("odd/site-packages", "odd"),
    ],
)
def test_site_packages_tell_the_prefix(tmp_path, monkeypatch, place, prefix):
    folder = tmp_path / place
    write(folder / "installed_thing.py")
    monkeypatch.syspath_prepend(str(folder))
    expected = str(tmp_path / prefix)
    assert find_package("installed_thing") == (expected, str(folder))
    instance = os.path.join(expected, "var", "thing-instance")
    assert find_instance_path("installed_thing", "thing") == instance


def test_what_is_under_the_running_prefix_is_installed(project, monkeypatch):
    write(project / "deep" / "prefixed.py")
    monkeypatch.syspath_prepend(str(project / "deep"))
    monkeypatch.setattr("sys.prefix", str(project))
    assert find_package("prefixed") == (str(project), str(project / "deep"))


def test_a_folder_whose_name_begins_like_the_prefix_is_not_in_it(tmp_path, monkeypatch):
    write(tmp_path / "prefix-not" / "beside.py")
    monkeypatch.syspath_prepend(str(tmp_path / "prefix-not"))
    monkeypatch.setattr("sys.prefix", str(tmp_path / "prefix"))
    assert find_package("beside") == (None, str(tmp_path / "prefix-not"))
