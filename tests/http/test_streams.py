"""Limited streams, closing iterators, files and ranges as bodies."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.exceptions import ClientDisconnected, RequestEntityTooLarge
from costrel.http.streams import (
    ClosingIterator,
    FileWrapper,
    LimitedStream,
    RangeWrapper,
    wrap_file,
)


class Dribble:
    """A stream that gives one byte at a time, and has no readline."""

    def __init__(self, content):
        self.content = io.BytesIO(content)

    def read(self, size=-1):
        assert size >= 0
        return self.content.read(min(size, 1))


class Broken:
    def read(self, size=-1):
        raise OSError("connection reset")

    readline = read


def test_reading_stops_at_the_limit():
    source = io.BytesIO(b"123456")
    stream = LimitedStream(source, 3)
    assert (stream.read(2), stream.read(2), stream.read(2), stream.read()) == (
        b"12",
        b"3",
        b"",
        b"",
    )
    assert stream.tell() == 3
    assert source.read() == b"456"


@pytest.mark.parametrize("size", [-1, None])
def test_without_a_size_all_is_read(size):
    assert LimitedStream(io.BytesIO(b"123456"), 3).read(size) == b"123"


def test_lines_end_at_the_limit():
    stream = LimitedStream(io.BytesIO(b"123\n456\nabcdefg"), 9)
    assert (stream.readline(2), stream.readline(), stream.readline()) == (b"12", b"3\n", b"456\n")
    assert stream.readlines() == [b"a"]


def test_lines_are_found_in_a_stream_that_knows_none():
    assert list(LimitedStream(Dribble(b"1\n23\n4"), 5)) == [b"1\n", b"23\n"]


def test_a_text_reader_can_be_put_on_top():
    stream = LimitedStream(io.BytesIO(b'{"a": 1}}'), 8)
    assert json.load(io.TextIOWrapper(io.BufferedReader(stream), "utf-8")) == {"a": 1}
    assert stream.is_exhausted


def test_reading_into_a_buffer_stops_at_the_limit():
    stream = LimitedStream(io.BytesIO(b"123456"), 5)
    assert io.BufferedReader(stream, 2).read(4) == b"1234"
    buffer = bytearray(b"....")
    assert stream.readinto(buffer) + stream.readinto(buffer) <= 1


def test_reading_nothing_changes_nothing():
    source = io.BytesIO(b"12")
    stream = LimitedStream(source, 1, is_max=True)
    assert (stream.read(0), stream.read(1), stream.read(0), source.tell()) == (b"", b"1", b"", 1)


def test_exhaust_reads_the_rest_once():
    stream = LimitedStream(io.BytesIO(b"123456"), 4)
    stream.read(1)
    assert (stream.exhaust(), stream.exhaust()) == (b"234", b"")


@pytest.mark.parametrize("read", [lambda s: s.read(), lambda s: s.read(9), lambda s: s.readline()])
@pytest.mark.parametrize("source", [Broken(), io.BytesIO()])
def test_m12_a_stream_that_breaks_or_ends_early_is_a_lost_client(read, source):
    with pytest.raises(ClientDisconnected):
        read(LimitedStream(source, 10))


def test_a_closed_stream_is_a_lost_client():
    source = io.BytesIO(b"x" * 9)
    source.close()
    with pytest.raises(ClientDisconnected):
        LimitedStream(source, 9).read()


def test_m13_a_broken_chunked_body_is_a_lost_client():
    with pytest.raises(ClientDisconnected):
        LimitedStream(Broken(), 100, is_max=True).read()


def test_m4_a_body_over_the_maximum_is_refused_not_cut():
    with pytest.raises(RequestEntityTooLarge):
        LimitedStream(io.BytesIO(b"123456"), 5, is_max=True).read()
    stream = LimitedStream(io.BytesIO(b"123456"), 5, is_max=True)
    assert stream.read(5) == b"12345"
    with pytest.raises(RequestEntityTooLarge):
        stream.read(1)


@pytest.mark.parametrize("content", [b"", b"123", b"12345"])
def test_a_body_up_to_the_maximum_is_read_whole(content):
    stream = LimitedStream(io.BytesIO(content), 5, is_max=True)
    assert (stream.read(), stream.read(), stream.read(1)) == (content, b"", b"")


def test_the_reactions_can_be_overridden():
    class Patient(LimitedStream):
        def on_disconnect(self, error=None):
            self.lost = True

        def on_exhausted(self):
            raise EOFError

    stream = Patient(Broken(), 3)
    assert stream.read() == b""
    assert stream.lost
    with pytest.raises(EOFError):
        Patient(io.BytesIO(), 0).read(1)


@given(st.binary(max_size=300), st.integers(0, 300), st.lists(st.integers(-1, 50), max_size=20))
@settings(max_examples=50, deadline=None)
def test_whatever_the_sizes_the_same_bytes_are_read(content, limit, sizes):
    limit = min(limit, len(content))
    stream = LimitedStream(io.BytesIO(content), limit)
    got = b"".join(stream.read(size) for size in sizes) + stream.read()
    assert got == content[:limit]


def test_a_large_body_is_read_in_pieces():
    asked = []

    class Source(io.BytesIO):
        def read(self, size=-1):
            asked.append(size)
            return super().read(size)

    assert len(LimitedStream(Source(bytes(200_000)), 200_000).read()) == 200_000
    assert max(asked) <= 64 * 1024


def test_all_callbacks_run_and_the_first_failure_is_raised():
    calls = []

    class Body(list):
        def close(self):
            calls.append("body")
            raise ValueError("first")

    def fail():
        raise KeyError("second")

    closing = ClosingIterator(Body([b"a"]), [fail, lambda: calls.append("last")])
    assert list(closing) == [b"a"]
    with pytest.raises(ValueError, match="first"):
        closing.close()
    assert calls == ["body", "last"]


def test_a_single_callback_needs_no_list():
    calls = []
    ClosingIterator([], lambda: calls.append(1)).close()
    ClosingIterator([]).close()
    assert calls == [1]


def test_a_file_is_cut_into_chunks():
    file = io.BytesIO(b"12345")
    wrapper = FileWrapper(file, 2)
    assert list(wrapper) == [b"12", b"34", b"5"]
    wrapper.seek(1)
    assert (wrapper.seekable(), wrapper.tell(), next(wrapper)) == (True, 1, b"23")
    wrapper.close()
    assert file.closed


def test_a_file_that_can_only_be_read_is_enough():
    class Plain:
        def read(self, size):
            return b""

    class OldStyle(Plain):
        def seek(self, position):
            pass

    wrapper = FileWrapper(Plain())
    wrapper.seek(0)
    wrapper.close()
    assert (wrapper.seekable(), wrapper.tell(), list(wrapper)) == (False, None, [])
    assert FileWrapper(OldStyle()).seekable()


def test_the_servers_own_file_wrapper_is_preferred():
    file = io.BytesIO()
    assert wrap_file({"wsgi.file_wrapper": lambda f, size: (f, size)}, file, 5) == (file, 5)
    assert isinstance(wrap_file({}, file), FileWrapper)


@given(
    st.lists(st.binary(max_size=8), max_size=6),
    st.integers(0, 50),
    st.none() | st.integers(0, 50),
)
@settings(max_examples=100, deadline=None)
def test_a_range_of_chunks_is_a_slice(chunks, start, length):
    whole = b"".join(chunks)
    expected = whole[start:] if length is None else whole[start : start + length]
    assert b"".join(RangeWrapper(iter(chunks), start, length)) == expected


def test_a_range_of_a_file_seeks():
    file = io.BytesIO(b"FOUND\n")
    wrapper = RangeWrapper(FileWrapper(file), 2, 3)
    assert wrapper.seekable
    assert b"".join(wrapper) == b"UND"
    wrapper.close()
    assert file.closed


def test_closing_a_range_closes_a_body_that_cannot_be_closed_too():
    RangeWrapper([b"a"], 0).close()
    closed = []

    def body():
        try:
            yield b"abc"
        finally:
            closed.append(True)

    wrapper = RangeWrapper(body(), 1)
    assert next(wrapper) == b"bc"
    wrapper.close()
    assert closed == [True]
