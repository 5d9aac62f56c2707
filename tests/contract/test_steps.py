"""A step of a request that an app replaced is called as often over ASGI and RSGI as over WSGI."""

import pytest
from gateways import GATEWAYS, Ask, as_async

from costrel import Flask, Response
from costrel.compile.overrides import ERROR_STEPS, STEPS

# It takes an environ, which only WSGI has before somebody asks for it.
OVER_WSGI_ALONE = {"request_context"}
ALSO = ("log_exception", "raise_routing_exception", "should_ignore_error")
ASKS = [*map(Ask, ["GET"] * 4, ["/", "/boom", "/nothing", "/stream"]), Ask("OPTIONS"), Ask("PUT")]


def make_app(verb, dye, log):
    """An app that notes each call of one of its steps."""
    plain = getattr(Flask, verb)

    def replaced(self, *args, **kwargs):
        log.append(verb)
        return plain(self, *args, **kwargs)

    app = type("Watching", (Flask,), {verb: replaced})("watching", static_folder=None)
    app.logger.disabled = True
    app.before_request(lambda: None)

    def boom():
        raise KeyError("boom")

    app.add_url_rule("/", "index", dye(lambda: "x"))
    app.add_url_rule("/boom", "boom", dye(boom))
    app.add_url_rule("/stream", "stream", dye(lambda: app.response_class(iter("xyz"))))
    return app


@pytest.mark.parametrize("dye", [lambda view: view, as_async], ids=["sync", "async"])
@pytest.mark.parametrize("verb", sorted({*STEPS, *ERROR_STEPS, *ALSO} - OVER_WSGI_ALONE))
def test_a_step_of_ones_own_is_called_alike_over_each_protocol(verb, dye):
    for request in ASKS:
        calls = {}
        for gateway, ask in GATEWAYS.items():
            log = []
            ask(make_app(verb, dye, log), request)
            calls[gateway] = len(log)
        assert len(set(calls.values())) == 1, (request, calls)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_no_request_goes_past_middleware(gateway, when):
    app, ask, log = Flask("wrapped", static_folder=None), GATEWAYS[gateway], []
    app.route("/")(lambda: "hello")
    if when == "after":
        assert ask(app, Ask()).body == b"hello"
    inner = getattr(app, f"{gateway}_app")

    def entrance(*args):
        log.append(gateway)
        return inner(*args)

    setattr(app, f"{gateway}_app", entrance)
    assert [ask(app, Ask()).body, ask(app, Ask()).body] == [b"hello"] * 2
    assert log == [gateway] * 2


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_no_request_goes_past_a_method_that_was_put_on_the_class(gateway, monkeypatch):
    log, name = [], f"{gateway}_app"
    inner = getattr(Flask, name)

    def entrance(*args):
        log.append(gateway)
        return inner(*args)

    monkeypatch.setattr(Flask, name, entrance)
    app = Flask("measured", static_folder=None)
    app.route("/")(lambda: "hello")
    assert [GATEWAYS[gateway](app, Ask()).body for _ in range(2)] == [b"hello"] * 2
    assert log == [gateway] * 2


class Called(Response):
    def __call__(self, environ, start_response):
        self.headers["X-Path"] = environ["PATH_INFO"]
        return super().__call__(environ, start_response)


class Iterated(Response):
    def get_app_iter(self, environ):
        body = super().get_app_iter(environ)
        return body if environ["REQUEST_METHOD"] == "HEAD" else [b"<", *body, b">"]


class Told(Response):
    def get_wsgi_response(self, environ):
        body, status, headers = super().get_wsgi_response(environ)
        return body, "299 TOLD", headers


class Headed(Response):
    def get_wsgi_headers(self, environ):
        headers = super().get_wsgi_headers(environ)
        headers["X-Path"] = environ["PATH_INFO"]
        return headers


class Encoded(Response):
    def iter_encoded(self):
        return iter([b"encoded"])


class Closed(Response):
    def close(self):
        closed.append(self.status)
        super().close()


closed = []
KINDS = [Called, Iterated, Told, Headed, Encoded, Closed]


def answers_of(kind, ask, dye):
    """What an app with a response class of its own answers, and how often a response was closed."""
    closed.clear()
    app = Flask("own", static_folder=None)
    app.response_class = kind
    app.logger.disabled = True
    app.add_url_rule("/", "text", dye(lambda: ("text", 201)))
    app.add_url_rule("/json", "json", dye(lambda: {"a": 1}))
    app.add_url_rule("/stream", "stream", dye(lambda: kind(letter for letter in "abc")))
    rows = []
    for method, target in [("GET", "/"), ("HEAD", "/"), ("GET", "/json"), ("GET", "/stream")]:
        answer = ask(app, Ask(method, target))
        rows.append((answer.status, sorted(answer.headers), answer.body))
    return rows, len(closed)


@pytest.mark.parametrize("dye", [lambda view: view, as_async], ids=["sync", "async"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_response_class_with_a_way_out_of_its_own_is_asked_alike(kind, dye):
    expected = answers_of(kind, GATEWAYS["wsgi"], dye)
    assert answers_of(kind, GATEWAYS["asgi"], dye) == expected
    assert answers_of(kind, GATEWAYS["rsgi"], dye) == expected
