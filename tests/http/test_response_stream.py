"""A response's body as a file to write to."""

import pytest

from costrel.http.response import Response
from costrel.http.response_stream import encode_chunks


def test_chunks_are_encoded_one_by_one():
    assert list(encode_chunks(["é", b"\xff"])) == [b"\xc3\xa9", b"\xff"]


def test_writing_appends_to_the_body_and_forgets_the_length():
    response = Response("start ")
    assert response.stream.write(b"more ") == 5
    response.stream.writelines([b"a", b"b"])
    assert response.get_data() == b"start more ab"
    assert "Content-Length" not in response.headers
    assert response.stream.tell() == 13


def test_writing_makes_a_tuple_or_a_stream_a_list():
    for body in ((b"a", b"b"), iter([b"a", b"b"])):
        response = Response(body)
        response.stream.write(b"c")
        assert response.response == [b"a", b"b", b"c"]


def test_the_stream_of_a_response_is_one():
    response = Response()
    assert response.stream is response.stream
    assert (response.stream.encoding, response.stream.mode) == ("utf-8", "wb+")
    assert response.stream.isatty() is False


@pytest.mark.parametrize(
    "use",
    [
        lambda stream: stream.write(b"x"),
        lambda stream: stream.writelines([b"x"]),
        lambda stream: stream.flush(),
        lambda stream: stream.isatty(),
    ],
)
def test_a_closed_stream_refuses_everything(use):
    response = Response("x")
    response.stream.flush()
    response.stream.close()
    with pytest.raises(ValueError, match="closed file"):
        use(response.stream)
    assert response.get_data() == b"x"
