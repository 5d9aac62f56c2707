"""Who may use the console, asked over the app itself."""

import pytest

from costrel.debugger.guard import Guard, host_name, is_loopback

TOKEN = "a-token-for-tests"
FETCH = {"X-Costrel-Token": TOKEN}


@pytest.fixture
def run(client, debugged):
    """Makes an error, and runs `items` in its frame: the answer."""

    def run(headers=FETCH, code="items", environ=None, content_type="application/json"):
        client.get("/boom", headers={"Accept": "text/html"})
        id, kept = next(reversed(debugged.desk.errors.items()))
        frame = next(
            frame.number for frame in kept.report.chain[-1].frames if frame.function == "boom"
        )
        import json

        return client.post(
            "/__costrel__/debug/run",
            data=json.dumps({"error": id, "frame": frame, "code": code}),
            content_type=content_type,
            headers=headers,
            environ_overrides=environ or {},
        )

    return run


def test_the_console_answers_with_the_token(run):
    response = run()
    assert response.status_code == 200
    assert response.json == {"output": "[1, 2, 3]\n"}
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Costrel-Token": ""}, {"X-Costrel-Token": "wrong"}, {"Cookie": f"token={TOKEN}"}],
)
def test_g3_without_the_token_it_refuses(run, headers):
    response = run(headers)
    assert response.status_code == 403
    assert "output" not in response.json


@pytest.mark.parametrize("peer", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "", "nonsense"])
def test_g2_another_machine_is_refused_even_with_the_token(run, peer):
    assert run(environ={"REMOTE_ADDR": peer}).status_code == 403


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_let_in(run, peer):
    assert run(environ={"REMOTE_ADDR": peer}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", ""])
def test_g2_another_name_is_refused_so_that_no_page_can_rebind_one(run, host):
    assert run(environ={"HTTP_HOST": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:5000", "127.0.0.1", "[::1]:5000", "app.localhost"])
def test_the_names_of_this_machine_are_trusted(run, host):
    assert run(environ={"HTTP_HOST": host}).status_code == 200


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_g2_what_a_proxy_adds_never_helps(run, name):
    assert run({**FETCH, name: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_is_refused(run, site):
    assert run({**FETCH, "Sec-Fetch-Site": site}).status_code == 403
    assert run({**FETCH, "Origin": "http://evil.example"}).status_code == 403
    assert run({**FETCH, "Origin": "http://localhost:8000"}).status_code == 403
    assert run({**FETCH, "Origin": "null"}).status_code == 403
    assert run({**FETCH, "Origin": "http://localhost"}).status_code == 200


def test_a_form_cannot_call_it(run):
    assert run(content_type="text/plain").status_code == 404
    assert run(content_type="application/x-www-form-urlencoded").status_code == 404


def test_g6_ten_wrong_tokens_lock_it(run, debugged):
    for _ in range(9):
        run({"X-Costrel-Token": "wrong"})
    assert run().status_code == 200
    for _ in range(10):
        run({"X-Costrel-Token": "wrong"})
    assert debugged.desk.guard.is_locked
    response = run()
    assert response.status_code == 403
    assert "locked" in response.json["refused"]


def test_asking_without_a_token_is_no_try(run, debugged):
    for _ in range(12):
        run({})
    assert run().status_code == 200


def test_an_empty_token_lets_nobody_in():
    guard = Guard("")
    headers = {"host": "localhost", "x-costrel-token": ""}
    assert guard.check("127.0.0.1", headers) is not None


def test_the_mark_does_not_tell_the_token():
    assert Guard("one-token").token_mark != Guard("another").token_mark
    assert "one-token" not in Guard("one-token").token_mark


@pytest.mark.parametrize(
    ("host", "name"),
    [("LOCALHOST:80", "localhost"), ("[::1]:80", "[::1]"), ("[::1", "[::1]"), ("a:b:c", "a")],
)
def test_the_name_of_a_host(host, name):
    assert host_name(host) == name


def test_further_hosts_may_be_trusted():
    guard = Guard(TOKEN, ["box.example:5000", ".dev.example"])
    assert guard.trusts_host("box.example")
    assert guard.trusts_host("a.dev.example:80")
    assert not guard.trusts_host("other.example")


def test_an_address_with_a_zone_is_read():
    assert is_loopback("::1%lo")
    assert not is_loopback(None)


def test_there_may_be_no_console_at_all(app):
    from costrel.debugger.debugged_app import DebuggedApplication
    from costrel.testing.client import Client

    debugged = DebuggedApplication(app, evalex=False, token=TOKEN)
    client = Client(debugged)
    near = {"REMOTE_ADDR": "127.0.0.1"}
    page = client.get("/boom", headers={"Accept": "text/html"}, environ_overrides=near).text
    assert 'data-frame="' not in page
    id = next(iter(debugged.desk.errors))
    response = client.post(
        "/__costrel__/debug/run",
        json={"error": id, "frame": 0, "code": "1"},
        headers=FETCH,
        environ_overrides=near,
    )
    assert response.json == {"refused": "There is no console."}


def test_a_containers_host_may_count_as_this_machine(monkeypatch):
    headers = {"host": "localhost"}
    assert not Guard(TOKEN).is_near("172.17.0.1", headers)
    monkeypatch.setenv("COSTREL_DEBUG_PEERS", "172.17.0.0/16, fd00::/8")
    assert Guard(TOKEN).is_near("172.17.0.1", headers)
    assert Guard(TOKEN).is_near("fd00::7", headers)
    assert not Guard(TOKEN).is_near("172.18.0.1", headers)
    assert not Guard(TOKEN).is_near("", headers)
