"""What a view may return, and how it goes out: validated, on every lane."""

import io
import json
import re

import pytest

from costrel import (
    Response,
    after_this_request,
    jsonify,
    make_response,
    redirect,
    request,
    stream_with_context,
)
from costrel.http.headers import Headers

pytestmark = pytest.mark.usefixtures("every_lane")

HTML = "text/html; charset=utf-8"
JSON = "application/json"


def wsgi_app(environ, start_response):
    write = start_response("202 Accepted", [("Content-Type", "text/x"), ("X-Inner", "1")])
    write(b"written, ")
    return iter([b"returned ", environ["PATH_INFO"].encode()])


class Text(str):
    """A kind of text."""

    __slots__ = ()


class Mapping(dict):
    """A kind of dict."""


@pytest.mark.parametrize(
    ("value", "status", "kind", "body"),
    [
        ("hé", 200, HTML, "hé".encode()),
        ("", 200, HTML, b""),
        (Text("x"), 200, HTML, b"x"),
        (b"\xff", 200, HTML, b"\xff"),
        (bytearray(b"x"), 200, HTML, b"x"),
        ({"a": [1, None]}, 200, JSON, b'{"a":[1,null]}\n'),
        (Mapping(a=1), 200, JSON, b'{"a":1}\n'),
        ([1, "a"], 200, JSON, b'[1,"a"]\n'),
        ([], 200, JSON, b"[]\n"),
        (lambda: (c for c in ("a", b"b", "é")), 200, HTML, "abé".encode()),
        (lambda: iter(["a", "b"]), 200, HTML, b"ab"),
        (lambda: Response("x", 201, mimetype="text/plain"), 201, "text/plain; charset=utf-8", b"x"),
        (("x", 201), 201, HTML, b"x"),
        ((b"x", "299 Odd"), 299, HTML, b"x"),
        (("x", None), 200, HTML, b"x"),
        (({"a": 1}, 418), 418, JSON, b'{"a":1}\n'),
        (("x", {"Content-Type": "text/y"}), 200, "text/y", b"x"),
        (("x", [("Content-Type", "text/y")]), 200, "text/y", b"x"),
        (("x", (("Content-Type", "text/y"),)), 200, "text/y", b"x"),
        (("x", Headers({"Content-Type": "text/y"})), 200, "text/y", b"x"),
        (("x", 203, {"Content-Type": "text/y"}), 203, "text/y", b"x"),
        ((lambda: Response("x", 201), {"X-A": "1"}), 201, HTML, b"x"),
        ((lambda: Response("x", 201), 202), 202, HTML, b"x"),
        ((lambda: Response("x", 201), "299 Odd", {}), 299, HTML, b"x"),
        (lambda: wsgi_app, 202, "text/x", b"written, returned /"),
        ((lambda: wsgi_app, 203), 203, "text/x", b"written, returned /"),
    ],
)
def test_what_a_view_may_return(app, visitor, value, status, kind, body):
    def fresh(part):
        # A stream is used up by one request, and so it is made in each.
        is_maker = callable(part) and part.__name__ == "<lambda>"
        return part() if is_maker else part

    @app.route("/")
    def view():
        return tuple(map(fresh, value)) if isinstance(value, tuple) else fresh(value)

    answer = visitor.get("/")
    assert (answer.status, answer.headers["Content-Type"], answer.data) == (status, kind, body)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "returned None or ended without a return statement"),
        ((None, 200), "returned None or ended without a return statement"),
        ((), "must have the form"),
        (("x",), "must have the form"),
        (("x", 200, {}, 1), "must have the form"),
        (5, "but it was an int"),
        ({1}, "but it was a set"),
        (range(3), "but it was a range"),
        (True, "but it was a bool"),
    ],
)
def test_what_a_view_may_not_return(app, visitor, value, says):
    app.testing = True
    app.route("/x", endpoint="named")(lambda: value)
    with pytest.raises(TypeError, match=says) as refused:
        visitor.get("/x")
    assert "'named'" in str(refused.value)


def test_a_callable_that_is_no_wsgi_application_says_so(app, visitor):
    app.testing = True
    app.route("/x")(lambda: lambda: "not called")
    with pytest.raises(TypeError, match="did not return a valid response"):
        visitor.get("/x")


def test_a_response_of_another_class_becomes_the_apps_own(app, visitor):
    from costrel.http.response import Response as PlainResponse

    seen = []
    app.after_request(lambda response: seen.append(type(response)) or response)
    app.route("/")(lambda: PlainResponse("x", 201))
    answer = visitor.get("/")
    assert (answer.status, answer.headers["Content-Type"]) == (201, "text/plain; charset=utf-8")
    assert seen == [app.response_class]


def test_make_response_takes_what_a_view_may_return(app, visitor):
    @app.route("/<int:number>")
    def view(number):
        made = [
            make_response(),
            make_response("x"),
            make_response("x", 201),
            make_response(("x", 202)),
            make_response("x", 203, {"X-A": "1"}),
            make_response(["x"], 204 + 1),
        ][number]
        made.headers["X-Made"] = "yes"
        return made

    answers = [visitor.get(f"/{number}") for number in range(6)]
    assert [answer.status for answer in answers] == [200, 200, 201, 202, 203, 205]
    assert [answer.text for answer in answers[:-1]] == ["", "x", "x", "x", "x"]
    assert {answer.headers["X-Made"] for answer in answers} == {"yes"}
    assert answers[4].headers["X-A"] == "1"


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body_have_none(app, visitor, status):
    @app.route("/")
    def view():
        response = make_response("dropped", status)
        del response.headers["Content-Type"]
        return response

    answer = visitor.get("/")
    assert (answer.status, answer.data) == (status, b"")
    assert "Content-Length" not in answer.headers


def test_head_of_a_stream_closes_it_unread(app, visitor):
    log = []

    class Stream:
        def __iter__(self):
            log.append("read")
            return iter([b"x"])

        def close(self):
            log.append("closed")

    app.route("/")(lambda: Response(Stream()))
    assert visitor.ask("HEAD", "/").data == b""
    assert log == ["closed"]
    log.clear()
    assert visitor.get("/").data == b"x"
    assert log == ["read", "closed"]


def test_a_stream_has_no_length(app, visitor):
    app.route("/")(lambda: Response(c for c in "abc"))
    answer = visitor.get("/")
    assert "Content-Length" not in answer.headers
    assert answer.data == b"abc"


def test_functions_to_call_on_close_are_called_once(app, visitor):
    log = []

    @app.route("/")
    def view():
        response = make_response("x")

        @response.call_on_close
        def closed():
            log.append("closed")

        return response

    assert visitor.get("/").data == b"x"
    assert log == ["closed"]


def test_a_stream_with_context_sees_its_request(app, visitor):
    @app.route("/<name>")
    def view(name):
        def letters():
            for letter in name:
                yield f"{letter}{request.path} "

        return stream_with_context(letters())

    assert visitor.get("/ab").text == "a/ab b/ab "


def test_a_decorated_stream_with_context_is_a_function(app, visitor):
    @app.route("/<name>")
    def view(name):
        @stream_with_context
        def letters(prefix):
            yield prefix
            yield request.view_args["name"]

        return letters("hello ")

    assert visitor.get("/ada").text == "hello ada"


def test_a_stream_that_breaks_is_closed(app, visitor):
    log = []

    @app.route("/")
    def view():
        def stream():
            try:
                yield "x"
                raise ValueError("in the stream")
            finally:
                log.append("closed")

        return stream_with_context(stream())

    with pytest.raises(ValueError, match="in the stream"):
        visitor.get("/")
    assert log == ["closed"]


def test_a_redirect_goes_out_as_ascii(app, visitor):
    app.route("/")(lambda: redirect("/é?q=ü#日"))
    answer = visitor.get("/")
    assert answer.status == 302
    assert answer.headers["Location"] == "/%C3%A9?q=%C3%BC#%E6%97%A5"


@pytest.mark.parametrize("name", ["Location", "location", "Content-Location", "CONTENT-LOCATION"])
@pytest.mark.parametrize("status", [200, 201, 302])
def test_a_location_set_by_hand_goes_out_as_ascii(app, visitor, name, status):
    app.route("/")(lambda: ("x", status, {name: "/é"}))
    assert visitor.get("/").headers[name.title()] == "/%C3%A9"


def test_a_server_may_change_the_list_of_headers(app, visitor):
    kept = Response("kept")
    app.route("/")(lambda: kept)

    def changing(environ, start_response):
        def start(status, headers, exc_info=None):
            headers.append(("X-Server", "1"))
            return start_response(status, headers, exc_info)

        return inner(environ, start)

    inner, app.wsgi_app = app.wsgi_app, changing
    for _ in range(3):
        assert [name for name, _ in visitor.get("/").pairs].count("X-Server") == 1
    assert "X-Server" not in kept.headers


def test_headers_may_repeat(app, visitor):
    app.route("/")(lambda: ("x", {"X-A": ["1", "2"]}))
    assert [value for name, value in visitor.get("/").pairs if name == "X-A"] == ["1", "2"]


def test_a_header_with_a_line_break_is_refused(app, visitor):
    app.route("/")(lambda: ("x", {"X-A": "1\r\nX-B: 2"}))
    answer = visitor.get("/")
    assert (answer.status, "X-B" in answer.headers) == (500, False)


def test_cookies_go_out_one_by_one(app, visitor):
    @app.route("/")
    def view():
        response = make_response("x")
        response.set_cookie("a", "1", max_age=60, path="/p", httponly=True, samesite="Lax")
        response.set_cookie("b", "zwei; drei")
        response.delete_cookie("c", domain="example.test")
        return response

    later, *others = visitor.get("/").cookies
    assert re.sub(r"Expires=[^;]+; ", "", later) == (
        "a=1; Max-Age=60; HttpOnly; Path=/p; SameSite=Lax"
    )
    assert others == [
        'b="zwei\\073 drei"; Path=/',
        "c=; Domain=example.test; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/",
    ]


def test_jsonify_takes_one_value_several_or_names(app, visitor):
    app.route("/one")(lambda: jsonify({"a": 1}))
    app.route("/several", endpoint="several")(lambda: jsonify(1, 2))
    app.route("/names", endpoint="names")(lambda: jsonify(a=1, b=2))
    app.route("/none", endpoint="none")(lambda: jsonify())
    app.route("/both", endpoint="both")(lambda: jsonify(1, a=2))
    bodies = [visitor.get(f"/{path}").json for path in ("one", "several", "names", "none")]
    assert bodies == [{"a": 1}, [1, 2], {"a": 1, "b": 2}, None]
    assert visitor.get("/both").status == 500


@pytest.mark.parametrize(
    ("headers", "status", "body"),
    [
        ({}, 200, b"0123456789"),
        ({"If-None-Match": '"tag"'}, 304, b""),
        ({"If-None-Match": '"other"'}, 200, b"0123456789"),
        ({"If-Match": '"other"'}, 412, None),
        ({"If-Match": "*"}, 200, b"0123456789"),
        ({"Range": "bytes=2-4"}, 206, b"234"),
        ({"Range": "bytes=-3"}, 206, b"789"),
        ({"Range": "bytes=90-"}, 416, None),
        ({"Range": "bytes=2-4", "If-Range": '"tag"'}, 206, b"234"),
        ({"Range": "bytes=2-4", "If-Range": '"other"'}, 200, b"0123456789"),
        ({"Range": "lines=2-4"}, 416, None),
    ],
)
def test_a_conditional_response(app, visitor, headers, status, body):
    @app.route("/")
    def view():
        response = make_response("0123456789")
        response.set_etag("tag")
        return response.make_conditional(request, accept_ranges=True, complete_length=10)

    answer = visitor.get("/", headers=headers)
    assert answer.status == status
    if body is not None:
        assert answer.data == body


def test_a_file_passes_through(app, visitor):
    app.route("/")(lambda: Response(io.BytesIO(b"a\nb"), direct_passthrough=True))
    assert visitor.get("/").data == b"a\nb"


def test_a_response_kept_by_a_view_is_sent_again_and_again(app, visitor):
    kept = Response("kept")
    app.route("/")(lambda: kept)

    @app.before_request
    def mark():
        @after_this_request
        def note(response):
            response.headers["X-Count"] = str(int(response.headers.get("X-Count", 0)) + 1)
            return response

    assert [visitor.get("/").headers["X-Count"] for _ in range(3)] == ["1", "2", "3"]


def test_a_response_class_may_leave_out_the_length(app, visitor):
    class Unmeasured(Response):
        automatically_set_content_length = False

    app.response_class = Unmeasured
    app.route("/")(lambda: "x")
    answer = visitor.get("/")
    assert (answer.data, "Content-Length" in answer.headers) == (b"x", False)


def test_a_wsgi_application_that_fails_before_it_starts(app, visitor):
    import sys

    def recovering(environ, start_response):
        try:
            raise KeyError("inner")
        except KeyError:
            start_response("503 Inner", [("Content-Type", "text/plain")], sys.exc_info())
        return [b"inner error"]

    app.route("/")(lambda: recovering)
    answer = visitor.get("/")
    assert (answer.line, answer.text) == ("503 Inner", "inner error")


def test_a_body_of_json_ends_in_a_newline_and_keeps_its_order_if_told(app, visitor):
    app.json.sort_keys = False
    app.route("/")(lambda: {"b": "é", "a": 1})
    assert visitor.get("/").data == b'{"b":"\\u00e9","a":1}\n'
    assert json.loads(visitor.get("/").data) == {"b": "é", "a": 1}
