"""Running a failed request again, making a test of it, and what the pages ask."""

import importlib
import runpy
import sys

import pytest

from costrel.debugger.debug_desk import MOST_ERRORS
from costrel.debugger.kept_requests import MOST_KEPT
from costrel.testing.client import Client

TOKEN = "a-token-for-tests"
FETCH = {"X-Costrel-Token": TOKEN}
HTML = {"Accept": "text/html"}
PREFIX = "/__costrel__/debug"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Kept requests of a test stay with it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture
def call(client):
    """Calls the debugger as its page does: the JSON."""

    def call(what, **told):
        return client.post(f"{PREFIX}/{what}", json=told, headers=FETCH).json

    return call


@pytest.fixture
def fail(client, debugged):
    """Makes a request that fails: the id it is kept under."""

    def fail(path="/boom", method="GET", **options):
        client.open(path, method=method, headers=HTML, **options)
        return next(reversed(debugged.desk.errors))

    return fail


def test_a_request_that_still_fails_says_so_with_a_link(call, fail, client):
    told = call("replay", request=fail())
    assert told["passes"] is False
    assert told["error"] == "IndexError: list index out of range"
    page = client.get(told["link"], headers=HTML)
    assert page.status_code == 200
    assert "IndexError" in page.text


def test_a_request_that_passes_now_says_so(call, fail, app):
    id = fail("/form", "POST", data={"drnk": "tea"})
    assert call("replay", request=id)["passes"] is False
    app.view_functions["form"] = lambda: f"{__import__('costrel').request.form['drnk']}!"
    assert call("replay", request=id) == {"passes": True, "status": "200 OK"}


def test_what_is_sent_again_is_what_came(call, fail, app):
    from costrel import request

    id = fail("/boom?n=9&x=%C3%A4", "POST", data=b"\x00body", content_type="text/plain")
    seen = []
    app.view_functions["boom"] = lambda: (
        seen.append((request.method, request.url, request.data, request.headers["Accept"])) or "x"
    )
    call("replay", request=id)
    assert seen == [("POST", "http://localhost/boom?n=9&x=ä", b"\x00body", "text/html")]


def test_the_next_start_of_the_program_finds_it_too(fail, app):
    from costrel.debugger.debugged_app import DebuggedApplication

    id = fail()
    again = Client(DebuggedApplication(app, token=TOKEN))
    near = {"REMOTE_ADDR": "127.0.0.1"}
    told = again.post(
        f"{PREFIX}/replay", json={"request": id}, headers=FETCH, environ_overrides=near
    ).json
    assert told["error"] == "IndexError: list index out of range"
    other = Client(DebuggedApplication(app, token="another-token"))
    told = other.post(
        f"{PREFIX}/replay",
        json={"request": id},
        headers={"X-Costrel-Token": "another-token"},
        environ_overrides=near,
    ).json
    assert "not kept" in told["refused"]


def test_an_http_error_can_be_run_again(call, client, app, debugged):
    client.get("/fin", headers=HTML)
    id = next(reversed(debugged.desk.errors))
    assert call("replay", request=id) == {"passes": False, "status": "404 NOT FOUND"}


def test_a_body_that_the_view_left_unread_is_kept_whole(call, fail, app, debugged):
    id = fail("/boom", "POST", data=b"x" * 1000)
    assert debugged.desk.shelf.find(id).body == b"x" * 1000


def test_a_body_over_the_limit_is_not_kept(fail, client, debugged):
    page = client.post("/boom", data=b"x" * 1_000_001, headers=HTML).text
    assert 'id="again"' not in page


def test_errors_and_requests_are_bounded_in_number(fail, debugged, tmp_path):
    first = fail()
    for _ in range(MOST_KEPT):
        fail()
    assert len(debugged.desk.errors) == MOST_ERRORS
    assert first not in debugged.desk.errors
    assert debugged.desk.shelf.find(first) is None
    kept = list(tmp_path.rglob("*.json"))
    assert len(kept) == MOST_KEPT
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert kept[0].parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("id", ["../../etc/passwd", "", "x" * 50, "a/b/c/d/e/f"])
def test_g5_an_id_is_never_a_path(call, id):
    assert "not kept" in call("replay", request=id)["refused"]


def test_a_folder_of_somebody_else_is_not_used(fail, client, tmp_path, debugged):
    import os

    folder = tmp_path / f"costrel-debug-{os.getuid()}"
    folder.mkdir(mode=0o755)
    assert 'id="again"' not in client.get("/boom", headers=HTML).text
    folder.rmdir()
    folder.symlink_to(tmp_path)
    assert 'id="again"' not in client.get("/boom", headers=HTML).text


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"nonsense", b'{"error": 1, "frame": "x"}'])
def test_a_call_that_makes_no_sense_is_refused(client, body):
    response = client.post(
        f"{PREFIX}/run", data=body, content_type="application/json", headers=FETCH
    )
    assert response.status_code in {200, 400}
    assert "refused" in response.json


def test_an_error_that_is_forgotten_is_told(call, client):
    assert "again" in call("run", error="gone", frame=0, code="1")["refused"]
    assert client.get(f"{PREFIX}/error/gone").status_code == 404
    assert client.get(f"{PREFIX}/nothing").status_code == 404
    assert client.put(f"{PREFIX}/run").status_code == 404


def test_a_page_learns_of_a_new_start(client, debugged):
    assert client.get(f"{PREFIX}/start").json == {"start": debugged.desk.start}


SHOP = """
from costrel import Flask, request, session

shop = Flask(__name__)
shop.secret_key = "a-key-that-is-secret"


@shop.post("/orders")
def order():
    prices = {"tea": 3}
    return {"price": prices[request.json["drink"]], "who": session["user"]}
"""


@pytest.fixture
def start(tmp_path, monkeypatch, near):
    """Starts a program in a folder of its own, behind the debugger."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def start(source):
        (tmp_path / "shop_program.py").write_text(source)
        importlib.invalidate_caches()
        module = importlib.import_module("shop_program")
        module.shop.debug = True
        return near(module.shop)

    yield start
    sys.modules.pop("shop_program", None)


def run_test(path):
    """Run a test that was written, as pytest would."""
    sys.modules.pop("shop_program", None)
    importlib.invalidate_caches()
    runpy.run_path(path)[path.stem]()


def test_a_test_made_of_a_request_fails_as_it_did_and_passes_once_mended(start, tmp_path):
    program = start(SHOP)
    client = Client(program)
    shop = program.desk.app
    signer = shop.session_interface.get_signing_serializer(shop)
    client.set_cookie("session", signer.dumps({"user": "anna", "api_token": "letmein-please"}))
    client.post("/orders", json={"drink": "coffee"}, headers={**HTML, "Authorization": "Bearer x"})
    id = next(reversed(program.desk.errors))
    told = client.post(f"{PREFIX}/test", json={"request": id}, headers=FETCH).json
    assert told == {
        "path": "tests/test_replay_1.py",
        "command": "python -m pytest tests/test_replay_1.py",
    }
    second = client.post(f"{PREFIX}/test", json={"request": id}, headers=FETCH).json
    assert second["path"] == "tests/test_replay_2.py"
    text = (tmp_path / told["path"]).read_text()
    assert "from shop_program import shop as app" in text
    assert "'user': 'anna'" in text
    for secret in ("letmein", "Bearer", "Cookie", "a-key-that-is-secret"):
        assert secret not in text
    with pytest.raises(KeyError, match="coffee"):
        run_test(tmp_path / told["path"])
    (tmp_path / "shop_program.py").write_text(SHOP.replace('"tea": 3', '"tea": 3, "coffee": 4'))
    run_test(tmp_path / told["path"])


LOGIN = """
from costrel import Flask, request, session

shop = Flask(__name__)
shop.secret_key = "a-key-that-is-secret"


@shop.post("/login")
def login():
    if "seen" in session:
        return "ok"
    session["seen"] = 1
    return request.form["user"]
"""


def test_a_test_has_the_session_as_the_request_brought_it_and_no_password(start, tmp_path):
    program = start(LOGIN)
    client = Client(program)
    data = {"usr": "anna", "password": "s3cret-word"}
    client.post("/login?token=t0ken-word", data=data, headers=HTML)
    id = next(reversed(program.desk.errors))
    told = client.post(f"{PREFIX}/test", json={"request": id}, headers=FETCH).json
    text = (tmp_path / told["path"]).read_text()
    assert "usr=anna&password=masked" in text
    assert "s3cret-word" not in text
    assert "t0ken-word" not in text
    assert "seen" not in text
    with pytest.raises(AssertionError):
        run_test(tmp_path / told["path"])


def test_an_app_without_a_name_makes_no_test(call, fail):
    assert call("test", request=fail())["refused"].startswith("No test was written:")
