"""Clients that go away: the view is cancelled, the generator closed, the context torn down once."""

import asyncio
import contextlib
import gc
import sys
import threading
import time
import weakref
from pathlib import Path

import pytest

import costrel
from costrel import WebSocketDisconnect, g, request
from costrel.serve import client_watch
from costrel.serve.context import RequestContext

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from gateways import Ask, RsgiProtocol, RsgiScope, RsgiSocket, RsgiTransport, http_scope  # noqa: E402


@pytest.fixture
def app(monkeypatch):
    monkeypatch.setattr(client_watch, "LOOK_EVERY", 0.02)
    app = costrel.Flask("going", static_folder=None)
    app.log = []

    @app.before_request
    def begin():
        g.name = request.path

    @app.teardown_request
    def end(error):
        app.log.append(("torn down", g.name, type(error).__name__))

    return app


async def leave_asgi(app, path, after=0.1):
    """Ask over ASGI, and go away after a while; returns what was sent until then."""
    gone, sent = asyncio.Event(), []
    asyncio.get_running_loop().call_later(after, gone.set)

    async def receive():
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    async with asyncio.timeout(5):
        await app(http_scope(Ask(target=path)), receive, send)
    return sent


async def leave_rsgi(app, path, after=0.1):
    protocol = RsgiProtocol([])
    asyncio.get_running_loop().call_later(after, protocol.gone.set)
    async with asyncio.timeout(5):
        await app.__rsgi__(RsgiScope(Ask(target=path)), protocol)
    return protocol.body


@pytest.fixture(params=[leave_asgi, leave_rsgi], ids=["asgi", "rsgi"])
def leave(request):
    return request.param


def test_a_view_that_reads_its_body_as_it_arrives_is_the_only_one_to_ask_for_it(app):
    @app.route("/live", methods=["POST"], stream_body=True)
    async def live():
        await asyncio.sleep(0.2)
        app.log.append("looked")
        return b"".join([chunk async for chunk in request.stream])

    async def receive():
        if "asked" in app.log:
            await asyncio.Event().wait()
        app.log.append("asked")
        return {"type": "http.request", "body": b"words"}

    async def send(message):
        app.log.append(message["type"])

    async def ask():
        async with asyncio.timeout(5):
            await app(http_scope(Ask("POST", "/live", [], b"words")), receive, send)

    asyncio.run(ask())
    assert app.log[:2] == ["looked", "asked"]
    assert app.log[2:4] == ["http.response.start", "http.response.body"]


def test_e7_a_long_view_is_cancelled_in_its_own_context(app, leave):
    @app.route("/slow")
    async def slow():
        try:
            await asyncio.sleep(60)
        finally:
            app.log.append(("left", g.name))

    asyncio.run(leave(app, "/slow"))
    assert app.log == [("left", "/slow"), ("torn down", "/slow", "CancelledError")]


def test_a_view_that_goes_on_nevertheless_may_do_so(app, leave):
    @app.route("/stubborn")
    async def stubborn():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            app.log.append("heard")
        return "answered"

    asyncio.run(leave(app, "/stubborn"))
    assert app.log == ["heard", ("torn down", "/stubborn", "NoneType")]


def test_a_cancelling_from_elsewhere_is_not_swallowed(app):
    @app.route("/slow")
    async def slow():
        await asyncio.sleep(60)

    async def test():
        task = asyncio.ensure_future(leave_asgi(app, "/slow", after=60))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(test())
    assert app.log == [("torn down", "/slow", "CancelledError")]


def test_nobody_listens_to_a_request_that_is_answered(app):
    @app.route("/quick")
    async def quick():
        await asyncio.sleep(0.05)
        return "quick"

    async def test():
        before = asyncio.all_tasks()
        sent = await leave_asgi(app, "/quick", after=60)
        await asyncio.sleep(0.1)
        assert asyncio.all_tasks() == before
        return sent

    assert asyncio.run(test())[1]["body"] == b"quick"


def test_an_async_generator_is_cancelled_where_it_waits(app, leave):
    @app.route("/stream")
    async def stream():
        async def chunks():
            try:
                yield "one"
                await asyncio.sleep(60)
            finally:
                app.log.append(("closed", g.name))

        return chunks()

    sent = asyncio.run(leave(app, "/stream"))
    assert b"one" in sent or any(message.get("body") == b"one" for message in sent)
    assert app.log == [("closed", "/stream"), ("torn down", "/stream", "NoneType")]


def test_a_sync_generator_ends_its_step_and_is_closed(app, leave):
    @app.route("/stream")
    def stream():
        def chunks():
            try:
                while True:
                    yield "one"
                    time.sleep(0.15)
                    app.log.append(("step", g.name))
            finally:
                app.log.append(("closed", g.name))

        return chunks()

    asyncio.run(leave(app, "/stream"))
    assert app.log == [
        ("step", "/stream"),
        ("closed", "/stream"),
        ("torn down", "/stream", "NoneType"),
    ]


@pytest.mark.parametrize("is_asgi", [True, False])
@pytest.mark.parametrize("is_async", [True, False])
def test_a_stream_ends_where_the_server_says_that_the_client_is_gone(app, is_async, is_asgi):
    @app.route("/stream")
    def stream():
        def chunks():
            try:
                while True:
                    yield "one"
            finally:
                app.log.append("closed")

        async def as_async():
            with contextlib.closing(chunks()) as steps:
                for chunk in steps:
                    yield chunk

        return as_async() if is_async else chunks()

    async def send(message):
        if "body" in message:
            raise ConnectionResetError

    async def ask():
        async with asyncio.timeout(5):
            if is_asgi:
                await app(http_scope(Ask(target="/stream")), asyncio.Event().wait, send)
                return
            protocol = RsgiProtocol([])
            protocol.gone.set()
            await app.__rsgi__(RsgiScope(Ask(target="/stream")), protocol)

    asyncio.run(ask())
    assert "closed" in app.log


def test_a_generator_that_fails_ends_the_request_with_its_error(app, leave):
    @app.route("/stream")
    async def stream():
        async def chunks():
            yield "one"
            raise LookupError("lost")

        return chunks()

    with pytest.raises(LookupError):
        asyncio.run(leave(app, "/stream", after=60))
    assert app.log == [("torn down", "/stream", "LookupError")]


@pytest.mark.parametrize("is_async", [True, False])
def test_an_event_stream_leaves_no_thread_and_no_task(app, leave, is_async):
    if is_async:

        @app.sse("/events", heartbeat=0.02)
        async def events():
            try:
                yield "one"
                await asyncio.sleep(60)
            finally:
                app.log.append(("closed", g.name))

    else:

        @app.sse("/events", heartbeat=0.02)
        def events():
            try:
                while True:
                    yield "one"
                    time.sleep(0.15)
            finally:
                app.log.append(("closed", g.name))

    threads = set(threading.enumerate())

    async def test():
        before = asyncio.all_tasks()
        await leave(app, "/events")
        assert asyncio.all_tasks() == before

    asyncio.run(test())
    assert app.log == [("closed", "/events"), ("torn down", "/events", "NoneType")]
    # It says that it is done with its last breath, and may be heard before it is gone.
    for thread in set(threading.enumerate()) - threads:
        if thread.name == "costrel-events":
            thread.join(5)
            assert not thread.is_alive()


def test_a_sync_view_that_is_cancelled_is_torn_down_after_it_has_ended(app):
    @app.route("/slow")
    def slow():
        time.sleep(0.2)
        app.log.append(("viewed", g.name))
        return "slow"

    async def test():
        task = asyncio.ensure_future(leave_asgi(app, "/slow", after=60))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(test())
    # In its own thread, by which time nothing had gone wrong with the view itself.
    assert app.log == [("viewed", "/slow"), ("torn down", "/slow", "NoneType")]


def test_a_client_that_leaves_in_its_body_is_a_400_to_nobody(app):
    @app.route("/data", methods=["POST"], stream_body=True)
    async def data():
        try:
            async for _ in request.stream:
                pass
        except Exception as error:
            app.log.append(type(error).__name__)
            raise

    async def test():
        messages = [
            {"type": "http.request", "body": b"x", "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive():
            return messages.pop(0)

        sent = []

        async def send(message):
            sent.append(message)

        scope = http_scope(Ask("POST", "/data", [("Content-Length", "10")]))
        await app(scope, receive, send)

    asyncio.run(test())
    assert app.log[0] == "ClientDisconnected"


def test_websockets_over_rsgi_say_what_the_protocol_cannot_carry(app):
    class Protocol(RsgiSocket):
        closed = ()

        async def send_bytes(self, data):
            await super().send_bytes(data)
            if data == b"gone":
                raise ConnectionError

        def close(self, status=None):
            self.closed = (*self.closed, status)

    @app.websocket("/ws")
    async def handle():
        for options in ({"subprotocol": "chat"}, {"headers": {"X-A": "1"}}):
            with pytest.raises(RuntimeError, match="RSGI cannot carry"):
                await costrel.websocket.accept(**options)
        await costrel.websocket.accept()
        with pytest.raises(RuntimeError, match="RSGI cannot carry"):
            await costrel.websocket.close(4001)
        async for message in costrel.websocket:
            await costrel.websocket.send(message)

    @app.websocket("/gone")
    async def gone():
        await costrel.websocket.accept()
        with pytest.raises(WebSocketDisconnect):
            await costrel.websocket.send(b"gone")

    @app.websocket("/fail")
    async def fail():
        await costrel.websocket.accept()
        raise LookupError

    def ask(path, **options):
        protocol = Protocol((2, "text"), (1, b"bytes"))
        headers = [("Sec-WebSocket-Protocol", "chat")]
        scope = RsgiScope(Ask(target=path, headers=headers), "ws")
        asyncio.run(app.__rsgi__(scope, protocol))
        return protocol

    found = ask("/ws")
    assert found.sent == ["text", b"bytes"]
    assert ask("/none").closed == (404,)
    assert ask("/gone").closed == ()
    assert ask("/fail").closed == (None,)


class LettingGo:
    """What granian does: an answer ends when nobody has its transport any more."""

    def __init__(self):
        self.is_held = None

    def make(self, transport):
        self.is_held = weakref.ref(transport)
        return transport

    def __aiter__(self):
        return self

    async def __anext__(self):
        raise StopAsyncIteration

    def response_stream(self, status, headers):
        return self.make(RsgiTransport(RsgiProtocol([])))

    async def accept(self):
        return self.make(ClosedSocket())

    def close(self, status=None):
        pass

    async def client_disconnect(self):
        await asyncio.Event().wait()


class ClosedSocket:
    """A WebSocket whose client says good-bye at once."""

    async def receive(self):
        return type("Message", (), {"kind": 0, "data": None})


async def breaking_asgi_app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"begun", "more_body": True})
    raise LookupError("broken off")


@pytest.mark.parametrize("path", ["/sync", "/async", "/mounted/app"])
def test_a_stream_that_breaks_is_let_go_over_rsgi(app, path):
    app.mount("/mounted", breaking_asgi_app)

    @app.route("/sync")
    def sync():
        yield "begun"
        raise LookupError("broken off")

    @app.route("/async")
    async def stream():
        async def chunks():
            yield "begun"
            raise LookupError("broken off")

        return chunks()

    protocol = LettingGo()
    gc.disable()
    try:
        with pytest.raises(LookupError, match="broken off") as kept:
            asyncio.run(app.__rsgi__(RsgiScope(Ask(target=path)), protocol))
        assert protocol.is_held() is None
    finally:
        gc.enable()
    del kept


def test_a_websocket_that_its_client_closes_is_let_go_over_rsgi(app):
    held = []

    @app.websocket("/ws")
    async def handle():
        with pytest.raises(WebSocketDisconnect) as gone:
            await costrel.websocket.receive()
        held.append(gone)

    protocol = LettingGo()
    asyncio.run(app.__rsgi__(RsgiScope(Ask(target="/ws"), "ws"), protocol))
    assert held
    assert protocol.is_held() is None


@pytest.mark.parametrize("ask_stop", ["stop", "cancel, then stop"])
def test_the_end_of_serving_ends_streams_and_waits_for_their_teardown(app, ask_stop):
    @app.route("/stream")
    async def stream():
        async def chunks():
            try:
                yield "one"
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(0.05)
                app.log.append("closed")

        return chunks()

    @app.teardown_request
    async def slow_end(error):
        await asyncio.sleep(0.05)
        app.log.append("ended")

    async def test():
        await app.lifespan.start()
        task = asyncio.ensure_future(leave_asgi(app, "/stream", after=60))
        await asyncio.sleep(0.05)
        if ask_stop != "stop":
            # As uvicorn does when its time for a graceful stop is over.
            task.cancel()
        await app.lifespan.stop()
        assert app.log[:2] == ["closed", "ended"]
        assert not app.lifespan.open_ends
        await asyncio.wait((task,))

    asyncio.run(test())


def test_the_end_of_serving_does_not_wait_for_ever_for_a_stream_that_goes_on(app):
    app.config["SHUTDOWN_TIMEOUT"] = 0.05
    goes_on = asyncio.Event()

    @app.route("/stream")
    async def stream():
        async def chunks():
            yield "one"
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
            await goes_on.wait()

        return chunks()

    async def test():
        await app.lifespan.start()
        task = asyncio.ensure_future(leave_asgi(app, "/stream", after=60))
        await asyncio.sleep(0.05)
        await asyncio.wait_for(app.lifespan.stop(), 10)
        assert not task.done()
        goes_on.set()
        await asyncio.wait((task,))

    asyncio.run(test())


def test_a_request_is_cut_off_also_where_a_timeout_of_its_own_runs_out_at_once(app):
    ctx = RequestContext(app, None, object())

    async def wait():
        async with asyncio.timeout(0.02) as limit:
            # Right after the timeout's own timer.
            loop, task = asyncio.get_running_loop(), asyncio.current_task()
            loop.call_at(limit.when(), client_watch.cut_off, ctx, task)
            await asyncio.sleep(60)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(wait())
    assert ctx.is_cut_off
