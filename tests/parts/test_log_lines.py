import io
import subprocess
import sys

import pytest

from costrel.parts.log_lines import ErrorsStream, escape_log_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/plain/päth ☃", "/plain/päth ☃"),
        ("/a\r\nERROR forged", "/a\\x0d\\x0aERROR forged"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\tb\0\x7f\x85", "a\\x09b\\x00\\x7f\\x85"),
        ("a\u2028b\u202ec", "a\\u2028b\\u202ec"),
        ("\ud800", "\\ud800"),
    ],
)
def test_l2_control_characters_of_a_path_are_escaped(text, expected):
    assert escape_log_text(text) == expected


def test_errors_go_to_the_stderr_of_the_moment(monkeypatch):
    stream = ErrorsStream()
    for _ in range(2):
        now = io.StringIO()
        monkeypatch.setattr("sys.stderr", now)
        assert stream.write("abc") == 3
        stream.writelines(["d", "e"])
        stream.flush()
        assert now.getvalue() == "abcde"


def test_errors_go_to_the_stream_of_the_request_where_there_is_one():
    stream = ErrorsStream()
    given = io.StringIO()
    stream.find = lambda: given
    stream.write("x")
    assert given.getvalue() == "x"
    stream.find = lambda: None
    assert stream._get_current_object() is sys.stderr


def test_whatever_else_is_asked_is_asked_of_the_stream():
    stream = ErrorsStream()
    stream.find = io.StringIO
    assert stream.isatty() is False
    assert not hasattr(stream, "nothing_of_the_kind")


def test_the_path_of_a_request_does_not_import_logging():
    code = (
        "import sys, costrel.parts.log_lines, costrel.parts.sessions, costrel.parts.signals\n"
        "heavy = {'logging', 'jinja2', 'blinker', 'inspect', 'uuid', 'decimal', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
