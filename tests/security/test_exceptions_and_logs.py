"""E, L, B12, B13: what happens when something breaks, and what is written down of it."""

import io
import logging
import threading

import pytest

from costrel import Flask, Response, abort, g, request, session, stream_with_context
from costrel.parts.logger import default_handler

ERRORS = [ValueError("broken"), KeyError("broken"), RecursionError(), UnicodeError(), MemoryError()]


@pytest.fixture
def app():
    app = Flask(__name__)
    app.secret_key = "a key of sixteen bytes"
    app.get("/", endpoint="fine")(lambda: "fine")
    return app


@pytest.fixture
def log(app):
    """The records that the app logs."""
    records = []

    class Keep(logging.Handler):
        def emit(self, record):
            records.append(record)

    handler = Keep()
    app.logger.addHandler(handler)
    yield records
    app.logger.removeHandler(handler)


@pytest.fixture
def errors(app):
    """What the app writes where the server wants errors; pytest's handlers would take its place."""
    app.logger.addHandler(default_handler)
    yield io.StringIO()
    app.logger.removeHandler(default_handler)


def raising(error):
    def function(*args, **kwargs):
        raise type(error)(*error.args)

    return function


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("place", ["before", "view", "after", "handler", "generator", "both"])
def test_e3_an_exception_anywhere_is_a_500(app, send, log, place, error):
    if place in {"before", "both"}:
        app.before_request(raising(error))
    if place in {"after", "both"}:
        app.after_request(raising(error))
    if place == "handler":
        app.register_error_handler(404, raising(error))
    if place == "view":
        app.get("/broken", endpoint="broken")(raising(error))
    if place == "generator":
        app.get("/broken", endpoint="broken")(lambda: {"a": object()})
    answer = send(app, target="/broken" if place in {"handler", "view", "generator"} else "/")
    assert answer.status == 500
    assert b"Internal Server Error" in answer.body
    assert log


@pytest.mark.parametrize("error", ERRORS)
def test_e4_an_exception_in_a_teardown_function_loses_nothing(app, send, log, error):
    ran = []
    app.teardown_request(lambda _: ran.append("first"))
    app.teardown_request(raising(error))
    app.teardown_request(lambda _: ran.append("last"))
    app.teardown_appcontext(lambda _: ran.append("app"))
    app.teardown_appcontext(raising(error))
    app.get("/crash", endpoint="crash")(raising(ValueError("view")))
    assert send(app).body == b"fine"
    assert ran == ["last", "first", "app"]
    assert len(log) == 2
    assert send(app, target="/crash").status == 500
    assert send(app).body == b"fine"


test_b12_an_exception_in_a_teardown_function_loses_nothing = (
    test_e4_an_exception_in_a_teardown_function_loses_nothing
)


def test_e5_a_stream_that_nobody_reads_on_is_closed_at_once(app, make_environ):
    ended = []

    @app.get("/stream")
    def stream():
        def chunks():
            try:
                yield request.path
                yield "more"
            finally:
                ended.append("generator")

        return Response(stream_with_context(chunks()))

    app.teardown_request(lambda error: ended.append("teardown"))
    body = app(make_environ(target="/stream"), lambda *args: None)
    assert next(iter(body)) == b"/stream"
    assert "generator" not in ended
    body.close()
    assert sorted(ended) == ["generator", "teardown"]
    assert not request


def test_e5_a_stream_that_breaks_ends_its_context(app, make_environ):
    ended = []

    @app.get("/stream")
    def stream():
        def chunks():
            yield "some"
            raise ValueError("broken in the middle")

        return Response(stream_with_context(chunks()))

    app.teardown_request(ended.append)
    body = app(make_environ(target="/stream"), lambda *args: None)
    # It has to be seen by the server, or half an answer would pass for a whole one.
    with pytest.raises(ValueError, match="in the middle"):
        list(body)
    body.close()
    assert len(ended) == 1
    assert not request


@pytest.mark.parametrize("error", [*ERRORS, StopIteration(), LookupError(), AssertionError()])
@pytest.mark.parametrize("declare", ["before_request", "after_request", "get", "errorhandler"])
def test_e6_nothing_leaves_the_app(app, send, log, error, declare):
    registers = getattr(app, declare)
    where = {"get": ("/view",), "errorhandler": (404,)}.get(declare)
    (registers(*where) if where else registers)(raising(error))
    assert send(app, target="/view").status == 500
    # The after-hooks run for the page of the crash, too, and what they raise then is logged.
    assert len(log) == (2 if declare == "after_request" else 1)


def test_e6_an_error_handler_that_returns_nonsense_is_a_500(app, send, log):
    app.register_error_handler(404, lambda error: object())
    assert send(app, target="/missing").status == 500


def test_e6_abort_with_what_is_no_code_is_a_500(app, send, log):
    app.get("/odd", endpoint="odd")(lambda: abort(999))
    assert send(app, target="/odd").status == 500


def test_e8_parallel_requests_never_see_each_other(app, send):
    together = threading.Barrier(8, timeout=20)

    @app.get("/who/<name>")
    def who(name):
        g.name = name
        session["name"] = name
        together.wait()
        seen = [request.path, g.name, session["name"], request.args["name"]]
        together.wait()
        return [*seen, request.view_args["name"]]

    send(app)
    answers = {}

    def ask(name):
        answers[name] = send(app, target=f"/who/{name}?name={name}").json

    threads = [threading.Thread(target=ask, args=(f"n{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == {
        name: [f"/who/{name}", name, name, name, name] for name in (f"n{n}" for n in range(8))
    }


SECRETS = {
    "Cookie": "session=cookie-secret",
    "Authorization": "Bearer login-secret",
    "X-Api-Key": "header-secret",
    "Content-Type": "application/x-www-form-urlencoded",
}


def test_l1_the_log_of_an_exception_holds_no_secret(app, send, errors):
    app.config["DATABASE_PASSWORD"] = "config-secret"
    app.post("/crash", endpoint="crash")(lambda: request.form["password"] and int("x"))
    body = b"password=body-secret"
    answer = send(app, "POST", "/crash?q=1", SECRETS, body, **{"wsgi.errors": errors})
    assert answer.status == 500
    assert "ValueError" in errors.getvalue()
    assert "-secret" not in errors.getvalue()
    assert app.secret_key not in errors.getvalue()


FORGING = set("\r\x1b\x00\x07\x08\x7f\x9b\u2028\u202e")
PATHS = [
    "/x/a%0d%0aERROR in app: forged%1b[31m",
    "/x/%0a%0a",
    "/x/%1b]0;title%07",
    "/x/%c2%9b31m",
    "/x/%e2%80%a8",
    "/x/%e2%80%ae",
    "/x/%00%08%7f",
]


@pytest.mark.parametrize("path", PATHS)
def test_l2_what_a_path_holds_forges_no_log_line(app, send, path, errors):
    app.get("/x/<rest>", endpoint="x")(raising(ValueError("plain")))
    assert send(app, target=path, **{"wsgi.errors": errors}).status == 500
    first, second = errors.getvalue().split("\n")[:2]
    assert first.endswith("[GET]")
    assert second.startswith("Traceback")
    assert not set(errors.getvalue()) & FORGING


@pytest.mark.parametrize("path", PATHS)
def test_b13_nor_does_an_exception_that_quotes_it(app, send, path, errors):
    @app.get("/x/<rest>")
    def crash(rest):
        raise ValueError(f"no such thing: {rest}")

    assert send(app, target=path, **{"wsgi.errors": errors}).status == 500
    assert not set(errors.getvalue()) & FORGING
    assert not [line for line in errors.getvalue().split("\n")[2:] if line.startswith("ERROR")]


@pytest.mark.parametrize(
    ("method", "target", "headers", "body"),
    [
        ("GET", "/missing%0a", {}, b""),
        ("get", "/", {}, b""),
        ("GET", "/", {"Host": "[::1"}, b""),
        ("GET", "/", {"Cookie": "session=a.b.c", "If-Match": '"', "Range": "bytes=\xff"}, b""),
        ("POST", "/read", {"Content-Type": "application/json"}, b"{"),
        ("POST", "/read", {"Content-Type": "multipart/form-data"}, b"--"),
        ("POST", "/read", {"Content-Type": "application/x-www-form-urlencoded"}, b"a&" * 9999),
    ],
)
def test_l3_bad_input_is_worth_one_log_line_at_most(
    app, send, log, errors, method, target, headers, body
):
    app.post("/read", endpoint="read")(lambda: [request.get_json(silent=True), dict(request.form)])
    answer = send(app, method, target, headers, body, **{"wsgi.errors": errors})
    assert answer.status < 500
    assert len(log) <= 1
    assert errors.getvalue().count("\n") <= 1


def test_l4_printing_the_config_masks_secrets(app):
    app.config.update(DATABASE_URL="sql://user:pw-secret@host/db", API_TOKEN="token-secret")
    app.config["MAIL_PASSWORD"] = "mail-secret"
    for text in (repr(app.config), str(app.config)):
        assert "-secret" not in text
        assert app.secret_key not in text
        assert "SECRET_KEY" in text
    assert app.config["API_TOKEN"] == "token-secret"
