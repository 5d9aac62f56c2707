"""The stacks that contexts were on."""

import threading

from costrel import Flask, g
from costrel.flask.old_api.context_stacks import _app_ctx_stack, _request_ctx_stack


def test_outside_of_contexts_there_is_no_top():
    assert _app_ctx_stack.top is _request_ctx_stack.top is None
    assert _request_ctx_stack.pop() is None


def test_the_top_of_an_app_context():
    app = Flask(__name__)
    with app.app_context() as ctx:
        assert _app_ctx_stack.top is ctx
        assert _app_ctx_stack.top.app is app
        assert _request_ctx_stack.top is None


def test_things_kept_on_the_top_last_as_long_as_the_context():
    app = Flask(__name__)

    @app.route("/")
    def index():
        top = _app_ctx_stack.top
        before = hasattr(top, "database")
        top.database = "open"
        _request_ctx_stack.top.user = "me"
        g.name = "same"
        return f"{before} {_app_ctx_stack.top.database} {_request_ctx_stack.top.user} {top.g.name}"

    client = app.test_client()
    assert [client.get("/").text for _ in range(2)] == ["False open me same"] * 2


def test_an_app_context_in_a_request_is_the_app_stacks_top():
    app, other = Flask(__name__), Flask("other")
    with app.test_request_context("/x"), other.app_context():
        assert _app_ctx_stack.top.app is other
        assert _request_ctx_stack.top.app is app
        assert _request_ctx_stack.top.request.path == "/x"


def test_a_request_in_an_app_context_of_its_app_has_that_one():
    app = Flask(__name__)
    with app.app_context() as outer, app.test_request_context():
        assert _app_ctx_stack.top is outer
        assert _request_ctx_stack.top is not outer


def test_contexts_are_entered_and_left_by_a_stack():
    app = Flask(__name__)
    ended = []
    app.teardown_request(ended.append)
    ctx = app.test_request_context("/")
    _request_ctx_stack.push(ctx)
    assert _request_ctx_stack.top is ctx
    assert _request_ctx_stack.pop() is ctx
    assert (_request_ctx_stack.top, ended) == (None, [None])


def test_threads_are_told_apart():
    # Flask-SQLAlchemy 2 keeps a session for each.
    found = [_app_ctx_stack.__ident_func__()]
    thread = threading.Thread(target=lambda: found.append(_app_ctx_stack.__ident_func__()))
    thread.start()
    thread.join()
    assert found[0] == _app_ctx_stack.__ident_func__() != found[1]
