import asyncio

import pytest

from costrel import Flask, request
from costrel.cli.around_served import AroundServed


@pytest.fixture
def app():
    app = Flask("app")

    @app.route("/")
    def index():
        return f"{request.remote_addr} {request.url}"

    return app


def over_wsgi(app, path="/", **environ):
    status = []
    given = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SERVER_NAME": "inner",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "10.0.0.9",
        "wsgi.url_scheme": "http",
        **environ,
    }
    body = b"".join(app(given, lambda *told: status.append(told[0])))
    return status[0], body.decode()


def over_asgi(app, path="/", kind="http", **headers):
    sent = []
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": kind,
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
        "headers": [(b"host", b"inner"), *pairs],
        "client": ("10.0.0.9", 1),
        "server": ("inner", 80),
    }

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return str(sent[0]["status"]), b"".join(part["body"] for part in sent[1:]).decode()


FORWARDED = {
    "for": "6.6.6.6, 192.0.2.7",
    "proto": "https",
    "host": "outer.test",
    "prefix": "/shop",
}


def test_both_protocols_see_the_client_as_the_trusted_proxy_did(app):
    around = AroundServed(app, proxies=1)
    environ = {f"HTTP_X_FORWARDED_{key.upper()}": value for key, value in FORWARDED.items()}
    headers = {f"x_forwarded_{key}": value for key, value in FORWARDED.items()}
    expected = "192.0.2.7 https://outer.test/shop/"
    assert over_wsgi(around, **environ) == ("200 OK", expected)
    assert over_asgi(around, **headers) == ("200", expected)


def test_without_proxies_the_headers_are_anybodys(app):
    around = AroundServed(app, health="/hz")
    assert over_wsgi(around, HTTP_X_FORWARDED_FOR="1.1.1.1")[1] == "10.0.0.9 http://inner/"
    assert over_asgi(around, x_forwarded_for="1.1.1.1")[1] == "10.0.0.9 http://inner/"


def test_a_websocket_keeps_a_scheme_of_its_own():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["scheme"])
        await send({"status": 0})

    around = AroundServed(app, proxies=1)
    over_asgi(around, kind="websocket", x_forwarded_proto="https")
    assert seen == ["wss"]


class Protocol:
    def response_bytes(self, *told):
        self.told = told


class Scope:
    proto = "http"
    path = "/hz"


def test_health_is_told_over_every_protocol_and_no_other_path_is(app):
    around = AroundServed(app, health="/hz")
    assert over_wsgi(around, "/hz") == ("200 OK", "ok\n")
    assert over_asgi(around, "/hz") == ("200", "ok\n")
    assert over_asgi(around, "/hz/x")[0] == "404"
    protocol = Protocol()
    asyncio.run(around.__rsgi__(Scope, protocol))
    assert protocol.told[0::2] == (200, b"ok\n")


def test_the_apps_life_is_passed_on():
    seen = []

    class Inner:
        def __getattr__(self, name):
            return lambda *given: seen.append(name)

        def __rsgi__(self, *given):
            seen.append("rsgi")

        def __rsgi_init__(self, loop):
            seen.append("init")

        def __rsgi_del__(self, loop):
            seen.append("del")

    around = AroundServed(Inner())
    around.__rsgi_init__(None)
    around.__rsgi__(Scope, None)
    around.__rsgi_del__(None)
    assert seen == ["init", "rsgi", "del"]
