"""A body that is made while it is sent, within its request's context."""

import io
import threading
from contextvars import ContextVar

import pytest

from costrel import Flask, after_response, g, has_request_context, request


@pytest.fixture
def app():
    return Flask("streaming", static_folder=None)


def ask(app, path="/"):
    """Start a request and return its body, unread."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "x", "SERVER_PORT": "80"}
    return app(environ, lambda status, headers: None)


@pytest.fixture
def log(app):
    log = []
    app.teardown_request(lambda error: log.append(("end", repr(error), request.path)))

    @app.route("/<name>")
    def view(name):
        g.name = name

        def letters():
            try:
                for letter in name:
                    yield f"{letter}{g.name}{request.path}"
                    if letter == "!":
                        raise KeyError("in the stream")
            finally:
                log.append("closed")

        return app.response_class(letters())

    return log


def test_a_stream_keeps_its_context_until_its_end(app, log):
    body = ask(app, "/ab")
    assert not has_request_context()
    steps = iter(body)
    assert next(steps) == b"aab/ab"
    assert not has_request_context()
    assert log == []
    assert list(steps) == [b"bab/ab"]
    assert log == ["closed", ("end", "None", "/ab")]
    body.close()
    assert len(log) == 2


def test_a_client_that_goes_away_ends_the_request(app, log):
    body = ask(app, "/ab")
    next(iter(body))
    body.close()
    assert log == ["closed", ("end", "None", "/ab")]
    body.close()
    assert len(log) == 2


def test_a_stream_that_is_never_read_ends_when_it_is_closed(app, log):
    ask(app, "/ab").close()
    assert log == [("end", "None", "/ab")]


def test_closing_a_stream_has_its_request_and_may_fail_without_keeping_it(app):
    log = []
    app.teardown_request(lambda error: log.append(("end", request.path)))

    @app.route("/")
    def view():
        response = app.response_class(iter("ab"))

        @response.call_on_close
        def fail():
            log.append(("close", request.path))
            raise LookupError("while it closes")

        return response

    body = ask(app)
    with pytest.raises(LookupError, match="while it closes"):
        body.close()
    assert log == [("close", "/"), ("end", "/")]
    assert not has_request_context()


def test_an_error_in_the_stream_is_told_to_teardown(app, log):
    body = ask(app, "/!")
    with pytest.raises(KeyError, match="in the stream"):
        list(body)
    assert log == ["closed", ("end", "KeyError('in the stream')", "/!")]
    body.close()
    assert len(log) == 2


@pytest.mark.parametrize("ending", ["read", "closed", "failed"])
def test_what_was_set_before_the_view_is_reset_at_teardown(app, log, ending):
    span = ContextVar("span", default="none")
    tokens = []
    app.before_request(lambda: tokens.append(span.set("mine")))
    app.teardown_request(lambda error: span.reset(tokens.pop()))
    body = ask(app, "/!" if ending == "failed" else "/ab")
    assert span.get() == "mine"
    if ending == "failed":
        with pytest.raises(KeyError):
            list(body)
    elif ending == "read":
        list(body)
    else:
        body.close()
    assert (span.get(), tokens) == ("none", [])


def test_two_streams_at_once_keep_apart(app, log):
    first, second = ask(app, "/ab"), ask(app, "/xy")
    one, two = iter(first), iter(second)
    assert [next(one), next(two), next(one), next(two)] == [
        b"aab/ab",
        b"xxy/xy",
        b"bab/ab",
        b"yxy/xy",
    ]
    first.close()
    second.close()


def test_an_async_stream_is_sent_too(app):
    @app.route("/")
    def view():
        async def letters():
            for letter in "ab":
                yield f"{letter}{request.path}"

        return app.response_class(letters())

    body = ask(app)
    assert b"".join(body) == b"a/b/"
    body.close()


def test_work_that_a_stream_puts_off_begins_when_it_ends(app):
    done = threading.Event()

    @app.route("/")
    def view():
        def letters():
            yield "a"
            after_response(done.set)
            yield "b"

        return app.response_class(letters())

    steps = iter(ask(app))
    assert [next(steps), next(steps)] == [b"a", b"b"]
    assert not done.is_set()
    assert list(steps) == []
    assert done.wait(30)


def test_uploads_that_a_stream_asks_for_are_closed_when_it_ends(app):
    seen = []

    @app.route("/", methods=["POST"])
    def view():
        def letters():
            seen.append(request.files["f"])
            yield "a"
            seen.append(seen[0].stream.closed)

        return app.response_class(letters())

    answer = app.test_client().post("/", data={"f": (io.BytesIO(b"x"), "f.txt")})
    assert answer.data == b"a"
    assert seen[1] is False
    assert seen[0].stream.closed
