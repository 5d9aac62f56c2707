"""Hooks: their order, what they may answer, and what ends a request, on every lane."""

import pytest

from costrel import Blueprint, abort, after_this_request, g, has_request_context, request

pytestmark = pytest.mark.usefixtures("every_lane")


@pytest.fixture
def log():
    return []


def listen(app, log):
    """Note each hook as it runs."""
    for number in (1, 2):
        app.before_request(lambda n=number: log.append(f"before {n}"))
        app.after_request(lambda response, n=number: log.append(f"after {n}") or response)
        app.teardown_request(lambda error, n=number: log.append(f"teardown {n} {error!r}"))
        app.teardown_appcontext(lambda error, n=number: log.append(f"context {n} {error!r}"))
    app.url_value_preprocessor(lambda endpoint, values: log.append(f"values {endpoint} {values}"))


ENDING = [f"{kind} {n} None" for kind in ("teardown", "context") for n in (2, 1)]


def test_hooks_run_in_order_before_and_in_reverse_after(app, visitor, log):
    listen(app, log)
    app.route("/<name>")(lambda name: log.append("view") or "x")
    visitor.get("/ada")
    assert log == [
        "values <lambda> {'name': 'ada'}",
        "before 1",
        "before 2",
        "view",
        "after 2",
        "after 1",
        *ENDING,
    ]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [("GET", "/nowhere", 404), ("POST", "/x", 405), ("GET", "/folder", 308)],
)
def test_hooks_run_for_what_no_rule_matches(app, visitor, log, method, target, status):
    listen(app, log)
    app.route("/x")(lambda: "x")
    app.route("/folder/", endpoint="folder")(lambda: "x")
    assert visitor.ask(method, target).status == status
    before = ["values None None", "before 1", "before 2"]
    assert log == [*before, "after 2", "after 1", *ENDING]


def test_hooks_run_for_automatic_options(app, visitor, log):
    listen(app, log)
    app.route("/x")(lambda: log.append("view") or "x")
    assert visitor.ask("OPTIONS", "/x").status == 200
    before = ["values <lambda> {}", "before 1", "before 2"]
    assert log == [*before, "after 2", "after 1", *ENDING]


def test_a_hook_that_answers_skips_the_rest_and_the_view(app, visitor, log):
    app.before_request(lambda: log.append("first"))
    app.before_request(lambda: ("stopped", 403))
    app.before_request(lambda: log.append("never"))
    app.after_request(lambda response: log.append(response.status) or response)
    app.route("/")(lambda: log.append("view") or "x")
    answer = visitor.get("/")
    assert (answer.status, answer.text) == (403, "stopped")
    assert log == ["first", "403 FORBIDDEN"]


@pytest.mark.parametrize("nothing", ["", {}, []])
def test_an_empty_answer_of_a_hook_is_an_answer(app, visitor, nothing):
    app.before_request(lambda: nothing)
    app.route("/")(lambda: "view")
    assert visitor.get("/").text.strip() == {str: "", dict: "{}", list: "[]"}[type(nothing)]


def test_a_hook_may_answer_for_a_missing_page(app, visitor):
    app.before_request(lambda: "instead")
    assert visitor.get("/nowhere").text == "instead"


def test_a_hook_that_raises_is_handled_as_a_view_is(app, visitor):
    app.before_request(lambda: abort(401))
    app.register_error_handler(401, lambda error: ("who?", 401))
    app.route("/")(lambda: "view")
    assert visitor.get("/").text == "who?"


def test_a_preprocessor_may_take_values_away(app, visitor):
    @app.url_value_preprocessor
    def take(endpoint, values):
        g.lang = values.pop("lang")

    app.route("/<lang>/<page>")(lambda page: f"{page} in {g.lang}")
    assert visitor.get("/de/start").text == "start in de"


def test_an_after_hook_may_return_another_response(app, visitor):
    @app.after_request
    def replace(response):
        return app.response_class(response.get_data() + b"!", 202)

    app.route("/")(lambda: "x")
    answer = visitor.get("/")
    assert (answer.status, answer.text) == (202, "x!")


def test_an_after_hook_that_returns_nothing_is_an_error(app, visitor):
    app.after_request(lambda response: None)
    app.route("/")(lambda: "x")
    with pytest.raises((TypeError, AttributeError)):
        visitor.get("/")


def test_hooks_of_this_request_run_before_the_others_and_once(app, visitor, log):
    app.after_request(lambda response: log.append("after") or response)

    @app.route("/<int:number>")
    def view(number):
        if number:
            for n in range(number):
                after_this_request(lambda response, n=n: log.append(n) or response)
        return "x"

    visitor.get("/2")
    visitor.get("/0")
    assert log == [0, 1, "after", "after"]


def test_a_hook_of_this_request_may_add_another(app, visitor):
    @app.route("/")
    def view():
        @after_this_request
        def outer(response):
            @after_this_request
            def inner(response):
                response.headers["X-Inner"] = "yes"
                return response

            return response

        return "x"

    assert visitor.get("/").headers["X-Inner"] == "yes"


def test_a_hook_of_this_request_may_be_added_by_a_hook(app, visitor):
    @app.before_request
    def before():
        @after_this_request
        def mark(response):
            response.headers["X-Mark"] = request.path
            return response

    assert visitor.get("/nowhere").headers["X-Mark"] == "/nowhere"


def test_after_hooks_see_the_error_page(app, visitor, log):
    app.after_request(lambda response: log.append(response.status_code) or response)
    app.route("/")(lambda: 1 / 0)
    assert visitor.get("/").status == 500
    assert log == [500]


def test_an_after_hook_that_raises_makes_a_500_and_runs_again(caplog, app, visitor, log):
    @app.after_request
    def fail(response):
        log.append(response.status_code)
        raise ValueError("in the hook")

    app.route("/")(lambda: "x")
    assert visitor.get("/").status == 500
    assert log == [200, 500]
    assert "in the hook" in caplog.text


# Teardown


def test_teardown_is_told_of_an_error_that_nobody_handled(app, visitor, log):
    listen(app, log)
    app.route("/")(lambda: {}["missing"])
    assert visitor.get("/").status == 500
    error = "KeyError('missing')"
    assert log[-4:] == [
        f"teardown 2 {error}",
        f"teardown 1 {error}",
        f"context 2 {error}",
        f"context 1 {error}",
    ]


def test_teardown_is_not_told_of_an_error_that_was_handled(app, visitor, log):
    listen(app, log)
    app.register_error_handler(KeyError, lambda error: "handled")
    app.route("/")(lambda: {}["missing"])
    assert visitor.get("/").text == "handled"
    assert log[-4:] == ENDING


def test_teardown_runs_where_the_error_leaves_the_app(app, visitor, log):
    app.testing = True
    app.teardown_request(lambda error: log.append(repr(error)))
    app.route("/")(lambda: {}["missing"])
    with pytest.raises(KeyError):
        visitor.get("/")
    assert log == ["KeyError('missing')"]
    assert not has_request_context()


def test_what_a_teardown_function_returns_is_nothing_to_anybody(app, visitor):
    app.teardown_request(lambda error: "ignored")
    app.route("/")(lambda: "x")
    assert visitor.get("/").text == "x"


def test_all_teardown_functions_run_even_if_one_raises(caplog, app, visitor, log):
    app.teardown_request(lambda error: log.append("first"))
    app.teardown_request(lambda error: {}["in teardown"])
    app.teardown_request(lambda error: log.append("last"))
    app.teardown_appcontext(lambda error: log.append("context"))
    app.route("/")(lambda: "x")
    assert visitor.get("/").text == "x"
    assert log == ["last", "first", "context"]
    assert "in teardown" in caplog.text
    assert not has_request_context()


def test_an_error_in_teardown_is_raised_in_tests(app, visitor, log):
    app.testing = True
    app.teardown_request(lambda error: log.append("others run"))
    app.teardown_request(lambda error: {}["in teardown"])
    app.route("/")(lambda: "x")
    with pytest.raises(KeyError, match="in teardown"):
        visitor.get("/")
    assert log == ["others run"]
    assert not has_request_context()


def test_teardown_functions_still_see_the_request(app, visitor, log):
    app.teardown_request(lambda error: log.append((request.path, g.user)))

    @app.route("/x")
    def view():
        g.user = "ada"
        return "x"

    visitor.get("/x")
    assert log == [("/x", "ada")]


def test_the_teardown_functions_of_a_blueprint_come_first(app, visitor, log):
    bp = Blueprint("bp", __name__)
    bp.teardown_request(lambda error: log.append("blueprint"))
    app.teardown_request(lambda error: log.append("app"))
    bp.add_url_rule("/", view_func=lambda: "x", endpoint="x")
    app.register_blueprint(bp)
    visitor.get("/")
    assert log == ["blueprint", "app"]


def test_an_error_may_be_kept_from_teardown(app, visitor, log):
    app.should_ignore_error = lambda error: True
    app.teardown_request(lambda error: log.append(error))
    app.route("/")(lambda: 1 / 0)
    visitor.get("/")
    assert log == [None]
