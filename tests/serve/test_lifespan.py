"""What runs once a process: before the first request, after the last, and around both."""

import asyncio
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

import costrel
from costrel import current_app

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from gateways import Ask, call_asgi  # noqa: E402


@pytest.fixture
def app():
    app = costrel.Flask("living", static_folder=None)
    app.log = []

    @app.before_serving
    def begin():
        current_app.log.append("before")

    @app.while_serving
    def around():
        app.log.append("around, first")
        yield
        app.log.append("around, last")

    @app.while_serving
    async def around_async():
        app.log.append("async around, first")
        yield
        app.log.append("async around, last")

    @app.after_serving
    async def end():
        current_app.log.append("after")

    app.route("/")(lambda: "served")
    return app


BEGINNING = ["before", "around, first", "async around, first"]
WHOLE = [*BEGINNING, "async around, last", "around, last", "after"]


async def talk(app, *kinds):
    """Speak ASGI's lifespan protocol; returns what the app answered."""
    to_app = [{"type": f"lifespan.{kind}"} for kind in kinds]
    answers = []

    async def receive():
        return to_app.pop(0)

    async def send(message):
        answers.append(message)

    await app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
    return answers


def test_asgi_starts_and_stops_it(app):
    answers = asyncio.run(talk(app, "startup", "shutdown"))
    assert answers == [
        {"type": "lifespan.startup.complete"},
        {"type": "lifespan.shutdown.complete"},
    ]
    assert app.log == WHOLE


def test_rsgi_starts_and_stops_it_on_a_loop_that_does_not_run(app):
    loop = asyncio.new_event_loop()
    app.__rsgi_init__(loop)
    assert app.log == BEGINNING
    app.__rsgi_del__(loop)
    loop.close()
    assert app.log == WHOLE


def test_it_starts_once(app):
    async def start_twice():
        await app.lifespan.start()
        await app.lifespan.start()
        await app.lifespan.stop()
        await app.lifespan.stop()

    asyncio.run(start_twice())
    assert app.log == WHOLE


def test_a_start_that_fails_is_told_to_the_server(app, caplog):
    @app.before_serving
    async def fail():
        raise LookupError("no database")

    answers = asyncio.run(talk(app, "startup", "shutdown"))
    assert answers == [{"type": "lifespan.startup.failed", "message": "no database"}]
    assert "no database" in caplog.text


def test_a_server_whose_loop_is_not_of_asyncio_is_told_so_at_the_start(app, caplog):
    talking = talk(app, "startup")
    with pytest.raises(StopIteration):
        # As trio does: nothing of asyncio runs.
        talking.send(None)
    assert "hypercorn -k asyncio" in caplog.text
    assert app.log == []


def test_an_end_that_fails_keeps_none_of_the_others_from_running(app):
    @app.after_serving
    async def fail():
        raise LookupError("first")

    @app.after_serving
    def last():
        app.log.append("last")
        raise LookupError("second")

    async def run():
        await app.lifespan.start()
        await app.lifespan.stop()

    with pytest.raises(LookupError, match="first"):
        asyncio.run(run())
    assert app.log == [*WHOLE, "last"]


PROGRAM = """
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait

def say(*words):
    # In one piece: print() writes the line break apart, and others' words may come between.
    sys.stdout.write(" ".join(map(str, words)) + "\\n")

import asyncio, sys, costrel
app = costrel.Flask("program", static_folder=None)

@app.before_serving
async def begin():
    app.loop = asyncio.get_running_loop()
    say("before")

@app.after_serving
async def end():
    is_same = asyncio.get_running_loop() is app.loop
    # Python 3.12 starts no thread once a process has begun to end; older and newer ones do.
    thread = "thread" if sys.version_info[:2] == (3, 12) else await asyncio.to_thread(str, "thread")
    say("after", is_same, thread)

def job():
    say("job")

@app.route("/")
async def view():
    app.spawn(job)
    return str(asyncio.get_running_loop() is app.loop)

def main():
    client = app.test_client()
    say(client.get("/").text, client.get("/").text)

main()
"""


def test_under_wsgi_it_starts_before_the_first_request_and_stops_with_the_process():
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=True
    )
    lines = found.stdout.splitlines()
    assert found.stderr == ""
    assert lines[0] == "before"
    assert lines[-1] == "after True thread"
    assert sorted(lines[1:-1]) == ["True True", "job", "job"]


FIRST_BY_WEBSOCKET = """
import gc
import costrel

def make_app():
    app = costrel.Flask("socketed", static_folder=None)
    app.before_serving(lambda: print("before"))
    app.after_serving(lambda: print("after"))

    async def mounted(scope, receive, send):
        while True:
            message = await receive()
            print("mounted", message["type"])
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return

    app.mount("/mounted", mounted)

    @app.websocket("/ws")
    async def echo():
        await costrel.websocket.send(await costrel.websocket.receive())

    return app

with make_app().test_client().websocket_connect("/ws") as websocket:
    websocket.send("served")
    print(websocket.receive())
del websocket
gc.collect()
"""


def test_what_a_websocket_of_the_test_client_has_started_stops_with_the_process():
    found = subprocess.run(
        [sys.executable, "-c", FIRST_BY_WEBSOCKET],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert found.stderr == ""
    assert found.stdout.split("\n")[:-1] == [
        "mounted lifespan.startup",
        "before",
        "served",
        "after",
        "mounted lifespan.shutdown",
    ]


def test_an_app_without_any_of_it_starts_no_loop(monkeypatch):
    app = costrel.Flask("plain", static_folder=None)
    app.route("/")(lambda: "served")
    monkeypatch.setattr("costrel.serve.lifespan.BACKGROUND", None)
    assert app.test_client().get("/").text == "served"
    assert app.lifespan.is_started


def test_under_wsgi_what_the_server_has_started_is_left_alone(app, monkeypatch):
    asyncio.run(app.lifespan.start())
    monkeypatch.setattr("costrel.serve.lifespan.BACKGROUND", None)
    assert app.test_client().get("/").text == "served"
    assert app.log == BEGINNING


def with_an_end(app):
    app.after_serving(lambda: app.log.append("end"))


def with_a_generator(app):
    @app.while_serving
    def around():
        app.log.append("begin")
        yield
        app.log.append("end")


def with_a_mount(app):
    inner = costrel.Flask("inner", static_folder=None)
    inner.before_serving(lambda: app.log.append("begin"))
    inner.after_serving(lambda: app.log.append("end"))
    app.mount("/inner", inner)


@pytest.mark.parametrize(
    ("declare", "log"),
    [
        (with_an_end, ["end"]),
        (with_a_generator, ["begin", "end"]),
        (with_a_mount, ["begin", "end"]),
    ],
)
def test_under_wsgi_each_kind_of_it_is_run_also_alone(declare, log, monkeypatch):
    app = costrel.Flask("alone", static_folder=None)
    app.log, ends = [], []
    declare(app)
    app.route("/")(lambda: "served")
    monkeypatch.setattr("costrel.serve.lifespan.at_exit", lambda *end: ends.append(end))
    assert app.test_client().get("/").text == "served"
    assert app.log == log[:-1]
    for end, *args in ends:
        end(*args)
    assert app.log == log


def test_under_wsgi_who_comes_while_it_starts_waits():
    app = costrel.Flask("slow to start", static_folder=None)
    begun, goes_on = threading.Event(), threading.Event()

    @app.before_serving
    def begin():
        begun.set()
        goes_on.wait(10)
        app.pool = "pool"

    app.route("/")(lambda: app.pool)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(app.test_client().get, "/")
        assert begun.wait(10)
        second = pool.submit(app.test_client().get, "/")
        assert wait([second], 0.1).not_done
        goes_on.set()
        assert [first.result().text, second.result().text] == ["pool", "pool"]


def test_under_wsgi_a_function_of_the_start_may_ask_the_app_itself(app):
    app.before_serving(lambda: app.log.append(app.test_client().get("/").text))
    assert app.test_client().get("/").text == "served"
    assert app.log == ["before", "served", *BEGINNING[1:]]


def test_under_wsgi_a_function_of_the_start_may_ask_another_app(app):
    other = slow_to_start()

    @app.before_serving
    async def ask_other():
        app.log.append(await asyncio.to_thread(lambda: other.test_client().get("/").text))

    assert app.test_client().get("/").text == "served"
    assert app.log == ["before", "pool", *BEGINNING[1:]]


def test_under_wsgi_a_start_that_failed_is_tried_again():
    app = costrel.Flask("failing", static_folder=None)
    left = [LookupError("no database"), None]

    @app.before_serving
    async def begin():
        if error := left.pop(0):
            raise error

    app.route("/")(lambda: "served")
    with pytest.raises(LookupError, match="no database"):
        app.test_client().get("/")
    assert app.test_client().get("/").text == "served"
    assert left == []


async def text_of(app):
    return (await call_asgi(app, Ask())).body.decode()


def slow_to_start(left=(None,)):
    """An app whose start takes some turns of the loop, and fails with the errors that are left."""
    app = costrel.Flask("slow to start", static_folder=None)
    left = list(left)

    @app.before_serving
    async def begin():
        await asyncio.sleep(0.02)
        if error := left.pop(0):
            raise error
        app.pool = "pool"

    app.route("/")(lambda: app.pool)
    return app


def test_a_server_that_tells_of_no_start_has_it_before_its_first_requests():
    app = slow_to_start()

    async def ask():
        return await asyncio.gather(*(text_of(app) for _ in range(3)))

    assert asyncio.run(ask()) == ["pool", "pool", "pool"]


def test_a_late_start_goes_through_middleware_once():
    app = slow_to_start()
    inner, passed = app.asgi_app, []

    async def middleware(scope, receive, send):
        passed.append(scope["path"])
        await inner(scope, receive, send)

    app.asgi_app = middleware
    assert asyncio.run(text_of(app)) == "pool"
    assert passed == ["/"]


def test_a_late_start_goes_on_when_its_client_goes():
    app = slow_to_start()

    async def ask():
        first = asyncio.create_task(text_of(app))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        first.cancel()
        return await text_of(app)

    assert asyncio.run(ask()) == "pool"


def test_a_late_start_that_failed_is_tried_again():
    app = slow_to_start([LookupError("no database"), None])

    async def ask():
        with pytest.raises(LookupError, match="no database"):
            await text_of(app)
        return await text_of(app)

    assert asyncio.run(ask()) == "pool"


def test_a_late_start_that_ends_with_its_loop_begins_anew_on_the_next():
    app = slow_to_start()

    async def give_up():
        # Nobody waits for the start any more, and the loop ends in the midst of it.
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(text_of(app), 0.001)

    asyncio.run(give_up())
    assert asyncio.run(text_of(app)) == "pool"


def test_requests_that_waited_for_a_late_start_share_the_worker_threads():
    app = slow_to_start()
    app.config["WORKER_THREADS"] = 1
    threads = set()

    @app.before_request
    def note():
        threads.add(threading.get_ident())
        time.sleep(0.01)

    async def ask():
        return await asyncio.gather(*(text_of(app) for _ in range(3)))

    assert asyncio.run(ask()) == ["pool", "pool", "pool"]
    assert len(threads) == 1


def test_a_function_of_a_late_start_may_ask_another_app():
    app, other = slow_to_start(), slow_to_start()

    @app.before_serving
    async def ask_other():
        app.pool = f"the other's {await text_of(other)}"

    assert asyncio.run(text_of(app)) == "the other's pool"


def test_a_function_of_a_late_start_may_ask_the_app_itself():
    app = slow_to_start()

    @app.before_serving
    async def ask_itself():
        app.pool = f"{await text_of(app)} and more"

    assert asyncio.run(text_of(app)) == "pool and more"


def test_what_the_server_has_started_is_not_started_late(app):
    async def serve():
        await app.lifespan.start()
        return await text_of(app)

    assert asyncio.run(serve()) == "served"
    assert app.log == BEGINNING
