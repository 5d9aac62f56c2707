"""Contexts that are taken along: into a stream, into another thread."""

import threading

import pytest

from costrel import (
    Flask,
    copy_current_request_context,
    g,
    has_request_context,
    request,
    session,
    stream_with_context,
)


@pytest.fixture
def app():
    app = Flask("streaming", static_folder=None)
    app.secret_key = "a key of sixteen bytes"
    return app


def test_a_stream_sees_the_request_and_what_g_holds(app):
    @app.route("/<name>")
    def view(name):
        g.name = name

        def letters():
            yield request.path
            yield g.name

        return stream_with_context(letters())

    assert app.test_client().get("/ada").text == "/adaada"


def test_a_decorated_generator_function_makes_such_streams(app):
    @app.route("/")
    def view():
        @stream_with_context
        def count(to, start=0):
            """Count."""
            for number in range(start, to):
                yield f"{request.path}{number}"

        assert (count.__name__, count.__doc__) == ("count", "Count.")
        return count(2, start=1)

    assert app.test_client().get("/").text == "/1"


def test_any_iterable_may_be_streamed(app):
    with app.test_request_context():
        assert list(stream_with_context(["a", "b"])) == ["a", "b"]
        assert list(stream_with_context(iter("ab"))) == ["a", "b"]


def test_a_stream_outlives_the_with_that_it_was_made_in(app):
    def paths():
        yield request.path
        yield request.path

    with app.test_request_context("/here"):
        stream = stream_with_context(paths())
    assert next(stream) == "/here"
    assert not has_request_context()
    assert list(stream) == ["/here"]


def test_a_stream_that_is_closed_is_closed_in_its_context_once(app):
    log = []

    def stream():
        try:
            yield 1
            yield 2
        finally:
            log.append(request.path)

    with app.test_request_context("/here"):
        streamed = stream_with_context(stream())
    assert next(streamed) == 1
    streamed.close()
    streamed.close()
    assert log == ["/here"]


def test_a_stream_that_fails_leaves_no_context_behind(app):
    log = []

    class Failing:
        def __iter__(self):
            return self

        def __next__(self):
            raise KeyError(request.path)

        def close(self):
            log.append("closed")

    with app.test_request_context("/here"):
        streamed = stream_with_context(Failing())
    with pytest.raises(KeyError, match="/here"):
        next(streamed)
    streamed.close()
    assert log == ["closed"]
    assert not has_request_context()


def test_streaming_needs_a_request(app):
    with pytest.raises(RuntimeError, match="outside of application context"):
        stream_with_context(iter("ab"))
    with app.app_context(), pytest.raises(RuntimeError, match="outside of request context"):
        stream_with_context(iter("ab"))


# copy_current_request_context


def run(function, *args):
    """Call a function in a thread of its own and return what it returns."""
    found = []
    thread = threading.Thread(target=lambda: found.append(function(*args)))
    thread.start()
    thread.join()
    return found[0]


def test_a_function_takes_a_copy_of_the_request_along(app):
    with app.test_request_context("/here"):
        session["n"] = 1
        g.x = "not copied"

        @copy_current_request_context
        def work(extra):
            """Work."""
            return request.path, session["n"], "x" in g, extra

        assert (work.__name__, work.__doc__) == ("work", "Work.")
        assert run(work, "extra") == ("/here", 1, False, "extra")
    assert run(work, "later") == ("/here", 1, False, "later")


def test_an_async_function_is_run_there_too(app):
    async def work():
        return request.path

    with app.test_request_context("/here"):
        copied = copy_current_request_context(work)
        assert run(copied) == "/here"
