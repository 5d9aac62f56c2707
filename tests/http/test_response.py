"""Response: status, headers, body, and how it goes out over WSGI."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from io import BytesIO
from wsgiref.validate import validator

import pytest

from costrel.http.headers import Headers
from costrel.http.response import Response


def environ(method="GET", **changes):
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": "/here",
        "QUERY_STRING": "q=1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    } | changes


def run(response, method="GET", validated=True):
    """Send a response as a server does: status line, headers, body."""
    said = []

    def start_response(status, headers, exc_info=None):
        said.extend([status, dict(headers)])
        return said.append

    app = validator(response) if validated else response
    chunks = app(environ(method), start_response)
    try:
        data = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return said[0], said[1], data


# Making one


@pytest.mark.parametrize(
    ("body", "data", "headers"),
    [
        (None, b"", {}),
        ("hé", b"h\xc3\xa9", {"Content-Length": "3"}),
        (b"x", b"x", {"Content-Length": "1"}),
        (bytearray(b"x"), b"x", {"Content-Length": "1"}),
        (["a", b"b"], b"ab", {}),
        (("a", "b"), b"ab", {}),
    ],
)
def test_a_body_of_text_or_bytes_has_a_length_at_once(body, data, headers):
    response = Response(body)
    assert dict(response.headers) == {"Content-Type": "text/plain; charset=utf-8"} | headers
    assert response.get_data() == data


@pytest.mark.parametrize("body", ["x", bytearray(b"x")])
def test_a_length_may_be_left_out(body):
    class Unmeasured(Response):
        automatically_set_content_length = False

    response = Unmeasured(body, headers={"X-A": "1"})
    assert "Content-Length" not in response.headers
    assert "Content-Length" not in Unmeasured(body).headers
    assert "Content-Length" not in run(response)[1]


@pytest.mark.parametrize(
    ("status", "line", "code"),
    [
        (None, "200 OK", 200),
        (404, "404 NOT FOUND", 404),
        (HTTPStatus.CREATED, "201 CREATED", 201),
        (799, "799 UNKNOWN", 799),
        ("404", "404 NOT FOUND", 404),
        ("404 Gone fishing", "404 Gone fishing", 404),
        (" 200 OK ", "200 OK", 200),
        ("wtf", "0 wtf", 0),
        ("٣٠٠ digits", "0 ٣٠٠ digits", 0),
    ],
)
def test_a_status_is_a_code_or_a_line(status, line, code):
    response = Response(status=status)
    assert (response.status, response.status_code) == (line, code)
    again = Response()
    if status is not None:
        again.status = status
    assert (again.status, again.status_code) == (line, code)


@pytest.mark.parametrize(
    ("status", "error"),
    [("", ValueError), ("  ", ValueError), ("200 O\r\nX: y", ValueError), (b"200 OK", TypeError)],
)
def test_a_status_that_is_none_is_refused(status, error):
    with pytest.raises(error, match="status"):
        Response(status=status)


def test_a_status_code_can_be_set():
    response = Response()
    response.status_code = 418
    assert response.status == "418 I'M A TEAPOT"


def test_a_class_may_have_a_default_status_and_type():
    class Missing(Response):
        default_status = "404 Gone"
        default_mimetype = "text/html"

    response = Missing("x")
    assert (response.status, response.mimetype) == ("404 Gone", "text/html")
    assert Missing(status=200).status_code == 200


def test_a_class_may_have_no_type_at_all():
    class Untyped(Response):
        default_mimetype = None

    assert "Content-Type" not in Untyped("x").headers
    assert "Content-Type" not in Untyped("x", headers={"X-A": "1"}).headers


@pytest.mark.parametrize(
    ("options", "content_type"),
    [
        ({}, "text/plain; charset=utf-8"),
        ({"mimetype": "text/html"}, "text/html; charset=utf-8"),
        ({"mimetype": "application/json"}, "application/json"),
        ({"mimetype": "application/xml"}, "application/xml; charset=utf-8"),
        ({"content_type": "text/html"}, "text/html"),
        ({"content_type": "text/html", "mimetype": "text/x"}, "text/html"),
        ({"headers": {"Content-Type": "text/x"}}, "text/x"),
        ({"headers": {"Content-Type": "text/x"}, "mimetype": "text/y"}, "text/y; charset=utf-8"),
        ({"headers": {"X-A": "1"}}, "text/plain; charset=utf-8"),
        ({"headers": {"X-A": "1"}, "content_type": "a/b"}, "a/b"),
    ],
)
def test_the_content_type_is_settled_once(options, content_type):
    response = Response("x", **options)
    assert response.headers.getlist("Content-Type") == [content_type]
    assert response.headers["Content-Length"] == "1"


def test_headers_that_are_given_as_headers_are_kept():
    headers = Headers({"X-A": "1"})
    response = Response("x", headers=headers)
    assert response.headers is headers
    assert headers["Content-Length"] == "1"


def test_headers_can_be_replaced():
    response = Response("x")
    response.headers = Headers({"X-A": "1"})
    assert run(response, validated=False)[1]["X-A"] == "1"
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize("given", [{"X-A": "1"}, [("X-A", "1")]])
def test_headers_can_be_replaced_by_what_makes_some(given):
    response = Response("x")
    response.headers = given
    response.set_cookie("a", "b")
    headers = run(response, validated=False)[1]
    assert (headers["X-A"], headers["Set-Cookie"]) == ("1", "a=b; Path=/")


def test_it_says_what_it_is():
    assert repr(Response("abc")) == "<Response 3 bytes [200 OK]>"
    assert repr(Response(iter("abc"))) == "<Response streamed [200 OK]>"


# Cookies


def test_cookies_are_set_and_deleted():
    response = Response()
    response.set_cookie("a", "1", max_age=timedelta(minutes=1), secure=True, partitioned=True)
    response.set_cookie("b", expires=datetime(2030, 1, 1, tzinfo=UTC), path=None)
    response.delete_cookie("c", path="/p", samesite="None", httponly=True, secure=True)
    first, second, third = response.headers.getlist("Set-Cookie")
    assert first.startswith("a=1; ")
    assert "Max-Age=60" in first
    assert "Partitioned" in first
    assert second == "b=; Expires=Tue, 01 Jan 2030 00:00:00 GMT"
    assert third.startswith("c=; ")
    for word in ("Max-Age=0", "Path=/p", "SameSite=None", "HttpOnly", "Secure"):
        assert word in third


def test_a_cookie_that_browsers_would_drop_is_warned_about():
    class Small(Response):
        max_cookie_size = 20

    with pytest.warns(UserWarning, match="too large"):
        Small().set_cookie("a", "x" * 30)


# Body


def test_data_can_be_set_and_has_its_length():
    response = Response()
    response.data = "hé"
    assert (response.data, response.content_length) == (b"h\xc3\xa9", 3)
    assert response.get_data(as_text=True) == "hé"
    response.set_data(bytearray(b"x"))
    assert (response.response, response.content_length) == ([b"x"], 1)


def test_data_set_without_measuring_leaves_the_length_alone():
    class Unmeasured(Response):
        automatically_set_content_length = False

    response = Unmeasured()
    response.set_data("x")
    assert "Content-Length" not in response.headers


def test_reading_the_data_of_a_stream_makes_it_a_list():
    log = []

    def stream():
        try:
            yield from ("a", b"b")
        finally:
            log.append("closed")

    response = Response(stream())
    assert (response.is_streamed, response.is_sequence) == (True, False)
    assert response.get_data() == b"ab"
    assert (response.is_streamed, response.is_sequence) == (False, True)
    assert response.response == [b"a", b"b"]
    response.close()
    assert log == ["closed"]


def test_making_a_sequence_keeps_what_closes_the_stream():
    class Stream:
        closed = 0

        def __iter__(self):
            return iter([b"x"])

        def close(self):
            self.closed += 1

    stream = Stream()
    with Response(stream) as response:
        response.make_sequence()
        response.make_sequence()
        assert stream.closed == 0
    assert stream.closed == 1


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"implicit_sequence_conversion": False}, "make_sequence"),
        ({"direct_passthrough": True}, "direct_passthrough = False"),
    ],
)
def test_a_stream_is_not_read_where_that_is_forbidden(settings, says):
    response = Response(iter([b"x"]))
    vars(response).update(settings)
    with pytest.raises(RuntimeError, match=says):
        response.get_data()
    assert response.calculate_content_length() is None
    assert list(response.response) == [b"x"]


def test_a_length_is_calculated():
    assert Response(["a", "é"]).calculate_content_length() == 3
    assert Response(iter(["a", "é"])).calculate_content_length() == 3


def test_a_response_closes_what_it_holds_and_calls_back():
    log = []
    file = BytesIO(b"x")
    response = Response(file)
    assert response.call_on_close(lambda: log.append(1)) is not None
    response.call_on_close(lambda: log.append(2))
    response.close()
    assert (file.closed, log) == (True, [1, 2])


def test_a_response_takes_over_what_another_calls_on_close():
    log = []
    first, second = Response(), Response()
    first.call_on_close(lambda: log.append(1))
    second._on_close.extend(first._on_close)
    second.close()
    assert log == [1]
    assert Response()._on_close == []


@pytest.mark.parametrize(
    ("body", "kind", "options", "value"),
    [
        ('{"a": 1}', "application/json", {}, {"a": 1}),
        ('{"a": 1}', "application/x+json", {}, {"a": 1}),
        ('{"a": 1}', "text/plain", {}, None),
        ('{"a": 1}', "text/plain", {"force": True}, {"a": 1}),
        ("{", "application/json", {"silent": True}, None),
    ],
)
def test_json_is_parsed(body, kind, options, value):
    assert Response(body, content_type=kind).get_json(**options) == value


def test_json_that_is_none_is_an_error():
    with pytest.raises(ValueError, match="Expecting"):
        _ = Response("{", content_type="application/json").json


# WSGI


def test_a_response_is_a_wsgi_application():
    status, headers, data = run(Response("x", 201))
    assert (status, data) == ("201 CREATED", b"x")
    assert headers == {"Content-Type": "text/plain; charset=utf-8", "Content-Length": "1"}


def test_a_list_gets_its_length_on_the_way_out():
    assert run(Response(["a", "é"]))[1]["Content-Length"] == "3"
    response = Response(["abc"], headers={"Content-Length": "9"})
    assert run(response)[1]["Content-Length"] == "9"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("status", [200, 204, 304, 103])
def test_no_body_where_there_is_none(method, status):
    response = Response("x", status)
    del response.headers["Content-Type"]
    if status == 200:
        response.headers["Content-Type"] = "text/plain"
    _, headers, data = run(response, method, validated=status >= 200)
    assert data == (b"x" if (method, status) == ("GET", 200) else b"")
    assert ("Content-Length" in headers) is (status == 200)


def test_a_304_keeps_only_what_belongs_to_it():
    response = Response("x", 304, headers={"ETag": '"a"', "Expires": "x", "Last-Modified": "y"})
    assert run(response)[1] == {"ETag": '"a"', "Expires": "x"}


def test_a_passed_through_body_is_the_object_itself():
    body = iter([b"x"])
    response = Response(body, direct_passthrough=True)
    assert response.get_app_iter(environ()) is body
    assert list(response.get_app_iter(environ("HEAD"))) == []


@pytest.mark.parametrize(
    ("given", "out"),
    [("/é", "/%C3%A9"), ("http://é.test/", "http://xn--9ca.test/"), ("rel", "rel"), ("?q", "?q")],
)
def test_locations_become_uris(given, out):
    headers = run(Response(headers={"Location": given, "Content-Location": given}))[1]
    assert (headers["Location"], headers["Content-Location"]) == (out, out)


def test_a_location_may_be_made_absolute():
    class Absolute(Response):
        autocorrect_location_header = True

    headers = run(Absolute(headers={"Location": "x?é", "Content-Location": "y"}))[1]
    assert headers["Location"] == "http://localhost/x?%C3%A9"
    assert headers["Content-Location"] == "y"


def test_a_response_changes_its_class():
    class Mine(Response):
        pass

    response = Response("x", 201)
    assert Mine.force_type(response) is response
    assert (type(response), response.status_code) == (Mine, 201)


def test_a_wsgi_application_becomes_a_response():
    def application(environ, start_response):
        start_response("202 Accepted", [("X-Path", environ["PATH_INFO"])])
        return [b"x"]

    response = Response.force_type(application, environ())
    assert (response.status, response.headers["X-Path"]) == ("202 Accepted", "/here")
    assert response.get_data() == b"x"
    assert Response.from_app(application, environ(), buffered=True).get_data() == b"x"
    with pytest.raises(TypeError, match="only with an environ"):
        Response.force_type(application)
