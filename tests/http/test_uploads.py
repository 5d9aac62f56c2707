"""FileStorage, its names, and where it is saved."""

import copy
import io
import os
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.headers import Headers
from costrel.http.safe_path import is_device_name
from costrel.http.uploads import FileMultiDict, FileStorage, secure_filename


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("My cool movie.mov", "My_cool_movie.mov"),
        ("../../../etc/passwd", "etc_passwd"),
        ("i contain cool \xfcml\xe4uts.txt", "i_contain_cool_umlauts.txt"),
        ("__filename__", "filename"),
        ("foo$&^*)bar", "foobar"),
        (".hidden", "hidden"),
        ("..", ""),
        ("日本", ""),
        ("a\0b\r\nc", "ab_c"),
        ("CON.txt", "_CON.txt"),
        ("nul", "_nul"),
        ("COM¹", "_COM1"),
        ("console", "console"),
    ],
)
def test_a_secure_filename_is_plain(given, expected):
    assert secure_filename(given) == expected


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_m7_a_secure_filename_is_no_path_and_no_device(name):
    safe = secure_filename(name)
    assert safe.isascii()
    assert not set(safe) & set("/\\:\0 \n")
    assert not safe.startswith(".")
    assert not is_device_name(safe)
    assert secure_filename(safe).strip("_") == safe.strip("_")


def test_headers_tell_about_the_file():
    file = FileStorage(None, "a", "n", "Text/Plain; charset=UTF-8", 5)
    assert (file.filename, file.name) == ("a", "n")
    assert file.content_type == file.headers["content-type"] == "Text/Plain; charset=UTF-8"
    assert (file.mimetype, file.mimetype_params) == ("text/plain", {"charset": "UTF-8"})
    assert file.content_length == 5
    assert repr(file) == "<FileStorage: 'a' ('Text/Plain; charset=UTF-8')>"


def test_a_file_without_headers_says_nothing():
    file = FileStorage()
    assert (file.content_type, file.content_length, file.mimetype) == (None, 0, "")
    assert (file.mimetype_params, file.read(), file.filename) == ({}, b"", None)
    assert not file


def test_a_nonsense_length_is_zero():
    assert FileStorage(headers=Headers([("Content-Length", "abc")])).content_length == 0


def test_an_open_file_gives_its_name(tmp_path):
    with (tmp_path / "x.txt").open("wb") as file:
        assert FileStorage(file).filename == str(tmp_path / "x.txt")


def test_descriptors_and_pseudo_names_are_no_names():
    class Named(io.BytesIO):
        name = "<stdin>"

    class NamedInBytes(io.BytesIO):
        name = b"x"

    with tempfile.TemporaryFile() as nameless:
        assert FileStorage(nameless).filename is None
    assert FileStorage(Named()).filename is None
    assert FileStorage(NamedInBytes()).filename == "x"


def test_the_streams_attributes_are_at_hand():
    with tempfile.SpooledTemporaryFile() as spooled:
        file = FileStorage(spooled)
        assert file.readable()
        assert file.seekable()
        assert file.getvalue() == b""  # only the file inside has it
    with pytest.raises(AttributeError, match="nope"):
        FileStorage().nope


def test_a_file_can_be_iterated_and_copied():
    file = FileStorage(io.BytesIO(b"one\ntwo"), "x")
    assert list(file) == [b"one\n", b"two"]
    assert copy.copy(file).filename == "x"


def test_a_file_is_saved_to_a_path(tmp_path):
    FileStorage(io.BytesIO(b"one")).save(tmp_path / "a")
    FileStorage(io.BytesIO(b"two" * 9)).save(str(tmp_path / "b"), 2)
    assert (tmp_path / "a").read_bytes() == b"one"
    assert (tmp_path / "b").read_bytes() == b"two" * 9


def test_a_file_is_saved_to_a_descriptor_that_stays_open(tmp_path):
    descriptor = os.open(tmp_path / "x", os.O_CREAT | os.O_WRONLY)
    try:
        FileStorage(io.BytesIO(b"one")).save(descriptor)
        os.write(descriptor, b"two")
    finally:
        os.close(descriptor)
    assert (tmp_path / "x").read_bytes() == b"onetwo"


def test_a_file_is_saved_to_an_open_file():
    target = io.BytesIO()
    FileStorage(io.BytesIO(b"one")).save(target)
    assert target.getvalue() == b"one"


def test_closing_closes_the_stream():
    file = FileStorage(io.BytesIO())
    file.close()
    assert file.stream.closed


def test_a_stream_that_does_not_close_is_left():
    class Stubborn:
        asked = False

        def close(self):
            self.asked = True
            raise OSError

    stubborn = Stubborn()
    FileStorage(stubborn).close()
    assert stubborn.asked
    FileStorage([b"x"]).close()


def test_files_are_added_as_paths_streams_and_storages(tmp_path):
    path = tmp_path / "x.txt"
    path.write_bytes(b"one")
    ready = FileStorage(io.BytesIO())
    files = FileMultiDict()
    files.add_file("a", path)
    files.add_file("a", io.BytesIO(b"two"), "y.unknown-kind")
    files.add_file("a", io.BytesIO(b"three"))
    files.add_file("a", ready)
    first, second, third, fourth = files.getlist("a")
    assert (first.read(), first.filename, first.mimetype) == (b"one", str(path), "text/plain")
    assert second.mimetype == "application/octet-stream"
    assert third.content_type is None
    assert fourth is ready
    first.close()
