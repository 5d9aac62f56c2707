"""What a WSGI environ says."""

import io

import pytest

from costrel.http.environ import (
    get_content_length,
    get_current_url,
    get_host,
    get_input_stream,
    get_path_info,
    get_query_string,
    get_script_name,
    get_server,
    responder,
)
from costrel.http.exceptions import BadRequest, RequestEntityTooLarge, SecurityError


def environ(**more):
    return {
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "spam.example:80",
        "SERVER_NAME": "eggs",
        "SERVER_PORT": "8080",
        "SCRIPT_NAME": "/s",
        "PATH_INFO": "/p q",
        "QUERY_STRING": "a=b",
        **more,
    }


def test_the_host_header_comes_before_the_servers_name():
    assert get_host(environ()) == "spam.example"
    assert get_host(environ(HTTP_HOST="spam:8080")) == "spam:8080"
    given = environ()
    del given["HTTP_HOST"]
    assert get_host(given) == "eggs:8080"


def test_a_forwarded_host_is_not_believed():
    assert get_host(environ(HTTP_X_FORWARDED_HOST="evil")) == "spam.example"


def test_an_untrusted_host_is_refused():
    assert get_host(environ(), [".example"]) == "spam.example"
    with pytest.raises(SecurityError):
        get_host(environ(), ["other.example"])
    assert issubclass(SecurityError, BadRequest)


@pytest.mark.parametrize(
    ("port", "expected"), [("80", 80), ("", None), ("x", None), ("٣", None), (81, 81)]
)
def test_a_servers_port_is_ascii_digits(port, expected):
    assert get_server({"SERVER_NAME": "a", "SERVER_PORT": port}) == ("a", expected)


def test_a_server_may_have_no_name():
    assert get_server({}) is None


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "http://spam.example/s/p%20q?a=b"),
        ({"root_only": True}, "http://spam.example/s/"),
        ({"strip_querystring": True}, "http://spam.example/s/p%20q"),
        ({"host_only": True}, "http://spam.example/"),
    ],
)
def test_the_url_has_the_parts_asked_for(options, expected):
    assert get_current_url(environ(), **options) == expected


def test_paths_are_decoded_from_utf_8_with_replacement():
    given = environ(PATH_INFO="/\u2603".encode().decode("latin-1"), SCRIPT_NAME="/\xff")
    assert get_path_info(given) == "/\u2603"
    assert get_script_name(given) == "/\ufffd"
    assert get_path_info({}) == ""


def test_the_query_is_as_sent():
    assert get_query_string(environ(QUERY_STRING="a=%20\xcf")) == "a=%20\xcf"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, None),
        ({"CONTENT_LENGTH": "5"}, 5),
        ({"CONTENT_LENGTH": "5", "HTTP_TRANSFER_ENCODING": "chunked"}, None),
        ({"CONTENT_LENGTH": "-5"}, 0),
        ({"CONTENT_LENGTH": "+5"}, 0),
        ({"CONTENT_LENGTH": "٣"}, 0),
        ({"CONTENT_LENGTH": ""}, 0),
    ],
)
def test_the_length_is_ascii_digits(given, expected):
    assert get_content_length(given) == expected


def test_the_input_is_bounded():
    source = io.BytesIO(b"123456")
    assert get_input_stream({"wsgi.input": source, "CONTENT_LENGTH": "3"}).read() == b"123"
    assert get_input_stream({"wsgi.input": source}).read() == b""
    assert get_input_stream({"wsgi.input": source}, safe_fallback=False) is source
    chunked = {"wsgi.input": source, "wsgi.input_terminated": True}
    with pytest.raises(RequestEntityTooLarge):
        get_input_stream(chunked, max_content_length=2).read()


def test_a_responder_is_an_application():
    def make(environ, start_response):
        return lambda environ, start_response: [environ["x"]]

    assert responder(make)({"x": b"y"}, None) == [b"y"]
