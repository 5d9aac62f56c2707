"""Sessions in a store that takes its time: no event loop waits for it."""

import asyncio
import logging
import threading

import pytest

import costrel
from costrel import request, session, websocket
from costrel.extras.session_stores import MemoryStore, SessionStore, StoreSessionInterface
from costrel.parts.sessions import SecureCookieSession, SessionInterface

LONG = 10  # Seconds after which a test that would hang fails.


class SlowStore(SessionStore):
    """A store on a network: each call waits until the loop of the test has turned meanwhile."""

    def __init__(self):
        self.inner = MemoryStore()
        self.loop = None
        self.threads = []

    def wait(self):
        self.threads.append(threading.current_thread())
        if self.loop is not None:
            turned = threading.Event()
            self.loop.call_soon_threadsafe(turned.set)
            assert turned.wait(LONG), "the loop stood still while a store was asked"

    def load(self, key):
        self.wait()
        return self.inner.load(key)

    def update(self, key, change, lifetime):
        self.wait()
        self.inner.update(key, change, lifetime)


@pytest.fixture
def store():
    return SlowStore()


@pytest.fixture
def app(store):
    app = costrel.Flask("stored", static_folder=None)
    app.session_interface = StoreSessionInterface(store)

    @app.route("/async")
    async def async_view():
        session["n"] = session.get("n", 0) + 1
        return str(session["n"])

    @app.route("/inline", inline=True)
    def inline_view():
        session["n"] = session.get("n", 0) + 1
        return str(session["n"])

    @app.route("/sync")
    def sync_view():
        session["n"] = session.get("n", 0) + 1
        return str(session["n"])

    @app.websocket("/ws")
    async def handler():
        await websocket.send(str(session.get("n")))

    return app


def on_a_loop(app, store, *paths):
    """What an async client is answered, one path after the other."""

    async def ask():
        store.loop = asyncio.get_running_loop()
        async with app.test_client() as client:
            return [(await client.get(path)).text for path in paths]

    return asyncio.run(ask())


@pytest.mark.parametrize("path", ["/async", "/inline", "/sync"])
def test_the_loop_turns_while_a_store_is_asked(app, store, path):
    assert on_a_loop(app, store, path, path, path) == ["1", "2", "3"]
    # Saved; opened, saved; opened, saved.
    assert len(store.threads) == 5
    assert threading.current_thread() not in store.threads


def test_a_session_survives_from_a_sync_view_to_an_async_one(app, store):
    assert on_a_loop(app, store, "/sync", "/async", "/inline", "/sync") == ["1", "2", "3", "4"]


def test_under_wsgi_the_thread_of_the_request_asks(app, store):
    client = app.test_client()
    assert [client.get(path).text for path in ("/async", "/sync")] == ["1", "2"]
    assert set(store.threads) == {threading.current_thread()}


def test_a_websocket_finds_its_session_without_the_loop_waiting(app, store):
    async def ask():
        store.loop = asyncio.get_running_loop()
        async with app.test_client() as client:
            await client.get("/async")
            async with client.websocket_connect("/ws") as socket:
                return await socket.receive()

    assert asyncio.run(ask()) == "1"
    assert threading.current_thread() not in store.threads


def test_a_session_after_hooks_is_saved_aside_as_well(app, store):
    seen = []

    @app.after_request
    def note(response):
        seen.append("Set-Cookie" in response.headers)
        return response

    assert on_a_loop(app, store, "/async", "/async") == ["1", "2"]
    assert seen == [False, False]
    assert threading.current_thread() not in store.threads


def test_who_brings_no_session_and_sets_none_asks_no_thread(app, store):
    @app.route("/read")
    async def read():
        return str(session.get("n")) + threading.current_thread().name

    assert on_a_loop(app, store, "/read") == ["None" + threading.current_thread().name]
    assert store.threads == []


def test_a_store_in_memory_is_asked_on_the_spot(app):
    store = StoreOnTheSpot()
    app.session_interface = StoreSessionInterface(store)
    assert on_a_loop(app, store, "/async", "/async") == ["1", "2"]
    assert set(store.threads) == {threading.current_thread()}


class StoreOnTheSpot(MemoryStore):
    """Notes who asks."""

    def __init__(self):
        super().__init__()
        self.threads = []

    def load(self, key):
        self.threads.append(threading.current_thread())
        return super().load(key)


class OwnSessions(SessionInterface):
    """An interface as extensions bring it, which knows nothing of loops."""

    def __init__(self):
        self.log = []

    def open_session(self, app, request):
        self.note("open")
        return SecureCookieSession({"found": "yes"})

    def save_session(self, app, session, response):
        self.note("save")
        response.headers["X-Saved"] = dict(session)["found"]

    def note(self, what):
        self.log.append((what, request.path, threading.current_thread()))


def test_another_interface_is_asked_in_a_thread_too_where_the_proxies_work(app, store):
    interface = app.session_interface = OwnSessions()

    @app.route("/found")
    async def found():
        session["found"] += "!"
        return session["found"]

    assert on_a_loop(app, store, "/found") == ["yes!"]
    assert [entry[:2] for entry in interface.log] == [("open", "/found"), ("save", "/found")]
    assert threading.current_thread() not in {thread for *_, thread in interface.log}


@pytest.mark.parametrize("broken", ["load", "update"])
def test_a_store_that_fails_is_a_500_that_the_log_explains(app, store, broken, caplog, monkeypatch):
    def fail(*args):
        raise ConnectionError("the store is gone")

    client = app.test_client()
    client.get("/sync")
    monkeypatch.setattr(store, broken, fail)

    async def ask():
        return await client.async_side.get("/async")

    with caplog.at_level(logging.ERROR):
        assert asyncio.run(ask()).status_code == 500
    assert "the store is gone" in caplog.text


def test_a_sync_view_that_takes_long_keeps_no_async_one_from_its_session(app, store):
    app.config["WORKER_THREADS"] = 1
    app.logger.disabled = True
    entered, let_go = threading.Event(), threading.Event()

    @app.route("/long")
    def long():
        entered.set()
        assert let_go.wait(LONG)
        return "long"

    async def ask():
        store.loop = asyncio.get_running_loop()
        async with app.test_client() as client:
            await client.get("/async")
            waiting = asyncio.create_task(app.test_client().async_side.get("/long"))
            assert await asyncio.to_thread(entered.wait, LONG)
            answer = await asyncio.wait_for(client.get("/async"), LONG)
            let_go.set()
            return answer.text, (await waiting).text

    assert asyncio.run(ask()) == ("2", "long")
