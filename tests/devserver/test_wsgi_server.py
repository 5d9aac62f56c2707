import http.client
import os
import socket
import ssl
import threading

import pytest

from costrel.devserver.listen import PortTaken
from costrel.devserver.wsgi_server import (
    BaseWSGIServer,
    ThreadedWSGIServer,
    get_sockaddr,
    make_server,
    select_address_family,
)

needs_unix = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs Unix sockets")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def app(environ, start_response):
    text = f"{environ['wsgi.url_scheme']} {environ['REMOTE_ADDR']}".encode()
    start_response("200 OK", [("Content-Length", str(len(text)))])
    return [text]


@pytest.fixture
def serve(request):
    def serve(*args, **kwargs):
        server = make_server(*args, **kwargs)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        request.addfinalizer(lambda: (server.shutdown(), thread.join(5)))
        return server

    return serve


def get(connection):
    connection.request("GET", "/")
    body = connection.getresponse().read()
    connection.close()
    return body


def test_a_port_may_be_told_as_text():
    server = make_server("127.0.0.1", "0", app)
    server.server_close()
    assert server.port == server.server_address[1] > 0


def test_each_option_has_its_kind_of_server():
    kinds = {}
    for name, options in {"plain": {}, "threads": {"threaded": True}}.items():
        server = make_server("127.0.0.1", 0, app, **options)
        kinds[name] = type(server)
        server.server_close()
    assert kinds == {"plain": BaseWSGIServer, "threads": ThreadedWSGIServer}


@needs_fork
def test_processes_make_a_server_that_forks():
    server = make_server("127.0.0.1", 0, app, processes=3)
    server.server_close()
    assert (server.multiprocess, server.multithread, server.max_children) == (True, False, 3)


def test_threads_and_processes_exclude_each_other():
    with pytest.raises(ValueError, match="not both"):
        make_server("127.0.0.1", 0, app, threaded=True, processes=2)


def test_processes_need_a_system_that_forks(monkeypatch):
    monkeypatch.setattr("costrel.devserver.wsgi_server.can_fork", False)
    with pytest.raises(ValueError, match="cannot fork"):
        make_server("127.0.0.1", 0, app, processes=2)


def test_the_port_that_was_chosen_is_told(serve):
    server = serve("127.0.0.1", 0, app, threaded=True)
    assert server.port == server.server_port == server.server_address[1] > 0
    assert server.host == "127.0.0.1"
    assert get(http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)) == b"http 127.0.0.1"


def test_a_taken_port_is_an_error_that_a_program_can_catch():
    with socket.create_server(("127.0.0.1", 0)) as holder, pytest.raises(PortTaken):
        make_server("127.0.0.1", holder.getsockname()[1], app)


def test_a_socket_that_listens_already_is_taken_over(serve):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        server = serve("127.0.0.1", 0, app, fd=holder.fileno())
        assert server.port == holder.getsockname()[1]
        assert get(http.client.HTTPConnection("127.0.0.1", server.port, timeout=5))


def test_https_is_served(serve):
    pytest.importorskip("cryptography")
    server = serve("127.0.0.1", 0, app, threaded=True, ssl_context="adhoc")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=5, context=context)
    assert get(connection) == b"https 127.0.0.1"


def test_plain_http_sent_to_https_disturbs_nobody(serve, caplog):
    pytest.importorskip("cryptography")
    server = serve("127.0.0.1", 0, app, threaded=True, ssl_context="adhoc")
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while connection.recv(100):
            pass
    assert "Traceback" not in caplog.text


@needs_unix
def test_a_unix_socket_is_served(serve, tmp_path):
    path = str(tmp_path / "s")
    serve(f"unix://{path}", 0, app, threaded=True)
    connection = http.client.HTTPConnection("localhost", timeout=5)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(path)
    assert get(connection) == b"http unix"


def test_the_place_is_logged(caplog):
    caplog.set_level("INFO", "werkzeug")
    server = make_server("127.0.0.1", 0, app)
    server.log_startup()
    server.server_close()
    assert f"http://127.0.0.1:{server.port}" in caplog.text


def test_errors_pass_through_where_that_is_wanted(caplog):
    server = make_server("127.0.0.1", 0, app, passthrough_errors=True)
    quiet = make_server("127.0.0.1", 0, app)
    try:
        raise KeyError("k")
    except KeyError:
        with pytest.raises(KeyError):
            server.handle_error(None, None)
        quiet.handle_error(None, None)
    server.server_close()
    quiet.server_close()
    assert "KeyError" in caplog.text


@needs_unix
def test_a_host_has_a_family_and_an_address():
    assert select_address_family("127.0.0.1", 1) == socket.AF_INET
    assert select_address_family("::1", 1) == socket.AF_INET6
    assert select_address_family("unix:///s", 1) == socket.AF_UNIX
    assert get_sockaddr("127.0.0.1", 80, socket.AF_INET) == ("127.0.0.1", 80)
    assert get_sockaddr("unix:///a/../s", 80, socket.AF_UNIX) == "/s"


def test_an_unknown_host_is_left_to_who_binds_it(monkeypatch):
    def unknown(*args):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert get_sockaddr("nowhere.test", 80, socket.AF_INET) == ("nowhere.test", 80)
