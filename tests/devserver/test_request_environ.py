import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.devserver.request_environ import BadRequestHead, add_headers, add_path, check_framing


def headers(*pairs):
    environ = {}
    add_headers(environ, pairs)
    return environ


def path(target):
    environ = {"HTTP_HOST": "from-header"}
    add_path(environ, target)
    return environ["PATH_INFO"], environ["HTTP_HOST"]


def test_content_type_and_length_have_names_of_their_own():
    assert headers(("Content-Type", "a/b"), ("content-length", "3"), ("X-Y", "z")) == {
        "CONTENT_TYPE": "a/b",
        "CONTENT_LENGTH": "3",
        "HTTP_X_Y": "z",
    }


def test_a_repeated_header_is_joined_with_commas_and_cookies_with_semicolons():
    found = headers(("X", "a "), ("Cookie", "a=1"), ("x", "b"), ("cookie", "b=2"))
    assert found == {"HTTP_X": "a ,b", "HTTP_COOKIE": "a=1; b=2"}


@pytest.mark.parametrize("name", ["X_User", "Proxy", "proxy", "Content_Length"])
def test_names_that_could_be_taken_for_others_are_dropped(name):
    assert headers((name, "x")) == {}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/a%20b", ("/a b", "from-header")),
        ("/%ff", ("/\xff", "from-header")),
        ("/%zz", ("/%zz", "from-header")),
        ("//evil.test/x", ("/evil.test/x", "from-header")),
        ("///x", ("/x", "from-header")),
        ("http://other:1/x", ("/x", "other:1")),
        ("HTTPS://other", ("/", "other")),
        ("*", ("*", "from-header")),
        ("/x#y", ("/x", "from-header")),
        ("http://other/x#y", ("/x", "other")),
        ("/x://y", ("/x://y", "from-header")),
    ],
)
def test_a_target_gives_the_path_and_perhaps_the_host(target, expected):
    assert path(target) == expected


@pytest.mark.parametrize("target", ["", "x", "host:80", "ftp://h/x", "#f"])
def test_other_targets_are_refused(target):
    with pytest.raises(BadRequestHead, match="start with a slash"):
        path(target)


@pytest.mark.parametrize(
    "length", ["", "+5", "1_0", "0x5", "5,5", '"5', "5 5", "-1", "\xb2", "9" * 19]
)
def test_a_length_is_one_number_in_ascii_digits(length):
    with pytest.raises(BadRequestHead, match="one number"):
        check_framing({"CONTENT_LENGTH": length})


def test_length_and_chunks_exclude_each_other():
    with pytest.raises(BadRequestHead, match="exclude each other"):
        check_framing({"CONTENT_LENGTH": "5", "HTTP_TRANSFER_ENCODING": "chunked"})


@pytest.mark.parametrize("coding", ["gzip, chunked", "chunked, chunked", "identity", "xchunked"])
def test_chunked_is_the_only_coding(coding):
    with pytest.raises(BadRequestHead, match="chunked is the only"):
        check_framing({"HTTP_TRANSFER_ENCODING": coding})


def test_a_chunked_body_ends_by_itself():
    environ = {"HTTP_TRANSFER_ENCODING": " Chunked"}
    check_framing(environ)
    assert environ["wsgi.input_terminated"] is True


def test_a_request_without_a_body_passes():
    check_framing({})
    check_framing({"CONTENT_LENGTH": "0"})


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF), max_size=30))
def test_a_path_starts_with_one_slash_or_is_refused(target):
    try:
        found, _ = path(target)
    except BadRequestHead:
        return
    assert found == "*" or found.startswith("/")
