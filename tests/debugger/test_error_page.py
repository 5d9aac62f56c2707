import io

import pytest

from costrel import Flask
from costrel.debugger.error_page import DebuggedApplication


def ask(app, accept="text/html", path="/"):
    """Call an application as a server does; return status, headers, body and its log."""
    log, head = io.StringIO(), []

    def start_response(status, headers, exc_info=None):
        head[:] = [status, dict(headers)]

    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "HTTP_ACCEPT": accept,
        "SERVER_NAME": "x",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.errors": log,
        "wsgi.input": io.BytesIO(),
    }
    body = b"".join(app(environ, start_response)).decode()
    return head[0], head[1], body, log.getvalue()


def failing(message):
    def app(environ, start_response):
        raise ValueError(message)

    return DebuggedApplication(app)


def test_an_error_is_a_page_that_shows_its_kind_text_and_source():
    status, headers, body, log = ask(failing("it <b>broke</b>"))
    assert status == "500 INTERNAL SERVER ERROR"
    assert "ValueError" in body
    assert "it &lt;b&gt;broke&lt;/b&gt;" in body
    assert "<b>broke" not in body
    assert "raise ValueError(message)" in body
    assert int(headers["Content-Length"]) == len(body.encode())
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Traceback" in log


def test_who_wants_no_html_gets_text():
    _, headers, body, _ = ask(failing("plainly"), accept="*/*")
    assert headers["Content-Type"].startswith("text/plain")
    assert body.startswith("Traceback (most recent call last):\n")
    assert body.endswith("ValueError: plainly\n")


def test_control_characters_do_not_reach_the_log():
    log = ask(failing("\x1b[31mred\x07"))[3]
    assert "\x1b" not in log
    assert "\\x1b[31mred\\x07" in log


def test_an_answer_that_succeeds_is_passed_on_and_closed():
    class Body(list):
        closed = False

        def close(self):
            Body.closed = True

    def app(environ, start_response):
        start_response("200 OK", [])
        return Body([b"a", b"b"])

    assert ask(DebuggedApplication(app))[2] == "ab"
    assert Body.closed


def test_a_body_that_fails_before_it_began_is_shown_and_closed():
    closed = []

    class Body:
        def __iter__(self):
            raise KeyError("late")

        def close(self):
            closed.append(True)

    def app(environ, start_response):
        start_response("200 OK", [])
        return Body()

    status, _, body, _ = ask(DebuggedApplication(app))
    assert status.startswith("500")
    assert "late" in body
    assert closed == [True]


def test_an_answer_under_way_is_cut_off_by_the_server():
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"begun"
        raise ValueError("later")

    def start_response(status, headers, exc_info=None):
        if exc_info:
            raise exc_info[1]

    log = io.StringIO()
    body = DebuggedApplication(app)({"wsgi.errors": log}, start_response)
    assert next(body) == b"begun"
    with pytest.raises(ValueError, match="later"):
        next(body)
    assert "later" in log.getvalue()


def test_the_error_of_a_view_is_shown_in_debug_mode():
    app = Flask("shown")
    app.debug = True

    @app.get("/")
    def view():
        return {}["gone"]

    body = ask(DebuggedApplication(app))[2]
    assert "KeyError" in body
    assert "return {}[&#34;gone&#34;]" in body
    assert 'class="own" open' in body


def test_no_request_reaches_code_to_run():
    body = ask(failing("x"), path="/console")[2]
    assert "<script" not in body
    assert "<form" not in body
    assert DebuggedApplication(Flask("named")).name == "named"
