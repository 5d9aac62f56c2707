"""The error that is being handled."""

import pytest

from costrel.flask.old_api.old_traceback import get_current_traceback


def fail(error):
    raise error


def test_an_error_as_text_and_as_a_page():
    try:
        fail(KeyError("<a>"))
    except KeyError:
        found = get_current_traceback()
    assert found.plaintext.startswith("Traceback")
    assert found.exception == "KeyError: '<a>'"
    assert [frame.name for frame in found.frames] == [
        "test_an_error_as_text_and_as_a_page",
        "fail",
    ]
    page = found.render_full()
    assert "KeyError" in page
    assert "<a>" not in page


def test_first_frames_are_left_out():
    try:
        fail(KeyError("a"))
    except KeyError:
        assert [frame.name for frame in get_current_traceback(skip=1).frames] == ["fail"]


def test_what_ends_a_program_goes_on_to():
    def handle(**options):
        try:
            fail(SystemExit(1))
        except SystemExit:
            return get_current_traceback(**options)

    assert handle().exception == "SystemExit: 1"
    with pytest.raises(SystemExit):
        handle(ignore_system_exceptions=True)


def test_where_no_error_is_handled_it_says_so():
    with pytest.raises(ValueError, match="within an `except`"):
        get_current_traceback()
