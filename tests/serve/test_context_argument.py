"""Verbs with the context as their first argument, and without."""

from costrel import Flask, Response, abort
from costrel.serve.context import RequestContext


class Newer(Flask):
    """An app as programs for newer versions of Flask write it."""

    seen: list

    def full_dispatch_request(self, ctx):
        return super().full_dispatch_request(ctx)

    def preprocess_request(self, ctx):
        self.seen.append(("preprocess", ctx.request.path))
        return super().preprocess_request(ctx)

    def dispatch_request(self, ctx):
        self.seen.append(("dispatch", isinstance(ctx, RequestContext)))
        return super().dispatch_request(ctx)

    def process_response(self, ctx, response):
        response.headers["X-Path"] = ctx.request.path
        return super().process_response(ctx, response)

    def handle_user_exception(self, ctx, e):
        self.seen.append(("error", type(e).__name__))
        return super().handle_user_exception(ctx, e)

    def do_teardown_request(self, ctx, exc=None):
        self.seen.append(("teardown", exc))
        super().do_teardown_request(ctx, exc)


class Mixed(Newer):
    """One that overrides a verb of it in the older form."""

    def dispatch_request(self):
        return super().dispatch_request()


def make_app(kind):
    app = kind("newer", static_folder=None)
    app.seen = []
    app.add_url_rule("/", "root", lambda: "root")
    app.add_url_rule("/gone", "gone", lambda: abort(410))
    return app


def test_a_verb_that_takes_the_context_is_handed_it():
    app = make_app(Newer)
    answer = app.test_client().get("/")
    assert (answer.text, answer.headers["X-Path"]) == ("root", "/")
    assert app.seen == [("preprocess", "/"), ("dispatch", True), ("teardown", None)]


def test_errors_come_with_the_context_too():
    app = make_app(Newer)
    assert app.test_client().get("/gone").status_code == 410
    assert ("error", "Gone") in app.seen


def test_both_forms_may_be_mixed():
    app = make_app(Mixed)
    assert app.test_client().get("/").text == "root"
    assert ("dispatch", True) in app.seen


def test_the_apps_own_verbs_take_either_form():
    app = make_app(Flask)
    with app.test_request_context("/") as ctx:
        assert app.dispatch_request() == app.dispatch_request(ctx) == "root"
        assert isinstance(app.full_dispatch_request(ctx), Response)
        assert app.process_response(ctx, Response("x")).get_data() == b"x"


def test_a_verb_with_an_argument_of_another_name_is_left_alone():
    class Older(Flask):
        def handle_user_exception(self, e):
            return f"handled {e.code}"

    app = make_app(Older)
    assert app.test_client().get("/gone").text == "handled 410"
