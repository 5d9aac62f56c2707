"""A text that goes out without a Response: the same answer as with one, on every gateway."""

import pytest
from every_view import asynchronous
from gateways import GATEWAYS, Ask

import costrel
from costrel import after_this_request, g, request_finished, session

COLOURS = ["sync", "async", "inline"]


class Own(costrel.Response):
    """A class of responses that has each text made into one of it."""

    is_own = True


def make_app(colour, response_class):
    app = costrel.Flask("texts", static_folder=None)
    app.secret_key = "a key of more than sixteen bytes"
    app.response_class = response_class
    dye = asynchronous if colour == "async" else lambda function: function

    def route(rule, **options):
        return lambda function: app.route(rule, inline=colour == "inline", **options)(dye(function))

    @app.errorhandler(LookupError)
    def lost(error):
        return "lost"

    @route("/", endpoint="plain")
    def plain():
        return "words"

    @route("/ü", endpoint="unicode")
    def unicode():
        return "Ünïcode \N{SNOWMAN} \0 <b>"

    @route("/empty", endpoint="empty")
    def empty():
        return ""

    @route("/long", endpoint="long")
    def long():
        return "x" * 70_000

    @route("/broken", endpoint="broken")
    def broken():
        return "half \ud800 a character"

    @route("/lost", endpoint="lost")
    def raises():
        raise LookupError

    @route("/later", endpoint="later")
    def later():
        @after_this_request
        def mark(response):
            response.headers["X-Later"] = "yes"
            return response

        return "words"

    @route("/session", endpoint="session")
    def count():
        session["n"] = session.get("n", 0) + 1
        g.n = session["n"]
        return str(g.n)

    @route("/created", endpoint="created")
    def created():
        return "words", 201

    @route("/subclass", endpoint="subclass")
    def subclass():
        return type("Text", (str,), {})("words")

    return app


PATHS = [
    "/",
    "/%C3%BC",
    "/empty",
    "/long",
    "/broken",
    "/lost",
    "/later",
    "/session",
    "/created",
    "/subclass",
    "/nothing",
]


def ask_both(colour, gateway, ask):
    """The answers without and with a Response for each text."""
    return [GATEWAYS[gateway](make_app(colour, kind), ask) for kind in (costrel.Response, Own)]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("colour", COLOURS)
def test_a_text_is_answered_alike_with_and_without_a_response(colour, gateway, path, method):
    without, made = ask_both(colour, gateway, Ask(method, path))
    assert without == made


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("colour", COLOURS)
def test_a_text_that_cannot_be_encoded_is_a_500(colour, gateway):
    answer = GATEWAYS[gateway](make_app(colour, costrel.Response), Ask(target="/broken"))
    assert answer.status == 500


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("colour", COLOURS)
def test_who_listens_to_signals_gets_a_response_of_each_text(colour, gateway):
    app, seen = make_app(colour, costrel.Response), []

    def note(app, response):
        seen.append(response.get_data(as_text=True))

    with request_finished.connected_to(note, app):
        GATEWAYS[gateway](app, Ask())
    assert seen == ["words"]
