"""The debugger over ASGI."""

import asyncio
import json

import pytest

from costrel import request, websocket
from costrel.debugger.debugged_app import DebuggedApplication, wrap_for_development

TOKEN = "a-token-for-tests"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture
def ask(debugged):
    """Sends requests over ASGI, all in one loop: the last answer's status, headers and body."""

    def ask(*requests):
        async def run():
            told = None
            for one in requests:
                told = await send_one(debugged, **(one(told) if callable(one) else one))
            return told

        return asyncio.run(run())

    return ask


async def send_one(
    app, path, method="GET", headers=(), body=b"", accept="text/html", peer="127.0.0.1"
):
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "client": (peer, 1),
        "server": ("localhost", 80),
        "headers": [
            (b"host", b"localhost"),
            (b"accept", accept.encode()),
            *headers,
            *([(b"content-length", str(len(body)).encode())] if body else []),
        ],
    }
    incoming = [{"type": "http.request", "body": body, "more_body": False}]
    sent = []

    async def receive():
        if incoming:
            return incoming.pop()
        await asyncio.sleep(30)

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    text = b"".join(message.get("body", b"") for message in sent[1:]).decode()
    answer_headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answer_headers, text


def call(what, **told):
    headers = [(b"content-type", b"application/json"), (b"x-costrel-token", TOKEN.encode())]
    return {
        "path": f"/__costrel__/debug/{what}",
        "method": "POST",
        "headers": headers,
        "body": json.dumps(told).encode(),
        "accept": "*/*",
    }


@pytest.mark.parametrize("path", ["/boom", "/async", "/template", "/stream"])
def test_an_error_is_answered_with_the_page(ask, path):
    status, headers, text = ask({"path": path})
    assert status == 500
    assert "conftest.py" in text
    assert headers["cache-control"] == "no-store"


def test_what_does_not_fail_passes_through(ask):
    assert ask({"path": "/fine"})[::2] == (200, "fine")


def test_an_http_error_with_advice_is_answered_with_the_page(ask):
    status, headers, text = ask({"path": "/form"})
    assert status == 405
    assert "CST206" in text
    assert "POST" in headers["allow"]
    status, headers, text = ask({"path": "/fin", "accept": "*/*"})
    assert status == 404
    assert "CST" not in text


def test_the_console_answers_with_the_token_alone(ask, debugged):
    def run(told):
        id = next(reversed(debugged.desk.errors))
        frames = debugged.desk.errors[id].report.chain[-1].frames
        number = next(frame.number for frame in frames if frame.function == "boom")
        return call("run", error=id, frame=number, code="len(items)")

    status, _, text = ask({"path": "/boom"}, run)
    assert (status, json.loads(text)) == (200, {"output": "3\n"})
    status, _, text = ask({"path": "/boom"}, lambda told: {**run(told), "headers": []})
    assert status == 404
    status, _, text = ask({"path": "/boom"}, lambda told: {**run(told), "peer": "192.0.2.1"})
    assert status == 403


def test_a_request_is_run_again(ask, debugged, app):
    form = [(b"content-type", b"application/x-www-form-urlencoded")]
    first = {"path": "/form", "method": "POST", "headers": form, "body": b"drnk=tea"}

    def again(told):
        app.view_functions["form"] = lambda: request.form["drnk"]
        return call("replay", request=next(reversed(debugged.desk.errors)))

    status, _, text = ask(first, again)
    assert json.loads(text) == {"passes": True, "status": "200 OK"}
    status, _, text = ask(
        {"path": "/async"},
        lambda told: call("replay", request=next(reversed(debugged.desk.errors))),
    )
    assert json.loads(text)["passes"] is False


def test_with_debug_mode_off_nothing_answers(ask, app):
    app.debug = False
    assert ask({"path": "/boom"})[0] == 500
    assert "conftest" not in ask({"path": "/boom"})[2]
    assert ask(call("run"))[0] == 404


def test_a_view_that_blocks_the_loop_is_told_in_the_terminal(ask, app, capsys):
    import time

    @app.get("/slow")
    async def slow():
        time.sleep(0.4)  # noqa: ASYNC251  the mistake
        return "slow"

    @app.get("/wait")
    async def wait():
        await asyncio.sleep(0.1)
        return "x"

    assert ask({"path": "/wait"}, {"path": "/slow"})[2] == "slow"
    said = capsys.readouterr().err
    assert "CST802" in said
    assert "in slow() at " in said


def test_an_error_of_a_websocket_is_told_in_the_terminal(app, debugged, capsys):
    @app.websocket("/live")
    async def live():
        await websocket.accept()
        raise LookupError("in the socket")

    sent = []

    async def run():
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": "/live",
            "raw_path": b"/live",
            "root_path": "",
            "query_string": b"",
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
            "headers": [(b"host", b"localhost")],
            "subprotocols": [],
        }
        incoming = [{"type": "websocket.connect"}]

        async def receive():
            if incoming:
                return incoming.pop()
            await asyncio.sleep(30)

        async def send(message):
            sent.append(message)

        await debugged(scope, receive, send)

    asyncio.run(run())
    assert sent[0]["type"] == "websocket.accept"
    assert [message["type"] for message in sent[1:]] == ["websocket.close"]
    assert sent[1]["code"] == 1011
    said = capsys.readouterr().err
    assert "LookupError: in the socket" in said
    assert "Console: http://localhost/" in said


def test_a_server_sees_that_it_speaks_asgi_3_where_its_app_does(app):
    from uvicorn.config import Config

    def interface(application):
        config = Config(application, log_config=None)
        config.load()
        return config.interface

    assert interface(wrap_for_development(app)) == "asgi3"
    plain = DebuggedApplication(lambda environ, start_response: [b""])
    assert "__call__" not in vars(plain)
