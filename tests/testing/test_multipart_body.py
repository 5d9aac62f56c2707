"""A multipart body is read back as what it was made of."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.multidict import MultiDict
from costrel.http.request import Request
from costrel.http.uploads import FileStorage
from costrel.testing.multipart_body import encode_multipart, stream_encode_multipart


def read_back(stream, length, boundary):
    return Request(
        {
            "REQUEST_METHOD": "POST",
            "wsgi.input": stream,
            "CONTENT_LENGTH": str(length),
            "CONTENT_TYPE": f'multipart/form-data; boundary="{boundary}"',
        }
    )


def test_the_body_of_one_field_is_known_to_the_byte():
    assert encode_multipart({"a": "b"}, boundary="B") == (
        "B",
        b'\r\n--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--B--\r\n',
    )


def test_boundaries_differ_from_body_to_body():
    assert encode_multipart({})[0] != encode_multipart({})[0]


@pytest.mark.parametrize("use_tempfile", [False, True])
def test_only_long_bodies_go_to_a_temporary_file(use_tempfile):
    short, *_ = stream_encode_multipart({"a": "b"}, use_tempfile, threshold=500)
    assert isinstance(short, BytesIO)
    stream, length, boundary = stream_encode_multipart(
        {"a": "b" * 1000, "c": "d" * 1000}, use_tempfile, threshold=500
    )
    assert isinstance(stream, BytesIO) is not use_tempfile
    assert len(stream.read()) == length
    stream.seek(0)
    assert read_back(stream, length, boundary).form["c"] == "d" * 1000
    stream.close()


def test_a_file_longer_than_a_piece_arrives_whole():
    content = bytes(range(256)) * 600
    request = read_back(*stream_encode_multipart({"f": FileStorage(BytesIO(content), "n")}))
    assert request.files["f"].read() == content
    request.close()


def test_files_without_a_name_are_sent_as_fields_and_types_are_guessed():
    boundary, body = encode_multipart(
        {"plain": BytesIO(b"1"), "css": FileStorage(BytesIO(b"2"), "a.css")}, boundary="B"
    )
    assert b'name="plain"\r\nContent-Type: application/octet-stream\r\n\r\n1' in body
    assert b'name="css"; filename="a.css"\r\nContent-Type: text/css\r\n\r\n2' in body


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=5), st.text(max_size=20)), max_size=5))
def test_fields_are_read_back_as_they_were(pairs):
    utf8 = [p for p in pairs if all(t.isprintable() for t in p)]
    values = MultiDict(utf8)
    boundary, body = encode_multipart(values)
    assert read_back(BytesIO(body), len(body), boundary).form == values


def test_a_name_that_ends_in_a_backslash_is_read_back():
    values = MultiDict([("a\\", "b"), ('"\\', "c"), ("x\\y", "d")])
    boundary, body = encode_multipart(values)
    assert read_back(BytesIO(body), len(body), boundary).form == values
