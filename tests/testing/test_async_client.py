"""AsyncClient: requests and WebSockets over ASGI, in the loop of the test."""

import asyncio

import pytest

import costrel
from costrel import request, session, websocket
from costrel.testing.client import ClientRedirectError


@pytest.fixture
def app():
    app = costrel.Flask("asynchronous", static_folder=None)
    app.secret_key = "a key of more than sixteen bytes"
    app.testing = True
    app.loops = []

    @app.before_serving
    async def start():
        app.loops.append(asyncio.get_running_loop())

    @app.after_serving
    async def stop():
        app.loops.append("stopped")

    @app.route("/", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
    async def index():
        app.loops.append(asyncio.get_running_loop())
        return {"method": request.method, "form": request.form, "q": request.args.get("q")}

    @app.route("/sync")
    def sync():
        session["n"] = session.get("n", 0) + 1
        return str(session["n"])

    @app.route("/go")
    async def go():
        return costrel.redirect("/sync")

    @app.route("/circle")
    async def circle():
        return costrel.redirect("/circle")

    @app.route("/stream")
    async def stream():
        async def chunks():
            for number in range(3):
                yield str(number)

        return chunks()

    @app.websocket("/ws")
    async def echo():
        async for message in websocket:
            await websocket.send(message)

    return app


def test_it_runs_the_app_in_the_loop_of_the_test_from_start_to_stop(app):
    async def test():
        async with app.test_client() as client:
            response = await client.get("/?q=1")
            assert response.get_json() == {"method": "GET", "form": {}, "q": "1"}
        return asyncio.get_running_loop()

    loop = asyncio.run(test())
    assert app.loops == [loop, loop, "stopped"]


def test_each_method_and_a_form_arrive(app):
    async def test():
        async with app.async_test_client() as client:
            response = await client.post("/", data={"a": "1"})
            assert response.get_json() == {"method": "POST", "form": {"a": "1"}, "q": None}
            for method in ("put", "patch", "delete"):
                response = await getattr(client, method)("/")
                assert response.get_json()["method"] == method.upper()
            assert (await client.head("/")).get_data() == b""
            assert (await client.options("/")).status_code == 200

    asyncio.run(test())


def test_cookies_and_sessions_are_kept(app):
    async def test():
        async with app.test_client() as client:
            assert [(await client.get("/sync")).text for _ in range(3)] == ["1", "2", "3"]
            with client.session_transaction() as stored:
                assert stored["n"] == 3

    asyncio.run(test())


def test_redirects_are_followed_when_asked_to(app):
    async def test():
        async with app.test_client() as client:
            assert (await client.get("/go")).status_code == 302
            response = await client.get("/go", follow_redirects=True)
            assert (response.text, len(response.history)) == ("1", 1)
            with pytest.raises(ClientRedirectError):
                await client.get("/circle", follow_redirects=True)

    asyncio.run(test())


def test_streams_and_websockets(app):
    async def test():
        async with app.test_client() as client:
            assert (await client.get("/stream")).text == "012"
            async with client.websocket("/ws") as socket:
                await socket.send_json({"a": 1})
                assert await socket.receive_json() == {"a": 1}

    asyncio.run(test())


def test_what_the_app_raises_reaches_the_test(app):
    @app.route("/fail")
    async def fail():
        raise LookupError("lost")

    @app.websocket("/fail")
    async def fail_too():
        await websocket.accept()
        raise LookupError("lost")

    @app.websocket("/sleep")
    async def sleep():
        await websocket.accept()
        await asyncio.sleep(60)

    async def test(monkeypatch):
        async with app.test_client() as client:
            with pytest.raises(LookupError):
                await client.get("/fail")
            with pytest.raises(LookupError):
                async with client.websocket("/fail") as socket:
                    await socket.receive()
            with pytest.raises(TimeoutError, match="sent nothing"):
                async with client.websocket("/ws") as socket:
                    await socket.receive(0.01)
            monkeypatch.setattr("costrel.testing.websocket_client.PATIENCE", 0.05)
            with pytest.raises(RuntimeError, match="went on"):
                async with client.websocket("/sleep") as socket:
                    pass

    with pytest.MonkeyPatch.context() as monkeypatch:
        asyncio.run(test(monkeypatch))


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"type": "http.response.body", "body": b""}],
        [{"type": "http.response.start", "status": 200, "headers": []}] * 2,
    ],
)
def test_an_answer_that_breaks_the_protocol_is_an_error(messages):
    from costrel.testing.asgi_driver import run_asgi_app
    from costrel.testing.environ_builder import create_environ

    async def app(scope, receive, send):
        for message in messages:
            await send(message)

    with pytest.raises(RuntimeError):
        asyncio.run(run_asgi_app(app, create_environ("/")))
