"""The functions that end a context: all of them run, whatever one raises."""

import pytest

from costrel import Flask
from costrel.serve.drive import step
from costrel.serve.tear_down import run_teardown


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
