"""Sessions in Redis and in PostgreSQL, shared by servers of different protocols."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import processes
import pytest
from websockets.sync.client import connect

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parent / "apps" / "stored"
GRANIAN = [processes.command_of("granian"), "--host", "127.0.0.1", "--port", "{port}"]
SERVERS = {
    "wsgi": [
        *(sys.executable, "-m", "gunicorn", "-w", "2", "-k", "gthread", "--threads", "4"),
        *("-b", "127.0.0.1:{port}", "app:app"),
    ],
    "asgi": [sys.executable, "-m", "uvicorn", "--port", "{port}", "app:app"],
    "rsgi": [*GRANIAN, "--interface", "rsgi", "--workers", "2", "app:app"],
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(params=["redis_url", "postgresql_url"])
def servers(request, tmp_path):
    """One app on three servers, with one store, asked by one browser with its cookies."""
    request.node.servers = started = []
    url, cookies = request.getfixturevalue(request.param), {}
    for command in SERVERS.values():
        running = processes.start(command, FOLDER, tmp_path, STORE=url)
        running.cookies = cookies
        started.append(running)
    yield started
    for running in started:
        processes.kill_group(running.process)


def ask(running, path, method="GET", body=None):
    answer = running.ask(method, path, body, FORM)
    assert answer.status == 200, running.said()
    return answer.text


def test_a_login_on_one_server_holds_on_all_until_the_logout(servers):
    wsgi, asgi, rsgi = servers
    ask(wsgi, "/sync")
    before = dict(wsgi.cookies)
    assert ask(asgi, "/login", "POST", b"user=anna") == "in"
    assert wsgi.cookies.keys() == before.keys()
    assert wsgi.cookies != before
    paths = [(each, path) for each in servers for path in ("/sync", "/async")]
    answers = [json.loads(ask(each, path)) for each, path in paths]
    assert answers == [{"user": "anna", "n": number} for number in range(2, 8)]
    cookie = "; ".join(f"{name}={value}" for name, value in wsgi.cookies.items())
    for running in (asgi, rsgi):
        address = f"ws://127.0.0.1:{running.port}/ws"
        with connect(address, additional_headers={"Cookie": cookie}) as socket:
            assert socket.recv(10) == "anna"
    assert ask(rsgi, "/logout", "POST") == "out"
    assert json.loads(ask(wsgi, "/async")) == {"user": None, "n": 1}


def test_requests_to_all_servers_at_once_keep_each_others_changes(servers):
    ask(servers[0], "/sync")
    names = [f"m{number:02}" for number in range(48)]
    with ThreadPoolExecutor(16) as threads:
        answers = threads.map(lambda name: ask(servers[int(name[1:]) % 3], f"/mark/{name}"), names)
        assert set(answers) == {"marked"}
    assert json.loads(ask(servers[1], "/marks")) == names
