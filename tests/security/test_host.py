"""H and B4: the Host header."""

from urllib.parse import urlsplit

import pytest

from costrel import Flask, redirect, request, url_for

MALFORMED = [
    *("a b", " ", "\t", "a\tb", "a\r\nX: y", "a\nb", "a\0b", "\x7f", "a\xff", "\xc3\xa9.example"),
    *("évil.example", "a/b", "/", "//evil.example", "evil.example/path", "a\\b", "a?b", "a#b"),
    *("user@evil.example", "@evil.example", "<b>", '"', "'", "a,b", "localhost, evil.example"),
    *("a;b", "a%2eb", "%00", "*", "..", ".", "a..b", ".a", "[::1", "::1", "[::1]x", "[v1.x]", "[]"),
    *("[::g]", "[1:2]", "a:", "a:x", "a:-1", "a:0", "a:65536", "a:99999999", "a:1_0", "a:+1"),
    *("a: 80", "a:80 ", "a:\u0661", "a:80:80", ":80", "http://a", "x" * 64, "a." * 200 + "b"),
    *("xn--" + "é", "\u2025", "ａ.example", "a_b"),
]


@pytest.fixture
def app():
    app = Flask(__name__)

    @app.get("/read")
    def read():
        return [request.url, request.host, request.base_url, url_for("read", _external=True)]

    app.get("/branch/", endpoint="branch")(lambda: "branch")
    app.get("/go", endpoint="go")(lambda: redirect(request.url))
    app.get("/path", endpoint="path")(lambda: request.path)
    return app


@pytest.mark.parametrize("host", MALFORMED)
def test_h1_a_malformed_host_is_in_no_url_and_no_redirect(app, send, host):
    assert len(MALFORMED) >= 39
    answer = send(app, target="/read", headers={"Host": host})
    if answer.status == 200:
        for url in (answer.json[0], answer.json[2]):
            assert url.startswith("http:///read")
        assert answer.json[1] == ""
        assert answer.json[3] == "/read"
    else:
        assert answer.status == 400
    for target in ("/branch", "/go"):
        answer = send(app, target=target, headers={"Host": host})
        assert answer.status in {302, 308, 400}
        assert urlsplit(answer.header("Location", "")).netloc == ""
        assert "evil" not in answer.header("Location", "")
        assert b"<b>" not in answer.body


@pytest.mark.parametrize(
    "host", ["xn--a", "xn--a.example", "xn--80ak6aa92e.com", "xn--" + "a" * 59]
)
def test_b4_a_host_that_idna_cannot_read_stays_ascii(app, send, host):
    answer = send(app, target="/read", headers={"Host": host})
    assert answer.status in {200, 400}
    if answer.status == 200:
        assert answer.json[1] == host
        assert answer.json[3] == f"http://{host}/read"
    assert send(app, target="/branch", headers={"Host": host}).status in {308, 400}


@pytest.mark.parametrize(
    "host", [*MALFORMED[:40:4], "evil.example/x?y#", "localhost", "[::1]:8080", ""]
)
def test_h2_the_path_never_depends_on_the_host(app, send, host):
    answer = send(app, target="/path", headers={"Host": host})
    assert answer.status == 400 or answer.text == "/path"


@pytest.mark.parametrize(
    "host", ["[::1", "a:99999999", "a:-1", "a:\u0661", "a:\uff11", "a:" + "9" * 5000, "a:\xb2"]
)
def test_h3_ports_and_addresses_are_checked(app, send, host):
    answer = send(app, target="/read", headers={"Host": host})
    assert answer.status == 400 or answer.json[1] == ""


def test_h3_long_hosts_take_linear_time(grows_linearly, app, send):
    for make in (
        lambda n: "a." * (n // 2),
        lambda n: "[" + ":" * n,
        lambda n: "[" * n,
        lambda n: "-" * n,
        lambda n: "a:" + "9" * n,
        lambda n: "xn--" + "a" * n,
        lambda n: "\xc3\xa9" * (n // 2),
    ):
        grows_linearly(lambda host: send(app, target="/read", headers={"Host": host}), make, 16_000)


def test_h4_two_hosts_are_refused_or_none(app, send):
    answer = send(app, target="/read", headers={"Host": "localhost,evil.example"})
    assert answer.status == 400 or answer.json[1] == ""


def test_h4_without_a_host_the_server_tells_it(app, send):
    answer = send(app, target="/read", HTTP_HOST=None, SERVER_NAME="own.example", SERVER_PORT="80")
    assert answer.json[1] == "own.example"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "evillocalhost", "localhost@evil.example", "",
     "localhost:80@evil.example", "localhost/evil", "evil.example#localhost", "[::1]",
     " localhost"],
)  # fmt: skip
def test_h5_a_host_that_is_not_trusted_is_refused_before_any_handler(app, send, host):
    ran = []
    app.config["TRUSTED_HOSTS"] = ["localhost", ".example.org"]
    app.before_request(lambda: ran.append(request.endpoint) if request.endpoint else None)
    for target in ("/read", "/branch", "/branch/", "/missing", "/static/x"):
        assert send(app, target=target, headers={"Host": host}).status == 400
    assert ran == []


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "example.org", "a.example.org"])
def test_h5_a_trusted_host_is_answered(app, send, host):
    app.config["TRUSTED_HOSTS"] = ["localhost", ".example.org"]
    assert send(app, target="/read", headers={"Host": host}).status == 200
