import json

import pytest

from costrel.devserver.start_failure import StartFailure

IMPORT = """\
Using 3 plugins
Traceback (most recent call last):
  File "{file}", line 2, in <module>
    import no_such_module
  File "<frozen importlib._bootstrap>", line 1, in _find
ModuleNotFoundError: No module named 'no_such_module'
"""
SYNTAX = """\
  File "{file}", line 1
    def broken(:
               ^
SyntaxError: invalid syntax
"""
LIVE = "/live"


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = tmp_path / "hello.py"
    found.write_text("x = '<b>'\nimport no_such_module\n")
    return found


def test_the_last_error_is_read_with_its_frames_and_the_source_around_them(file):
    failure = StartFailure(IMPORT.format(file=file), 1)
    assert (failure.kind, failure.message) == (
        "ModuleNotFoundError",
        "No module named 'no_such_module'",
    )
    (frame,) = failure.frames
    assert frame.place == "hello.py:2"
    assert [line.text for line in frame.lines if line.is_current] == ["import no_such_module"]
    assert [finding.code for finding in failure.findings()] == ["CST707"]


def test_of_a_chain_the_last_one_counts(file):
    text = IMPORT.format(file=file) + (
        "\nDuring handling of the above exception, another exception occurred:\n\n"
        f'Traceback (most recent call last):\n  File "{file}", line 1, in start\n'
        "app.errors.Broken: two\nlines\n"
    )
    failure = StartFailure(text, 1)
    assert (failure.kind, failure.message) == ("app.errors.Broken", "two\nlines")
    assert failure.frames[0].function == "start"
    assert failure.findings() == []


def test_an_error_whose_text_says_enough_is_advised_on_with_its_place(file):
    text = (
        f'Traceback (most recent call last):\n  File "{file}", line 2, in <module>\n'
        "ValueError: The rule 'about' must start with a slash.\n"
    )
    (finding,) = StartFailure(text.replace("The rule", "rule"), 1).findings()
    assert (finding.code, finding.where) == ("CST710", "hello.py:2")


def test_what_the_program_found_out_itself_comes_first(file):
    (told,) = StartFailure(IMPORT.format(file=file), 1).findings()
    assert StartFailure("anything", 1, [told]).findings() == [told]


def test_a_syntax_error_has_no_traceback_and_is_advised_on(file):
    file.write_text("def broken(:\n")
    failure = StartFailure(SYNTAX.format(file=file), 1)
    assert (failure.kind, failure.message) == ("SyntaxError", "invalid syntax")
    assert [finding.code for finding in failure.findings()] == ["CST715"]
    file.write_text("healed = True\n")
    assert failure.findings() == []
    file.unlink()
    assert failure.findings() == []


def test_a_program_that_only_ends_is_told_of_by_what_it_said():
    failure = StartFailure("no licence\n", 7)
    assert failure.message == "It ended with exit code 7."
    page, _ = failure.answer("GET", "/", {"accept": "text/html"}, LIVE)
    assert "no licence" in page
    text, headers = failure.answer("GET", "/", {}, LIVE)
    assert text == "no licence\n"
    assert headers["Content-Type"].startswith("text/plain")


def test_the_page_shows_the_line_escaped_and_waits_for_the_program(file):
    failure = StartFailure(IMPORT.format(file=file), 1)
    page, headers = failure.answer("GET", "/<script>", {"accept": "text/html"}, LIVE)
    assert "&lt;b&gt;" in page
    assert "/<script>" not in page
    assert failure.id in page
    assert '"/live?failed-' in page
    assert 'role="status">Mend it and save: this page goes on as soon as the program st' in page
    assert "script-src 'nonce-" in headers["Content-Security-Policy"]
    assert "location.reload" not in failure.answer("POST", "/", {"accept": "text/html"}, LIVE)[0]


def test_json_is_for_who_asks_for_it(file):
    failure = StartFailure(IMPORT.format(file=file), 1)
    text, headers = failure.answer("GET", "/", {"accept": "application/json"}, LIVE)
    assert headers["Content-Type"] == "application/json"
    assert json.loads(text)["error"]["type"] == "ModuleNotFoundError"
    assert json.loads(text)["findings"][0]["code"] == "CST707"
