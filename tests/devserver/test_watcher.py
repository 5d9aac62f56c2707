import os
import sys
import threading
from pathlib import Path

import pytest

from costrel.devserver.watcher import SourceFilter, find_roots, watch_sources


def counts(path, extra=(), excluded=()):
    return SourceFilter(extra, excluded)(None, str(path))


@pytest.mark.parametrize("name", ["app.py", "deep/er/app.py", "stub.pyi", ".env", ".flaskenv"])
def test_source_files_count(tmp_path, name):
    assert counts(tmp_path / name)


@pytest.mark.parametrize(
    "name",
    [
        "data.sqlite",
        "run.log",
        "static/site.css",
        "__pycache__/app.py",
        ".git/hook.py",
        "node_modules/x/y.py",
        "lib/site-packages/package/a.py",
        ".#app.py",
        ".app.py.swp.py",
    ],
)
def test_what_programs_write_does_not_count(tmp_path, name):
    assert not counts(tmp_path / name)


def test_a_virtual_environment_of_any_name_does_not_count(tmp_path):
    (tmp_path / "surroundings").mkdir()
    (tmp_path / "surroundings/pyvenv.cfg").touch()
    assert not counts(tmp_path / "surroundings/lib/a.py")
    assert counts(tmp_path / "other/a.py")


def test_extra_files_count_whatever_their_ending_and_folders_with_all_in_them(tmp_path):
    extra = [str(tmp_path / "config.toml"), str(tmp_path / "texts")]
    assert counts(tmp_path / "config.toml", extra)
    assert counts(tmp_path / "texts/en/a.txt", extra)
    assert not counts(tmp_path / "config.toml.bak", extra)


def test_excluded_patterns_never_count(tmp_path):
    assert not counts(tmp_path / "gen/a.py", excluded=["*/gen/*"])


def test_roots_are_where_one_works_and_not_what_is_installed(own_folder, monkeypatch):
    (own_folder / "inside").mkdir()
    monkeypatch.chdir(own_folder)
    monkeypatch.setattr(
        sys, "path", [str(own_folder / "inside"), str(own_folder / "gone"), *sys.path]
    )
    roots, is_recursive = find_roots()
    assert os.path.realpath(own_folder) in roots
    assert os.path.realpath(own_folder / "inside") not in roots
    assert str(own_folder / "gone") not in roots
    assert not [root for root in roots if "site-packages" in root]
    assert os.path.dirname(os.__file__) not in roots
    assert is_recursive


def test_a_home_folder_is_not_looked_through(own_folder, monkeypatch):
    monkeypatch.chdir(own_folder)
    monkeypatch.setattr(Path, "home", lambda: own_folder)
    assert find_roots()[1] is False


def test_an_extra_file_is_a_root_of_its_own(own_folder, monkeypatch):
    monkeypatch.chdir(os.path.dirname(__file__))
    file = own_folder / "config.toml"
    file.touch()
    assert os.path.realpath(file) in find_roots([str(file)])[0]


def test_a_saved_file_is_told_of_and_silence_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "costrel.devserver.watcher.find_roots", lambda extra: ([str(tmp_path)], True)
    )
    stop = threading.Event()
    changes = watch_sources(stop)
    assert next(changes) == []
    (tmp_path / "out.log").write_text("x")
    (tmp_path / "app.py").write_text("x = 1")
    found = next(batch for batch in changes if batch)
    stop.set()
    assert found == [str(tmp_path / "app.py")]
    assert list(changes) in ([], [[]])
