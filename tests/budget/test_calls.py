"""How many Python calls and files a request may cost: counted, so that it cannot flake.

The coroutines of ASGI and RSGI are stepped through by hand, without a loop whose own work would be
counted, too.
"""

import gc
import io
import sys
import weakref
from types import SimpleNamespace

import pytest

import costrel
from costrel.serve import make_response

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
PATHS = {
    "hello": ("/", ""),
    "params": ("/users/42/posts/hello-world", "q=abc&page=2"),
    "session": ("/session", ""),
    "visitor": ("/", ""),
    "hooks": ("/", ""),
    "notfound": ("/no/such/page", ""),
}
# What browsers bring along: somebody else's cookies, and an untouched session that ends with them.
COOKIES = {"visitor": "_ga=GA1.1.1; session=eyJuIjoxfQ.aR8f0Q.x; theme=dark"}
# The most calls of a request; ours are a little below (a session's time stamp is written once a
# second, which takes some more). A few more than these, and something that
# every request pays for has been added: either it is worth a higher figure here, or it is not.
BUDGETS = {
    "wsgi": {"hello": 6, "params": 27, "session": 71, "visitor": 14, "hooks": 24, "notfound": 16},
    "asgi": {"hello": 8, "params": 28, "session": 73, "visitor": 16, "hooks": 27, "notfound": 16},
    "rsgi": {"hello": 9, "params": 29, "session": 74, "visitor": 17, "hooks": 28, "notfound": 17},
}
MOST_FILES = {"wsgi": 6, "asgi": 6, "rsgi": 6}


# Signals that other tests made would be announced here.
pytestmark = pytest.mark.usefixtures("nobody_listens", "nobody_watches", "standard_json")


@pytest.fixture
def nobody_watches(monkeypatch):
    """No debugger of another test is told of error pages."""
    monkeypatch.setattr(make_response, "ERROR_PAGE_WATCHERS", [])


def declare(app, paint):
    """Declare the views; `paint` makes each async where the gateway has a loop."""

    @paint
    def hello():
        return "Hello World!"

    @paint
    def params(id, slug):
        args = costrel.request.args
        return costrel.jsonify(id=id, slug=slug, q=args["q"], page=args.get("page", type=int))

    @paint
    def session():
        costrel.session["n"] = costrel.session.get("n", 0) + 1
        return str(costrel.session["n"])

    app.add_url_rule("/", "hello", hello)
    app.add_url_rule("/users/<int:id>/posts/<slug>", "params", params)
    app.add_url_rule("/session", "session", session)


def declare_hooks(app, paint):
    @paint
    def before():
        costrel.g.user = "ada"

    @paint
    def after(response):
        response.headers["X-Hook"] = "1"
        return response

    app.before_request(before)
    app.after_request(after)


def as_async(function):
    async def view(*args, **values):
        return function(*args, **values)

    return view


def make_app(scenario, gateway):
    app = costrel.Flask("budget", static_folder=None)
    app.secret_key = "a key of more than sixteen bytes"
    paint = (lambda function: function) if gateway == "wsgi" else as_async
    declare(app, paint)
    if scenario == "hooks":
        declare_hooks(app, paint)
    return app


class OverWsgi:
    own_calls = 2  # call and start_response

    def prepare(self, path, query, cookie):
        environ = {**ENVIRON, "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": io.BytesIO()}
        return {**environ, "HTTP_COOKIE": cookie} if cookie else environ

    def call(self, app, environ, started):
        app(environ, lambda status, headers, exc_info=None: started.append((status, headers)))

    def answer(self, started):
        status, headers = started[-1]
        return int(status[:3]), dict(headers)


class OverAsgi:
    own_calls = 4  # call, finish, and send for the start and the body

    def prepare(self, path, query, cookie):
        headers = [(b"host", b"127.0.0.1:8000"), (b"accept", b"*/*")]
        if cookie:
            headers.append((b"cookie", cookie.encode()))
        return {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "query_string": query.encode(),
            "headers": headers,
            "http_version": "1.1",
        }

    def call(self, app, scope, started):
        async def send(message):
            started.append(message)

        finish(app(scope, None, send))

    def answer(self, started):
        start = started[-2]
        headers = {
            name.decode().title(): value.decode("latin-1") for name, value in start["headers"]
        }
        return start["status"], headers


class OverRsgi:
    own_calls = 3  # call, finish and response_bytes

    def prepare(self, path, query, cookie):
        headers = {"host": "127.0.0.1:8000", "accept": "*/*"}
        if cookie:
            headers["cookie"] = cookie
        return SimpleNamespace(
            proto="http",
            method="GET",
            scheme="http",
            path=path,
            query_string=query,
            headers=headers,
            http_version="1.1",
            authority=None,
        )

    def call(self, app, scope, started):
        def response_bytes(status, headers, body):
            started.append((status, headers))

        finish(app.__rsgi__(scope, SimpleNamespace(response_bytes=response_bytes)))

    def answer(self, started):
        status, headers = started[-1]
        return status, dict(headers)


GATEWAYS = {"wsgi": OverWsgi(), "asgi": OverAsgi(), "rsgi": OverRsgi()}


def finish(coroutine):
    """Step a coroutine that never waits to its end."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("The request waits for something.")


def without_a_loop(monkeypatch):
    """Let the gateways' watch over long requests do without a running loop."""
    loop = SimpleNamespace(call_later=lambda *args: "a timer")
    monkeypatch.setattr("asyncio.get_running_loop", lambda: loop)


def ask(app, gateway, scenario, cookie=""):
    """Make one request uncounted."""
    driver, started = GATEWAYS[gateway], []
    driver.call(app, driver.prepare(*PATHS[scenario], cookie), started)
    return driver.answer(started)


def count(gateway, scenario):
    """Count the Python calls of one request, and the files of ours they are in."""
    app, driver = make_app(scenario, gateway), GATEWAYS[gateway]
    # Compiles, fills the caches, and gets the session's cookie.
    cookie = ask(app, gateway, scenario)[1].get("Set-Cookie", "").partition(";")[0]
    cookie = COOKIES.get(scenario, cookie)
    ask(app, gateway, scenario, cookie)
    request, started = driver.prepare(*PATHS[scenario], cookie), []
    calls, files = 0, set()

    def note(frame, event, arg):
        nonlocal calls
        if event == "call":
            calls += 1
            if "costrel" in frame.f_code.co_filename and "tests" not in frame.f_code.co_filename:
                files.add(frame.f_code.co_filename)

    gc.disable()
    sys.setprofile(note)
    try:
        driver.call(app, request, started)
    finally:
        sys.setprofile(None)
        gc.enable()
    assert driver.answer(started)[0] == (404 if scenario == "notfound" else 200)
    return calls - driver.own_calls, files


@pytest.mark.parametrize("scenario", PATHS)
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_request_keeps_its_budget_of_calls(gateway, scenario, monkeypatch):
    without_a_loop(monkeypatch)
    calls, _ = count(gateway, scenario)
    assert calls <= BUDGETS[gateway][scenario]


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_hello_walks_through_few_files(gateway, monkeypatch):
    without_a_loop(monkeypatch)
    assert len(count(gateway, "hello")[1]) <= MOST_FILES[gateway]


@pytest.mark.parametrize("scenario", ["hello", "params", "hooks", "notfound"])
def test_a_request_leaves_nothing_to_the_garbage_collector(scenario):
    app, seen = make_app(scenario, "wsgi"), []

    class Seen(costrel.Request):
        def __init__(self, *args):
            super().__init__(*args)
            seen.append(weakref.ref(self))

    app.request_class = Seen
    gc.disable()
    try:
        for _ in range(3):
            ask(app, "wsgi", scenario)
        assert [kept() for kept in seen] == [None] * 3
    finally:
        gc.enable()
