"""The functions that end a context: all of them run, whatever one raises."""

import asyncio
import sys
from pathlib import Path

import pytest

from costrel import Flask, request
from costrel.serve.drive import step
from costrel.serve.tear_down import run_teardown

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from gateways import (  # noqa: E402
    Ask,
    as_async,
    ask_asgi,
    ask_rsgi,
    ask_wsgi,
    call_asgi,
    call_rsgi,
)


@pytest.fixture
def app():
    return Flask("ending", static_folder=None)


async def wait(coroutine):
    """Wait as a gateway does."""
    return await coroutine


def test_each_function_is_told_of_the_error(app):
    log = []
    error = KeyError("x")

    async def later(error):
        log.append(("later", error))

    functions = (lambda error: log.append(("now", error)), later)
    step(run_teardown(app, functions, error, wait))
    assert log == [("now", error), ("later", error)]


@pytest.mark.parametrize(
    ("settings", "is_raised"),
    [
        ({}, False),
        ({"TESTING": True}, True),
        ({"PROPAGATE_EXCEPTIONS": True}, True),
    ],
)
def test_the_first_failure_is_raised_after_all_have_run(app, caplog, settings, is_raised):
    app.config.update(settings)
    log = []

    def fail(name):
        def function(error):
            log.append(name)
            raise KeyError(name)

        return function

    ending = run_teardown(app, (fail("first"), fail("second")), None, wait)
    if is_raised:
        with pytest.raises(KeyError, match="first"):
            step(ending)
    else:
        step(ending)
    assert log == ["first", "second"]
    assert caplog.text.count("KeyError") >= 2


FORM = [("Content-Type", "multipart/form-data; boundary=b")]
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nx\r\n--b--\r\n'


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi, ask_rsgi])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_files_are_closed_and_the_app_context_ended_whatever_fails_before(app, ask, kind):
    app.testing = True
    log = []

    @app.teardown_request
    def fail(error):
        raise LookupError("in the request")

    app.teardown_appcontext(lambda error: log.append("first"))
    app.teardown_appcontext(lambda error: log.append("last"))

    def upload():
        log.append(request.files["file"].stream)
        return "taken"

    view = upload if kind == "sync" else as_async(upload)
    app.add_url_rule("/", "upload", view, methods=["POST"])
    with pytest.raises(LookupError, match="in the request"):
        ask(app, Ask("POST", "/", FORM, FILE))
    stream, *said = log
    assert stream.closed
    assert said == ["last", "first"]


@pytest.mark.parametrize("call", [call_asgi, call_rsgi])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_app_context_that_was_there_before_outlives_the_request(app, call, kind):
    log = []
    app.teardown_request(lambda error: log.append("request"))
    app.teardown_appcontext(lambda error: log.append("app"))
    view = (lambda: "x") if kind == "sync" else as_async(lambda: "x")
    app.add_url_rule("/", "view", view)

    async def ask():
        with app.app_context():
            await call(app, Ask())
            log.append("asked")

    asyncio.run(ask())
    assert log == ["request", "asked", "app"]
