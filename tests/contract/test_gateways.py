"""The same requests through WSGI, ASGI and RSGI, to sync and async views: the same answers."""

import importlib.util
from pathlib import Path

import pytest
from every_view import make_app
from gateways import GATEWAYS, Ask, ask_wsgi

from costrel import Flask, Request, request
from costrel.parts.sessions import SecureCookieSession, SecureCookieSessionInterface

COLOURS = ["sync", "async", "mixed", "inline"]
FORM = ("Content-Type", "application/x-www-form-urlencoded")
MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="n.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\n" + b"y" * 70_000 + b"\r\n--x--\r\n"
)
JSON = ("Content-Type", "application/json")

ASKS = {
    "hello": Ask(),
    "head": Ask("HEAD"),
    "options": Ask("OPTIONS"),
    "wrong method": Ask("DELETE"),
    "unknown method": Ask("PURGE"),
    "missing": Ask(target="/nothing/at/all"),
    "json": Ask(target="/json"),
    "values": Ask(target="/items/7/a/b%20c%C3%A9?x=1&x=2&y=%C3%A9"),
    "a bad value": Ask(target="/items/seven/a"),
    "raw query": Ask(target="/items/7/a?x=%ff&y"),
    "slash": Ask(target="/branch?x=1"),
    "slashes": Ask(target="//branch//"),
    "urls": Ask(target="/urls?a=b%20c"),
    "headers": Ask(
        target="/headers?q",
        headers=[
            ("Accept", "text/html;q=0.5, application/json"),
            ("X-Many", "one"),
            ("X-Latin", "\xe9"),
            ("User-Agent", "contract/1"),
            ("X_Under", "score"),
        ],
    ),
    "cookies": Ask(target="/cookies", headers=[("Cookie", "a=1; b=%C3%A9")]),
    "cookies apart": Ask(target="/cookies", headers=[("Cookie", "a=1"), ("Cookie", "b=2")]),
    "form": Ask("POST", "/form", [FORM], b"a=1&a=2&b=%C3%A9"),
    "empty form": Ask("POST", "/form", [FORM]),
    "upload": Ask(
        "POST", "/form", [("Content-Type", "multipart/form-data; boundary=x")], MULTIPART
    ),
    "broken upload": Ask(
        "POST", "/form", [("Content-Type", "multipart/form-data; boundary=x")], b"--x\r\nA"
    ),
    "data": Ask("POST", "/data", [], b"\x00\xff" * 500),
    "chunked": Ask("PUT", "/data", [], [b"one ", b"two ", b"three"]),
    "json body": Ask("POST", "/take-json", [JSON], b'{"a": [1, 2]}'),
    "broken json": Ask("POST", "/take-json", [JSON], b"{"),
    "no json": Ask("POST", "/take-json", [], b"{}"),
    "length": Ask("POST", "/length", [], b"12345"),
    "too long": Ask("POST", "/data", [], b"x" * 100_001),
    "too long, chunked": Ask("POST", "/data", [], [b"x" * 60_000, b"x" * 60_000]),
    "too long, unread": Ask("POST", "/unread", [], b"x" * 100_001),
    "status": Ask(target="/status"),
    "no content": Ask(target="/empty"),
    "bytes": Ask(target="/bytes"),
    "redirect": Ask(target="/redirect"),
    "400": Ask(target="/abort/400"),
    "404": Ask(target="/abort/404"),
    "429": Ask(target="/abort/429"),
    "503": Ask(target="/abort/503"),
    "a response as error": Ask(target="/abort-response"),
    "boom": Ask(target="/boom"),
    "handled": Ask(target="/lookup"),
    "nothing returned": Ask(target="/none"),
    "template": Ask(target="/template"),
    "file": Ask(target="/file"),
    "head of a file": Ask("HEAD", "/file"),
    "range": Ask(target="/file", headers=[("Range", "bytes=10-19")]),
    "bad range": Ask(target="/file", headers=[("Range", "bytes=5000-")]),
    "not modified": Ask(target="/etag", headers=[("If-None-Match", '"abc"')]),
    "after this request": Ask(target="/after-this"),
    "stream": Ask(target="/stream"),
    "head of a stream": Ask("HEAD", "/stream"),
    "stream as response": Ask(target="/stream-response"),
    "stream with context": Ask(target="/stream-with-context"),
    "events": Ask(target="/events"),
    "sse": Ask(target="/sse", headers=[("Last-Event-ID", "42")]),
    "live body, sync": Ask("POST", "/live-sync", [], b"x" * 5000),
    "live body, async": Ask("POST", "/live-async", [], [b"x" * 5000, b"y" * 500]),
    "no live body": Ask("POST", "/live-async"),
    "live body too long": Ask("POST", "/live-async", [], b"x" * 100_001),
    "live body too long, chunked": Ask("POST", "/live-sync", [], [b"x" * 60_000, b"x" * 60_000]),
    "stopped": Ask(target="/json?stop=1"),
    "seen": Ask(target="/?seen=yes"),
}


@pytest.fixture(scope="module")
def apps():
    return {colour: make_app(colour) for colour in COLOURS}


@pytest.fixture(scope="module")
def expected(apps):
    """What a sync view answers under WSGI, which other tests compare with Flask's answers."""
    return {name: ask_wsgi(apps["sync"], ask) for name, ask in ASKS.items()}


@pytest.mark.parametrize("name", ASKS)
@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_each_gateway_and_each_colour_answers_the_same(apps, expected, gateway, colour, name):
    app = apps[colour]
    app.torn_down.clear()
    ask = ASKS[name]
    assert GATEWAYS[gateway](app, ask) == expected[name]
    assert len(app.torn_down) == 1


def lanes():
    """How each lane is forced, as the conftest of all tests knows it."""
    place = Path(__file__).parents[1] / "conftest.py"
    spec = importlib.util.spec_from_file_location("conftest_of_all", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FORCED


@pytest.mark.parametrize("lane", lanes())
@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_each_lane_answers_the_same(monkeypatch, expected, gateway, colour, lane):
    for place, stand_in in lanes()[lane].items():
        monkeypatch.setattr(place, stand_in)
    app = make_app(colour)
    for name, ask in ASKS.items():
        assert (name, GATEWAYS[gateway](app, ask)) == (name, expected[name])
    assert len(app.torn_down) == len(ASKS)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_session_goes_on(apps, gateway, colour):
    cookie = []
    for number in (1, 2, 3):
        answer = GATEWAYS[gateway](apps[colour], Ask(target="/session", headers=cookie))
        headers = dict(answer.headers)
        assert answer.body == b'[%d,["hi"]]\n' % number
        assert headers["vary"] == "Cookie"
        cookie = [("Cookie", headers["set-cookie"].partition(";")[0])]


UNTOUCHED = ["/", "/json", "/abort/404", "/boom", "/nothing/at/all", "/bytes", "/none"]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_permanent_session_that_nobody_touches_is_refreshed(apps, gateway, colour):
    app, ask = apps[colour], GATEWAYS[gateway]
    interface, session = app.session_interface, SecureCookieSession({"_permanent": True})
    session.modified = True
    response = app.response_class()
    interface.save_session(app, session, response)
    cookie = response.headers["Set-Cookie"].partition(";")[0]
    for target in UNTOUCHED:
        headers = dict(ask(app, Ask(target=target, headers=[("Cookie", f"a=1; {cookie}")])).headers)
        assert (target, headers["set-cookie"][:8]) == (target, "session=")
        assert headers["vary"] == "Cookie"
        headers = dict(ask(app, Ask(target=target, headers=[("Cookie", "a=1")])).headers)
        assert (target, headers.get("set-cookie"), headers.get("vary")) == (target, None, None)


def test_the_reference_is_what_it_should_be(expected):
    """A look at the answers themselves, so that not all are equal and wrong."""
    statuses = {name: answer.status for name, answer in expected.items()}
    assert expected["hello"].body == b"Hello, World!"
    assert statuses["too long"] == statuses["too long, chunked"] == 413
    assert statuses["live body too long"] == statuses["live body too long, chunked"] == 413
    assert (statuses["boom"], statuses["handled"], statuses["slash"]) == (500, 409, 308)
    assert expected["stream"].body == b"/stream 0\n/stream 1\n/stream 2\n"
    assert expected["sse"].body == b"id: 42\ndata: hi\n\n"
    assert expected["live body, async"].body == b"5500"
    assert expected["chunked"].body == b"one two three"
    assert expected["not modified"].status == 304
    assert expected["stopped"].body == b"stopped /json"


class Asked(SecureCookieSessionInterface):
    """A session interface of the user's own, which wants to be asked at each request."""

    def __init__(self, fails=False):
        self.asked = []
        self.fails = fails

    def open_session(self, app, request):
        self.asked.append("open")
        if self.fails:
            raise RuntimeError("The store is away.")
        return super().open_session(app, request)

    def save_session(self, app, session, response):
        self.asked.append("save")
        super().save_session(app, session, response)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_session_interface_of_ones_own_is_asked_at_each_request(gateway, colour):
    app = make_app(colour)
    app.session_interface = Asked()
    assert GATEWAYS[gateway](app, Ask()).status == 200
    assert app.session_interface.asked == ["open", "save"]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_session_that_cannot_be_opened_answers_500(gateway, colour):
    app = make_app(colour)
    app.session_interface = Asked(fails=True)
    assert GATEWAYS[gateway](app, Ask()).status == 500


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("others", [[], [("X-Many", "one"), ("X-Many", "two")]])
@pytest.mark.parametrize("first", [True, False])
def test_of_two_content_types_the_first_counts_over_asgi(apps, colour, others, first):
    other = ("Content-Type", "text/plain")
    types = [FORM, other] if first else [other, FORM]
    answer = GATEWAYS["asgi"](apps[colour], Ask("POST", "/form", [*others, *types], b"a=1"))
    assert (b'"1"' in answer.body) is first


class Marked(Request):
    """A class of requests with a constructor of its own, as programs have it."""

    def __init__(self, environ, populate_request=True, shallow=False):
        super().__init__(environ, populate_request, shallow)
        environ["marked"] = self.mark = f"{self.method} {self.headers['Host']}"


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_request_class_with_a_constructor_of_its_own_sees_the_same(expected, gateway, colour):
    app, marks = make_app(colour), []
    app.request_class = Marked
    app.teardown_request(lambda error: marks.append((request.mark, request.environ["marked"])))
    for name, ask in ASKS.items():
        assert (name, GATEWAYS[gateway](app, ask)) == (name, expected[name])
        assert marks.pop() == (f"{ask.method} localhost",) * 2


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("kind", ["view", "hook", "not raised", "raised too little"])
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_sync_view_may_raise_the_limit_of_its_body(gateway, kind, chunked):
    app = Flask("raising", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 10
    limits = {"not raised": 10, "raised too little": 20}

    @app.before_request
    def hook():
        if kind == "hook":
            request.max_content_length = 100

    @app.post("/")
    def view():
        if kind != "hook":
            request.max_content_length = limits.get(kind, 100)
        return request.get_data()

    body = [b"x" * 25, b"y" * 25] if chunked else b"x" * 50
    answer = GATEWAYS[gateway](app, Ask("POST", body=body))
    if kind in limits:
        assert answer.status == 413
    elif not chunked:
        assert (answer.status, answer.body) == (200, body)
    else:
        # What comes in chunks has no length by which it could be left for the view to read.
        assert answer.status == (200 if gateway == "wsgi" else 413)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_an_async_view_may_not_raise_the_limit_of_its_body(gateway):
    app = Flask("raising", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 10

    @app.post("/")
    async def view():
        request.max_content_length = 100
        return request.get_data()

    status = GATEWAYS[gateway](app, Ask("POST", body=b"x" * 50)).status
    assert status == (200 if gateway == "wsgi" else 413)
