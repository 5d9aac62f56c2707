"""A step of a request that an app replaced is called as often over ASGI and RSGI as over WSGI."""

import pytest
from gateways import GATEWAYS, Ask

from costrel import Flask
from costrel.compile.overrides import ERROR_STEPS, STEPS

# It takes an environ, which only WSGI has before somebody asks for it.
OVER_WSGI_ALONE = {"request_context"}
ALSO = ("log_exception", "raise_routing_exception", "should_ignore_error")
TARGETS = ["/", "/boom", "/nothing", "/stream"]


def as_async(function):
    async def view(**values):
        return function(**values)

    return view


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
    for target in TARGETS:
        calls = {}
        for gateway, ask in GATEWAYS.items():
            log = []
            ask(make_app(verb, dye, log), Ask(target=target))
            calls[gateway] = len(log)
        assert len(set(calls.values())) == 1, (target, calls)


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
