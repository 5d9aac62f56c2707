"""Error handlers, default pages, and what is raised instead, on every lane."""

import pytest

from costrel import Blueprint, Flask, abort, request
from costrel.http.exceptions import (
    BadRequest,
    Forbidden,
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
)

pytestmark = pytest.mark.usefixtures("every_lane")


class Custom(Exception):
    """An error of the program's own."""


class Special(Custom):
    """A kind of it."""


class Teapot(HTTPException):
    """An HTTP error of the program's own."""

    code = 418
    description = "Short and stout"


@pytest.fixture
def raising(app):
    """A view that raises what a test puts in."""
    what = []

    @app.route("/")
    def view():
        raise what[0]

    return what


def named(name):
    return lambda error: (f"{name}: {type(error).__name__}", getattr(error, "code", None) or 500)


def test_an_http_error_is_its_own_page(visitor, raising):
    raising.append(NotFound("Gone <fishing>"))
    answer = visitor.get("/")
    assert answer.line == "404 NOT FOUND"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<p>Gone &lt;fishing&gt;</p>" in answer.text


def test_an_error_of_the_program_is_a_500_and_logged(caplog, visitor, raising):
    raising.append(Custom("secret reason"))
    answer = visitor.get("/")
    assert answer.line == "500 INTERNAL SERVER ERROR"
    assert "secret reason" not in answer.text
    log = caplog.text
    assert "Exception on / [GET]" in log
    assert "Custom: secret reason" in log


@pytest.mark.parametrize("setting", ["TESTING", "DEBUG", "PROPAGATE_EXCEPTIONS"])
def test_an_error_of_the_program_leaves_the_app_in_tests_and_debug(app, visitor, raising, setting):
    app.config[setting] = True
    raising.append(Custom("as it is"))
    with pytest.raises(Custom, match="as it is"):
        visitor.get("/")


def test_propagating_can_be_switched_off_in_tests(app, visitor, raising):
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    raising.append(Custom())
    assert visitor.get("/").status == 500


@pytest.mark.parametrize(
    ("handled", "raised", "by"),
    [
        ([404], NotFound(), "404: NotFound"),
        ([NotFound], NotFound(), "NotFound: NotFound"),
        ([HTTPException], NotFound(), "HTTPException: NotFound"),
        ([HTTPException, 404], NotFound(), "404: NotFound"),
        ([Exception, HTTPException], NotFound(), "HTTPException: NotFound"),
        ([Exception], NotFound(), "Exception: NotFound"),
        ([Custom, Exception], Special(), "Custom: Special"),
        ([Custom, Special], Special(), "Special: Special"),
        ([Exception, 500], Custom(), "Exception: Custom"),
        ([500], Custom(), "500: InternalServerError"),
        ([InternalServerError], Custom(), "InternalServerError: InternalServerError"),
        ([HTTPException], Custom(), "HTTPException: InternalServerError"),
        ([500], InternalServerError(), "500: InternalServerError"),
        ([Teapot], Teapot(), "Teapot: Teapot"),
        ([418, HTTPException], Teapot(), "HTTPException: Teapot"),
        ([LookupError], KeyError(), "LookupError: KeyError"),
    ],
)
def test_the_nearest_handler_answers(app, visitor, raising, handled, raised, by):
    for what in handled:
        app.register_error_handler(what, named(getattr(what, "__name__", what)))
    raising.append(raised)
    assert visitor.get("/").text == by


@pytest.mark.parametrize("raised", [Custom(), NotFound()])
def test_a_handler_for_others_does_not_answer(app, visitor, raising, raised):
    for what in (403, Forbidden, Special, ValueError):
        app.register_error_handler(what, named("wrong"))
    raising.append(raised)
    assert "wrong" not in visitor.get("/").text


def test_a_handler_of_a_500_is_told_the_error(app, visitor, raising):
    seen = []
    app.register_error_handler(500, lambda error: seen.append(error.original_exception) or "sorry")
    raising.append(Custom("why"))
    assert visitor.get("/").text == "sorry"
    assert seen == raising


def test_a_handler_may_return_what_a_view_may(app, visitor, raising):
    app.register_error_handler(Custom, lambda error: ({"error": "custom"}, 422, {"X-Why": "so"}))
    raising.append(Custom())
    answer = visitor.get("/")
    assert (answer.status, answer.json, answer.headers["X-Why"]) == (422, {"error": "custom"}, "so")


def test_a_handler_may_answer_with_another_error(app, visitor, raising):
    app.register_error_handler(Custom, lambda error: NotFound("hidden"))
    raising.append(Custom())
    assert visitor.get("/").status == 404


def test_a_handler_that_raises_is_a_500(caplog, app, visitor, raising):
    app.register_error_handler(Custom, lambda error: {}["in handler"])
    raising.append(Custom())
    assert visitor.get("/").status == 500
    assert "in handler" in caplog.text


def test_an_http_error_raised_by_a_handler_is_no_page(app, visitor, raising):
    app.register_error_handler(Custom, lambda error: abort(404))
    raising.append(Custom())
    assert visitor.get("/").status == 500


def test_misses_are_handled_too(app, visitor):
    app.route("/x")(lambda: "x")
    app.register_error_handler(404, lambda error: (f"no {request.path}", 404))
    app.register_error_handler(405, lambda error: (sorted(error.valid_methods), 405))
    assert visitor.get("/y").text == "no /y"
    assert visitor.post("/x").json == ["GET", "HEAD", "OPTIONS"]


def test_a_redirect_of_the_router_is_no_error(app, visitor):
    app.route("/folder/")(lambda: "x")
    app.register_error_handler(HTTPException, named("wrong"))
    assert visitor.get("/folder").status == 308


def test_a_miss_below_a_blueprint_is_the_apps(app, visitor):
    bp = Blueprint("bp", __name__, url_prefix="/bp")
    bp.register_error_handler(404, named("blueprint"))
    bp.add_url_rule("/x", "x", lambda: abort(404))
    app.register_blueprint(bp)
    assert "blueprint" not in visitor.get("/bp/nowhere").text
    assert visitor.get("/bp/x").text == "blueprint: NotFound"


def test_a_code_of_the_app_comes_before_a_class_of_the_blueprint(app, visitor):
    bp = Blueprint("bp", __name__)
    bp.register_error_handler(HTTPException, named("blueprint"))
    app.register_error_handler(404, named("app"))
    bp.add_url_rule("/", "x", lambda: abort(404))
    app.register_blueprint(bp)
    assert visitor.get("/").text == "app: NotFound"


def test_abort_with_a_response_answers_it(app, visitor):
    app.route("/")(lambda: abort(app.response_class("as it is", 299)))
    app.register_error_handler(Exception, named("wrong"))
    answer = visitor.get("/")
    assert (answer.status, answer.text) == (299, "as it is")


def test_abort_takes_a_description_and_headers(app, visitor):
    app.route("/")(lambda: abort(405, valid_methods=["PATCH"]))
    assert visitor.get("/").headers["Allow"] == "PATCH"
    app.view_functions["<lambda>"] = lambda: abort(400, "because")
    assert "<p>because</p>" in visitor.get("/").text


def test_a_missing_form_key_is_400_and_named_in_debug(app, visitor):
    app.post("/")(lambda: request.form["name"])
    answer = visitor.post("/", "other=1")
    assert (answer.status, "name" in answer.text) == (400, False)
    app.config.update(DEBUG=True, TRAP_BAD_REQUEST_ERRORS=False)
    answer = visitor.post("/", "other=1")
    assert answer.status == 400
    assert "KeyError: &#39;name&#39;" in answer.text


@pytest.mark.parametrize(
    ("settings", "raised", "is_trapped"),
    [
        ({"TRAP_HTTP_EXCEPTIONS": True}, NotFound(), True),
        ({"TRAP_BAD_REQUEST_ERRORS": True}, BadRequest(), True),
        ({"TRAP_BAD_REQUEST_ERRORS": True}, NotFound(), False),
        ({"DEBUG": True}, BadRequest(), False),
        ({"DEBUG": True, "TRAP_BAD_REQUEST_ERRORS": False}, BadRequest(), False),
    ],
)
def test_http_errors_may_be_trapped(app, visitor, raising, settings, raised, is_trapped):
    app.config.update(settings, PROPAGATE_EXCEPTIONS=True)
    raising.append(raised)
    if is_trapped:
        with pytest.raises(type(raised)):
            visitor.get("/")
    else:
        assert visitor.get("/").status == raised.code


def test_a_missing_key_is_trapped_in_debug(app, visitor):
    app.debug = True
    app.post("/")(lambda: request.form["name"])
    with pytest.raises(KeyError):
        visitor.post("/", "other=1")


def test_a_trapped_http_error_may_still_be_handled(app, visitor, raising):
    app.config["TRAP_HTTP_EXCEPTIONS"] = True
    app.register_error_handler(404, named("handled"))
    raising.append(NotFound())
    assert visitor.get("/").text == "handled: NotFound"


def test_a_post_to_a_url_that_redirects_is_refused_in_debug_where_it_would_lose_the_form(
    app, visitor
):
    from costrel.routing.outcomes import RequestRedirect

    app.debug = True
    app.route("/folder/", methods=["GET", "POST"])(lambda: "x")

    class Old(RequestRedirect):
        code = 301

    @app.before_request
    def as_older_routers_did():
        if request.routing_exception is not None:
            request.routing_exception = Old(request.routing_exception.new_url)

    with pytest.raises(AssertionError, match="drop the form"):
        visitor.post("/folder", "a=1")
    app.before_request_funcs[None].clear()
    # A 308 keeps the form, so that it may be sent.
    assert visitor.post("/folder", "a=1").status == 308
    app.before_request_funcs[None].append(as_older_routers_did)
    assert visitor.get("/folder").status == 301


def test_a_view_that_returns_nothing_is_told_so(app, visitor):
    app.testing = True
    app.route("/")(lambda: None)
    with pytest.raises(TypeError, match="did not return a valid response: it returned None"):
        visitor.get("/")


def test_what_a_view_returned_is_not_handled_as_what_it_raised(app, visitor):
    app.register_error_handler(TypeError, named("wrong"))
    app.route("/")(lambda: None)
    answer = visitor.get("/")
    assert (answer.status, "wrong" in answer.text) == (500, False)


def test_errors_are_looked_up_on_the_app_that_overrides_them(make_app, visit):
    log = []

    class Watching(Flask):
        def handle_user_exception(self, e):
            log.append("user")
            return super().handle_user_exception(e)

        def handle_http_exception(self, e):
            log.append("http")
            return super().handle_http_exception(e)

        def handle_exception(self, e):
            log.append("crash")
            return super().handle_exception(e)

        def log_exception(self, exc_info):
            log.append("logged")

        def trap_http_exception(self, e):
            log.append("trap?")
            return super().trap_http_exception(e)

    app = make_app(Watching)
    app.route("/<int:code>")(lambda code: abort(code) if code else 1 / 0)
    visitor = visit(app)
    visitor.get("/404")
    assert log == ["user", "trap?", "http"]
    log.clear()
    visitor.get("/0")
    assert log == ["user", "crash", "logged"]


def test_a_method_not_allowed_without_methods_has_no_allow(visitor, raising):
    raising.append(MethodNotAllowed())
    assert "Allow" not in visitor.get("/").headers


@pytest.mark.parametrize("kind", [500, Custom, Exception])
def test_a_handler_may_be_async(app, visitor, raising, kind):
    @app.errorhandler(kind)
    async def handler(error):
        return f"handled at {request.path}", 503

    raising.append(Custom())
    answer = visitor.get("/")
    assert (answer.status, answer.text) == (503, "handled at /")


def test_an_async_after_hook_sees_the_answer_to_a_crash(app, visitor, raising):
    @app.after_request
    async def mark(response):
        response.headers["X-Status"] = str(response.status_code)
        return response

    raising.append(Custom())
    assert visitor.get("/").headers["X-Status"] == "500"


def test_e3_a_handler_of_500_that_fails_leaves_the_plain_page(app, visitor):
    @app.errorhandler(500)
    def fails(error):
        raise KeyError("in the handler")

    @app.route("/fails-twice")
    def fails_twice():
        raise ZeroDivisionError

    answer = visitor.get("/fails-twice")
    assert answer.status == 500
    assert b"Internal Server Error" in answer.data


def test_e3_a_handler_of_500_that_answers_nothing_leaves_the_plain_page(app, visitor, force_lane):
    force_lane("chosen")

    @app.errorhandler(500)
    def answers_nothing(error):
        return None

    @app.route("/fails-twice")
    def fails_twice():
        raise ZeroDivisionError

    answer = visitor.get("/fails-twice")
    assert answer.status == 500
    assert b"Internal Server Error" in answer.data
