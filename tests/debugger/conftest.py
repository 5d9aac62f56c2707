"""An app that fails in several ways, behind the debugger."""

import pytest

from costrel import Flask, render_template_string, request, session
from costrel.debugger.debugged_app import DebuggedApplication
from costrel.testing.client import Client

TOKEN = "a-token-for-tests"
HTML = {"Accept": "text/html"}


@pytest.fixture
def app():
    app = Flask(__name__)
    app.debug = True
    app.secret_key = "the-key-of-this-app"

    @app.get("/fine")
    def fine():
        return "fine"

    @app.route("/boom", methods=["GET", "POST"])
    def boom():
        password = "hunter22222"
        items = [1, 2, 3]
        return str(items[int(request.args.get("n", 7))]) + password

    @app.get("/async")
    async def later():
        raise ValueError("<script>alert(1)</script>")

    @app.get("/template")
    def template():
        return render_template_string("<p>\n{{ 1 // zero }}\n</p>", zero=0)

    @app.get("/chain")
    def chain():
        try:
            {}["missing"]
        except KeyError as error:
            raise RuntimeError("the outer one") from error

    @app.get("/group")
    def group():
        raise ExceptionGroup("several", [ValueError("first of them"), TypeError("second")])

    @app.get("/stream")
    def stream():
        def parts():
            raise LookupError("before the first part")
            yield ""

        return parts()

    @app.post("/form")
    def form():
        session["cart"] = ["tea"]
        return request.form["drink"]

    return app


class Near(DebuggedApplication):
    """The debugger as a server on this machine calls it."""

    def wsgi_app(self, environ, start_response):
        environ.setdefault("REMOTE_ADDR", "127.0.0.1")
        return super().wsgi_app(environ, start_response)


@pytest.fixture
def near():
    """Puts the debugger around another app."""
    return lambda app: Near(app, token=TOKEN)


@pytest.fixture
def debugged(app, near):
    return near(app)


@pytest.fixture
def client(debugged):
    return Client(debugged)


@pytest.fixture
def page_of(client):
    """Asks for a path as a browser: the answer."""

    def page_of(path, method="GET", **options):
        return client.open(path, method=method, headers=HTML, **options)

    return page_of
