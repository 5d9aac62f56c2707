import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.devserver.chunked_input import DechunkedInput


def read(raw, size=-1):
    return io.BufferedReader(DechunkedInput(io.BytesIO(raw))).read(size)


def dump(chunks):
    return (
        b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks if chunk) + b"0\r\n\r\n"
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_what_was_sent_in_chunks_is_read_whole(chunks):
    rest = b"GET / HTTP/1.1"
    source = io.BytesIO(dump(chunks) + rest)
    assert DechunkedInput(source).readall() == b"".join(chunks)
    assert source.read() == rest


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=4), st.data())
def test_a_body_that_breaks_off_is_an_error(chunks, data):
    raw = dump(chunks)
    cut = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(OSError):
        read(raw[:cut])


def test_extensions_and_trailers_are_passed_over():
    assert read(b'2;a=b;c="d"\r\nhi\r\n0\r\nX-T: v\r\nY:\r\n\r\n') == b"hi"


def test_sizes_are_hexadecimal_of_either_case():
    assert read(b"A\r\n0123456789\r\n0b\r\n0123456789a\r\n000\r\n\r\n") == b"01234567890123456789a"


@pytest.mark.parametrize(
    "raw",
    [
        b"0x2\r\nhi\r\n0\r\n\r\n",
        b"+2\r\nhi\r\n0\r\n\r\n",
        b"-2\r\nhi\r\n0\r\n\r\n",
        b"0_2\r\nhi\r\n0\r\n\r\n",
        b" 2\r\nhi\r\n0\r\n\r\n",
        b"2\nhi\n0\n\n",
        b"2\rhi\r\n0\r\n\r\n",
        b"2\r\nhi!\r\n0\r\n\r\n",
        b"2\r\nhi\n0\r\n\r\n",
        b"\r\n",
        b"g\r\n",
        b"ffffffffffffffffffff\r\n",
        b"2;" + b"x" * 5000 + b"\r\nhi\r\n0\r\n\r\n",
        b"\xb2\r\nhi\r\n0\r\n\r\n",
        b"0\r\nno trailer\r\n\r\n",
        b"0\r\n: no name\r\n\r\n",
        b"0\r\n" + b"a: b\r\n" * 70 + b"\r\n",
    ],
)
def test_malformed_chunks_are_an_error(raw):
    with pytest.raises(OSError):
        read(raw)


def test_nothing_is_read_beyond_the_end():
    stream = DechunkedInput(io.BytesIO(b"0\r\n\r\nnext"))
    assert stream.readable()
    assert stream.read(10) == b""
    assert stream.read(10) == b""
