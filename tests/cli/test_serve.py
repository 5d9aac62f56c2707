import os
import socket

import pytest

from costrel.cli import serve
from costrel.cli.command import cli
from costrel.cli.interface import Served
from costrel.cli.locate import ScriptInfo
from costrel.cli.serve import serve_command

SYNC = Served("app", "hello:app", "/x", "wsgi", "all of its views are sync")
SOCKETS = Served("app", "hello:app", "/x", "asgi", "it has WebSockets")
WAITS = Served("app", "hello:app", "/x", "rsgi", "it has async views or hooks")
CALLED = Served("app", "hello:make()", "/x", "wsgi", "all of its views are sync")
WITH_ARGUMENT = Served("app", "hello:make('x')", "/x", "wsgi", "all of its views are sync")


@pytest.fixture
def invoke(runner, monkeypatch):
    def invoke(*arguments, served=SYNC):
        monkeypatch.setattr(serve, "describe_elsewhere", lambda path: served)
        return runner.invoke(serve_command, arguments, obj=ScriptInfo("hello"))

    return invoke


@pytest.fixture
def started(monkeypatch):
    found = []
    monkeypatch.setattr(serve, "run_granian", lambda *given: found.append(given))
    return found


@pytest.mark.parametrize(
    ("server", "served", "command"),
    [
        (
            "granian",
            SYNC,
            "granian --interface wsgi {address} --workers 2 --blocking-threads 3 hello:app",
        ),
        (
            "gunicorn",
            SYNC,
            "gunicorn {bind} --workers 2 --worker-class gthread --threads 3 hello:app",
        ),
        (
            "gunicorn",
            WITH_ARGUMENT,
            "gunicorn {bind} --workers 2 --worker-class gthread --threads 3 {made}",
        ),
        (
            "gunicorn",
            WAITS,
            "gunicorn --bind 127.0.0.1:8000 --workers 2 --worker-class asgi hello:app",
        ),
        (
            "uvicorn",
            CALLED,
            "uvicorn --host 127.0.0.1 --port 8000 --workers 2 --no-access-log --factory hello:make",
        ),
        (
            "waitress",
            CALLED,
            "waitress-serve --listen=127.0.0.1:8000 --threads=6 --call hello:make",
        ),
        ("hypercorn", SOCKETS, "hypercorn --bind 127.0.0.1:8000 --workers 2 asgi:hello:app"),
    ],
)
def test_the_command_of_another_server_is_printed(invoke, server, served, command):
    done = invoke("--print", "--server", server, "-w", "2", "-t", "3", served=served)
    command = command.format(
        address="--host 127.0.0.1 --port 8000",
        bind="--bind 127.0.0.1:8000",
        made="""'hello:make('"'"'x'"'"')'""",
    )
    assert (done.exit_code, done.stdout) == (0, f"{command}\n")


def test_certificates_and_the_access_log_are_in_the_command(invoke):
    options = ("--print", "--cert", __file__, "--key", __file__, "--access-log", "-b", "[::1]:1")
    for server in ("granian", "gunicorn", "uvicorn", "hypercorn"):
        command = invoke(*options, "--server", server).stdout
        assert command.count(__file__) == 2
        assert "access-log" in command
        assert "no-access-log" not in command
        assert "::1" in command


@pytest.mark.parametrize(
    ("server", "served", "words"),
    [
        ("waitress", SOCKETS, "speaks WSGI only"),
        ("hypercorn", CALLED, "takes no factory"),
        ("uvicorn", WITH_ARGUMENT, "put `app = make('x')` into a module"),
    ],
)
def test_what_a_server_cannot_do_is_told(invoke, server, served, words):
    done = invoke("--server", server, served=served)
    assert done.exit_code == 2
    assert words in done.output.replace("\n", " ")


def test_waitress_has_no_tls(invoke):
    assert "no TLS" in invoke("--server", "waitress", "--cert", __file__).output


def test_behind_a_proxy_other_servers_need_a_line_in_the_program(invoke):
    done = invoke("--print", "--trusted-proxies", "2")
    assert "ProxyFix(app.wsgi_app, x_for=2, x_proto=2, x_host=2)" in done.stderr


@pytest.mark.parametrize(
    ("options", "served", "interface"),
    [
        ([], SYNC, "wsgi"),
        ([], WAITS, "rsgi"),
        (["--interface", "asgi"], SYNC, "asgi"),
        (["--trusted-proxies", "1"], WAITS, "asgi"),
        (["--trusted-proxies", "1"], SYNC, "wsgi"),
    ],
)
def test_the_protocol_is_the_one_that_suits_or_was_asked_for(
    invoke, started, options, served, interface
):
    assert invoke(*options, served=served).exit_code == 0
    assert started[0][0].interface == interface


def test_proxies_are_not_for_rsgi(invoke):
    done = invoke("--interface", "rsgi", "--trusted-proxies", "1")
    assert "takes WSGI or ASGI" in done.output


def test_workers_load_the_app_by_its_name_without_debug(invoke, started, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    done = invoke("--health", "/hz", "-b", "9000", served=WAITS)
    _, wish, load, _ = started[0]
    assert "Debug mode is off here" in done.stderr
    assert os.environ["FLASK_DEBUG"] == "0"
    assert (wish.host, wish.port) == ("127.0.0.1", 9000)
    assert load.args == ("/x", "hello:app")
    assert load.keywords == {"threads": None, "proxies": 0, "health": "/hz"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (":80", ("0.0.0.0", 80)),
        ("[::1]:80", ("::1", 80)),
        ("h:1", ("h", 1)),
        ("7", ("127.0.0.1", 7)),
    ],
)
def test_addresses(invoke, started, text, expected):
    invoke("-b", text)
    assert (started[0][1].host, started[0][1].port) == expected


@pytest.mark.parametrize("text", ["x", "h:x", "0", "h:70000", ""])
def test_what_is_no_address_is_refused(invoke, text):
    assert "is no address" in invoke("-b", text).output


def test_workers_are_as_many_as_the_environment_says(monkeypatch):
    monkeypatch.setenv("WEB_CONCURRENCY", "7")
    assert serve.default_workers() == 7
    monkeypatch.setenv("WEB_CONCURRENCY", "x")
    assert 1 <= serve.default_workers() <= 4
    monkeypatch.delattr(serve.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(serve.os, "cpu_count", lambda: None)
    assert serve.processors() == 1


def test_without_granian_it_says_what_to_install(invoke, monkeypatch):
    monkeypatch.setattr(serve, "find_spec", lambda name: None)
    done = invoke()
    assert done.exit_code == 2
    assert "pip install 'costrel[serve]'" in done.output


def test_a_port_is_never_shared(invoke):
    pytest.importorskip("granian")
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        done = invoke("-b", str(holder.getsockname()[1]))
    assert done.exit_code == 1
    assert "already in use by" in done.output


def test_keys_are_checked_before_anything_is_started(invoke, write):
    pytest.importorskip("granian")
    file = str(write("old.key", "-----BEGIN RSA PRIVATE KEY-----\n"))
    assert "openssl pkcs8" in invoke("--cert", file).output.replace("\n", " ")
    assert "needs its --cert" in invoke("--key", file).output


def test_granian_is_told_what_was_asked_for(invoke, monkeypatch):
    granian = pytest.importorskip("granian")
    told = {}

    class Granian:
        def __init__(self, target, **options):
            told.update(options, target=target)

        def serve(self, **options):
            told.update(options)

    monkeypatch.setattr(granian, "Granian", Granian)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    done = invoke("-b", str(port), "-w", "1", "-t", "3", "--cert", os.__file__, "--pid-file", "pid")
    assert (told["target"], told["workers"], told["blocking_threads"]) == ("hello:app", 1, 3)
    assert (told["websockets"], told["wrap_loader"]) == (False, False)
    assert str(told["ssl_key"]) == os.__file__
    assert f"https://127.0.0.1:{port} with 1 worker, 3 threads each" in done.stderr
    assert "over WSGI, as all of its views are sync" in done.stderr


def test_an_app_that_a_command_line_makes_itself_cannot_be_served(runner):
    done = runner.invoke(serve_command, [], obj=ScriptInfo(create_app=lambda: None))
    assert "name the application" in done.output.replace("\n", " ")
    assert "serve" in cli.commands
