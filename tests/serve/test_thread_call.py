"""Calls that another thread makes."""

import asyncio
import threading
from contextvars import ContextVar

import pytest

from costrel.serve.thread_call import ThreadCall, Unfinished

PLACE = ContextVar("place", default="nowhere")
here = threading.get_ident()


def make(function, *args):
    """Make a call in a thread and return what came of it."""

    async def go():
        call = ThreadCall(asyncio.get_running_loop(), function, args)
        threading.Thread(target=call.make).start()
        return await call

    return asyncio.run(go())


def test_it_is_made_in_the_other_thread_among_the_callers_variables():
    PLACE.set("here")
    assert make(lambda *args: (threading.get_ident() != here, PLACE.get(), args), 1, 2) == (
        True,
        "here",
        (1, 2),
    )


def test_what_it_raises_is_raised():
    def fail():
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        make(fail)


def test_a_stop_iteration_does_not_end_who_waits():
    with pytest.raises(RuntimeError, match="StopIteration"):
        make(next, iter(()))


def test_a_value_is_handed_over_before_the_rest():
    has_value, order = threading.Event(), []

    def rest():
        assert has_value.wait(5)
        order.append("rest")

    async def go():
        call = ThreadCall(asyncio.get_running_loop(), lambda: Unfinished("value", rest), ())
        thread = threading.Thread(target=call.make)
        thread.start()
        order.append(await call)
        has_value.set()
        await asyncio.to_thread(thread.join, 5)

    asyncio.run(go())
    assert order == ["value", "rest"]


def test_one_that_was_given_up_in_time_is_not_made():
    made = []

    async def go():
        call = ThreadCall(asyncio.get_running_loop(), made.append, (1,))
        assert call.cancel()
        call.make()

    asyncio.run(go())
    assert made == []


def test_one_that_has_begun_can_only_be_interrupted():
    begun, stop = threading.Event(), threading.Event()

    def wait():
        begun.set()
        assert stop.wait(5)

    async def go():
        call = ThreadCall(asyncio.get_running_loop(), wait, (), stop.set)
        threading.Thread(target=call.make).start()
        await asyncio.to_thread(begun.wait, 5)
        assert not call.cancel()
        assert await call is None

    asyncio.run(go())
    assert stop.is_set()


def test_one_whose_loop_is_closed_tells_nobody():
    loop = asyncio.new_event_loop()
    made = []
    call = ThreadCall(loop, made.append, (1,))
    loop.close()
    call.make()
    assert made == [1]
    assert not call.done()
