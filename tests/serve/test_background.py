"""Background work: it runs beside requests, in a copy of their context, and is waited for."""

import asyncio
import os
import threading
import time

import pytest

import costrel
from costrel import after_response, current_app, g, has_request_context, request


@pytest.fixture
def app():
    app = costrel.Flask("behind", static_folder=None)
    app.secret_key = "a key of more than sixteen bytes"
    app.config["SHUTDOWN_TIMEOUT"] = 5
    app.done = []
    app.ended = []

    @app.teardown_appcontext
    def ended(error):
        app.ended.append(error)

    return app


def work(name="work"):
    current_app.done.append((name, request.path, "user" in g))


async def work_later(name="later"):
    await asyncio.sleep(0)
    work(name)


@pytest.mark.parametrize("job", [work, work_later])
def test_a_job_sees_its_request_and_a_g_of_its_own(app, job):
    @app.route("/page")
    def page():
        g.user = "ada"
        app.spawn(job, "named")
        return "sent"

    assert app.test_client().get("/page").text == "sent"
    app.background.drain()
    assert app.done == [("named", "/page", False)]
    assert len(app.ended) == 2


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize("job", [work, work_later])
def test_a_job_after_the_response_begins_when_the_request_has_ended(app, job, is_async):
    def view():
        after_response(job)
        app.done.append("viewed")
        return "sent"

    async def async_view():
        return view()

    app.add_url_rule("/", view_func=async_view if is_async else view, endpoint="page")

    @app.teardown_request
    def end(error):
        app.done.append("ended")

    app.test_client().get("/")
    app.background.drain()
    assert app.done[:2] == ["viewed", "ended"]
    assert len(app.done) == 3


def test_it_decorates_and_takes_arguments(app):
    @app.route("/")
    def view():
        @after_response
        def later():
            app.done.append("decorated")

        after_response(app.done.append, "called")
        return "sent"

    app.test_client().get("/")
    app.background.drain()
    assert sorted(app.done) == ["called", "decorated"]


def test_after_a_stream_means_after_its_end(app):
    @app.route("/")
    def view():
        after_response(app.done.append, "job")

        def chunks():
            yield "a"
            app.done.append("last chunk")

        return chunks()

    assert app.test_client().get("/").text == "a"
    app.background.drain()
    assert app.done == ["last chunk", "job"]


def test_outside_of_a_request_a_job_has_the_app(app):
    def job():
        app.done.append(current_app.name)

    app.spawn(job)
    app.background.drain()
    assert app.done == ["behind"]
    with pytest.raises(RuntimeError):
        after_response(job)


@pytest.mark.parametrize("open_context", ["app_context", "test_request_context"])
def test_another_apps_context_is_not_taken_along(app, open_context):
    other = costrel.Flask("other", static_folder=None)
    with getattr(other, open_context)():
        app.spawn(lambda: app.done.append((current_app.name, has_request_context())))
    app.background.drain()
    assert app.done == [("behind", False)]


@pytest.mark.parametrize("is_async", [True, False])
def test_what_a_job_raises_is_logged_and_told_to_teardown(app, caplog, is_async):
    def fail():
        raise LookupError("lost")

    async def fail_later():
        fail()

    app.spawn(fail_later if is_async else fail)
    app.background.drain()
    assert "lost" in caplog.text
    assert "fail" in caplog.text
    assert [type(error) for error in app.ended] == [LookupError]


def test_what_a_teardown_raises_is_logged_too(app, caplog):
    @app.teardown_appcontext
    def fail(error):
        raise LookupError("lost at the end")

    app.testing = True
    app.spawn(lambda: None)
    app.background.drain()
    assert "lost at the end" in caplog.text


def test_few_threads_do_many_jobs(app):
    names = set()

    def job():
        time.sleep(0.001)
        names.add(threading.current_thread().ident)

    for _ in range(50):
        app.spawn(job)
    app.background.drain()
    assert 1 <= len(names) <= 8
    assert not app.background.is_busy


def test_an_idle_thread_takes_the_next_job(app):
    app.spawn(lambda: None)
    app.background.drain()
    time.sleep(0.05)
    before = threading.active_count()
    app.spawn(lambda: app.done.append(1))
    app.background.drain()
    assert app.done == [1]
    assert threading.active_count() <= before


def test_an_idle_thread_ends(app, monkeypatch):
    monkeypatch.setattr("costrel.serve.background.IDLE", 0.01)
    app.spawn(lambda: None)
    app.background.drain()
    deadline = time.monotonic() + 5
    while app.background._threads and time.monotonic() < deadline:
        time.sleep(0.01)
    assert app.background._threads == 0


def test_a_job_that_takes_too_long_is_left_and_named(app, caplog):
    app.config["SHUTDOWN_TIMEOUT"] = 0.05
    let_go = threading.Event()

    def slow_job():
        let_go.wait(5)

    app.spawn(slow_job)
    start = time.monotonic()
    app.background.drain()
    assert time.monotonic() - start < 2
    assert "slow_job" in caplog.text
    assert "SHUTDOWN_TIMEOUT" in caplog.text
    let_go.set()


def test_the_end_of_serving_waits_for_jobs_on_its_own_loop(app):
    @app.after_serving
    def last():
        app.done.append("after serving")

    @app.route("/")
    async def view():
        async def job():
            await asyncio.sleep(0.05)
            app.done.append("job")

        app.spawn(job)
        return "sent"

    async def test():
        async with app.test_client() as client:
            assert (await client.get("/")).text == "sent"
            assert app.done == []

    asyncio.run(test())
    assert app.done == ["job", "after serving"]


def test_a_sync_view_on_a_loop_spawns_onto_that_loop(app):
    loops = []

    async def job():
        loops.append(asyncio.get_running_loop())

    @app.route("/")
    def view():
        app.spawn(job)
        return "sent"

    async def test():
        async with app.test_client() as client:
            await client.get("/")
        return asyncio.get_running_loop()

    loop = asyncio.run(test())
    assert loops == [loop]


def test_a_job_on_the_loop_that_takes_too_long_is_cancelled(app, caplog):
    app.config["SHUTDOWN_TIMEOUT"] = 0.05

    async def endless():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            app.done.append("cancelled")
            raise

    async def test():
        async with app.test_client():
            app.spawn(endless)
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)

    asyncio.run(test())
    assert app.done == ["cancelled"]
    assert "endless" in caplog.text


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("is_busy", [False, True])
def test_a_forked_child_waits_for_no_thread_or_job_of_its_parent(app, is_busy):
    began, ends = threading.Event(), threading.Event()

    def job():
        began.set()
        if is_busy:
            ends.wait(10)

    app.spawn(job)
    assert began.wait(10)
    while not is_busy and not app.background._idle:
        time.sleep(0.001)
    child = os.fork()
    if child == 0:
        was_busy, done = app.background.is_busy, threading.Event()
        app.spawn(done.set)
        os._exit(0 if done.wait(5) and not was_busy else 1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    ends.set()
    app.background.drain()
    assert code == 0
