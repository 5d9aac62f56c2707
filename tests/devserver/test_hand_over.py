"""A WebSocket's connection, handed to a WSGI application that speaks the protocol itself."""

import socket
import ssl
import threading

import pytest

from costrel import Flask, request
from costrel.debugger.debugged_app import wrap_for_development
from costrel.devserver.certificates import generate_adhoc_ssl_context
from costrel.devserver.hand_over import HandOver
from costrel.devserver.stand_in import LIVE
from costrel.devserver.uvicorn_server import QuietServer, serve

HANDSHAKE = (
    b"GET /ws?a=b HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def take(environ):
    """Speak a protocol of our own: what comes is sent back with the query string."""
    connection = environ["werkzeug.socket"]
    assert connection.gettimeout() is None
    connection.sendall(b"taken ")
    connection.sendall(connection.recv(100) + environ["QUERY_STRING"].encode())


def plain(environ, start_response):
    take(environ)
    start_response("200 OK", [])
    return []


def made(*, middleware):
    app = Flask("taking", static_folder=None)
    app.add_url_rule("/ws", "ws", lambda: take(request.environ) or "", websocket=True)
    if middleware:
        app.wsgi_app = plain
    return app


def connect(address, context):
    connection = socket.create_connection(address, timeout=10)
    if context is None:
        return connection
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    return trusting.wrap_socket(connection)


@pytest.fixture
def ask(monkeypatch):
    """Serve an application, and send it a handshake and three bytes."""
    servers, threads = [], []
    keep = QuietServer.__init__
    monkeypatch.setattr(
        QuietServer, "__init__", lambda self, config: servers.append(self) or keep(self, config)
    )

    def ask(app, context=None):
        bound = socket.create_server(("127.0.0.1", 0))
        threads.append(threading.Thread(target=serve, args=(app, [bound], context)))
        threads[0].start()
        with connect(bound.getsockname(), context) as client:
            client.sendall(HANDSHAKE)
            told = client.recv(6)
            client.sendall(b"one")
            while chunk := client.recv(1000):
                told += chunk
        return told

    yield ask
    for server in servers:
        server.should_exit = True
    for thread in threads:
        thread.join(10)


@pytest.mark.parametrize(
    "make",
    [
        lambda: plain,
        lambda: made(middleware=False),
        lambda: made(middleware=True),
        lambda: wrap_for_development(made(middleware=False)),
    ],
)
def test_the_application_gets_the_connection_of_a_handshake(ask, make):
    assert ask(make()).startswith(b"taken onea=bHTTP/1.1 200 OK\r\n")


def test_an_app_with_handlers_of_its_own_or_mounts_is_left_to_the_asgi_server():
    app = Flask("handling", static_folder=None)
    hand_over = HandOver(app, None)
    assert hand_over.wants("/ws")
    assert not hand_over.wants(LIVE)
    app.mount("/other", made(middleware=False))
    assert not hand_over.wants("/ws")
    app.mounts.clear()
    app.websocket("/ws")(lambda: None)
    assert not hand_over.wants("/ws")


def test_what_tls_is_around_is_not_handed_over(ask):
    told = ask(made(middleware=False), generate_adhoc_ssl_context())
    assert told.startswith(b"HTTP/1.1 ")
    assert b"taken" not in told
