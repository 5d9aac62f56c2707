"""Errors and frames as they are shown."""

import pytest

from costrel.debugger.frame_views import message_of, name_of, short_text, text_of, view_chain
from costrel.debugger.shown_values import Secrets


def caught(function):
    try:
        function()
    except BaseException as error:
        return error
    pytest.fail("It did not fail.")


def view(function):
    return view_chain(caught(function), Secrets(None, "hide-this-text"))


def test_the_part_that_was_running_is_marked_in_characters_not_bytes():
    def fail():
        ä = [1]
        return "äöü", ä[7]

    frame = view(fail)[-1].frames[-1]
    line = next(line for line in frame.lines if line.is_current)
    assert line.text[line.start : line.end] == "ä[7]"


def test_a_whole_line_is_not_marked():
    def fail():
        raise ValueError

    line = next(line for line in view(fail)[-1].frames[-1].lines if line.is_current)
    assert line.start == -1


def test_secrets_are_hidden_in_messages_notes_values_and_source():
    def fail():
        value = "hide-this-text"
        error = ValueError(value)
        error.add_note(value)
        raise error

    shown = view(fail)[-1]
    assert "hide" not in shown.message
    assert "hide" not in shown.notes[0]
    frame = shown.frames[-1]
    assert "hide-this" not in str(frame.values)
    assert "hide-this" not in str([line.text for line in frame.lines])


def test_a_chain_is_shown_as_python_prints_it():
    def fail():
        try:
            {}["a"]
        except KeyError as error:
            raise ValueError("outer") from error

    text = text_of(view(fail))
    assert (
        text.index("KeyError: 'a'") < text.index("direct cause") < text.index("ValueError: outer")
    )
    assert '{}["a"]' in text
    assert '{}["a"]' not in text_of(view(fail), has_source=False)


def test_a_hidden_context_stays_hidden():
    def fail():
        try:
            {}["a"]
        except KeyError:
            raise ValueError("outer") from None

    assert len(view(fail)) == 1


def test_a_ring_of_errors_comes_to_an_end():
    first, second = ValueError("first"), TypeError("second")
    first.__context__, second.__context__ = second, first
    assert [one.message for one in view_chain(first, Secrets())] == ["second", "first"]


def test_groups_are_shown_within_groups_and_bounded():
    inner = ExceptionGroup("inner", [ValueError(str(n)) for n in range(30)])
    shown = view_chain(ExceptionGroup("outer", [inner, KeyError("k")]), Secrets())[-1]
    assert [member.kind for member in shown.members] == ["ExceptionGroup", "KeyError"]
    assert len(shown.members[0].members) == 10
    assert "  | " in text_of([shown])


def test_a_syntax_error_shows_its_file(tmp_path):
    path = tmp_path / "broken.py"
    path.write_text("x = 1\ny = (\n")

    def fail():
        compile(path.read_text(), str(path), "exec")

    frame = view(fail)[-1].frames[-1]
    assert frame.file.endswith("broken.py")
    assert [line.number for line in frame.lines if line.is_current] == [frame.line]


def test_a_frame_may_ask_to_be_left_out():
    def fail():
        __traceback_hide__ = True  # noqa: F841  debuggers read it
        raise ValueError

    assert [frame.function for frame in view(fail)[-1].frames] == ["caught"]


def test_deep_recursion_is_bounded():
    def fail():
        fail()

    assert len(view(fail)[-1].frames) <= 400


def test_an_error_without_a_text_has_its_name():
    class Sulky(Exception):
        def __str__(self):
            raise RuntimeError

    assert name_of(ValueError()) == "ValueError"
    assert short_text(KeyError()) == "KeyError"
    assert message_of(Sulky()) == "<no text: its __str__ raises>"
    assert len(message_of(ValueError("x" * 9000))) < 4100
