"""safe_join never leaves its directory."""

import os
import posixpath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.safe_path import is_device_name, safe_join


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("a", "b/c"), "a/b/c"),
        (("a", "b", "c"), "a/b/c"),
        (("a", "b/../c"), "a/c"),
        (("a", "./b//c"), "a/b/c"),
        (("a", ""), "a"),
        (("a/", "b"), "a/b"),
        (("", "c"), "./c"),
        (("a", "..."), "a/..."),
        (("a", "context/con_.txt/console"), "a/context/con_.txt/console"),
        (("a", "COM10"), "a/COM10"),
    ],
)
def test_a_harmless_path_is_joined(parts, expected):
    assert safe_join(*parts) == expected


@pytest.mark.parametrize(
    "path", ["..", "../b", "b/../../c", "../a", "./..", "b/../..", "..//", "/..", "//.."]
)
def test_p1_a_path_upwards_is_refused(path):
    assert safe_join("a", path) is None
    assert safe_join("a", "b", path) is None


@pytest.mark.parametrize("path", ["/b", "//b", "/", "///etc/passwd"])
def test_p2_an_absolute_path_is_refused(path):
    assert safe_join("a", path) is None


def test_p2_a_sibling_with_the_same_prefix_is_out_of_reach():
    assert safe_join("/srv/a", "../ab/c") is None


@pytest.mark.parametrize("path", ["b\0", "\0", "b\0.txt"])
def test_p3_a_nul_is_refused(path):
    assert safe_join("a", path) is None


def test_p3_long_and_deep_paths_are_only_text():
    assert safe_join("a", "x" * 300) == "a/" + "x" * 300
    assert safe_join("a", "x/" * 1500 + "y") == "a/" + "x/" * 1500 + "y"
    assert safe_join("a", "../" * 1500) is None


@pytest.mark.parametrize("path", ["C:\\", "c:/x", "C:\\x", "\\\\host\\share", "\\x", "z:/"])
def test_p4_a_windows_root_is_refused_everywhere(path):
    assert safe_join("a", path) is None


@pytest.mark.parametrize("path", ["C:x", "b\\c", "b/c:d", "..\\b"])
def test_p4_on_windows_backslash_and_colon_are_refused(path, monkeypatch):
    monkeypatch.setattr("os.name", "nt")
    monkeypatch.setattr("costrel.http.safe_path._os_alt_seps", ["\\"])
    assert safe_join("a", path) is None


@pytest.mark.skipif(os.name == "nt", reason="a backslash separates on Windows")
def test_a_backslash_is_a_letter_elsewhere():
    assert safe_join("a", "b\\c") == "a/b\\c"


@pytest.mark.parametrize(
    "path",
    [
        "NUL", "con.txt", "LPT9.a.b", "COM¹", "COM1", "lpt³.x", "CONIN$", "conout$", "sub/NUL",
        "nul::$DATA", "CON  ", "CON . txt", "aux/b", "b/prn/c", "CON.", "b\\NUL", "com0",
    ],
)  # fmt: skip
def test_p5_a_device_is_refused_everywhere(path):
    assert is_device_name(path)
    assert safe_join("a", path) is None


def test_p6_a_slash_at_the_end_is_kept(tmp_path):
    (tmp_path / "hello.txt").write_text("x")
    joined = safe_join(str(tmp_path), "hello.txt/")
    assert not os.path.isfile(joined)
    assert not os.path.isfile(safe_join(str(tmp_path), "hello.txt/.."))
    assert os.path.isfile(safe_join(str(tmp_path), "hello.txt"))


@given(st.lists(st.text("ab./\\\0:CON", max_size=12), max_size=3))
@settings(max_examples=300, deadline=None)
def test_what_is_joined_lies_below(parts):
    joined = safe_join("/srv/root", *parts)
    if joined is not None:
        assert (posixpath.normpath(joined) + "/").startswith("/srv/root/")
