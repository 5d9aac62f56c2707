"""What goes out without a Response: the same answer as with one, on every gateway."""

import threading
from functools import cache
from types import SimpleNamespace

import pytest
from every_view import asynchronous
from gateways import GATEWAYS, Ask

import costrel
from costrel import abort, after_this_request, g, session
from costrel.parts import signals
from costrel.parts.json_provider import DefaultJSONProvider
from costrel.routing import BaseConverter

# Where anybody listens, each answer is a Response.
pytestmark = pytest.mark.usefixtures("nobody_listens")


@pytest.fixture(autouse=True)
def the_time_stands_still(monkeypatch):
    """A signed session tells the second."""
    monkeypatch.setattr("costrel.parts.signing.time", SimpleNamespace(time=lambda: 1_800_000_000.0))


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

    @route("/empty-handed", endpoint="no_content")
    def no_content():
        return "words", 204

    @route("/too-much", endpoint="too_much")
    def too_much():
        return "words", 413

    @route("/two", endpoint="two")
    def two():
        return "words", "203 Two Words"

    @route("/headers", endpoint="headers")
    def headers():
        return "words", {"X-Word": "yes"}

    @route("/three", endpoint="three")
    def three():
        return {"a": 1}, 202, [("X-Word", "yes")]

    @route("/object", endpoint="object")
    def answer_object():
        return {"b": [1, 2.5, None, True], "a": "Ünïcode ☃"}

    @route("/list", endpoint="list")
    def answer_list():
        return [{"a": 1}, "b"]

    @route("/made", endpoint="made")
    def made():
        return {"made": True}, 201

    @route("/unwritable", endpoint="unwritable")
    def unwritable():
        return {"of": object()}

    @route("/looks", endpoint="looks")
    def looks():
        class Looks:
            def __html__(self):
                session["looked"] = True
                return "looked"

        return {"of": Looks()}

    @route("/gone", endpoint="gone")
    def gone():
        abort(410)

    @route("/told", endpoint="told")
    def told():
        abort(410, "it is <gone>")

    @route("/moved", endpoint="moved")
    def moved():
        return costrel.redirect("/ü")

    @route("/large", endpoint="large")
    def large():
        abort(413)

    @route("/page", endpoint="page")
    def page():
        return costrel.abort.mapping[409]()

    @route("/none", endpoint="none")
    def none():
        return None

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
    "/empty-handed",
    "/too-much",
    "/two",
    "/headers",
    "/three",
    "/object",
    "/list",
    "/made",
    "/unwritable",
    "/looks",
    "/gone",
    "/told",
    "/moved",
    "/large",
    "/page",
    "/none",
]


@pytest.fixture(scope="module")
def app_of():
    """An app of each kind that is asked for, to which each path is new: nobody asks it twice."""
    return cache(lambda colour, response_class, gateway, method: make_app(colour, response_class))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("colour", COLOURS)
def test_a_text_is_answered_alike_with_and_without_a_response(
    app_of, colour, gateway, path, method
):
    ask = Ask(method, path)
    without, made = (
        GATEWAYS[gateway](app_of(colour, kind, gateway, method), ask)
        for kind in (costrel.Response, Own)
    )
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

    with signals.request_finished.connected_to(note, app):
        GATEWAYS[gateway](app, Ask())
    assert seen == ["words"]


class Signed(DefaultJSONProvider):
    """A provider whose responses are its own."""

    def response(self, *args, **kwargs):
        response = super().response(*args, **kwargs)
        response.headers["X-Signed"] = "yes"
        return response


class Loud(DefaultJSONProvider):
    """A provider that writes in its own way, of a media type of its own."""

    mimetype = "application/vnd.loud+json"

    def dumps(self, obj, **kwargs):
        return super().dumps(obj, **kwargs).upper()


def on_the_spot(app):
    provider = DefaultJSONProvider(app)
    provider.response = lambda value: app.response_class(f"spot {value}", mimetype="text/plain")
    return provider


@pytest.mark.parametrize("path", ["/object", "/list", "/made"])
@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize(
    ("provide", "name", "value"),
    [
        (Signed, "x-signed", "yes"),
        (Loud, "content-type", "application/vnd.loud+json"),
        (on_the_spot, "content-type", "text/plain; charset=utf-8"),
    ],
)
def test_a_provider_has_its_own_way(gateway, path, provide, name, value):
    answers = []
    for kind in (costrel.Response, Own):
        app = make_app("async", kind)
        app.json = provide(app)
        answers.append(GATEWAYS[gateway](app, Ask(target=path)))
    assert answers[0] == answers[1]
    assert {name.lower(): text for name, text in answers[0].headers}[name] == value


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("colour", COLOURS)
def test_what_json_writes_may_use_the_session(colour, gateway):
    answer = GATEWAYS[gateway](make_app(colour, costrel.Response), Ask(target="/looks"))
    assert "set-cookie" in {name.lower() for name, _ in answer.headers}


class Noting(BaseConverter):
    """A converter that leaves a note in the session."""

    def to_python(self, value):
        session["seen"] = value
        return value


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("colour", COLOURS)
def test_what_a_converter_does_with_the_session_is_kept(colour, gateway):
    app = make_app(colour, costrel.Response)
    app.url_map.converters["noting"] = Noting
    dye = asynchronous if colour == "async" else lambda function: function
    app.add_url_rule("/noted/<noting:value>", "noted", dye(lambda value: value))
    answer = GATEWAYS[gateway](app, Ask(target="/noted/x"))
    assert (answer.status, answer.body) == (200, b"x")
    assert "set-cookie" in {name.lower() for name, _ in answer.headers}


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_hook_sees_the_type_of_a_file_that_was_not_modified(gateway, tmp_path):
    (tmp_path / "page.css").write_text("a {}")
    app = costrel.Flask("files", static_folder=str(tmp_path), static_url_path="/static")
    plain, seen = costrel.Flask("files", static_folder=str(tmp_path), static_url_path="/static"), []

    @app.after_request
    def note(response):
        seen.append(response.content_type)
        return response

    first = GATEWAYS[gateway](app, Ask(target="/static/page.css"))
    (tag,) = (value for name, value in first.headers if name == "etag")
    again = Ask(target="/static/page.css", headers=[("If-None-Match", tag)])
    answers = [GATEWAYS[gateway](each, again) for each in (app, plain)]
    assert seen == ["text/css; charset=utf-8"] * 2
    assert [answer.status for answer in answers] == [304, 304]
    assert answers[0] == answers[1]
    assert "content-type" not in {name for name, _ in answers[0].headers}


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("colour", COLOURS)
def test_work_after_an_answer_is_done(colour, gateway):
    app, done = make_app(colour, costrel.Response), threading.Event()
    dye = asynchronous if colour == "async" else lambda function: function

    def working():
        costrel.after_response(done.set)
        return "words"

    app.add_url_rule("/working", view_func=dye(working), endpoint="working")
    assert GATEWAYS[gateway](app, Ask(target="/working")).body == b"words"
    assert done.wait(10)


@pytest.mark.parametrize("path", ["/nowhere", "/gone"])
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_trapped_error_is_no_page(gateway, path):
    app, crashes = make_app("async", costrel.Response), []
    app.config["TRAP_HTTP_EXCEPTIONS"] = True
    app.register_error_handler(500, lambda error: (str(crashes.append(error)), 500))
    assert GATEWAYS[gateway](app, Ask(target=path)).status == 500
    assert len(crashes) == 1
