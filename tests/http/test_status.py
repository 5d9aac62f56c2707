"""Tests of the table of status codes."""

from http import HTTPStatus

from costrel.http.status import HTTP_STATUS_CODES, STATUS_LINES


def test_every_code_the_standard_library_knows_has_a_phrase():
    assert [code for code in HTTPStatus if code not in HTTP_STATUS_CODES] == []


def test_phrases_fit_into_a_status_line():
    for code, phrase in HTTP_STATUS_CODES.items():
        assert 100 <= code <= 599
        assert phrase.isascii()
        assert phrase.isprintable()


def test_lines_of_codes_that_http_does_not_have_are_not_kept():
    before = len(STATUS_LINES)
    assert [STATUS_LINES[code] for code in (0, 99, 1000, 123_456)] == [
        "0 UNKNOWN",
        "99 UNKNOWN",
        "1000 UNKNOWN",
        "123456 UNKNOWN",
    ]
    assert len(STATUS_LINES) == before
