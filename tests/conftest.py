"""Fixtures of more than one folder: lanes, databases; and what saves the tests time."""

import gc
import os
import sys
import time
from pathlib import Path

import pytest

from costrel.parts import signals
from costrel.serve.lanes import full_lane_now

sys.path.insert(0, str(Path(__file__).parent / "servers"))

import databases  # noqa: E402  the line above is how it is found

# How an app is made to take one lane for everything, by what compiling would choose it for.
FORCED = {
    "chosen": {},
    "full": {"costrel.compile.plans.short_lane": full_lane_now},
    "eager": {"costrel.compile.engine.opens_sessions_lazily": lambda interface: False},
    "long": {"costrel.compile.engine.is_faithful": lambda app: True},
    # Somebody listens to signals, which every lane then sends.
    "heard": {},
}


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    """What is collected is kept, so there is little to find for the garbage collector meanwhile."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session):
    """What was kept from the collector's sight is seen again by what asks for it at the end."""
    try:
        return (yield)
    finally:
        gc.unfreeze()


@pytest.fixture(scope="module", autouse=True)
def garbage_of_its_own():
    """What a module leaves to the garbage collector is collected, and the blame is the module's.

    What is there before stays until the end, and the collector need not look at it again: that is
    what pytest keeps of tests, above all, and takes 0.3 seconds each time.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.collect()


def unhear(monkeypatch):
    """Make it as if nobody had ever asked for a signal, as in most processes."""
    for name in (*signals.SIGNAL_NAMES, "_signals"):
        monkeypatch.delitem(signals.LIVE, name, raising=False)
        monkeypatch.delitem(vars(signals), name, raising=False)


@pytest.fixture(scope="session")
def bytecode_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def kept_bytecode(monkeypatch, bytecode_folder):
    """What a test's programs import is compiled once for all tests, also where Python is told not
    to write bytecode beside the source; else each program takes three times as long.
    """
    if sys.dont_write_bytecode:
        monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(bytecode_folder))


@pytest.fixture
def nobody_listens(monkeypatch):
    """As in most processes, no signal is sent; other tests may have asked for some."""
    unhear(monkeypatch)


@pytest.fixture
def standard_json(monkeypatch):
    """As where orjson is not installed."""
    monkeypatch.setattr("costrel.parts.json_provider.quick_writer", lambda: None)


@pytest.fixture
def force_lane(monkeypatch):
    """Has every app compiled from now on take the named lane."""

    def force(lane):
        monkeypatch.undo()
        unhear(monkeypatch)
        if lane == "heard":
            assert signals.request_started
        for place, stand_in in FORCED[lane].items():
            monkeypatch.setattr(place, stand_in)

    return force


@pytest.fixture(params=FORCED)
def every_lane(request, force_lane):
    """Runs a test once for each lane, with all of its apps on that lane."""
    force_lane(request.param)
    return request.param


@pytest.fixture
def in_cpu_seconds():
    """Assert that a call takes at most so many seconds of CPU time, and return its result.

    Without the collector, whose time is that of what ten thousand other tests left.
    """

    def check(most, function, *args, **kwargs):
        taken = []
        for _ in range(3):
            gc.disable()
            started = time.thread_time()
            try:
                result = function(*args, **kwargs)
            finally:
                taken.append(time.thread_time() - started)
                gc.enable()
            if taken[-1] < most:
                return result
        raise AssertionError(f"It took {taken} seconds, and may take {most}.")

    return check


def ask_for(is_there, name):
    """Skip the test where a server is not installed; in CI that is a failure."""
    if is_there:
        return
    reason = f"{name} is not installed (Debian: apt-get install {name})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def redis_url():
    ask_for(databases.has_redis(), "redis-server")
    with databases.redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_url():
    ask_for(databases.has_postgresql(), "postgresql")
    with databases.postgresql_server() as url:
        yield url
