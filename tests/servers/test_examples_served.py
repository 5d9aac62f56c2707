"""Every example under every server: the development server, gunicorn, waitress and granian."""

import json
import re
import signal
import subprocess

import processes
import pytest

pytestmark = pytest.mark.slow

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 200_000
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
PARTS = {"Content-Type": "multipart/form-data; boundary=edge"}


@pytest.fixture(params=processes.SERVERS)
def server(request):
    return request.param


def part(filename, content):
    """One file in the body of a form."""
    head = (
        f'--edge\r\nContent-Disposition: form-data; name="picture"; filename="{filename}"\r\n\r\n'
    )
    return head.encode() + content + b"\r\n--edge--\r\n"


def test_hello(server, serve):
    hello = serve(server, "hello")
    assert "Hello, <em>World!</em>" in hello.ask("GET", "/").text
    assert "Hello, <em>Zoë!</em>" in hello.ask("GET", "/Zo%C3%AB").text
    head = hello.ask("HEAD", "/")
    assert (head.status, head.body) == (200, b"")
    assert hello.ask("POST", "/", b"").status == 405
    style = hello.ask("GET", "/static/hello.css")
    assert style.headers["Content-Type"] == "text/css; charset=utf-8"
    again = hello.ask("GET", "/static/hello.css", headers={"If-None-Match": style.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_echo(server, serve):
    echo = serve(server, "echo")
    by_get = echo.ask("GET", "/?words=%C3%A9t%C3%A9+%26+%3Cb%3E")
    assert '<blockquote id="said">été &amp; &lt;b&gt;</blockquote>' in by_get.text
    by_post = echo.ask("POST", "/", b"words=from+the+body&mood=calm", FORM)
    assert '<blockquote id="said">from the body</blockquote>' in by_post.text
    assert "request.form" in by_post.text


def test_login(server, serve):
    login = serve(server, "login")
    assert login.ask("GET", "/").headers["Location"] == "/login"
    assert login.ask("POST", "/login", b"name=ada&password=no", FORM).status == 401
    answer = login.ask("POST", "/login", b"name=ada&password=analytical+engine", FORM)
    assert (answer.status, answer.headers["Location"]) == (302, "/")
    assert '<span id="who">ada</span>' in login.ask("GET", "/").text
    assert login.ask("POST", "/logout", b"", FORM).headers["Location"] == "/login"
    assert "You are signed out." in login.ask("GET", "/login").text
    assert login.ask("GET", "/").status == 302


def test_uploads(server, serve):
    uploads = serve(server, "uploads")
    answer = uploads.ask("POST", "/", part("../a boat.png", PNG), PARTS)
    assert (answer.status, answer.headers["Location"]) == (302, "/")
    assert "a_boat.png is in the box." in uploads.ask("GET", "/").text
    assert uploads.ask("GET", "/pictures/a_boat.png").body == PNG
    refused = uploads.ask("POST", "/", part("notes.txt", b"hello"), PARTS)
    assert refused.status == 400
    assert "Back to the box" in refused.text
    too_large = uploads.ask("POST", "/", part("boat.png", PNG * 11), PARTS)
    assert too_large.status == 413
    assert "2 MiB is the most we take" in too_large.text
    assert uploads.ask("GET", "/pictures/..%2f..%2fapp.py").status == 404


def test_profiles(server, serve):
    profiles = serve(server, "profiles")
    listed = profiles.ask("GET", "/").text
    addresses = re.findall(r'(?:href|src)="(/[^"]*)"', listed)
    assert len(addresses) > 8
    for address in addresses:
        assert profiles.ask("GET", address).status == 200, address
    assert "Inês Duarte" in profiles.ask("GET", "/people/ines").text
    png = profiles.ask("GET", "/static/lighthouse.png")
    assert png.headers["Content-Type"] == "image/png"
    assert png.body == (processes.EXAMPLES / "profiles/static/lighthouse.png").read_bytes()
    assert profiles.ask("GET", "/people/nobody").status == 404


def test_chat_is_kept_over_a_restart(server, serve):
    chat = serve(server, "chat")
    for number in range(52):
        body = json.dumps({"name": "Ada", "message": f"number {number} <b>"})
        assert chat.ask("POST", "/messages", body, JSON).status == 201
    assert chat.ask("POST", "/messages", b'{"name": "Ada", "message": ""}', JSON).status == 400
    chat.stop()
    again = serve(server, "chat")
    kept = json.loads(again.ask("GET", "/messages").body)
    assert [message["text"] for message in kept] == [f"number {n} <b>" for n in range(2, 52)]
    assert json.loads(again.ask("GET", f"/messages?after={kept[-1]['id']}").body) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_it_stops_cleanly(server, serve, how):
    hello = serve(server, "hello")
    assert hello.ask("GET", "/").status == 200
    code = hello.stop(how)
    assert "Traceback" not in hello.said()
    # A shell and a supervisor read either as "stopped because I said so".
    assert code in {0, -how, 128 + how}


@pytest.mark.parametrize("server", ["python app.py", "costrel run"])
def test_a_port_in_use_is_one_clear_line_and_no_traceback(server, serve, tmp_path):
    first = serve(server, "hello")
    second = subprocess.run(
        [part.format(port=first.port) for part in processes.SERVERS[server]],
        cwd=processes.EXAMPLES / "hello",
        env={**processes.os.environ, "PORT": str(first.port)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    said = second.stdout + second.stderr
    assert second.returncode != 0
    assert "Traceback" not in said
    assert len([line for line in said.splitlines() if str(first.port) in line]) == 1
    assert first.ask("GET", "/").status == 200
