"""Mistakes with async code."""

import asyncio
import gc
import warnings

import pytest

from costrel.debugger.advice import advise
from costrel.debugger.advice.async_advice import LoopStalled


async def load():
    return {"name": "x"}


@pytest.fixture(autouse=True)
def forgotten_coroutines():
    """A coroutine that nobody awaits is what these programs are about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield
        gc.collect()


def test_a_view_that_returns_a_coroutine_is_told(mistake):
    told = mistake(lambda: load())["CST801"]
    assert "await" in told["fix"]


def test_a_coroutine_used_as_its_result_is_told(mistake):
    async def view():
        return load()["name"]

    assert "(await load())" in mistake(view)["CST801"]["fix"]


def test_the_warning_of_a_forgotten_await_is_told(advice_on):
    def forget():
        warnings.simplefilter("error", RuntimeWarning)
        raise RuntimeWarning("coroutine 'load' was never awaited")

    assert advice_on(forget)["CST801"]["example"] == "await load()"


def test_a_loop_that_stood_still_is_told_with_what_to_call():
    stalled = LoopStalled(0.25, "app.py:7", "time.sleep(0.25)", "view")
    (found,) = advise(stalled)
    assert found.code == "CST802"
    assert "250 ms in view() at app.py:7" in found.says
    assert "await asyncio.sleep(...)" in found.fix


def test_an_object_of_another_loop_is_told(mistake):
    loop = asyncio.new_event_loop()
    future = loop.create_future()

    async def view():
        await asyncio.wait_for(future, 1)

    found = mistake(view)
    loop.close()
    assert "first use" in found["CST803"]["fix"]


def test_run_within_a_loop_is_told(mistake):
    async def view():
        return asyncio.run(load())

    assert "Await the coroutine" in mistake(view)["CST804"]["fix"]


def test_asyncio_in_a_sync_view_is_told(mistake):
    def view():
        asyncio.create_task(load())

    assert mistake(view)["CST805"]["fix"] == "Make it async: async def view(...)."


def test_an_await_too_many_is_told(mistake):
    async def view():
        return await str(1)

    assert "A str is awaited" in mistake(view)["CST806"]["says"]


def test_an_await_that_took_too_long_is_told(mistake):
    async def view():
        async with asyncio.timeout(0.01):
            await asyncio.sleep(5)

    assert "abort(504)" in mistake(view)["CST807"]["example"]
