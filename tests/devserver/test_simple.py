import http.client
import socket
import ssl
import subprocess
import sys
import threading
import time

import pytest

from costrel import Flask
from costrel.devserver import simple
from costrel.devserver.simple import run_simple
from costrel.testing.client import Client


def app(environ, start_response):
    body = environ["wsgi.url_scheme"].encode() + environ["PATH_INFO"].encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


app.name = "tiny"


@pytest.fixture
def steps(monkeypatch):
    """What run_simple does, without doing it."""
    found = []
    monkeypatch.delenv("WERKZEUG_RUN_MAIN", raising=False)
    monkeypatch.setattr(simple, "_serve_until_stopped", lambda server: found.append(server))
    monkeypatch.setattr(
        "costrel.devserver.uvicorn_server.serve",
        lambda *args, **more: found.append(("uvicorn", *args, more)),
    )
    monkeypatch.setattr(simple, "restart_on_change", lambda *args: found.append(args) or 7)
    yield found
    for step in found:
        for part in step if isinstance(step, tuple) else ():
            for bound in part if isinstance(part, list) else ():
                if hasattr(bound, "close"):
                    bound.close()
        if hasattr(step, "server_close"):
            step.server_close()


def test_a_port_that_is_text_is_refused():
    with pytest.raises(TypeError, match="port must be an integer"):
        run_simple("127.0.0.1", "5000", app)


def test_the_greeting_tells_the_apps_debug_mode_without_the_debugger(steps, capsys):
    debugged = Flask("debugged")
    debugged.debug = True
    run_simple("127.0.0.1", 0, debugged, use_debugger=False)
    assert "debug on" in capsys.readouterr().err


def test_a_taken_port_is_one_line_and_exit_code_1(capsys):
    with socket.create_server(("127.0.0.1", 0)) as holder, pytest.raises(SystemExit) as caught:
        run_simple("127.0.0.1", holder.getsockname()[1], app)
    said = capsys.readouterr().err
    assert caught.value.code == 1
    assert said.count("\n") == 1
    assert said.startswith("Cannot start: 127.0.0.1 port ")


def test_threads_are_served_by_uvicorn_on_the_socket_that_was_bound(steps, capsys):
    run_simple("127.0.0.1", 0, app, threaded=True)
    name, served, sockets, context, more = steps[0]
    assert (name, served, context, more) == ("uvicorn", app, None, {"is_live": False})
    assert f"Running on http://127.0.0.1:{sockets[0].getsockname()[1]}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options", [{}, {"passthrough_errors": True, "threaded": True}], ids=["plain", "passthrough"]
)
def test_everything_else_is_served_by_the_simple_server(steps, options):
    run_simple("127.0.0.1", 0, app, **options)
    assert steps[0].app is app
    assert steps[0].multithread is options.get("threaded", False)


def test_the_reloader_becomes_the_process_that_watches(steps, capsys):
    with pytest.raises(SystemExit) as caught:
        run_simple(
            "127.0.0.1", 0, app, use_reloader=True, extra_files=["a"], exclude_patterns=["b"]
        )
    assert caught.value.code == 7
    assert steps[0][1:] == (["a"], ["b"], None)
    assert "'tiny'" in capsys.readouterr().err


def test_a_program_that_cannot_be_started_again_is_served_without_reloading(
    steps, monkeypatch, capsys
):
    monkeypatch.setattr(simple, "can_supervise", lambda: "it was typed in")
    run_simple("127.0.0.1", 0, app, use_reloader=True)
    assert steps[0].app is app
    assert "No reloading" in capsys.readouterr().err


def test_a_child_neither_greets_nor_watches(steps, monkeypatch, capsys):
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    run_simple("127.0.0.1", 0, app, use_reloader=True)
    assert steps[0].app is app
    assert capsys.readouterr().err == ""


def test_static_files_are_put_before_the_application(steps, tmp_path):
    run_simple("127.0.0.1", 0, app, static_files={"/s": str(tmp_path)})
    assert type(steps[0].app).__name__ == "SharedDataMiddleware"


@pytest.mark.parametrize("ssl_context", [None, "adhoc"])
def test_a_server_in_a_thread_answers(ssl_context, monkeypatch):
    pytest.importorskip("cryptography")
    uvicorn_server = pytest.importorskip("costrel.devserver.uvicorn_server")
    servers, ports = [], []
    made = uvicorn_server.QuietServer.__init__

    def remember(self, config):
        made(self, config)
        servers.append(self)

    monkeypatch.setattr(uvicorn_server.QuietServer, "__init__", remember)
    monkeypatch.setattr(
        simple,
        "greet",
        lambda name, sockets, *args, **kw: ports.append(sockets[0].getsockname()[1]),
    )
    options = {"threaded": True, "ssl_context": ssl_context}
    thread = threading.Thread(target=run_simple, args=("127.0.0.1", 0, app), kwargs=options)
    thread.start()
    deadline = time.monotonic() + 10
    while not (servers and servers[0].started) and time.monotonic() < deadline:
        time.sleep(0.01)
    if ssl_context:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", ports[0], timeout=5, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", ports[0], timeout=5)
    connection.request("GET", "/x")
    body = connection.getresponse().read()
    connection.close()
    servers[0].should_exit = True
    thread.join(10)
    assert body == (b"https/x" if ssl_context else b"http/x")
    assert not thread.is_alive()


def test_the_supervising_process_does_without_uvicorn():
    code = "import sys; import costrel.devserver.server; sys.exit('uvicorn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=30).returncode == 0


def test_the_next_port_is_taken_where_nobody_chose_one(steps, capsys):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        run_simple("127.0.0.1", port, app, threaded=True, is_default_port=True)
        used = steps[0][2][0].getsockname()[1]
    said = capsys.readouterr().err
    assert used > port
    assert f" * Port {port} is in use by" in said
    assert f"Running on http://127.0.0.1:{used}\n" in said


def test_a_host_that_nobody_chose_is_this_machine_under_both_addresses(steps, capsys):
    run_simple("127.0.0.1", 0, app, threaded=True, is_default_host=True)
    hosts = {bound.getsockname()[0] for bound in steps[0][2]}
    assert hosts in ({"127.0.0.1", "::1"}, {"127.0.0.1"})
    assert capsys.readouterr().err.count("Running on") == 1


@pytest.mark.parametrize("use_evalex", [True, False])
def test_the_debugger_is_put_around_and_its_token_told(steps, capsys, monkeypatch, use_evalex):
    monkeypatch.setenv("COSTREL_DEBUG_TOKEN", "a-token-for-this-test")
    run_simple("127.0.0.1", 0, app, use_debugger=True, use_evalex=use_evalex)
    desk = steps[0].app.desk
    assert desk.has_console is use_evalex
    assert ("a-token-for-this-test" in capsys.readouterr().err) is use_evalex


@pytest.mark.parametrize("debug", [False, True])
def test_the_debugger_that_is_asked_for_shows_errors_of_an_app_without_debug_mode(steps, debug):
    failing = Flask(__name__)
    failing.debug = debug
    failing.config["PROPAGATE_EXCEPTIONS"] = True
    failing.add_url_rule("/", "fail", lambda: 1 // 0)
    run_simple("127.0.0.1", 0, failing, use_debugger=True)
    response = Client(steps[0].app).get("/", headers={"Accept": "text/html"})
    assert response.status_code == 500
    assert "ZeroDivisionError" in response.text


def test_an_app_that_leaves_debug_mode_leaves_the_debugger(steps):
    leaving = Flask(__name__)
    leaving.debug = True
    run_simple("127.0.0.1", 0, leaving, use_debugger=True)
    leaving.debug = False
    assert not steps[0].app.desk.is_on


def test_the_process_that_watches_keeps_the_certificate(steps, monkeypatch):
    certificates = pytest.importorskip("costrel.devserver.certificates")
    monkeypatch.setattr(certificates, "keep_adhoc_pair", lambda: steps.append("kept"))
    monkeypatch.setattr(certificates, "make_ssl_context", lambda argument: f"context of {argument}")
    with pytest.raises(SystemExit):
        run_simple("127.0.0.1", 0, app, use_reloader=True, ssl_context="adhoc")
    assert steps[0] == "kept"
    assert steps[1][3] == "context of adhoc"


def test_pages_are_live_with_debugger_and_reloader(steps, monkeypatch):
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    run_simple("127.0.0.1", 0, app, use_reloader=True, use_debugger=True, threaded=True)
    assert steps[0][4] == {"is_live": True}
