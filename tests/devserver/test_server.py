import pytest

from costrel import Flask
from costrel.devserver import server, simple


@pytest.fixture
def calls(monkeypatch):
    found = []
    monkeypatch.setattr(simple, "run_simple", lambda *args, **kwargs: found.append((args, kwargs)))
    for name in ("FLASK_RUN_FROM_CLI", "FLASK_DEBUG", "WERKZEUG_RUN_MAIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FLASK_SKIP_DOTENV", "1")
    return found


@pytest.fixture
def app():
    return Flask("hello")


@pytest.mark.parametrize(
    ("host", "port", "server_name", "expected"),
    [
        (None, None, None, ("127.0.0.1", 5000)),
        (None, None, "named.test:8080", ("named.test", 8080)),
        (None, None, "named.test", ("named.test", 5000)),
        ("localhost", None, "named.test:8080", ("localhost", 8080)),
        (None, 80, "named.test:8080", ("named.test", 80)),
        ("localhost", 0, "named.test:8080", ("localhost", 0)),
        (None, None, "localhost:0", ("localhost", 0)),
        (None, None, "[::1]:81", ("::1", 81)),
        (None, "82", None, ("127.0.0.1", 82)),
    ],
)
def test_the_address_is_as_asked_else_the_server_name_else_5000(
    calls, app, host, port, server_name, expected
):
    app.config["SERVER_NAME"] = server_name
    app.run(host, port)
    (found_host, found_port, found_app), _ = calls[0]
    assert (found_host, found_port) == expected
    assert found_app is app


@pytest.mark.parametrize("debug", [True, False])
def test_debug_turns_reloader_and_debugger_on(calls, app, debug):
    app.run(debug=debug)
    options = calls[0][1]
    assert app.debug is debug
    assert options == {
        "use_reloader": debug,
        "use_debugger": debug,
        "threaded": True,
        "is_default_host": True,
        "is_default_port": True,
    }


def test_a_chosen_address_is_no_default(calls, app):
    app.run("127.0.0.1", 5000)
    app.config["SERVER_NAME"] = "127.0.0.1:5000"
    app.run()
    chosen = [(call[1]["is_default_host"], call[1]["is_default_port"]) for call in calls]
    assert chosen == [(False, False), (True, False)]


def test_options_are_passed_on_and_win(calls, app):
    app.run(debug=True, use_reloader=False, threaded=False, ssl_context="adhoc")
    assert calls[0][1] == {
        "use_reloader": False,
        "use_debugger": True,
        "threaded": False,
        "ssl_context": "adhoc",
        "is_default_host": True,
        "is_default_port": True,
    }


def test_it_is_ignored_when_the_command_line_serves(calls, app, monkeypatch, capsys):
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    app.run()
    assert calls == []
    assert "app.run() was ignored" in capsys.readouterr().err
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    app.run()
    assert capsys.readouterr().err == ""


def test_env_files_set_the_debug_mode(calls, app, monkeypatch, tmp_path):
    pytest.importorskip("dotenv")
    monkeypatch.delenv("FLASK_SKIP_DOTENV")
    monkeypatch.setenv("FLASK_DEBUG", "")
    monkeypatch.delenv("FLASK_DEBUG")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".flaskenv").write_text("FLASK_DEBUG=1\n")
    app.run()
    assert app.debug is True
    monkeypatch.delenv("FLASK_DEBUG")
    app.run(load_dotenv=False, debug=False)
    assert app.debug is False


def test_an_app_may_declare_more_after_it_has_stopped(calls, app):
    app._got_first_request = True
    app.run()
    app.add_url_rule("/late", view_func=lambda: "x", endpoint="late")
    assert server.DEFAULT_PORT == 5000
