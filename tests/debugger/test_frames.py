import pytest

from costrel.debugger.frames import DebugTraceback, render_console_html


def inner(value):
    __traceback_info__ = "look <here>"
    return value["missing"]


def outer():
    secret = 42
    return inner({"a": secret})


def hidden():
    __traceback_hide__ = True  # noqa: F841  # read from the frame
    outer()


def caught(function):
    try:
        function()
    except Exception as error:
        return error
    raise AssertionError("it did not fail")


def names(found):
    return [frame.name for frame in found.all_frames]


def test_frames_are_in_the_order_of_calling():
    assert names(DebugTraceback(caught(outer))) == ["caught", "outer", "inner"]


def test_the_first_frames_may_be_skipped_and_marked_ones_are_hidden():
    assert names(DebugTraceback(caught(hidden), skip=1)) == ["outer", "inner"]
    assert names(DebugTraceback(caught(hidden), skip=1, hide=False))[0] == "hidden"


def test_a_frame_knows_its_line_and_variables():
    frame = DebugTraceback(caught(outer)).all_frames[1]
    assert frame.line == 'return inner({"a": secret})'
    assert frame.locals["secret"] == 42
    assert frame.filename == __file__
    assert not frame.is_library
    assert "43" in frame.eval("secret + 1")
    assert frame.info is None


def test_a_frame_of_a_library_is_folded_beside_ones_own():
    def deep():
        import json

        json.loads("{")

    found = DebugTraceback(caught(deep))
    assert [frame.is_library for frame in found.all_frames][-1]
    html = found.render_traceback_html()
    assert 'class="library"' in html
    assert 'class="own" open' in html


def test_the_source_around_a_line_is_shown_with_the_line_marked():
    html = DebugTraceback(caught(outer)).render_traceback_html()
    assert "look &lt;here&gt;" in html
    assert "return value[&#34;missing&#34;]\n</mark>" in html
    assert "def inner(value):" in html


def cause():
    try:
        outer()
    except KeyError as error:
        raise ValueError("second") from error


def context():
    try:
        outer()
    except KeyError:
        raise ValueError("second")


def suppressed():
    try:
        outer()
    except KeyError:
        raise ValueError("second") from None


@pytest.mark.parametrize(
    ("function", "kinds", "words"),
    [
        (cause, ["KeyError", "ValueError"], "direct cause"),
        (context, ["KeyError", "ValueError"], "was handled"),
        (suppressed, ["ValueError"], "Traceback"),
    ],
)
def test_the_chain_of_exceptions_begins_with_the_first(function, kinds, words):
    found = DebugTraceback(caught(function))
    assert [type(error).__name__ for _, error in found.chain] == kinds
    text = found.render_traceback_text()
    assert words in text
    assert text.count("Traceback (most recent call last)") == len(kinds)
    assert found.render_debugger_html(False, "", False).count("<h2>") == (
        len(kinds) + 1 if len(kinds) > 1 else 1
    )


def test_a_chain_that_runs_in_a_circle_ends():
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert len(DebugTraceback(first).chain) == 2


def test_a_syntax_error_shows_where():
    error = caught(lambda: compile("a b", "given.py", "exec"))
    assert "given.py" in DebugTraceback(error).render_traceback_html()


def test_an_error_without_text_is_its_kind():
    assert "<title>KeyError</title>" in DebugTraceback(KeyError()).render_debugger_html(0, "", 0)


def test_code_without_a_file_is_shown_without_source():
    scope = {}
    exec("def f():\n    raise ValueError('x')", scope)
    found = DebugTraceback(caught(scope["f"]))
    assert found.all_frames[-1].line == ""
    assert 'File "<string>", line 2, in f\n' in found.render_traceback_text()


def test_there_is_no_console_in_the_browser():
    assert "costrel shell" in render_console_html("secret", True)
    assert "secret" not in render_console_html("secret", True).replace("costrel", "")
