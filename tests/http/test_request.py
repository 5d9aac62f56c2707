"""Request: lazy views over a wire."""

from io import BytesIO

import pytest

from costrel.http.exceptions import (
    BadRequest,
    BadRequestKeyError,
    Forbidden,
    RequestEntityTooLarge,
    SecurityError,
    UnsupportedMediaType,
)
from costrel.http.multidict import ImmutableMultiDict, MultiDict
from costrel.http.request import Request
from costrel.http.response import Response


def environ(body=b"", kind=None, **changes):
    made = {
        "REQUEST_METHOD": "POST" if body or kind else "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/here",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "example.test",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
    }
    if body:
        made["CONTENT_LENGTH"] = str(len(body))
    if kind:
        made["CONTENT_TYPE"] = kind
    return made | changes


FORM = "application/x-www-form-urlencoded"


def test_making_a_request_parses_nothing():
    class Untouchable(dict):
        def __getitem__(self, key):
            raise AssertionError(key)

    request = Request(Untouchable(REQUEST_METHOD="PUT"))
    assert request.method == "PUT"
    assert Request({}).method == "GET"


def test_each_view_is_made_once():
    request = Request(environ(b"a=1", FORM, QUERY_STRING="b=2"))
    for name in ("headers", "args", "cookies", "form", "files", "values", "path", "access_route"):
        assert getattr(request, name) is getattr(request, name)


def test_a_view_may_be_replaced():
    request = Request(environ())
    request.path = "/elsewhere"
    request.args = {"a": "1"}
    assert request.base_url == "http://example.test/elsewhere"
    assert request.args == {"a": "1"}


# The environ


@pytest.mark.parametrize(
    ("options", "is_put"),
    [({}, True), ({"populate_request": False}, False), ({"shallow": True}, False)],
)
def test_a_request_may_put_itself_into_its_environ(options, is_put):
    raw = environ()
    request = Request(raw, **options)
    assert request.environ is raw
    assert ("werkzeug.request" in raw) is is_put


@pytest.mark.parametrize("name", ["form", "files", "stream", "data", "values"])
def test_a_shallow_request_does_not_read_its_body(name):
    request = Request(environ(b"a=1", FORM), shallow=True)
    with pytest.raises(RuntimeError, match="shallow=True"):
        getattr(request, name)


def test_what_the_server_says_of_itself():
    request = Request(
        environ(
            REMOTE_USER="ada",
            **{"wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False},
        )
    )
    assert request.remote_user == "ada"
    assert (request.is_multithread, request.is_multiprocess, request.is_run_once) == (
        True,
        False,
        False,
    )
    assert request.input_stream is request.raw["wsgi.input"]
    assert Request(environ()).remote_user is None


# Where it goes


@pytest.mark.parametrize(
    ("scheme", "host", "is_secure", "expected"),
    [
        ("http", "x.test", False, "x.test"),
        ("http", "x.test:80", False, "x.test"),
        ("https", "x.test:443", True, "x.test"),
        ("https", "x.test:80", True, "x.test:80"),
        ("ws", "x.test", False, "x.test"),
        ("wss", "x.test:443", True, "x.test"),
        ("http", "bad host", False, ""),
    ],
)
def test_a_host_has_the_port_that_is_not_its_schemes(scheme, host, is_secure, expected):
    request = Request(environ(HTTP_HOST=host, **{"wsgi.url_scheme": scheme}))
    assert (request.host, request.is_secure) == (expected, is_secure)


def test_a_host_that_is_not_trusted_is_refused_each_time():
    request = Request(environ())
    request.trusted_hosts = ["other.test"]
    for _ in range(2):
        with pytest.raises(SecurityError, match=r"example\.test"):
            _ = request.host
    request.trusted_hosts = ["example.test"]
    assert request.host == "example.test"


@pytest.mark.parametrize(("query", "full"), [("", "/here?"), ("a=1", "/here?a=1")])
def test_a_full_path_always_has_a_question_mark(query, full):
    assert Request(environ(QUERY_STRING=query)).full_path == full


def test_bytes_that_are_no_utf_8_are_replaced():
    request = Request(environ(QUERY_STRING="a=\xff", PATH_INFO="/\xff"))
    assert request.args["a"] == "\ufffd"
    assert request.full_path == "/\ufffd?a=\ufffd"
    assert request.query_string == b"a=\xff"
    assert Request(environ(QUERY_STRING="a=h\xc3\xa9")).args["a"] == "hé"


@pytest.mark.parametrize(
    ("claimed", "addr", "route"),
    [
        ("1.1.1.1, 2.2.2.2", "3.3.3.3", ["1.1.1.1", "2.2.2.2"]),
        (None, "3.3.3.3", ["3.3.3.3"]),
        (None, None, []),
    ],
)
def test_a_route_is_what_proxies_claim(claimed, addr, route):
    raw = environ()
    if claimed:
        raw["HTTP_X_FORWARDED_FOR"] = claimed
    if addr:
        raw["REMOTE_ADDR"] = addr
    request = Request(raw)
    assert list(request.access_route) == route
    assert request.remote_addr == addr


# What it carries


def test_a_missing_value_is_a_bad_request():
    request = Request(environ(b"a=1", FORM))
    for place in (request.args, request.form, request.files, request.cookies, request.values):
        with pytest.raises(BadRequestKeyError):
            place["missing"]


def test_values_may_be_kept_in_other_classes():
    class Mutable(Request):
        parameter_storage_class = MultiDict
        dict_storage_class = MultiDict
        list_storage_class = list

    request = Mutable(environ(b"b=2", FORM, QUERY_STRING="a=1", HTTP_COOKIE="c=3"))
    request.args["a"] = "changed"
    request.form["b"] = "changed"
    request.cookies["c"] = "changed"
    assert request.values.to_dict() == {"a": "changed", "b": "changed"}
    assert type(request.access_route) is list
    assert isinstance(Request(environ()).args, ImmutableMultiDict)


def test_values_may_be_kept_in_plain_dicts():
    class Plain(Request):
        parameter_storage_class = dict

    request = Plain(environ(b"b=2", FORM, QUERY_STRING="a=1&a=2"))
    assert type(request.args) is dict
    assert request.values.getlist("b") == ["2"]


def test_a_body_is_read_once_and_kept():
    request = Request(environ(b"body", "text/plain"))
    assert request.get_data() == b"body"
    assert request.get_data(as_text=True) == "body"
    assert request.data == b"body"


def test_a_body_that_is_not_kept_is_gone():
    request = Request(environ(b"body", "text/plain"))
    assert request.get_data(cache=False) == b"body"
    assert request.get_data() == b""


def test_a_chunked_body_is_as_long_as_its_chunks_whatever_else_is_told():
    told = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    assert Request(environ(b"abcd", CONTENT_LENGTH="2", **told)).get_data() == b"abcd"


def test_a_form_takes_the_body_away():
    request = Request(environ(b"a=1", FORM))
    assert request.data == b""
    assert request.form["a"] == "1"
    assert request.stream.read() == b""


def test_a_form_is_parsed_of_data_that_was_kept():
    request = Request(environ(b"a=1", FORM))
    assert request.get_data() == b"a=1"
    assert request.form["a"] == "1"
    assert request.get_data(parse_form_data=True) == b"a=1"


def test_a_body_without_a_type_is_no_form():
    request = Request(environ(b"a=1"))
    assert (dict(request.form), dict(request.files)) == ({}, {})
    assert request.data == b"a=1"


def test_a_body_over_the_limit_is_refused_before_it_is_read():
    request = Request(environ(b"12345", "text/plain"))
    request.max_content_length = 4
    with pytest.raises(RequestEntityTooLarge):
        request.get_data()
    assert request.raw["wsgi.input"].tell() == 0


def test_uploads_are_closed_with_the_request():
    body = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n1\r\n'
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="b"\r\n\r\n2\r\n--x--\r\n'
    )
    with Request(environ(body, "multipart/form-data; boundary=x")) as request:
        files = request.files.getlist("f")
        assert [file.read() for file in files] == [b"1", b"2"]
    assert [file.stream.closed for file in files] == [True, True]
    Request(environ()).close()


# JSON


@pytest.mark.parametrize("cache", [True, False])
def test_json_is_parsed(cache):
    request = Request(environ(b'{"a": 1}', "application/json"))
    assert request.get_json(cache=cache) == {"a": 1}
    assert request.is_json


def test_json_is_kept_with_its_body():
    request = Request(environ(b"[1]", "application/json"))
    assert request.json is request.json
    assert request.data == b"[1]"


def test_json_null_is_kept_too():
    request = Request(environ(b"null", "application/json"))
    assert request.get_json() is None
    request.json_module = None
    assert request.get_json() is None


@pytest.mark.parametrize(("silent", "force"), [(False, False), (True, False), (False, True)])
def test_json_of_another_type(silent, force):
    request = Request(environ(b"[1]", "text/plain"))
    if silent:
        assert request.get_json(silent=True) is None
    elif force:
        assert request.get_json(force=True) == [1]
    else:
        with pytest.raises(UnsupportedMediaType):
            request.get_json()


@pytest.mark.parametrize(
    ("body", "says"),
    [(b"{", "Failed to decode JSON"), (b"[" * 100_000, "nested too deep"), (b"\xff", "Failed")],
)
def test_json_that_does_not_parse_is_a_bad_request(body, says):
    request = Request(environ(body, "application/json"))
    assert request.get_json(silent=True) is None
    with pytest.raises(BadRequest, match=says):
        request.get_json()
    assert request.get_json(silent=True, cache=False) is None
    assert request.get_json(silent=True) is None


# As a WSGI application


def call(application):
    said = []
    body = application(environ(), lambda status, headers, exc_info=None: said.append(status))
    return said[0], b"".join(body)


def test_a_function_of_a_request_becomes_a_wsgi_application():
    @Request.application
    def hello(request):
        return Response(f"hello {request.path}")

    assert call(hello) == ("200 OK", b"hello /here")
    assert hello.__name__ == "hello"


def test_so_does_a_method():
    class Site:
        name = "site"

        @Request.application
        def hello(self, request):
            return Response(f"{self.name} {request.path}")

    assert call(Site().hello) == ("200 OK", b"site /here")


def test_an_http_error_of_such_a_function_is_its_answer():
    @Request.application
    def refuse(request):
        raise Forbidden("not you")

    status, body = call(refuse)
    assert status == "403 FORBIDDEN"
    assert b"not you" in body


def test_it_says_what_it_is():
    assert repr(Request(environ())) == "<Request 'http://example.test/here' [GET]>"
