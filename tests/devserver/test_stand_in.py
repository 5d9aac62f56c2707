import http.client
import json
import socket
import threading
import time
from contextlib import suppress

import pytest

from costrel.devserver import stand_in
from costrel.devserver.certificates import generate_adhoc_ssl_context
from costrel.devserver.stand_in import LIVE, StandIn


class Failure:
    id = "failed-1"

    def answer(self, method, path, headers, live):
        return f"{method} {path} {headers.get('x-own')} {live}", {"X-Kind": "page"}


@pytest.fixture
def stand(monkeypatch):
    monkeypatch.setattr(stand_in, "NOTICE", 0.01)
    opened = []

    def stand(ssl_context=None):
        bound = socket.create_server(("127.0.0.1", 0))
        opened.append((StandIn([bound], Failure(), ssl_context), bound))
        return opened[-1][0], bound.getsockname()[1]

    yield stand
    for server, bound in opened:
        if not server.stopped.is_set():
            server.stop()
        bound.close()


def ask(port, path="/", method="GET", body=None, context=None, **headers):
    if context is None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    else:
        client = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    client.request(method, path, body, headers)
    answer = client.getresponse()
    text = answer.read().decode()
    client.close()
    return answer, text


def test_every_request_gets_the_page(stand):
    _, port = stand()
    answer, text = ask(port, "/a?b", "POST", b"x" * 300_000, **{"X-Own": "1"})
    assert (answer.status, text) == (500, f"POST /a?b 1 {LIVE}")
    assert answer.headers["X-Kind"] == "page"
    assert answer.headers["Connection"] == "close"
    answer, text = ask(port, method="HEAD")
    assert (answer.status, text) == (500, "")


@pytest.mark.parametrize("headers", [{"Host": "evil.test"}, {"X-Forwarded-For": "192.0.2.1"}])
def test_who_is_elsewhere_learns_nothing(stand, headers):
    _, port = stand()
    answer, text = ask(port, **headers)
    assert answer.status == 500
    assert "in the terminal" in text


def test_a_page_is_told_when_the_next_start_begins(stand):
    server, port = stand()
    assert json.loads(ask(port, LIVE)[1]) == {"start": "failed-1"}
    told = []
    asking = threading.Thread(target=lambda: told.append(ask(port, f"{LIVE}?failed-1")[1]))
    asking.start()
    time.sleep(0.2)
    assert told == []
    server.stop()
    asking.join(5)
    assert json.loads(told[0]) == {"start": "next"}


def test_after_its_end_connections_wait_for_the_program(stand):
    server, port = stand()
    server.stop()
    with socket.create_connection(("127.0.0.1", port), timeout=0.2) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with pytest.raises(TimeoutError):
            client.recv(10)


@pytest.mark.parametrize("raw", [b"", b"nonsense\r\n\r\n", b"x" * 70_000, b"GET /\r\n\r\n"])
def test_what_is_no_request_ends_its_connection_only(stand, raw):
    _, port = stand()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(raw)
        # A server that refuses may have closed by now.
        with suppress(OSError):
            client.shutdown(socket.SHUT_WR)
        try:
            assert client.recv(10) == b""
        except ConnectionResetError:
            pass
    assert ask(port)[0].status == 500


def test_it_speaks_https_where_the_program_does(stand):
    pytest.importorskip("cryptography")
    import ssl

    _, port = stand(generate_adhoc_ssl_context())
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    assert ask(port, context=context)[0].status == 500
