import os
import ssl
import sys
import types

import click
import pytest

from costrel import Flask
from costrel.cli.locate import ScriptInfo
from costrel.cli.run import AppToLoad, run_command
from costrel.devserver import simple


def params(*args):
    return run_command.make_context("run", list(args)).params


@pytest.fixture
def calls(monkeypatch):
    found = []
    monkeypatch.setattr(simple, "run_simple", lambda *args, **kwargs: found.append((args, kwargs)))
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "")
    return found


@pytest.fixture
def info():
    return ScriptInfo("hello", create_app=lambda: Flask("served"))


def test_it_serves_the_app_where_the_options_say(runner, calls, info):
    runner.invoke(run_command, ["-h", "0.0.0.0", "-p", "81", "--without-threads"], obj=info)
    (host, port, app), options = calls[0]
    assert (host, port, app.name) == ("0.0.0.0", 81, "served")
    assert options == {
        "use_reloader": False,
        "use_debugger": False,
        "threaded": False,
        "ssl_context": None,
        "extra_files": None,
        "exclude_patterns": None,
        "is_default_host": False,
        "is_default_port": False,
    }


@pytest.fixture
def broken(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLASK_DEBUG", "1")
    monkeypatch.delenv("COSTREL_FINDINGS_FD", raising=False)

    def broken(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        return ScriptInfo(name)

    return broken


@pytest.mark.parametrize(
    "text",
    ["import no_such_module_at_all", "from costrel import Flsk", "1 / 0", "x = ("],
    ids=["module", "name", "error", "syntax"],
)
def test_an_app_that_fails_while_it_is_imported_is_no_mistake_of_the_command(
    runner, calls, broken, text
):
    name = f"fails_at_import_{len(text)}"
    done = runner.invoke(run_command, ["--no-reload"], obj=broken(name, text))
    assert done.exit_code == 1
    assert "click" not in done.stderr
    assert f"{name}.py" in done.stderr


def test_a_wrong_name_of_an_app_is_a_mistake_of_the_command(runner, calls, broken):
    info = broken("fine_but_other", "from costrel import Flask\napp = Flask('x')\n")
    assert runner.invoke(run_command, ["--no-reload"], obj=ScriptInfo("no_such")).exit_code == 2
    info.app_import_path += ":nothing"
    assert runner.invoke(run_command, ["--no-reload"], obj=info).exit_code == 2


def test_debug_turns_reloader_and_debugger_on(runner, calls, info):
    runner.invoke(run_command, ["--debug"], obj=info)
    runner.invoke(run_command, ["--debug", "--no-reload", "--no-debugger"], obj=info)
    chosen = [(call[1]["use_reloader"], call[1]["use_debugger"]) for call in calls]
    assert chosen == [(True, True), (False, False)]


def test_a_port_that_does_not_exist_is_a_mistake_of_the_command(runner, calls, info):
    done = runner.invoke(run_command, ["--port", "80000"], obj=info)
    assert (done.exit_code, calls) == (2, [])
    assert "0<=x<=65535" in done.stderr


def test_the_process_that_watches_does_not_load_the_app(runner, calls):
    def create_app():
        raise AssertionError("loaded")

    info = ScriptInfo("hello", create_app=create_app)
    assert runner.invoke(run_command, ["--reload"], obj=info).exit_code == 0
    assert isinstance(calls[0][0][2], AppToLoad)
    assert calls[0][0][2].name == "hello"


def test_its_child_does(runner, calls, info, monkeypatch):
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    runner.invoke(run_command, ["--reload"], obj=info)
    assert calls[0][0][2].name == "served"


def test_an_app_to_load_answers_with_the_real_one(info):
    started = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/none",
        "wsgi.url_scheme": "http",
        "SERVER_NAME": "x",
        "SERVER_PORT": "80",
    }
    b"".join(AppToLoad(info)(environ, lambda *args: started.append(args[0])))
    assert started == ["404 NOT FOUND"]


def test_certificate_and_key_go_together_in_either_order():
    assert params("--cert", __file__, "--key", __file__)["cert"] == (__file__, __file__)
    assert params("--key", __file__, "--cert", __file__)["cert"] == (__file__, __file__)
    for lonely in (["--cert", __file__], ["--key", __file__]):
        with pytest.raises(click.BadParameter):
            params(*lonely)


def test_a_certificate_made_on_the_spot_takes_cryptography_and_no_key(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(click.BadParameter, match="pip install cryptography"):
        params("--cert", "adhoc")
    monkeypatch.setitem(sys.modules, "cryptography", types.ModuleType("cryptography"))
    assert params("--cert", "adhoc")["cert"] == "adhoc"
    with pytest.raises(click.BadParameter, match="leave --key out"):
        params("--cert", "adhoc", "--key", __file__)


def test_a_context_is_imported_by_its_name(monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    monkeypatch.setitem(sys.modules, "my_context", context)
    assert params("--cert", "my_context")["cert"] is context
    for wrong in ("no_module_of_this_name", "costrel"):
        with pytest.raises(click.BadParameter):
            params("--cert", wrong)


def test_a_python_without_tls_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "ssl", None)
    with pytest.raises(click.BadParameter, match="no TLS"):
        params("--cert", __file__)


def test_paths_are_separated_as_in_path():
    text = os.pathsep.join(["a", "b/*"])
    assert params("--exclude-patterns", text)["exclude_patterns"] == ["a", "b/*"]
    assert params("--extra-files", text)["extra_files"] == ["a", "b/*"]
