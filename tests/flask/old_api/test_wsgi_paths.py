"""Old functions for environs and input; what is expected is what Werkzeug 1.0.1 returns."""

import io

import pytest

from costrel.flask.old_api.wsgi_paths import (
    get_query_string,
    get_script_name,
    make_chunk_iter,
    make_line_iter,
    peek_path_info,
    pop_path_info,
)


@pytest.mark.parametrize(
    ("path", "segment", "script", "rest"),
    [
        ("/a/b", "a", "/r/a", "/b"),
        ("//a//b", "a", "/r//a", "//b"),
        ("/a", "a", "/r/a", ""),
        ("a/b", "a", "/ra", "/b"),
        ("/", "", "/r/", ""),
        ("/%C3", "%C3", "/r/%C3", ""),
        ("/\xc3\xbc/x", "ü", "/r/\xc3\xbc", "/x"),
        ("", None, "/r", ""),
    ],
)
def test_popping_a_segment(path, segment, script, rest):
    environ = {"SCRIPT_NAME": "/r", "PATH_INFO": path}
    assert peek_path_info(environ) == (segment or "")
    assert environ["PATH_INFO"] == path
    assert pop_path_info(environ) == segment
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == (script, rest)


def test_without_a_charset_a_segment_is_bytes():
    assert peek_path_info({"PATH_INFO": "/\xff"}, charset=None) == b"\xff"


def test_script_name_and_query():
    assert get_script_name({"SCRIPT_NAME": "/\xc3\xbc"}) == "/ü"
    assert get_query_string({"QUERY_STRING": "a=\xc3\xbc&b= %20"}) == "a=%C3%BC&b=%20%20"


@pytest.mark.parametrize("size", [2, 100])
@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"a\r\nb\nc\rd", [b"a\r\n", b"b\n", b"c\r", b"d"]),
        (b"abc", [b"abc"]),
        (b"a\n\n", [b"a\n", b"\n"]),
        (b"", []),
    ],
)
def test_lines(data, lines, size):
    assert list(make_line_iter(io.BytesIO(data), buffer_size=size)) == lines


def test_lines_and_chunks_of_text():
    assert list(make_line_iter(["ä\r", "\nb\u2028c\n"])) == ["ä\r\n", "b\u2028c\n"]
    assert list(make_line_iter(io.StringIO("ab\ncd"), limit=4)) == ["ab\n", "c"]
    assert list(make_chunk_iter(["aX", "bä", ""], "X")) == ["a", "bä"]
    assert list(make_chunk_iter([b"aXb"], "X")) == [b"a", b"b"]


def test_no_more_is_read_than_is_asked_for():
    lines = make_line_iter(iter([b"a\nb", b"c\n", 1 / 2]))
    assert [next(lines), next(lines)] == [b"a\n", b"bc\n"]


def test_lines_of_an_iterable_and_within_a_limit():
    assert list(make_line_iter([b"a\r", b"\nb\n"])) == [b"a\r\n", b"b\n"]
    assert list(make_line_iter(io.BytesIO(b"ab\ncd"), limit=4)) == [b"ab\n", b"c"]
    pieces = make_line_iter(io.BytesIO(b"abcdefgh\nx"), buffer_size=3, cap_at_buffer=True)
    assert list(pieces) == [b"abc", b"def", b"gh\n", b"x"]


@pytest.mark.parametrize("size", [2, 100])
@pytest.mark.parametrize(
    ("data", "chunks"),
    [
        (b"aXbXXc", [b"a", b"b", b"", b"c"]),
        (b"aX", [b"a", b""]),
        (b"X", [b"", b""]),
        (b"", []),
    ],
)
def test_chunks(data, chunks, size):
    assert list(make_chunk_iter(io.BytesIO(data), b"X", buffer_size=size)) == chunks


def test_chunks_of_an_iterable_and_within_a_limit():
    assert list(make_chunk_iter([b"abX", b"Xc"], b"XX")) == [b"ab", b"c"]
    pieces = make_chunk_iter(io.BytesIO(b"abcdXef"), b"X", 6, buffer_size=3, cap_at_buffer=True)
    assert list(pieces) == [b"abc", b"d", b"e"]
