"""Bodies within their limits, as streams and as chunks."""

import io

import pytest

from costrel.http.body import limit_body
from costrel.http.exceptions import ClientDisconnected, RequestEntityTooLarge


def test_a_declared_length_cuts_the_stream():
    assert limit_body(io.BytesIO(b"123456"), 3).read() == b"123"


def test_a_declared_length_wins_over_the_streams_own_end():
    with pytest.raises(ClientDisconnected):
        limit_body(io.BytesIO(b"123"), 9, is_terminated=True).read()


def test_a_body_shorter_than_declared_is_a_lost_client():
    with pytest.raises(ClientDisconnected):
        limit_body(io.BytesIO(b"12"), 3).read()


def test_a_declared_length_over_the_limit_is_refused_before_reading():
    source = io.BytesIO(b"123456")
    with pytest.raises(RequestEntityTooLarge):
        limit_body(source, 6, 5)
    assert source.tell() == 0


def test_a_terminated_stream_is_read_to_its_end():
    assert limit_body(io.BytesIO(b"123"), None, is_terminated=True).read() == b"123"


def test_m4_a_terminated_stream_over_the_limit_is_refused():
    with pytest.raises(RequestEntityTooLarge):
        limit_body(io.BytesIO(b"123456"), None, 5, is_terminated=True).read()
    assert limit_body(io.BytesIO(b"12345"), None, 5, is_terminated=True).read() == b"12345"


def test_without_length_and_end_nothing_is_read():
    source = io.BytesIO(b"123")
    assert limit_body(source, None).read() == b""
    assert limit_body(source, None, safe_fallback=False) is source
