import asyncio
import http.client
import socket
import threading
import time

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from costrel import Flask, websocket
from costrel.debugger.debugged_app import wrap_for_development
from costrel.devserver import uvicorn_server
from costrel.devserver.asgi_edge import as_asgi
from costrel.devserver.live_reload import LIVE
from costrel.devserver.uvicorn_server import serve


@pytest.fixture
def run(monkeypatch):
    """Serve an application in a thread; returns its port and how to stop it."""
    servers = []
    made = uvicorn_server.QuietServer.__init__

    def remember(self, config):
        made(self, config)
        servers.append(self)

    monkeypatch.setattr(uvicorn_server.QuietServer, "__init__", remember)
    threads = []

    def run(app, **options):
        bound = socket.create_server(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        thread = threading.Thread(target=serve, args=(app, [bound]), kwargs=options)
        thread.start()
        threads.append(thread)
        deadline = time.monotonic() + 10
        while not (servers and servers[-1].started) and time.monotonic() < deadline:
            time.sleep(0.01)

        def stop():
            servers[-1].should_exit = True
            thread.join(10)
            assert not thread.is_alive()

        return port, stop

    yield run
    for server in servers:
        server.should_exit = True
    for thread in threads:
        thread.join(10)


@pytest.fixture
def app():
    app = Flask("app")
    steps = app.config["STEPS"] = []

    @app.before_serving
    def begin():
        steps.append("begin")

    @app.after_serving
    def end():
        steps.append("end")

    @app.route("/")
    def index():
        return "<h1>hello</h1>"

    @app.route("/slow")
    def slow():
        time.sleep(0.4)
        return "slow"

    @app.route("/stuck")
    async def stuck():
        import asyncio

        await asyncio.sleep(60)

    @app.websocket("/echo")
    def echo():
        for message in websocket:
            websocket.send(message)

    return app


def ask(port, path="/", **headers):
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    client.request("GET", path, headers={name.replace("_", "-"): headers[name] for name in headers})
    answer = client.getresponse()
    text = answer.read().decode()
    client.close()
    return answer.status, text


def test_an_app_is_served_with_its_life_and_its_websockets(run, app):
    port, stop = run(app)
    assert app.config["STEPS"] == ["begin"]
    assert ask(port) == (200, "<h1>hello</h1>")
    with connect(f"ws://127.0.0.1:{port}/echo") as client:
        client.send("a")
        assert client.recv(10) == "a"
    stop()
    assert app.config["STEPS"] == ["begin", "end"]


def test_websockets_go_past_middleware_for_wsgi(run, app):
    inner = app.wsgi_app
    app.wsgi_app = lambda environ, start: [part.upper() for part in inner(environ, start)]
    port, _ = run(app)
    assert ask(port) == (200, "<H1>HELLO</H1>")
    with connect(f"ws://127.0.0.1:{port}/echo") as client:
        client.send("a")
        assert client.recv(10) == "a"


def test_a_page_learns_of_the_end_at_once(run, app):
    app.debug = True
    port, stop = run(wrap_for_development(app), is_live=True)
    status, page = ask(port, Sec_Fetch_Dest="document")
    assert page == f'<h1>hello</h1><script src="{LIVE}.js" async></script>\n'
    assert ask(port)[1] == "<h1>hello</h1>"
    origin = f"http://127.0.0.1:{port}"
    with connect(f"ws://127.0.0.1:{port}{LIVE}", origin=origin) as client:
        assert '"start"' in client.recv(10)
        begun = time.monotonic()
        stop()
        with pytest.raises(ConnectionClosed):
            client.recv(10)
    assert time.monotonic() - begun < 1


def test_a_request_under_way_is_answered_before_the_end(run, app):
    port, stop = run(app)
    answers = []
    client = threading.Thread(target=lambda: answers.append(ask(port, "/slow")))
    client.start()
    time.sleep(0.1)
    stop()
    client.join(10)
    assert answers == [(200, "slow")]


def test_an_idle_connection_is_closed_after_a_last_call(run, app):
    port, stop = run(app)
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    client.request("GET", "/")
    client.getresponse().read()
    begun = time.monotonic()
    stop()
    assert 0.1 < time.monotonic() - begun < 1
    client.close()


def test_a_request_that_never_ends_is_ended(run, app, monkeypatch):
    monkeypatch.setattr(uvicorn_server, "GRACE", 0.2)
    port, stop = run(app)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.1)
        stop()


def test_a_start_up_that_fails_ends_the_program_with_1(app, caplog):
    @app.before_serving
    def fail():
        raise OSError("no database")

    with socket.create_server(("127.0.0.1", 0)) as bound, pytest.raises(SystemExit) as caught:
        serve(app, [bound])
    assert caught.value.code == 1
    assert "no database" in caplog.text


@pytest.mark.parametrize("turns", range(3, 8))
def test_a_request_that_came_in_with_the_signal_to_stop_is_answered(turns):
    app = Flask("late", static_folder=None)
    app.add_url_rule("/", "view", lambda: (time.sleep(0.1), "answered")[1])

    async def stop_while_it_comes_in(listening):
        config = uvicorn.Config(
            as_asgi(app)[0], http=uvicorn_server.PatientConnection, log_level="critical"
        )
        config.load()
        server = uvicorn_server.QuietServer(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup([listening])
        client = socket.create_connection(listening.getsockname(), timeout=5)
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for _ in range(turns):
            await asyncio.sleep(0)
        await server.shutdown([listening])
        return client

    with asyncio.run(stop_while_it_comes_in(socket.create_server(("127.0.0.1", 0)))) as client:
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b"answered")
