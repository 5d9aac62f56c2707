"""How many Python calls and files a request may cost: counted, so that it cannot flake."""

import io
import sys

import pytest

import costrel
from costrel.parts.signals import LIVE

ENVIRON = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "PATH_INFO": "/",
    "QUERY_STRING": "",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "127.0.0.1:8000",
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
}


@pytest.fixture(autouse=True)
def nobody_listens():
    """Signals that other tests made would be announced here."""
    kept = dict(LIVE)
    LIVE.clear()
    yield
    LIVE.update(kept)


def make_app():
    app = costrel.Flask("budget", static_folder=None)
    app.secret_key = "a key of more than sixteen bytes"

    @app.route("/")
    def hello():
        return "Hello World!"

    @app.route("/users/<int:id>/posts/<slug>")
    def params(id, slug):
        args = costrel.request.args
        return costrel.jsonify(id=id, slug=slug, q=args["q"], page=args.get("page", type=int))

    @app.route("/session")
    def session():
        costrel.session["n"] = costrel.session.get("n", 0) + 1
        return str(costrel.session["n"])

    return app


def make_hooked_app():
    app = make_app()

    @app.before_request
    def before():
        costrel.g.user = "ada"

    @app.after_request
    def after(response):
        response.headers["X-Hook"] = "1"
        return response

    return app


def count(app, **changes):
    """Count the Python calls of one request, and the files of ours they are in."""
    start = []

    def call(environ):
        body = app(environ, lambda status, headers, exc_info=None: start.append(status))
        return b"".join(body)

    call(fresh(changes))  # compiles and fills the caches
    calls, files, environ = 0, set(), fresh(changes)

    def note(frame, event, arg):
        nonlocal calls
        if event == "call":
            calls += 1
            if "costrel" in frame.f_code.co_filename and "tests" not in frame.f_code.co_filename:
                files.add(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        call(environ)
    finally:
        sys.setprofile(None)
    assert start[-1].startswith("200")
    # The driver's own: `call` and `start_response`.
    return calls - 2, files


def fresh(changes):
    return {**ENVIRON, "wsgi.input": io.BytesIO(), **changes}


def test_hello_takes_at_most_14_calls_in_10_files():
    calls, files = count(make_app())
    assert calls <= 14
    assert len(files) <= 10


def test_hooks_take_at_most_30_calls():
    assert count(make_hooked_app())[0] <= 30


def test_params_take_at_most_45_calls():
    path = {"PATH_INFO": "/users/42/posts/hello-world", "QUERY_STRING": "q=abc&page=2"}
    assert count(make_app(), **path)[0] <= 45
