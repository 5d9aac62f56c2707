"""Files below a directory, and everything that is not there or must not be found."""

import os
import traceback
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http import find_below as this
from costrel.http.exceptions import NotFound
from costrel.http.find_below import find_below, is_visible


@pytest.fixture
def root(tmp_path):
    (tmp_path / "public" / "sub").mkdir(parents=True)
    (tmp_path / "public-too").mkdir()
    (tmp_path / "public" / "hello.txt").write_text("hello")
    (tmp_path / "public" / "sub" / "deep.txt").write_text("deep")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "public-too" / "secret.txt").write_text("secret")
    return tmp_path / "public"


def refuses(root, path, **options):
    with pytest.raises(NotFound):
        find_below(str(root), path, **options)
    return True


@pytest.mark.parametrize("path", ["hello.txt", "sub/deep.txt", "sub/../hello.txt", "./hello.txt"])
def test_a_file_is_found_with_what_the_file_system_says_of_it(root, path):
    for _ in range(2):
        full, found = find_below(str(root), path)
        assert os.path.samefile(full, root / os.path.normpath(path))
        assert found.st_size == os.path.getsize(full)


@pytest.mark.parametrize(
    "path",
    [
        *("../secret.txt", "sub/../../secret.txt", "..", "", ".", "/etc/passwd", "//etc/passwd"),
        *("../public-too/secret.txt", "..\\secret.txt", "C:\\secret.txt", "\\\\host\\share"),
        *("hello.txt/..", "hello.txt/", "sub", "sub/", "hello.txt/x", "none.txt"),
        *("NUL", "con.txt", "LPT9.a.b", "COM¹", "CONIN$", "sub/NUL", "nul::$DATA", "C:x"),
        *("nul\0l", "line\nbreak", "x" * 300, "../" * 1500 + "etc/passwd", "a/" * 1500 + "a"),
        *("\ud800", "\udcff.txt", "....//secret.txt", "%2e%2e/secret.txt", "~/secret.txt"),
    ],
)
def test_p1_to_p6_and_p8_outside_special_and_missing_are_the_same_404(root, path):
    assert refuses(root, path)
    assert refuses(root, path, follow_symlinks=True, dot_files=True)


def test_a_404_does_not_bring_the_file_systems_error_into_logs(root):
    with pytest.raises(NotFound) as caught:
        find_below(str(root), "none.txt")
    told = traceback.format_exception(caught.value)
    assert not [line for line in told if line.startswith("FileNotFoundError")]


def test_p7_a_link_out_of_the_directory_is_followed_only_on_request(root):
    (root / "out.txt").symlink_to(root.parent / "secret.txt")
    (root / "door").symlink_to(root.parent / "public-too")
    for path in ("out.txt", "door/secret.txt"):
        assert refuses(root, path)
        full, _ = find_below(str(root), path, follow_symlinks=True)
        assert Path(full).read_text() == "secret"
        assert refuses(root, path)


def test_p7_a_link_that_stays_inside_is_followed(root):
    (root / "in.txt").symlink_to(root / "sub" / "deep.txt")
    full, _ = find_below(str(root), "in.txt")
    assert Path(full).read_text() == "deep"


def test_p7_the_directory_itself_may_be_a_link(root):
    link = root.parent / "link"
    link.symlink_to(root)
    assert find_below(str(link), "hello.txt")[1].st_size == 5


def test_p7_a_file_that_was_replaced_by_a_link_out_is_no_longer_found(root):
    find_below(str(root), "hello.txt")
    (root / "hello.txt").unlink()
    (root / "hello.txt").symlink_to(root.parent / "secret.txt")
    assert refuses(root, "hello.txt")


def test_p7_a_folder_that_was_replaced_by_a_link_out_is_no_longer_found(root):
    (root.parent / "elsewhere").mkdir()
    (root.parent / "elsewhere" / "deep.txt").write_text("else")
    find_below(str(root), "sub/deep.txt")
    (root / "sub" / "deep.txt").unlink()
    (root / "sub").rmdir()
    (root / "sub").symlink_to(root.parent / "elsewhere")
    assert refuses(root, "sub/deep.txt")


def test_a_file_that_is_gone_is_no_longer_found(root):
    find_below(str(root), "hello.txt")
    (root / "hello.txt").unlink()
    assert refuses(root, "hello.txt")


def test_a_changed_file_is_seen_as_it_is_now(root):
    find_below(str(root), "hello.txt")
    (root / "hello.txt").write_text("hello again")
    assert find_below(str(root), "hello.txt")[1].st_size == 11


def test_a_pipe_is_not_sent(root):
    os.mkfifo(root / "pipe")
    assert refuses(root, "pipe")


@pytest.mark.parametrize("path", [".env", "sub/.env", ".git/config", "sub/.hidden/x.txt"])
def test_p10_dot_files_are_found_only_on_request(root, path):
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text("hidden")
    assert refuses(root, path)
    assert refuses(root, f"sub/../{path}")
    assert find_below(str(root), path, dot_files=True)[1].st_size == 6
    # Who asks for less is not told of what was found for others.
    assert refuses(root, path)


def test_p10_what_is_made_to_be_well_known_is_found(root):
    (root / ".well-known").mkdir()
    (root / ".well-known" / "security.txt").write_text("mail us")
    (root / ".well-known" / ".key").write_text("hidden")
    assert find_below(str(root), ".well-known/security.txt")[1].st_size == 7
    assert refuses(root, ".well-known/.key")
    assert not is_visible("sub/.well-known/x")


def test_a_directory_may_have_a_dot_itself(tmp_path):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "a.txt").write_text("a")
    assert find_below(str(tmp_path / ".venv"), "a.txt")[1].st_size == 1


def test_no_directory_means_the_current_one(root, monkeypatch):
    monkeypatch.chdir(root)
    assert find_below("", "hello.txt")[1].st_size == 5
    assert find_below(".", "sub/deep.txt")[1].st_size == 4


def test_what_is_remembered_is_bounded(root, monkeypatch):
    monkeypatch.setattr(this, "_FOUND", {})
    monkeypatch.setattr(this, "_MOST_FOUND", 3)
    for n in range(10):
        find_below(str(root), "./" * n + "hello.txt")
        assert len(this._FOUND) <= 3
    assert find_below(str(root), "hello.txt")[1].st_size == 5


def test_what_is_missing_is_not_remembered(root, monkeypatch):
    monkeypatch.setattr(this, "_FOUND", {})
    refuses(root, "none.txt")
    assert this._FOUND == {}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["..", ".", "sub", "hello.txt", "secret.txt", "", "\\", "a:"])))
def test_nothing_outside_is_ever_found(tmp_path_factory, parts):
    root = tmp_path_factory.getbasetemp() / "found" / "public"
    if not root.exists():
        (root / "sub").mkdir(parents=True)
        (root / "hello.txt").write_text("hello")
        (root.parent / "secret.txt").write_text("secret")
    try:
        full, _ = find_below(str(root), "/".join(parts))
    except NotFound:
        return
    assert os.path.realpath(full) == str(root / "hello.txt")
