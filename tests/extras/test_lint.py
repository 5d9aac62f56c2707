import gc
import io
import warnings

import pytest

from costrel.extras.lint import HTTPWarning, LintMiddleware, WSGIWarning, check_type

ENVIRON = {
    "REQUEST_METHOD": "GET",
    "SERVER_NAME": "here",
    "SERVER_PORT": "80",
    "SCRIPT_NAME": "",
    "PATH_INFO": "/",
    "wsgi.version": (1, 0),
    "wsgi.multithread": False,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


def make_environ(**changes):
    environ = ENVIRON | {"wsgi.input": io.BytesIO(b"a\nb\nc"), "wsgi.errors": io.StringIO()}
    return environ | changes


def make_app(status="200 OK", headers=(("Content-Type", "text/plain"),), body=(b"Foo",), more=()):
    def app(environ, start_response):
        start_response(status, list(headers) if isinstance(headers, tuple) else headers, *more)
        return body

    return app


def texts_of(app, environ=None):
    """Run an app and return what it is warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        body = LintMiddleware(app)(environ or make_environ(), lambda *args: lambda chunk: None)
        list(body)
        body.close()
    return [(warning.category, str(warning.message)) for warning in caught]


def test_a_correct_app_is_not_warned_of():
    assert texts_of(make_app()) == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"wsgi.version": (0, 7)}, "not a WSGI 1.0 environ"),
        ({"SCRIPT_NAME": "test"}, "'SCRIPT_NAME' does not start with a slash"),
        ({"PATH_INFO": "test"}, "'PATH_INFO' does not start with a slash"),
    ],
)
def test_a_wrong_environ_is_warned_of(changes, text):
    ((kind, message),) = texts_of(make_app(), make_environ(**changes))
    assert kind is WSGIWarning
    assert text in message


def test_missing_keys_and_other_dicts_are_warned_of():
    class Dict(dict):
        pass

    environ = Dict(make_environ())
    del environ["SERVER_NAME"]
    messages = [message for _, message in texts_of(make_app(), environ)]
    assert messages == ["The environ is not a plain dict.", "The environ has no 'SERVER_NAME'."]


@pytest.mark.parametrize(
    ("app", "count", "text"),
    [
        (make_app("20 OK"), 3, "three digits"),
        (make_app("abc OK"), 2, "three digits"),
        (make_app("2000 OK"), 2, "three digits"),
        (make_app("200"), 1, "a space and a phrase"),
        (make_app("099 X"), 1, "below 100"),
        (make_app(headers=[["a", "b"]]), 1, "2-item tuples"),
        (make_app(headers=["fo"]), 1, "2-item tuples"),
        (make_app(headers={("a", "b"): 1}), 1, "Header list is not a list."),
        (make_app(headers=[(b"X", "a")]), 1, "must be strings"),
        (make_app(headers=[("Status", "200")]), 1, "The status header is not supported"),
        (make_app(more=("x",)), 1, "exc_info"),
        (make_app(body="abc"), 4, "character by character"),
        (make_app(body=["abc"]), 1, "needs 'bytes', but got 'str'"),
        (make_app(headers=[("Content-Length", "5")]), 1, "5 bytes, but 3"),
        (lambda environ, start_response: [b"x"], 1, "before it started the response"),
    ],
)
def test_broken_rules_of_wsgi_are_warned_of(app, count, text):
    found = texts_of(app)
    assert len(found) == count
    assert any(text in message for _, message in found)
    assert {kind for kind, _ in found} == {WSGIWarning}


@pytest.mark.parametrize(
    ("app", "texts"),
    [
        (make_app(headers=[("Location", "/x")]), ["Absolute URLs"]),
        (make_app(headers=[("ETag", "abc")]), ["not quoted"]),
        (make_app(headers=[("ETag", 'w/"abc"')]), ["upper case W"]),
        (make_app(headers=[("ETag", "W/abc")]), ["not quoted"]),
        (make_app("304 X", (("Content-Type", "a"),), ()), ["entity header 'Content-Type'"]),
        (make_app("304 X", ()), ["304 response must not have a body"]),
        (make_app("204 X", ()), ["204 response must not have a body"]),
        (make_app("204 X", (("Content-Length", "3"),), ()), ["not have a Content-Length"]),
        (make_app("100 X", ()), ["100 response must not have a body"]),
    ],
)
def test_broken_rules_of_http_are_warned_of(app, texts):
    found = texts_of(app)
    assert {kind for kind, _ in found} == {HTTPWarning}
    assert all(text in message for text, (_, message) in zip(texts, found, strict=True))


@pytest.mark.parametrize("etag", ['"abc"', 'W/"abc"'])
def test_proper_headers_are_not_warned_of(etag):
    headers = (("ETag", etag), ("Location", "http://x/"), ("Content-Length", "3"))
    assert texts_of(make_app(headers=headers)) == []
    assert texts_of(make_app("304 X", (("Expires", "0"), ("ETag", etag)), ())) == []


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (lambda stream: stream.read(), "may never return"),
        (lambda stream: stream.read(1, 2), "one argument, not 2"),
        (lambda stream: stream.readline(), "not safe"),
        (lambda stream: stream.readline(1, 2), "one argument, not 2"),
        (lambda stream: stream.close(), "Only the server"),
    ],
)
def test_unsafe_uses_of_the_input_are_warned_of(use, text):
    def app(environ, start_response):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                use(environ["wsgi.input"])
            except TypeError:
                pass  # The stream itself refuses two sizes.
        assert text in str(caught[0].message)
        return make_app()(environ, start_response)

    assert texts_of(app) == []


def test_safe_uses_of_the_streams_are_not_warned_of():
    def app(environ, start_response):
        assert environ["wsgi.input"].read(2) == b"a\n"
        assert environ["wsgi.input"].readline(10) == b"b\n"
        assert list(environ["wsgi.input"]) == [b"c"]
        environ["wsgi.errors"].writelines(["x", "y"])
        environ["wsgi.errors"].flush()
        return make_app()(environ, start_response)

    environ = make_environ()
    errors = environ["wsgi.errors"]
    assert texts_of(app, environ) == []
    assert errors.getvalue() == "xy"


def test_the_error_stream_is_checked():
    def app(environ, start_response):
        with pytest.raises(TypeError):
            environ["wsgi.errors"].write(b"x")
        environ["wsgi.errors"].close()
        return make_app()(environ, start_response)

    messages = [message for _, message in texts_of(app)]
    assert messages[0].startswith("wsgi.errors.write() needs 'str'")
    assert "closed wsgi.errors" in messages[1]


def test_what_is_written_counts_for_the_length():
    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "5")])(b"ab")
        return [b"cde"]

    assert texts_of(app) == []


def test_writing_text_is_warned_of():
    def app(environ, start_response):
        start_response("200 OK", [])("ab")
        return []

    assert "write() needs 'bytes'" in texts_of(app)[0][1]


@pytest.mark.parametrize(
    ("arguments", "keywords", "text"),
    [(("200 OK", [], None, 1), {}, "not 4"), (("200 OK", []), {"exc_info": None}, "no keyword")],
)
def test_wrong_calls_of_start_response_are_warned_of(arguments, keywords, text):
    def app(environ, start_response):
        start_response(*arguments, **keywords)
        return [b""]

    assert text in texts_of(app)[0][1]


def test_wrong_calls_of_the_app_are_warned_of():
    with (
        pytest.warns(WSGIWarning, match="two arguments"),
        pytest.warns(WSGIWarning, match="keyword"),
    ):
        LintMiddleware(make_app())(make_environ(), lambda *args: None, 1, a=1).close()


def test_a_body_that_is_not_closed_is_warned_of():
    body = LintMiddleware(make_app())(make_environ(), lambda *args: None)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del body
        gc.collect()
    assert [str(warning.message) for warning in caught] == [
        "The body was thrown away before it was closed."
    ]


def test_reading_a_closed_body_is_warned_of():
    body = LintMiddleware(make_app(body=iter([b"Foo"])))(make_environ(), lambda *args: None)
    body.close()
    with pytest.warns(WSGIWarning, match="after it had been closed"):
        next(iter(body))


def test_the_apps_own_body_is_closed():
    closed = []

    class Body(list):
        def close(self):
            closed.append(1)

    assert texts_of(make_app(body=Body([b"x"]))) == []
    assert closed == [1]


def test_just_the_type_itself_passes():
    class Text(str):
        __slots__ = ()

    check_type("It", "x")
    with pytest.warns(WSGIWarning, match="It needs 'str', but got 'Text'"):
        check_type("It", Text())
