"""A real server of the standard library stands behind the proxy, on 127.0.0.1."""

import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from costrel.extras.http_proxy import ProxyMiddleware


class Mirror(BaseHTTPRequestHandler):
    """Tells what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        length = self.headers.get("Content-Length")
        body = self.rfile.read(int(length)) if length else b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size + 2)[:-2]
            self.rfile.readline()
        told = {"path": self.path, "headers": dict(self.headers), "body": body.decode()}
        answer = json.dumps(told).encode()
        self.send_response(200, "Fine")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Keep-Alive", "timeout=5")
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def target():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def front(environ, start_response):
    start_response("200 OK", [])
    return [b"front"]


def call(app, path, body=b"", **changes):
    started = []
    environ = {
        "REQUEST_METHOD": "POST" if body else "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": "",
        "SERVER_NAME": "client-side",
        "SERVER_PORT": "80",
        "HTTP_HOST": "client-side",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
    } | changes
    chunks = app(environ, lambda status, headers, *rest: started.append((status, headers)))
    return (*started[0], b"".join(chunks))


def told(app, path, body=b"", **changes):
    return json.loads(call(app, path, body, **changes)[2])


def test_other_paths_are_the_apps(target):
    app = ProxyMiddleware(front, {"/api": {"target": target}})
    assert call(app, "/apix")[2] == b"front"
    assert call(app, "/")[2] == b"front"


def test_a_request_is_passed_on_with_path_and_query(target):
    app = ProxyMiddleware(front, {"/api": {"target": target}})
    status, headers, body = call(app, "/api/x", QUERY_STRING="a=1&b=2")
    assert status == "200 Fine"
    assert "keep-alive" not in {name.lower() for name, _ in headers}
    assert json.loads(body)["path"] == "/api/x?a=1&b=2"


@pytest.mark.parametrize(
    ("path", "asked"),
    [("/api/$", "/api/$"), ("/api/ä b", "/api/%C3%A4%20b"), ("/api/a%b?", "/api/a%25b%3F")],
)
def test_a_path_is_quoted_as_little_as_needed(target, path, asked):
    app = ProxyMiddleware(front, {"/api": {"target": target}})
    # A percent sign in a WSGI path is one that was quoted; here it is left as it stands.
    assert told(app, path)["path"] == asked.replace("%25", "%")


@pytest.mark.parametrize(("prefix", "asked"), [("", "/x"), ("/below", "/below/x")])
def test_a_prefix_can_be_removed(target, prefix, asked):
    app = ProxyMiddleware(front, {"api": {"target": target + prefix, "remove_prefix": True}})
    assert told(app, "/api/x")["path"] == asked


@pytest.mark.parametrize(
    ("options", "host"),
    [({}, "127.0.0.1"), ({"host": None}, "client-side"), ({"host": "mine"}, "mine")],
)
def test_the_host_is_the_targets_the_clients_or_a_given_one(target, options, host):
    app = ProxyMiddleware(front, {"/api": {"target": target, **options}})
    assert told(app, "/api/x")["headers"]["Host"] == host


def test_headers_pass_but_for_those_of_the_connection(target):
    app = ProxyMiddleware(front, {"/api": {"target": target, "headers": {"X-Mine": "1"}}})
    headers = told(app, "/api/x", HTTP_X_THEIRS="2", HTTP_X_MINE="0", HTTP_UPGRADE="h2c")["headers"]
    assert (headers["X-Theirs"], headers["X-Mine"]) == ("2", "1")
    assert headers["Connection"] == "close"
    assert "Upgrade" not in headers


def test_a_body_is_passed_on(target):
    app = ProxyMiddleware(front, {"/api": {"target": target}}, chunk_size=3)
    assert told(app, "/api/x", b"0123456789", CONTENT_LENGTH="10")["body"] == "0123456789"


def test_a_body_of_unknown_length_is_passed_on_in_chunks(target):
    app = ProxyMiddleware(front, {"/api": {"target": target}}, chunk_size=4)
    answer = told(app, "/api/x", b"0123456789", **{"wsgi.input_terminated": True})
    assert answer["body"] == "0123456789"
    assert answer["headers"]["Transfer-Encoding"] == "chunked"


def test_a_target_that_does_not_answer_is_a_bad_gateway():
    app = ProxyMiddleware(front, {"/api": {"target": "http://127.0.0.1:1"}}, timeout=2)
    assert call(app, "/api/x")[0].startswith("502")


def test_an_unknown_scheme_says_what_to_use():
    app = ProxyMiddleware(front, {"/api": {"target": "ftp://127.0.0.1/"}})
    with pytest.raises(RuntimeError, match="Use http or https"):
        call(app, "/api/x")


def test_https_targets_get_their_context():
    app = ProxyMiddleware(front, {"/api": {"target": "https://127.0.0.1:1"}}, timeout=2)
    assert call(app, "/api/x")[0].startswith("502")
