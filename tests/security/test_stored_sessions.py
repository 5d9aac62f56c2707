"""Sessions on the server against those who tamper with them. Named after the checks' ids."""

import threading

import pytest

from costrel import Flask, session
from costrel.extras.session_stores import FileStore, MemoryStore, StoreSessionInterface


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path):
    return MemoryStore() if request.param == "memory" else FileStore(tmp_path / "sessions")


@pytest.fixture
def app(store):
    app = Flask(__name__)
    app.secret_key = "a key"
    app.session_interface = StoreSessionInterface(store)
    app.gates = {}

    @app.get("/read")
    def read():
        return dict(session)

    @app.get("/set/<key>/<value>")
    def write(key, value):
        session[key] = value
        return "set"

    @app.get("/slow/<name>")
    def slow(name):
        begun, go_on = app.gates[name]
        session["last"] = session.get("last", "") + name
        begun.set()
        go_on.wait(5)
        return "slow"

    @app.get("/logout")
    def logout():
        session.clear()
        return "out"

    return app


def stored(store):
    if isinstance(store, MemoryStore):
        return set(store._texts)
    return {path.name for path in store.directory.glob("[!.]*")}


def cookie_of(client):
    cookie = client.get_cookie("session")
    return cookie.value if cookie else None


def with_cookie(app, value):
    client = app.test_client()
    client.set_cookie("session", value)
    return client


def test_s7_a_chosen_id_is_never_adopted(app, store):
    chosen = "A" * 43
    client = with_cookie(app, chosen)
    client.get("/set/color/red")
    assert cookie_of(client) != chosen
    assert with_cookie(app, chosen).get("/read").json == {}


def test_s9_anonymous_reads_store_nothing(app, store):
    response = app.test_client().get("/read")
    assert stored(store) == set()
    assert "Set-Cookie" not in response.headers
    assert response.headers["Vary"] == "Cookie"


@pytest.mark.parametrize(
    "value",
    ["../../../../etc/passwd", "a/b", "..", ".lock", "%00", "x" * 3000, "\\\\host\\share", "CON"],
)
def test_s10_an_id_of_another_form_is_no_key(app, store, value):
    store.load = lambda key: pytest.fail(key)
    response = with_cookie(app, value).get("/read")
    assert (response.status_code, response.json) == (200, {})


def test_s11_a_pickle_in_the_store_is_not_read(app, store):
    client = app.test_client()
    client.get("/set/color/red")
    bomb = "cos\nsystem\n(S'false'\ntR."
    store.update(f"session:{cookie_of(client)}", lambda _: bomb, 60)
    assert client.get("/read").json == {}


def test_s12_a_response_with_the_cookie_is_private(app):
    assert app.test_client().get("/set/a/b").headers["Cache-Control"] == "private"


@pytest.mark.parametrize("key", ["user_id", "user", "_user_id", "logged_in"])
def test_s13_b16_the_id_changes_at_login(app, key):
    client = app.test_client()
    client.get("/set/color/red")
    before = cookie_of(client)
    client.get(f"/set/{key}/7")
    assert cookie_of(client) != before
    assert client.get("/read").json == {"color": "red", key: "7"}
    assert with_cookie(app, before).get("/read").json == {}


def test_s14_b14_parallel_requests_keep_each_others_keys(app):
    client = app.test_client()
    client.get("/set/start/0")
    sid = cookie_of(client)
    together = threading.Barrier(16)

    def visit(number):
        visitor = with_cookie(app, sid)
        together.wait(5)
        visitor.get(f"/set/key{number}/{number}")

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    expected = {"start": "0", **{f"key{number}": str(number) for number in range(16)}}
    assert client.get("/read").json == expected


def test_s15_b15_a_slow_request_does_not_bring_a_session_back(app, store):
    client = app.test_client()
    client.get("/set/user_id/7")
    sid = cookie_of(client)
    app.gates["a"] = begun, go_on = threading.Event(), threading.Event()
    answers = []
    thread = threading.Thread(target=lambda: answers.append(with_cookie(app, sid).get("/slow/a")))
    thread.start()
    assert begun.wait(5)
    client.get("/logout")
    go_on.set()
    thread.join(5)
    assert answers[0].status_code == 200
    assert "Set-Cookie" not in answers[0].headers
    assert stored(store) == set()
    assert with_cookie(app, sid).get("/read").json == {}
