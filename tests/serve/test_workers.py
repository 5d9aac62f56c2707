"""Worker threads: bounded, with the caller's context variables, and never left behind."""

import asyncio
import subprocess
import sys
import threading
import time
from contextvars import ContextVar

import pytest

import costrel
from costrel.serve import workers as module
from costrel.serve.workers import Workers, default_size

PATIENCE = 10  # seconds
PLACE = ContextVar("place", default="nowhere")


@pytest.fixture
def said():
    return []


@pytest.fixture
def workers(said):
    workers = Workers(2, said.append)
    yield workers
    workers.shut_down()


def run(workers, *functions):
    async def go():
        loop = asyncio.get_running_loop()
        return await asyncio.gather(*(workers.run(loop, function) for function in functions))

    return asyncio.run(go())


def test_context_variables_go_both_ways(workers):
    def work():
        seen = PLACE.get()
        PLACE.set("there")
        return seen

    async def go():
        PLACE.set("here")
        seen = await workers.run(asyncio.get_running_loop(), work)
        return seen, PLACE.get()

    assert asyncio.run(go()) == ("here", "there")


def test_no_more_run_at_once_than_there_are_threads_and_it_is_said_once(workers, said):
    at_once, most, lock = [0], [0], threading.Lock()

    def work():
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.01)
        with lock:
            at_once[0] -= 1

    run(workers, *[work] * 10)
    assert most[0] == 2
    assert workers.busy == 0
    assert len(said) == 1
    assert "All 2 worker threads are busy" in said[0]
    assert "WORKER_THREADS" in said[0]


def test_it_is_said_again_after_a_while(workers, said, monkeypatch):
    monkeypatch.setattr(module, "QUIET_TIME", 0.0)
    run(workers, *[lambda: time.sleep(0.01)] * 4)
    assert len(said) == 2


def test_what_a_function_raises_is_raised(workers):
    def fail():
        raise LookupError("lost")

    with pytest.raises(LookupError):
        run(workers, fail)


def test_one_that_gives_up_waits_until_its_thread_is_done(workers):
    done, begun, let_go = [], threading.Event(), threading.Event()

    def work():
        begun.set()
        assert let_go.wait(PATIENCE)
        done.append(1)

    async def go():
        task = asyncio.ensure_future(workers.run(asyncio.get_running_loop(), work))
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0.01)
        assert not task.done()
        let_go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert done == [1]

    asyncio.run(go())


def test_one_that_gives_up_before_its_turn_never_begins(workers):
    done, let_go = [], threading.Event()

    async def go():
        loop = asyncio.get_running_loop()
        first = [asyncio.ensure_future(workers.run(loop, let_go.wait, PATIENCE)) for _ in "12"]
        late = asyncio.ensure_future(workers.run(loop, done.append, 1))
        await asyncio.sleep(0.02)
        late.cancel()
        with pytest.raises(asyncio.CancelledError):
            await late
        let_go.set()
        assert await asyncio.gather(*first) == [True, True]

    asyncio.run(go())
    assert done == []


def test_the_number_of_threads_is_a_setting():
    app = costrel.Flask("few", static_folder=None)
    app.config["WORKER_THREADS"] = 1
    at_once, most = [0], [0]

    @app.route("/")
    def view():
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        time.sleep(0.01)
        at_once[0] -= 1
        return "viewed"

    async def test():
        async with app.test_client() as client:
            await asyncio.gather(*(client.get("/") for _ in range(4)))

    asyncio.run(test())
    assert most[0] == 1
    assert default_size() >= 32


ENDS_EARLY = """
import asyncio
import subprocess
import sys
import sys
import time

from costrel import Flask

app = Flask("early", static_folder=None)


@app.route("/write")
def write():
    with open(sys.argv[1], "w") as file:
        file.write("one half, ")
        time.sleep(0.3)
        file.write("and the other")
    return "written"


@app.route("/stream")
def stream():
    return iter("abcdefgh" * 100)


def scope(path):
    return {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [],
        "http_version": "1.1", "root_path": "",
    }


async def stand(message=None):
    await asyncio.sleep(60)


tasks, PATHS = [], ("/write", "/stream")


async def main():
    tasks.extend(asyncio.ensure_future(app(scope(path), stand, stand)) for path in PATHS)
    await asyncio.sleep(0.1)


# The loop neither ends its tasks nor is closed.
asyncio.new_event_loop().run_until_complete(main())
"""


def test_a_process_that_ends_finishes_what_its_threads_are_at(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", ENDS_EARLY, str(tmp_path / "file.txt")],
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "file.txt").read_text() == "one half, and the other"
