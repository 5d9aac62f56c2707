"""Sync bodies under a gateway with an event loop: one thread from the view to the teardown."""

import asyncio
import sqlite3
import sys
import threading
from contextlib import aclosing, closing
from pathlib import Path

import pytest

from costrel import Flask, Response, g
from costrel.serve.thread_stream import AHEAD, ThreadStream

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from gateways import Ask, RsgiProtocol, RsgiScope, http_scope  # noqa: E402

AT_ONCE = 8


async def ask_asgi(app, path, method="GET"):
    """Ask over ASGI; returns the body."""
    body = []

    async def send(message):
        # Others go on in between, and threads change hands.
        await asyncio.sleep(0)
        body.append(message.get("body", b""))

    await app(http_scope(Ask(method, path)), asyncio.Event().wait, send)
    return b"".join(body)


async def ask_rsgi(app, path, method="GET"):
    protocol = RsgiProtocol([])
    await app.__rsgi__(RsgiScope(Ask(method, path)), protocol)
    return b"".join(protocol.body)


@pytest.fixture(params=[ask_asgi, ask_rsgi], ids=["asgi", "rsgi"])
def ask(request):
    return request.param


@pytest.fixture
def app():
    """A program of the tutorials: a connection kept on `g`, closed when the request ends."""
    app = Flask("rows", static_folder=None)
    app.log = []

    @app.before_request
    def connect():
        g.db = sqlite3.connect(":memory:")
        g.db.executescript("CREATE TABLE t (n); INSERT INTO t VALUES (1), (2), (3), (4), (5), (6);")

    @app.teardown_request
    def close(error):
        # Refuses to be called in another thread than the one that it was made in.
        g.db.close()
        app.log.append(type(error).__name__)

    @app.route("/rows")
    def rows():
        db = g.db
        return (f"{n}\n" for (n,) in db.execute("SELECT n FROM t"))

    return app


def test_a_connection_of_the_view_serves_the_stream_and_is_closed_in_its_thread(app, ask):
    async def test():
        return await asyncio.gather(*(ask(app, "/rows") for _ in range(AT_ONCE)))

    assert asyncio.run(test()) == [b"1\n2\n3\n4\n5\n6\n"] * AT_ONCE
    assert app.log == ["NoneType"] * AT_ONCE


def test_for_a_head_request_nothing_is_made(app, ask):
    @app.route("/never")
    def never():
        def chunks():
            app.log.append("made")
            yield "x"

        response = Response(chunks())
        response.call_on_close(lambda: app.log.append("closed"))
        return response

    assert asyncio.run(ask(app, "/never", "HEAD")) == b""
    assert app.log == ["closed", "NoneType"]


def test_what_the_body_raises_ends_the_request_with_it(app, ask):
    @app.route("/broken")
    def broken():
        def chunks():
            yield "x"
            raise LookupError("lost")

        return chunks()

    with pytest.raises(LookupError, match="lost"):
        asyncio.run(ask(app, "/broken"))
    assert app.log == ["LookupError"]


def test_what_closing_raises_is_raised(app, ask):
    @app.route("/broken")
    def broken():
        response = Response(iter("x"))

        @response.call_on_close
        def fail():
            raise LookupError("lost")

        return response

    with pytest.raises(LookupError, match="lost"):
        asyncio.run(ask(app, "/broken"))
    assert app.log == ["NoneType"]


def test_the_sync_body_of_an_async_view_is_made_in_one_thread(app, ask):
    requests = []

    @app.route("/async")
    async def view():
        threads = set()
        requests.append(threads)

        def chunks():
            for letter in "abcdefgh":
                threads.add(threading.get_ident())
                yield letter

        return chunks()

    async def test():
        return await asyncio.gather(*(ask(app, "/async") for _ in range(AT_ONCE)))

    assert asyncio.run(test()) == [b"abcdefgh"] * AT_ONCE
    assert [len(threads) for threads in requests] == [1] * AT_ONCE
    assert threading.get_ident() not in set.union(*requests)


def test_a_request_that_is_cancelled_with_its_response_ready_is_ended_in_its_thread(app):
    is_ready = threading.Event()

    @app.route("/late")
    def late():
        assert is_ready.wait(5)
        return iter("x")

    async def test():
        task = asyncio.ensure_future(ask_asgi(app, "/late"))
        await asyncio.sleep(0.02)
        task.cancel()
        is_ready.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(test())
    assert len(app.log) == 1


def test_a_server_that_cannot_even_start_the_response_lets_the_thread_go(app):
    async def send(message):
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        asyncio.run(app(http_scope(Ask("GET", "/rows")), asyncio.Event().wait, send))
    assert len(app.log) == 1


def stream_of(loop, chunks, ended):
    return ThreadStream(loop, lambda: chunks, ended.append)


def test_the_thread_is_only_a_few_chunks_ahead():
    made = []

    def chunks():
        for number in range(100):
            made.append(number)
            yield number

    async def test():
        stream = stream_of(asyncio.get_running_loop(), chunks(), [])
        thread = threading.Thread(target=stream.run)
        thread.start()
        async with aclosing(stream.chunks()) as taken:
            first = await anext(taken)
            await asyncio.sleep(0.05)
            ahead = len(made)
        await stream.close()
        await asyncio.to_thread(thread.join, 5)
        return first, ahead

    first, ahead = asyncio.run(test())
    assert first == 0
    assert ahead == AHEAD


def test_closing_waits_for_the_thread_even_when_it_is_cancelled():
    ended, is_making, go_on = [], threading.Event(), threading.Event()

    def chunks():
        yield 1
        is_making.set()
        assert go_on.wait(5)
        yield 2

    async def test():
        stream = stream_of(asyncio.get_running_loop(), chunks(), ended)
        threading.Thread(target=stream.run).start()
        assert await anext(stream.chunks()) == 1
        await asyncio.to_thread(is_making.wait, 5)
        closing = asyncio.ensure_future(stream.close())
        await asyncio.sleep(0.01)
        closing.cancel()
        await asyncio.sleep(0.01)
        assert not closing.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await closing

    asyncio.run(test())
    assert ended == [None]


def test_a_loop_that_is_closed_lets_the_thread_go():
    ended = []
    with closing(asyncio.new_event_loop()) as loop:
        stream = stream_of(loop, iter([1, 2, 3]), ended)
        thread = threading.Thread(target=stream.run)
        thread.start()
    stream._wanted.release()
    thread.join(5)
    assert not thread.is_alive()
    assert ended == [None]
