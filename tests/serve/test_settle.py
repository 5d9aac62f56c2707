"""Between a view's response and the client: after-hooks, then the session."""

from costrel import Flask, after_this_request, session
from costrel.serve.drive import step
from costrel.serve.plan import Plan
from costrel.serve.settle import settle


def test_hooks_of_this_request_come_first_then_the_plans_then_the_session():
    app = Flask("settling", static_folder=None)
    app.secret_key = "a key of sixteen bytes"
    log = []

    def note(name):
        return lambda response: log.append((name, "Set-Cookie" in response.headers)) or response

    plan = Plan(None, print, after=(note("plan"),))
    with app.test_request_context() as ctx:
        after_this_request(note("request"))
        session["n"] = 1
        response = step(settle(ctx, plan, app.response_class("x")))
    assert log == [("request", False), ("plan", False)]
    assert "Set-Cookie" in response.headers


def test_a_request_without_a_session_saves_none():
    app = Flask("settling", static_folder=None)
    with app.test_request_context() as ctx:
        ctx.touched = True
        response = step(settle(ctx, Plan(None, print), app.response_class("x")))
    assert list(response.headers) == [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", "1"),
    ]
