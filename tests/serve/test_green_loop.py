"""A loop that shares its thread with other loops; tests/servers runs it under gevent."""

import asyncio
import sys
import threading
import time
from contextlib import closing

import pytest

from costrel.serve import drive
from costrel.serve.drive import BackgroundLoop, iterate_now
from costrel.serve.green_loop import GreenLoop


def seen():
    return asyncio._get_running_loop(), sys.get_asyncgen_hooks()


@pytest.fixture
def others():
    """What a loop that runs in this thread has put there, and waits."""
    hooks = sys.get_asyncgen_hooks()
    with closing(asyncio.new_event_loop()) as loop:
        asyncio._set_running_loop(loop)
        sys.set_asyncgen_hooks(loop._asyncgen_firstiter_hook, loop._asyncgen_finalizer_hook)
        yield seen()
        asyncio._set_running_loop(None)
        sys.set_asyncgen_hooks(*hooks)


def test_while_it_waits_others_find_what_they_put_there(others):
    found = []
    with closing(GreenLoop()) as loop:
        wait = loop._wait

        def look(timeout):
            found.append(seen())
            return wait(timeout)

        async def run():
            for _ in range(3):
                mine = seen()
                assert mine[0] is loop
                assert mine[1].firstiter == loop._asyncgen_firstiter_hook
                await asyncio.sleep(0)
            loop.stop()

        loop._wait = look
        task = loop.create_task(run())
        loop.run_forever()
        task.result()
    assert len(found) > 3
    assert set(found) == {others}
    assert seen() == others


def test_the_background_loop_is_one_where_threads_are_green(monkeypatch):
    background = BackgroundLoop()

    async def loop():
        return asyncio.get_running_loop()

    found = [background.run(loop())]
    background.forget()
    monkeypatch.setattr(drive, "threads_are_green", lambda: True)
    found.append(background.run(loop()))
    assert [type(each) is GreenLoop for each in found] == [False, True]
    for each in found:
        each.call_soon_threadsafe(each.stop)
        while each.is_running():
            time.sleep(0.001)
        each.close()


def test_threads_are_green_where_somebody_has_replaced_locks(monkeypatch):
    assert not drive.threads_are_green()
    monkeypatch.setattr(threading, "Lock", lambda: GreenLoop)
    assert drive.threads_are_green()


def test_a_lock_of_before_gevent_came_is_not_kept():
    assert not vars(BackgroundLoop())


def test_an_async_generator_belongs_to_the_loop_that_steps_through_it(others):
    async def chunks():
        yield asyncio.get_running_loop()

    (loop,) = iterate_now(made := chunks())
    assert loop is not others[0]
    assert made not in others[0]._asyncgens
