"""Requests recorded on their way, and made again."""

import io

import pytest

from costrel.debugger.kept_requests import LARGEST_BODY, KeptRequest
from costrel.debugger.wsgi_request import (
    RecordedInput,
    announced_length,
    call_app,
    keep_environ,
    make_environ,
)


@pytest.mark.parametrize(
    "read",
    [
        lambda stream: stream.read(),
        lambda stream: stream.read(5),
        lambda stream: stream.readline(),
        lambda stream: stream.readlines(),
        lambda stream: list(stream),
        lambda stream: None,
    ],
)
def test_however_a_body_is_read_it_is_kept_whole(read):
    recorded = RecordedInput(io.BytesIO(b"one\ntwo\n"))
    assert read(recorded) == read(io.BytesIO(b"one\ntwo\n"))
    assert recorded.whole(8) == b"one\ntwo\n"


def test_a_body_in_chunks_is_kept_as_far_as_it_was_read():
    recorded = RecordedInput(io.BytesIO(b"one\ntwo\n"))
    recorded.readline()
    assert recorded.whole(None) == b"one\n"


def test_a_body_that_breaks_off_is_not_kept():
    class Broken(io.BytesIO):
        def read(self, *args):
            raise ConnectionError

    assert RecordedInput(Broken()).whole(5) is None
    assert RecordedInput(io.BytesIO(b"abc")).whole(5) is None


def test_a_body_over_the_limit_is_not_kept():
    recorded = RecordedInput(io.BytesIO(b"x" * (LARGEST_BODY + 1)))
    recorded.read()
    assert recorded.kept == []
    assert recorded.whole(None) is None
    assert RecordedInput(io.BytesIO()).whole(LARGEST_BODY + 1) is None


def test_the_servers_stream_is_the_same_else():
    recorded = RecordedInput(io.BytesIO(b"x"))
    assert recorded.seekable()
    assert not hasattr(recorded, "readinto")


@pytest.mark.parametrize(
    ("environ", "length"),
    [
        ({}, 0),
        ({"CONTENT_LENGTH": "12"}, 12),
        ({"CONTENT_LENGTH": "-1"}, 0),
        ({"CONTENT_LENGTH": "²"}, 0),
        ({"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "3"}, None),
    ],
)
def test_the_announced_length(environ, length):
    assert announced_length(environ) == length


def test_a_request_is_the_same_after_being_kept():
    kept = KeptRequest(
        "PUT",
        "/mount",
        "/p\xc3\xa4th",
        "a=1",
        "https",
        [
            ("Host", "example.org"),
            ("Content-Type", "text/plain"),
            ("X-One", "1"),
            ("Connection", "close"),
            ("Content-Length", "4"),
        ],
        "192.0.2.1",
        ("example.org", "443"),
        b"body",
    )
    again = keep_environ(make_environ(kept))
    again.body = b"body"
    kept.headers = [pair for pair in kept.headers if pair[0] != "Connection"]
    assert again == kept
    assert kept.target == "/mount/päth?a=1"
    assert make_environ(kept)["REQUEST_URI"] == "/mount/p%C3%A4th?a=1"


def test_an_app_is_run_to_the_end_and_closed():
    closed = []

    class Body(list):
        def close(self):
            closed.append(True)

    def app(environ, start_response):
        start_response("201 CREATED", [])(b"written")
        return Body([b"x"])

    assert call_app(app, {}) == "201 CREATED"
    assert closed == [True]
    assert call_app(lambda environ, start_response: [], {}) == "500 No answer"


def test_an_error_that_an_app_tells_of_is_raised():
    import sys

    def app(environ, start_response):
        try:
            raise LookupError
        except LookupError:
            start_response("500 X", [], sys.exc_info())

    with pytest.raises(LookupError):
        call_app(app, {})
