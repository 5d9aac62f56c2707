"""What a WSGI environ tells a request."""

from io import BytesIO

import pytest

from costrel.http.environ import decode_text
from costrel.http.headers import EnvironHeaders
from costrel.http.wire import ENVIRON_WIRE as WIRE


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/plain", "/plain"),
        ("/h\xc3\xa9", "/hé"),
        ("/\xff", "/\ufffd"),
        ("/日", "/?"),
        ("", ""),
    ],
)
def test_a_path_is_decoded_from_utf_8(text, path):
    assert decode_text(text) == path


@pytest.mark.parametrize(
    ("info", "path"), [("", "/"), ("/", "/"), ("x", "/x"), ("//evil.test/x", "/evil.test/x")]
)
def test_a_path_starts_with_one_slash(info, path):
    assert WIRE.path({"PATH_INFO": info}) == path
    assert WIRE.path({}) == "/"


@pytest.mark.parametrize(("name", "root"), [("", ""), ("/app/", "/app"), ("/h\xc3\xa9", "/hé")])
def test_a_mount_point_ends_without_a_slash(name, root):
    assert WIRE.root_path({"SCRIPT_NAME": name}) == root
    assert WIRE.root_path({}) == ""


def test_the_rest_is_as_the_server_says():
    raw = {
        "QUERY_STRING": "a=1",
        "wsgi.url_scheme": "https",
        "REMOTE_ADDR": "10.0.0.1",
        "HTTP_X_A": "1",
    }
    assert WIRE.query(raw) == "a=1"
    assert WIRE.scheme(raw) == "https"
    assert WIRE.remote_addr(raw) == "10.0.0.1"
    assert WIRE.headers(raw)["X-A"] == "1"
    assert isinstance(WIRE.headers(raw), EnvironHeaders)
    assert WIRE.environ(raw) is raw


def test_an_environ_that_says_nothing_is_a_plain_one():
    assert (WIRE.query({}), WIRE.scheme({}), WIRE.remote_addr({})) == ("", "http", None)
    assert WIRE.server({}) is None


@pytest.mark.parametrize(("port", "number"), [("80", 80), ("", None), ("x", None), ("²", None)])
def test_a_server_has_a_name_and_perhaps_a_port(port, number):
    assert WIRE.server({"SERVER_NAME": "x", "SERVER_PORT": port}) == ("x", number)
    assert WIRE.server({"SERVER_NAME": "x"}) == ("x", None)


def test_a_body_ends_where_its_length_says():
    raw = {"wsgi.input": BytesIO(b"body and the next request"), "CONTENT_LENGTH": "4"}
    assert WIRE.body(raw, None).read() == b"body"
