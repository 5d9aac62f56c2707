"""Sync plans under a gateway with an event loop."""

import asyncio
import threading

import pytest

from costrel import Flask
from costrel.parts.sessions import SecureCookieSessionInterface, SessionInterface

SCOPE = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/",
    "raw_path": b"/",
    "query_string": b"",
    "root_path": "",
    "headers": [],
    "client": ("127.0.0.1", 1),
    "server": ("x", 80),
}


@pytest.fixture
def log():
    return []


@pytest.fixture
def app(log):
    app = Flask("threads", static_folder=None)
    app.before_request(lambda: log.append(("begin", threading.get_ident())))
    app.teardown_request(lambda error: log.append(("end", threading.get_ident())))
    app.teardown_appcontext(lambda error: log.append(("end of app", threading.get_ident())))
    return app


def ask(app, log):
    async def send(message):
        log.append((message["type"], threading.get_ident()))

    asyncio.run(app(SCOPE, asyncio.Event().wait, send))
    return [what for what, _ in log]


SENT = ["http.response.start", "http.response.body"]


def test_a_request_begins_and_ends_in_one_thread_before_it_is_answered(app, log):
    app.add_url_rule("/", "view", lambda: "x")
    assert ask(app, log) == ["begin", "end", "end of app", *SENT]
    assert len({thread for what, thread in log[:3]}) == 1
    assert log[0][1] != threading.get_ident()


def test_a_request_that_fails_ends_once_in_its_thread(app, log):
    app.testing = True
    app.add_url_rule("/", "view", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ask(app, log)
    assert [what for what, _ in log] == ["begin", "end", "end of app"]
    assert len({thread for _, thread in log}) == 1


def test_a_stream_ends_when_it_was_sent(app, log):
    app.add_url_rule("/", "view", lambda: iter("x"))
    names = ask(app, log)
    assert names[0] == "begin"
    assert names[-2:] == ["end", "end of app"]


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_request_that_is_cut_off_before_its_view_ends_where_that_would_have_run(app, log, colour):
    async def soon():
        return "x"

    app.add_url_rule("/", "view", soon if colour == "async" else lambda: "x", methods=["POST"])
    scope = {**SCOPE, "method": "POST", "headers": [(b"content-length", b"9")]}

    async def send(message):
        log.append((message["type"], threading.get_ident()))

    async def cut_off():
        task = asyncio.create_task(app(scope, asyncio.Event().wait, send))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cut_off())
    assert [what for what, _ in log] == ["end", "end of app"]
    is_on_loop = {thread for _, thread in log} == {threading.get_ident()}
    assert is_on_loop == (colour == "async")


# What has static files sent in a worker thread: what stands around them may block.
AROUND = {
    "nothing": lambda app: None,
    "error handlers": lambda app: app.register_error_handler(404, lambda error: ("gone", 404)),
    "a hook before": lambda app: app.before_request(lambda: None),
    "a hook after": lambda app: app.after_request(lambda response: response),
    "teardown": lambda app: app.teardown_appcontext(lambda error: None),
    "eager sessions": lambda app: setattr(app, "session_interface", StoredSessions()),
    "a setting": lambda app: app.config.update(STATIC_ON_LOOP=False),
}


class StoredSessions(SessionInterface):
    """Sessions that may be in a database, which is asked before the view."""

    def open_session(self, app, request):
        return None


@pytest.mark.parametrize("stored", [True, False])
def test_what_is_not_there_is_told_from_the_loop_unless_sessions_may_be_in_a_database(stored, log):
    class Told(SecureCookieSessionInterface if not stored else StoredSessions):
        def is_null_session(self, session):
            log.append(("session", threading.get_ident()))
            return True

    app = Flask("site", static_folder=None)
    app.session_interface = Told()
    app.register_error_handler(
        404, lambda error: (log.append(("404", threading.get_ident())), "x")[1]
    )
    assert ask(app, log) == ["404", *["session"] * stored, *SENT]
    is_on_loop = {thread for _, thread in log} == {threading.get_ident()}
    assert is_on_loop is not stored


@pytest.mark.parametrize("around", AROUND)
def test_static_files_are_sent_from_the_loop_unless_something_around_them_may_block(
    around, tmp_path, log
):
    class Site(Flask):
        def get_send_file_max_age(self, filename):
            log.append(("file", threading.get_ident()))
            return 60

    (tmp_path / "page.txt").write_text("words")
    app = Site("site", static_folder=tmp_path, static_url_path="")
    AROUND[around](app)

    async def send(message):
        log.append((message["type"], threading.get_ident()))

    asyncio.run(app({**SCOPE, "path": "/page.txt"}, asyncio.Event().wait, send))
    assert [what for what, _ in log] == ["file", *SENT]
    is_on_loop = len({thread for _, thread in log}) == 1
    assert is_on_loop == (around in {"nothing", "error handlers"})
