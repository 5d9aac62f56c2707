"""A loop that stands still is noticed."""

import asyncio
import threading
import time

import pytest

from costrel import Flask
from costrel.debugger.debugged_app import DebuggedApplication
from costrel.debugger.stall_watch import watch_loop
from costrel.testing.client import Client


@pytest.fixture
def loop():
    """A loop that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def run(loop, coroutine):
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result(10)


def test_the_line_that_blocks_is_named_once(loop):
    told = []
    watch_loop(loop, tell=told.append)
    watch_loop(loop, tell=told.append)

    async def view():
        time.sleep(0.4)  # noqa: ASYNC251  the mistake

    run(loop, asyncio.sleep(0.1))
    run(loop, view())
    run(loop, view())
    assert len(told) == 1
    assert told[0].source.startswith("time.sleep(0.4)")
    assert told[0].function == "view"
    assert "test_stall_watch.py:" in told[0].place
    assert 0.1 < told[0].seconds < 0.4


def test_a_loop_that_waits_is_left_alone(loop):
    told = []
    watch_loop(loop, tell=told.append)

    async def view():
        await asyncio.sleep(0.3)

    run(loop, view())
    assert told == []


def test_a_blocking_view_under_wsgi_is_told_in_the_terminal(capsys):
    app = Flask(__name__)
    app.debug = True

    @app.get("/warm")
    async def warm():
        await asyncio.sleep(0.1)
        return "x"

    @app.get("/slow")
    async def slow():
        time.sleep(0.3)  # noqa: ASYNC251  the mistake
        return "slow"

    client = Client(DebuggedApplication(app, token="a-token-for-tests"))
    client.get("/warm")
    client.get("/warm")
    assert client.get("/slow").text == "slow"
    deadline = time.monotonic() + 5
    said = ""
    while "CST802" not in said and time.monotonic() < deadline:
        said += capsys.readouterr().err
        time.sleep(0.02)
    assert "in slow() at " in said
    assert "await asyncio.sleep(...)" in said
