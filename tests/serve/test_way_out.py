"""Which responses go out as they lie there."""

import asyncio
import sys
from pathlib import Path

import pytest

from costrel import Flask, Response
from costrel.http.exceptions import HTTPException
from costrel.serve.way_out import are_complete, bare_headers, quick_body, quick_class_of

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from gateways import Ask, ask_asgi, ask_rsgi, ask_wsgi  # noqa: E402


@pytest.mark.parametrize(
    "way",
    [
        *("__call__", "get_wsgi_response", "get_wsgi_headers", "get_app_iter", "iter_encoded"),
        *("headers", "close"),
    ],
)
def test_a_class_with_a_way_out_of_its_own_is_asked(way):
    mine = type("Mine", (Response,), {way: lambda self, *args: None})
    assert quick_class_of(mine) is None
    assert quick_class_of(type("Plain", (Response,), {})).__name__ == "Plain"


def touched(**headers):
    response = Response("x")
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def unmeasured():
    response = Response(["x"])
    response.headers["X-A"] = "1"
    return response


def with_callback():
    response = Response("x")
    response.call_on_close(print)
    return response


@pytest.mark.parametrize(
    ("response", "method", "is_quick"),
    [
        (Response("x"), "GET", True),
        (Response("x", 404), "POST", True),
        (touched(X_A="1"), "GET", True),
        (Response("x"), "HEAD", False),
        (Response("x", 204), "GET", False),
        (Response("x", 304), "GET", False),
        (Response("x", 302), "GET", False),
        (Response("x", 201), "GET", False),
        (touched(Location="/x"), "GET", False),
        (touched(content_location="/x"), "GET", False),
        (Response(["x", "y"]), "GET", False),
        (Response(("x",)), "GET", False),
        (Response(["é"]), "GET", False),
        (Response(iter([b"x"])), "GET", False),
        (Response(), "GET", False),
        (unmeasured(), "GET", False),
        (with_callback(), "GET", False),
        (type("Other", (Response,), {})("x"), "GET", False),
    ],
)
def test_only_one_chunk_with_its_length_goes_out_as_it_is(response, method, is_quick):
    body = quick_body(response, Response, method)
    assert body == ([b"x"] if is_quick else None)


@pytest.mark.parametrize(
    ("names", "complete"),
    [
        (["Content-Length", "X-A"], True),
        (["X-A"], False),
        (["Content-Length", "LOCATION"], False),
        (["Content-Length", "Content-Location"], False),
        (["Content-Length", "X-Letter"], True),
        ([], False),
    ],
)
def test_headers_are_complete_with_a_length_and_nothing_to_rewrite(names, complete):
    assert are_complete([(name, "1") for name in names]) is complete


def not_modified(**headers):
    response = Response(status=304)
    response.headers.clear()
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


@pytest.mark.parametrize(
    ("response", "method", "sent"),
    [
        (not_modified(), "GET", []),
        (
            not_modified(ETag='"x"', Expires="now", Vary="Cookie"),
            "GET",
            ["ETag", "Expires", "Vary"],
        ),
        (not_modified(ETag='"x"'), "HEAD", None),
        (Response(status=304), "GET", []),
        (not_modified(Content_Length="1", X_A="1"), "GET", ["X-A"]),
        (not_modified(last_modified="now", X_Entity="1"), "GET", ["X-Entity"]),
        (not_modified(Content_Location="/é"), "GET", None),
        (not_modified(location="/x"), "GET", None),
        (Response([], 200), "GET", None),
        (Response([], 204), "GET", None),
    ],
)
def test_a_304_goes_out_without_what_describes_a_body(response, method, sent):
    before = list(response.headers)
    body = quick_body(response, Response, method)
    assert body == (None if sent is None else [])
    if sent is not None:
        assert [name for name, _ in bare_headers(response._list)] == sent
        assert sent == [name for name, _ in response.get_wsgi_headers({})]
    assert list(response.headers) == before


@pytest.mark.parametrize("hand_over", [lambda: "text", lambda: iter(["a", "stream"]), lambda: None])
@pytest.mark.parametrize("status", [200, 304])
def test_a_server_may_change_the_headers_it_is_given(hand_over, status):
    app, kept = Flask("headers", static_folder=None), Response(hand_over(), status)

    def start_response(line, headers, exc_info=None):
        headers.append(("X-Server", "1"))

    app.route("/")(lambda: kept)
    before = list(kept.headers) if kept.is_sequence else kept._list.copy()
    body = app({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, start_response)
    list(body)
    assert kept._list == before


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi, ask_rsgi])
def test_a_stream_that_is_a_304_goes_out_without_its_type(ask):
    app = Flask("bodiless", static_folder=None)
    app.route("/")(lambda: Response(iter(["a"]), 304))
    answer = ask(app, Ask())
    assert (answer.status, answer.body) == (304, b"")
    assert "content-type" not in dict(answer.headers)


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi, ask_rsgi])
def test_a_location_is_made_absolute_where_the_response_says_so(ask):
    class Absolute(Response):
        autocorrect_location_header = True

    app = Flask("moving", static_folder=None)
    app.route("/")(lambda: Absolute("", 302, {"Location": "/there"}))
    assert dict(ask(app, Ask()).headers)["location"] == "http://localhost/there"


@pytest.mark.parametrize("ask", [ask_asgi, ask_rsgi])
def test_an_async_body_is_sent_on_the_loop_whatever_answers_over_wsgi(ask):
    class Telling(Response):
        def __call__(self, environ, start_response):
            return super().__call__(environ, start_response)

    app = Flask("telling", static_folder=None)

    @app.route("/")
    async def view():
        loop = asyncio.get_running_loop()

        async def chunks():
            yield f"same loop: {asyncio.get_running_loop() is loop}"

        return Telling(chunks())

    assert ask(app, Ask()).body == b"same loop: True"


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi, ask_rsgi])
@pytest.mark.parametrize("status", [0, 7, 99, 1000, 2000, -200, "wat", "2000 Odd"])
@pytest.mark.parametrize(
    "make",
    [
        lambda status: ("x", status),
        lambda status: ({"a": 1}, status),
        lambda status: (iter("ab"), status, {"X-A": "1"}),
        lambda status: Response("x", status),
        lambda status: Response(iter("ab"), status),
        lambda status: Response(status=status),
        lambda status: type("Mine", (Response,), {"get_app_iter": Response.get_app_iter})(
            "", status
        ),
    ],
)
def test_a_status_that_http_does_not_have_is_a_500_and_told(caplog, ask, status, make):
    app = Flask("odd", static_folder=None)
    app.route("/")(lambda: make(status))
    answer = ask(app, Ask())
    assert answer.status == 500
    assert b"Internal Server Error" in answer.body
    assert "three digits" in caplog.text


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi, ask_rsgi])
@pytest.mark.parametrize("status", [200, 299, 418, 599, 600, 999, "299 Odd"])
def test_any_other_status_is_sent(ask, status):
    app = Flask("odd", static_folder=None)
    app.route("/")(lambda: ("x", status))
    assert ask(app, Ask()).status == int(str(status)[:3])


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi, ask_rsgi])
def test_a_hook_that_sets_such_a_status_is_told_of_as_well(caplog, ask):
    app = Flask("odd", static_folder=None)
    app.route("/")(lambda: "x")
    closed = []

    @app.after_request
    def after(response):
        response.status_code = 2000
        response.call_on_close(lambda: closed.append("closed"))
        return response

    assert ask(app, Ask()).status == 500
    assert "GET / was answered with the status '2000 UNKNOWN'" in caplog.text
    assert closed == ["closed"]


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi, ask_rsgi])
def test_the_500_in_its_place_is_of_the_apps_class(ask):
    class Mine(Response):
        def get_wsgi_headers(self, environ):
            headers = super().get_wsgi_headers(environ)
            headers["X-Mine"] = "yes"
            return headers

    app = Flask("odd", static_folder=None)
    app.response_class = Mine
    app.route("/")(lambda: Mine("x", 2000))
    answer = ask(app, Ask())
    assert answer.status == 500
    assert ("x-mine", "yes") in answer.headers


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi, ask_rsgi])
@pytest.mark.parametrize("code", [0, 2000])
def test_so_is_an_http_error_of_such_a_code(caplog, ask, code):
    app = Flask("odd", static_folder=None)

    @app.route("/")
    def fail():
        raise type("Odd", (HTTPException,), {"code": code, "description": "odd"})

    assert ask(app, Ask()).status == 500
    assert "three digits" in caplog.text
