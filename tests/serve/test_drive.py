"""The one place where sync meets async."""

import asyncio
import functools
import os
import threading
import time
from contextvars import ContextVar

import pytest

from costrel.serve.drive import (
    BackgroundLoop,
    is_async,
    iterate_now,
    step,
    wait_for,
    wait_in_background,
)

SEEN = ContextVar("seen")
UNSET = ContextVar("unset")


async def double(value):
    return value * 2


async def sleepy(value):
    await asyncio.sleep(0)
    return value * 2


# Stepping


def test_a_coroutine_that_never_waits_is_stepped_through():
    assert step(double(3)) == 6


def test_what_such_a_coroutine_raises_is_raised():
    async def fail():
        raise KeyError("x")

    with pytest.raises(KeyError):
        step(fail())


def test_a_coroutine_that_waits_cannot_be_stepped_through():
    closed = []

    async def waits():
        try:
            await asyncio.sleep(0)
        finally:
            closed.append(True)

    with pytest.raises(RuntimeError, match="reached an await that waits"):
        step(waits())
    assert closed == [True]


# The background loop


def end(loop):
    """Stop a loop that runs in a thread, and close it."""
    loop.call_soon_threadsafe(loop.stop)
    while loop.is_running():
        time.sleep(0.001)
    loop.close()


@pytest.fixture
def background():
    made = BackgroundLoop()
    yield made
    if made._loop is not None:
        end(made._loop)


def test_a_coroutine_runs_on_the_loop_in_a_thread_of_its_own(background):
    async def where():
        await asyncio.sleep(0)
        return threading.get_ident(), asyncio.get_running_loop()

    first, second = background.run(where()), background.run(where())
    assert first == second == (first[0], background.loop())
    assert first[0] != threading.get_ident()


def test_what_a_coroutine_raises_on_the_loop_is_raised_here(background):
    async def fail():
        await asyncio.sleep(0)
        raise KeyError("on the loop")

    with pytest.raises(KeyError, match="on the loop"):
        background.run(fail())
    assert background.run(sleepy(2)) == 4


def test_the_loop_does_not_wait_for_itself(background):
    async def wait_here():
        return background.run(sleepy(2))

    async def wait_aside():
        return await asyncio.to_thread(background.run, sleepy(2))

    with pytest.raises(RuntimeError, match=r"asyncio\.to_thread"):
        background.run(wait_here())
    assert background.run(wait_aside()) == 4


def test_context_variables_go_there_and_come_back(background):
    async def change():
        seen = SEEN.get()
        SEEN.set("there")
        UNSET.set("new")
        return seen

    token = SEEN.set("here")
    try:
        assert background.run(change()) == "here"
        assert (SEEN.get(), UNSET.get()) == ("there", "new")
    finally:
        SEEN.reset(token)


def test_a_forgotten_loop_is_made_anew(background):
    before = background.loop()
    background.forget()
    after = background.loop()
    assert after is not before
    end(before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_has_a_loop_of_its_own():
    call = wait_for(sleepy)
    assert call(1) == 2
    child = os.fork()
    if child == 0:
        os._exit(0 if call(2) == 4 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert call(3) == 6


def test_a_function_waits_for_an_async_one():
    call = wait_for(sleepy)
    assert call(4) == 8
    assert call.__name__ == "sleepy"
    assert not is_async(call)


def test_waiting_in_the_background_never_truly_waits():
    assert step(wait_in_background(sleepy(5))) == 10


def test_an_async_iterable_is_iterated_from_here():
    log = []

    async def letters():
        try:
            for letter in "ab":
                await asyncio.sleep(0)
                yield letter
        finally:
            log.append("closed")

    assert list(iterate_now(letters())) == ["a", "b"]
    assert log == ["closed"]
    half = iterate_now(letters())
    assert next(half) == "a"
    half.close()
    assert log == ["closed", "closed"]


def test_an_async_iterator_need_not_close():
    class Count:
        left = 2

        def __aiter__(self):
            return self

        async def __anext__(self):
            if not self.left:
                raise StopAsyncIteration
            self.left -= 1
            return self.left

    assert list(iterate_now(Count())) == [1, 0]


# Which functions are async


class Callable:
    async def __call__(self):
        """Wait for nothing."""

    async def method(self):
        """Wait for nothing."""

    @classmethod
    async def of_class(cls):
        """Wait for nothing."""

    def plain(self):
        """Return nothing."""


def marked():
    """Return what is to be awaited."""


marked._is_coroutine_mark = object()


@pytest.mark.parametrize(
    "function",
    [
        double,
        functools.partial(double, 1),
        functools.partial(functools.partial(double), 1),
        Callable(),
        Callable().method,
        Callable.of_class,
        Callable.method,
        marked,
    ],
)
def test_what_makes_a_coroutine_is_async(function):
    assert is_async(function) is True


@pytest.mark.parametrize(
    "function",
    [step, len, Callable, Callable().plain, functools.partial(len), lambda: double(1), None, 5],
)
def test_what_makes_none_is_not(function):
    assert is_async(function) is False
