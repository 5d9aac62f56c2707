"""WebSockets: what a handler can do, what its client sees, and how one ends."""

import asyncio
import threading

import pytest

import costrel
from costrel import WebSocketDisconnect, abort, g, session, websocket
from costrel.serve import websocket as module
from costrel.serve.websocket import NotCarried, close_code_of, is_longer
from costrel.testing.websocket_client import WebSocketRejected


@pytest.fixture
def app():
    app = costrel.Flask("sockets", static_folder=None)
    app.secret_key = "a key of more than sixteen bytes"
    app.ended = []

    @app.websocket("/echo")
    async def echo():
        async for message in websocket:
            await websocket.send(message)

    @app.websocket("/blocking/<room>")
    def blocking(room):
        for message in websocket:
            websocket.send_json(room=room, message=message, query=websocket.args.to_dict())

    @app.teardown_websocket
    def ended(error):
        app.ended.append(error)

    return app


@pytest.fixture
def client(app):
    return app.test_client()


def handler(app, path="/ws"):
    """Declares a handler on an app of a test."""
    return app.websocket(path)


def test_text_and_bytes_come_back_as_what_they_were(client):
    with client.websocket_connect("/echo") as socket:
        socket.send("é")
        assert socket.receive() == "é"
        socket.send(b"\x00\xff")
        assert socket.receive() == b"\x00\xff"


def test_a_sync_handler_has_blocking_calls_of_the_same_names(client):
    with client.websocket_connect("/blocking/den?x=1") as socket:
        socket.send("hi")
        assert socket.receive_json() == {"room": "den", "message": "hi", "query": {"x": "1"}}


def test_a_sync_handler_runs_in_a_thread_of_its_own(app, client):
    @handler(app)
    def name():
        websocket.send(threading.current_thread().name)

    with client.websocket_connect("/ws") as socket:
        assert socket.receive().startswith("costrel")


def test_json_goes_both_ways(app, client):
    @handler(app)
    async def double():
        value = await websocket.receive_json()
        await websocket.send_json(value["n"] * 2)
        await websocket.send_json(1, 2)
        await websocket.send_json(a=1)

    with client.websocket_connect("/ws") as socket:
        socket.send_json({"n": 21})
        assert [socket.receive_json() for _ in range(3)] == [42, [1, 2], {"a": 1}]


def test_values_and_keywords_do_not_mix(app, client):
    @handler(app)
    async def mixed():
        with pytest.raises(TypeError, match="not both"):
            await websocket.send_json(1, a=1)
        with pytest.raises(TypeError, match="not int"):
            await websocket.send(1)
        await websocket.send("raised")

    with client.websocket_connect("/ws") as socket:
        assert socket.receive() == "raised"


def test_what_is_no_json_closes_with_1007(app, client):
    @handler(app)
    async def read():
        await websocket.receive_json()

    with client.websocket_connect("/ws") as socket:
        socket.send("{")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive()
    assert closed.value.code == 1007


def test_accepting_chooses_a_subprotocol_and_sets_headers(app, client):
    @handler(app)
    async def accept():
        assert websocket.subprotocols == ["soap", "chat"]
        await websocket.accept("chat", headers={"X-Room": "den"})
        assert websocket.is_open

    with client.websocket_connect("/ws", subprotocols=["soap", "chat"]) as socket:
        assert socket.accepted_subprotocol == "chat"
        assert socket.accept_headers["x-room"] == "den"


def test_a_subprotocol_that_was_not_offered_is_refused(app, client):
    @handler(app)
    async def accept():
        with pytest.raises(ValueError, match="did not offer the subprotocol 'chat'"):
            await websocket.accept("chat")
        await websocket.accept()
        with pytest.raises(RuntimeError, match="accept\\(\\) comes first"):
            await websocket.accept()
        with pytest.raises(RuntimeError, match="accepted already"):
            await websocket.reject()

    with client.websocket_connect("/ws", subprotocols=["soap"]) as socket:
        assert socket.accepted_subprotocol is None


def test_closing_tells_code_and_reason(app, client):
    @handler(app)
    async def close():
        await websocket.accept()
        await websocket.close(4001, "bye")
        await websocket.close(4002, "unheard")
        with pytest.raises(WebSocketDisconnect):
            await websocket.send("too late")

    with client.websocket_connect("/ws") as socket:
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive()
    assert (closed.value.code, closed.value.reason) == (4001, "bye")


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2999, 5000])
def test_a_code_that_must_not_be_sent_is_refused(app, client, code):
    @handler(app)
    async def close():
        await websocket.accept()
        with pytest.raises(ValueError, match="no close code"):
            await websocket.close(code)
        with pytest.raises(ValueError, match="at most 123 bytes"):
            await websocket.close(1000, "é" * 62)
        await websocket.send("refused")

    with client.websocket_connect("/ws") as socket:
        assert socket.receive() == "refused"


def test_a_client_that_goes_is_told_to_the_handler(app, client):
    @handler(app)
    async def wait():
        try:
            await websocket.receive()
        except WebSocketDisconnect as gone:
            app.gone = gone
            raise

    with client.websocket_connect("/ws") as socket:
        socket.close(3001, "enough")
    assert (app.gone.code, app.gone.reason) == (3001, "enough")
    assert [type(error) for error in app.ended] == [WebSocketDisconnect]


def test_the_end_of_the_handler_closes_with_1000(app, client):
    @handler(app)
    async def hello():
        await websocket.send("hello")

    with client.websocket_connect("/ws") as socket:
        assert socket.receive() == "hello"
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive()
    assert closed.value.code == 1000
    assert app.ended == [None]


# --- who is let in ---------------------------------------------------------------------------


def rejected(client, path, **options):
    with pytest.raises(WebSocketRejected) as caught, client.websocket_connect(path, **options):
        pass
    return caught.value.response


def test_no_route_is_404_and_its_handler_answers(app, client):
    @app.errorhandler(404)
    def missing(error):
        return "no such room", 404

    response = rejected(client, "/none")
    assert (response.status_code, response.get_data()) == (404, b"no such room")


def test_the_hooks_of_websockets_run_where_there_is_no_route(app, client):
    steps = []
    app.before_request(lambda: steps.append("request"))
    app.before_websocket(lambda: steps.append("websocket"))
    ended = threading.Event()
    app.teardown_websocket(lambda error: ended.set())
    assert rejected(client, "/none").status_code == 404
    assert ended.wait(10)
    assert steps == ["websocket"]


def test_an_ordinary_route_refuses_a_websocket_and_the_other_way_round(app, client):
    app.add_url_rule("/page", view_func=lambda: "page", endpoint="page")
    assert rejected(client, "/page").status_code == 400
    assert client.get("/echo").status_code == 400


@pytest.mark.parametrize("is_async", [True, False])
def test_what_a_handler_returns_before_accepting_rejects(app, client, is_async):
    if is_async:

        @handler(app)
        async def refuse():
            return "not you", 401

    else:

        @handler(app)
        def refuse():
            return "not you", 401

    response = rejected(client, "/ws")
    assert (response.status_code, response.get_data()) == (401, b"not you")


def test_abort_before_accepting_rejects_with_its_page(app, client):
    @handler(app)
    async def refuse():
        abort(429)

    assert rejected(client, "/ws").status_code == 429


def test_a_handler_that_ends_without_a_word_rejects_with_403(app, client):
    @handler(app)
    async def silent():
        pass

    @app.websocket("/closing")
    async def closing():
        await websocket.close()

    assert rejected(client, "/ws").status_code == 403
    assert rejected(client, "/closing").status_code == 403


@pytest.mark.parametrize(
    ("origin", "host", "is_let_in"),
    [
        ("http://localhost", "localhost", True),
        ("HTTP://LOCALHOST:80", "localhost", True),
        ("http://localhost:8000", "localhost:8000", True),
        ("https://localhost", "localhost", True),
        ("https://localhost:8000", "localhost:8000", True),
        ("http://localhost:8001", "localhost:8000", False),
        ("http://evil.example", "localhost", False),
        ("http://localhost.evil.example", "localhost", False),
        ("http://localhost@evil.example", "localhost", False),
        ("null", "localhost", False),
        ("", "localhost", False),
        ("http://[", "localhost", False),
        ("ftp://localhost", "localhost", False),
        ("https://friend.example", "localhost", True),
    ],
)
def test_only_pages_of_the_same_origin_may_connect(app, client, origin, host, is_let_in):
    app.config["WEBSOCKET_ORIGINS"] = ["https://friend.example/"]
    headers = {"Origin": origin, "Host": host}
    if is_let_in:
        with client.websocket_connect("/echo", headers=headers) as socket:
            socket.send("in")
            assert socket.receive() == "in"
    else:
        assert rejected(client, "/echo", headers=headers).status_code == 403
        assert app.ended


def test_a_page_without_tls_may_not_speak_to_one_with(app, client):
    options = {"base_url": "https://localhost", "headers": {"Origin": "http://localhost:443"}}
    assert rejected(client, "/echo", **options).status_code == 403


def test_all_origins_may_be_let_in(app, client):
    app.config["WEBSOCKET_ORIGINS"] = "*"
    with client.websocket_connect("/echo", headers={"Origin": "http://any.example"}) as socket:
        socket.send("in")
        assert socket.receive() == "in"


# --- limits ----------------------------------------------------------------------------------


@pytest.mark.parametrize("message", ["x" * 11, b"x" * 11, "é" * 6])
def test_a_message_over_the_limit_closes_with_1009(app, client, message):
    app.config["MAX_WEBSOCKET_MESSAGE"] = 10
    with client.websocket_connect("/echo") as socket:
        socket.send("x" * 10)
        assert socket.receive() == "x" * 10
        socket.send(message)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive()
    assert closed.value.code == 1009


def test_a_message_is_measured_in_bytes():
    assert not is_longer("é" * 5, 10)
    assert is_longer("é" * 6, 10)
    assert is_longer(b"x" * 11, 10)


def test_http_errors_have_close_codes():
    codes = {status: close_code_of(status) for status in (400, 403, 404, 413, 500, 503)}
    assert codes == {400: 1007, 403: 1008, 404: 1008, 413: 1009, 500: 1011, 503: 1011}


def test_two_tasks_cannot_receive_at_once(app, client):
    @handler(app)
    async def twice():
        await websocket.accept()
        first = asyncio.ensure_future(websocket.receive())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="Another task"):
            await websocket.receive()
        await websocket.send(await first)

    with client.websocket_connect("/ws") as socket:
        socket.send("one")
        assert socket.receive() == "one"


# --- errors ----------------------------------------------------------------------------------


def test_an_error_closes_with_1011_and_is_logged(app, client, caplog):
    @handler(app)
    async def fail():
        await websocket.accept()
        raise LookupError("lost")

    with client.websocket_connect("/ws") as socket:
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive()
    assert closed.value.code == 1011
    assert "lost" in caplog.text
    assert [type(error) for error in app.ended] == [LookupError]


def test_an_error_before_accepting_is_a_500(app, client, caplog):
    @handler(app)
    async def fail():
        raise LookupError("lost")

    @app.errorhandler(500)
    async def sorry(error):
        return f"sorry: {error.original_exception!r}", 500

    response = rejected(client, "/ws")
    assert (response.status_code, response.get_data()) == (500, b"sorry: LookupError('lost')")


@pytest.mark.parametrize("is_accepted", [True, False])
def test_in_tests_an_error_is_raised_after_the_client_was_told(app, client, is_accepted):
    app.testing = True

    @handler(app)
    async def fail():
        if is_accepted:
            await websocket.accept()
        raise LookupError("lost")

    expected = LookupError if is_accepted else WebSocketRejected
    with pytest.raises(expected), client.websocket_connect("/ws"):
        pass
    assert [type(error) for error in app.ended] == [LookupError]


def test_an_http_error_after_accepting_closes_with_its_code(app, client):
    @handler(app)
    async def fail():
        await websocket.accept()
        abort(403)

    with client.websocket_connect("/ws") as socket:
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive()
    assert (closed.value.code, closed.value.reason) == (1008, "Forbidden")


# --- hooks and contexts ----------------------------------------------------------------------


def test_hooks_run_around_the_handler_in_their_order(app, client):
    steps = []
    blueprint = costrel.Blueprint("rooms", "rooms", url_prefix="/rooms")

    @app.before_websocket
    def before():
        steps.append("app before")

    @blueprint.before_websocket
    async def before_room():
        steps.append("blueprint before")
        g.room = websocket.view_args["room"]

    @blueprint.websocket("/<room>")
    async def room(room):
        steps.append("handler")
        await websocket.send(g.room)

    @blueprint.after_websocket
    async def after_room(response):
        steps.append(f"blueprint after {response}")

    @app.after_websocket
    def after(response):
        steps.append(f"app after {response}")

    @blueprint.teardown_websocket
    def end(error):
        steps.append("end")

    @app.before_request
    def never():
        steps.append("a request")

    app.register_blueprint(blueprint)
    with client.websocket_connect("/rooms/den") as socket:
        assert socket.receive() == "den"
    assert steps == [
        "app before",
        "blueprint before",
        "handler",
        "blueprint after None",
        "app after None",
        "end",
    ]


def test_a_hook_that_answers_rejects_and_the_handler_does_not_run(app, client):
    @app.before_websocket
    def refuse():
        return "closed", 503

    @app.after_websocket
    def mark(response):
        response.headers["X-After"] = "1"
        return response

    @app.after_websocket
    def look(response):
        """Return nothing, as hooks of sockets that were accepted do."""

    response = rejected(client, "/echo")
    assert (response.status_code, response.headers["X-After"]) == (503, "1")


def test_hooks_of_the_app_are_declared_on_a_blueprint_too(app, client):
    steps = []
    blueprint = costrel.Blueprint("all", "all")
    blueprint.before_app_websocket(lambda: steps.append("before"))
    blueprint.after_app_websocket(lambda response: steps.append("after"))
    blueprint.teardown_app_websocket(lambda error: steps.append("end"))
    app.register_blueprint(blueprint)
    with client.websocket_connect("/echo"):
        pass
    assert steps == ["before", "after", "end"]


def test_the_session_and_the_request_are_there_to_read(app, client):
    @handler(app)
    async def whoami():
        await websocket.send_json(
            [session["user"], websocket.cookies["a"], costrel.request.path, websocket.path]
        )

    with client.session_transaction() as stored:
        stored["user"] = "ada"
    client.set_cookie("a", "1")
    with client.websocket_connect("/ws") as socket:
        assert socket.receive_json() == ["ada", "1", "/ws", "/ws"]


def test_outside_a_websocket_there_is_none(app):
    assert not costrel.has_websocket_context()
    with pytest.raises(RuntimeError, match="outside of websocket context"):
        websocket.path  # noqa: B018
    with app.test_request_context("/"), pytest.raises(RuntimeError, match="websocket context"):
        websocket.path  # noqa: B018


def test_inside_a_websocket_there_is_one(app, client):
    @handler(app)
    async def look():
        assert costrel.has_websocket_context()
        await websocket.send(repr(websocket))

    with client.websocket_connect("/ws") as socket:
        assert socket.receive() == "<WebSocket '/ws' connecting>"


def test_a_websocket_class_of_the_apps_own_is_used(app, client):
    class Shouting(module.WebSocket):
        async def send(self, message):
            await super().send(message.upper())

    app.websocket_class = Shouting
    with client.websocket_connect("/echo") as socket:
        socket.send("hi")
        assert socket.receive() == "HI"


def test_hosts_take_part_in_matching_where_they_are_to(client, app):
    app.config["TRUSTED_HOSTS"] = ["localhost"]
    with client.websocket_connect("/echo") as socket:
        socket.send("in")
        assert socket.receive() == "in"
    assert rejected(client, "/echo", headers={"Host": "evil.example"}).status_code == 400


# --- clients that vanish ---------------------------------------------------------------------


@pytest.fixture
def in_a_hurry(monkeypatch):
    monkeypatch.setattr(module, "READ_AHEAD_AFTER", 0.02)
    monkeypatch.setattr(module, "GRACE", 0.05)


def test_a_handler_that_does_something_else_is_cancelled_after_its_client_went(
    app, client, in_a_hurry
):
    @handler(app)
    async def sleep():
        await websocket.accept()
        await asyncio.sleep(60)

    with client.websocket_connect("/ws"):
        pass
    assert [type(error) for error in app.ended] == [asyncio.CancelledError]


def test_a_handler_that_only_sends_is_told_at_its_next_message(app, client, in_a_hurry):
    @handler(app)
    async def ticks():
        while True:
            await websocket.send("tick")
            await asyncio.sleep(0.03)

    with client.websocket_connect("/ws") as socket:
        assert socket.receive() == "tick"
    assert [type(error) for error in app.ended] == [WebSocketDisconnect]


def test_what_was_read_ahead_is_not_lost(app, client, in_a_hurry):
    @handler(app)
    async def slow():
        await websocket.accept()
        await asyncio.sleep(0.1)
        await websocket.send(await websocket.receive())
        await websocket.send(await websocket.receive())

    with client.websocket_connect("/ws") as socket:
        socket.send("one")
        socket.send("two")
        assert [socket.receive(), socket.receive()] == ["one", "two"]


def test_a_receive_that_was_given_up_loses_nothing(app, client, in_a_hurry):
    @handler(app)
    async def impatient():
        await websocket.accept()
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.03):
                    await websocket.receive()
        await websocket.send("now")
        await websocket.send(await websocket.receive())

    with client.websocket_connect("/ws") as socket:
        assert socket.receive() == "now"
        socket.send("here")
        assert socket.receive() == "here"


def test_a_protocol_that_cannot_carry_a_code_still_closes():
    class Bare:
        closed = []

        async def close(self, code, reason):
            if code != 1000:
                raise NotCarried
            self.closed.append(code)

    async def end():
        socket = module.WebSocket(None, Bare(), None)
        socket.state = module.OPEN
        await socket.end(1011, "internal error")

    asyncio.run(end())
    assert Bare.closed == [1000]


# --- the end of the server -------------------------------------------------------------------


@pytest.mark.parametrize("is_async", [True, False])
def test_the_end_of_serving_ends_open_websockets_and_tears_them_down(app, is_async):
    if is_async:

        @handler(app)
        async def wait():
            await websocket.send("open")
            await asyncio.sleep(60)

    else:

        @handler(app)
        def wait():
            websocket.send("open")
            try:
                websocket.receive()
            finally:
                with pytest.raises(WebSocketDisconnect):
                    websocket.send("too late")

    async def test():
        async with app.test_client() as client:
            async with client.websocket("/ws") as socket:
                assert await socket.receive() == "open"
                await app.lifespan.stop()
                with pytest.raises(WebSocketDisconnect) as closed:
                    await socket.receive()
                return closed.value.code

    code = asyncio.run(test())
    assert code == 1001
    assert len(app.ended) == 1
    assert not app.lifespan.open_ends


def test_sync_handlers_beyond_the_number_of_threads_are_refused(app, client, caplog):
    app.config["WEBSOCKET_THREADS"] = 1
    with client.websocket_connect("/blocking/a") as socket:
        socket.send("x")
        assert socket.receive_json()["room"] == "a"
        assert rejected(client, "/blocking/b").status_code == 503
        with client.websocket_connect("/echo") as other:
            other.send("an async one needs no thread")
            assert other.receive()
    assert "WEBSOCKET_THREADS" in caplog.text
    with client.websocket_connect("/blocking/b") as socket:
        socket.send("x")
        assert socket.receive_json()["room"] == "b"


def test_a_request_class_with_a_constructor_of_its_own(app):
    class Marked(costrel.Request):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self.mark = f"marked {self.path}"

    app.request_class = Marked

    @app.websocket("/mark")
    async def mark():
        await websocket.send(costrel.request.mark)

    with app.test_client().websocket_connect("/mark") as socket:
        assert socket.receive() == "marked /mark"
