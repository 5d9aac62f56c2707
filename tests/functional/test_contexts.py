"""Contexts: what is current where, what they share, and that all are left again."""

import threading

import pytest

from costrel import (
    Flask,
    copy_current_request_context,
    current_app,
    g,
    has_app_context,
    has_request_context,
    request,
    session,
    url_for,
)
from costrel.shortcuts.globals import app_ctx, request_ctx

pytestmark = pytest.mark.usefixtures("every_lane")


@pytest.fixture(autouse=True)
def nothing_is_left_over():
    """No test leaves a context behind."""
    yield
    assert not has_app_context()


@pytest.mark.parametrize("name", ["request", "session", "request_ctx"])
def test_outside_of_a_request_the_error_says_what_to_do(app, name):
    proxy = globals()[name]
    with pytest.raises(RuntimeError, match="outside of request context") as refused:
        bool(proxy.anything)
    assert "app.test_request_context" in str(refused.value)
    with app.app_context(), pytest.raises(RuntimeError, match="outside of request context"):
        bool(proxy.anything)


@pytest.mark.parametrize("name", ["current_app", "g", "app_ctx"])
def test_outside_of_an_app_the_error_says_what_to_do(name):
    proxy = globals()[name]
    with pytest.raises(RuntimeError, match="outside of application context") as refused:
        bool(proxy.anything)
    assert "app.app_context()" in str(refused.value)


def test_within_a_view_everything_is_there(app, visitor):
    @app.route("/<name>")
    def view(name):
        assert current_app == app
        assert current_app._get_current_object() is app
        assert (has_app_context(), has_request_context()) == (True, True)
        assert request_ctx.request == request
        assert app_ctx.app is app
        return f"{request.endpoint} {request.path} {g.get('x', 'no x')} {len(session)}"

    assert visitor.get("/ada").text == "view /ada no x 0"
    assert not has_request_context()


def test_g_lasts_one_request(app, visitor):
    @app.route("/")
    def view():
        g.count = g.get("count", 0) + 1
        return str(g.count)

    assert [visitor.get("/").text for _ in range(2)] == ["1", "1"]


def test_an_app_context_is_entered_and_left(app):
    log = []
    app.teardown_appcontext(log.append)
    with app.app_context() as ctx:
        assert current_app == app
        g.x = 1
        assert ctx.g.x == 1
        assert not has_request_context()
    assert log == [None]
    assert repr(ctx) == "<AppContext of functional>"


def test_the_teardown_of_an_app_context_is_told_of_the_error(app):
    log = []
    app.teardown_appcontext(log.append)
    error = KeyError("x")
    with pytest.raises(KeyError), app.app_context():
        raise error
    assert log == [error]


def test_app_contexts_nest_and_each_has_a_g(app, make_app):
    other = make_app()
    with app.app_context():
        g.name = "outer"
        with other.app_context():
            assert current_app == other
            assert "name" not in g
        assert (current_app, g.name) == (app, "outer")


def test_an_app_context_may_be_pushed_twice(app):
    log = []
    app.teardown_appcontext(log.append)
    ctx = app.app_context()
    ctx.push()
    ctx.push()
    g.x = 1
    ctx.pop()
    assert (g.x, log) == (1, [])
    ctx.pop()
    assert log == [None]


def test_contexts_are_left_in_the_order_they_were_entered(app):
    first, second = app.app_context(), app.app_context()
    first.push()
    second.push()
    with pytest.raises(AssertionError, match="left in the reverse order"):
        first.pop()
    second.pop()
    first.pop()


def test_a_request_context_is_made_of_an_environ_or_of_a_path(app, visitor):
    app.route("/<name>")(lambda name: name)
    environ = visitor.environ("GET", "/ada?q=1", {}, b"")
    with app.request_context(environ) as ctx:
        assert (request.endpoint, request.view_args) == ("<lambda>", {"name": "ada"})
        assert request.args["q"] == "1"
        assert repr(ctx).startswith("<RequestContext of functional") or "functional" in repr(ctx)
    with app.test_request_context("/bob", method="POST", data={"a": "b"}):
        assert (request.method, request.form["a"]) == ("POST", "b")
        assert request.routing_exception.code == 405


def test_a_request_context_runs_teardown_when_it_is_left(app):
    log = []
    app.teardown_request(lambda error: log.append(("request", error)))
    app.teardown_appcontext(lambda error: log.append(("app", error)))
    with app.test_request_context():
        assert log == []
    assert log == [("request", None), ("app", None)]


def test_a_request_context_may_be_pushed_twice_and_ends_once(app):
    log = []
    app.teardown_request(lambda error: log.append("end"))
    ctx = app.test_request_context()
    ctx.push()
    with ctx:
        pass
    assert (has_request_context(), log) == (True, [])
    ctx.pop()
    assert log == ["end"]


def test_the_error_being_handled_is_told_where_none_is_given(app):
    log = []
    app.teardown_request(log.append)
    app.teardown_appcontext(log.append)
    error = ValueError("x")
    ctx = app.test_request_context()
    ctx.push()
    try:
        raise error
    except ValueError:
        ctx.pop()
    assert log == [error, error]
    ctx = app.app_context()
    ctx.push()
    try:
        raise error
    except ValueError:
        ctx.pop(None)
    assert log == [error, error, None]


def test_within_a_request_an_app_context_keeps_the_request(app):
    with app.test_request_context("/here"):
        g.x = 1
        with app.app_context() as ctx:
            assert request.path == "/here"
            assert ctx.request.path == "/here"
            assert len(session) == 0
            assert "x" not in g
        assert g.x == 1


def test_a_request_within_an_app_context_shares_its_g(app, visitor):
    log = []
    app.teardown_appcontext(lambda error: log.append("end"))
    app.route("/")(lambda: g.setdefault("x", "fresh"))
    with app.app_context():
        g.x = "shared"
        assert visitor.get("/").text == "shared"
        assert log == []
    assert log == ["end"]


def test_a_request_within_a_context_of_another_app_has_a_g_of_its_own(app, make_app, visitor):
    app.route("/")(lambda: g.setdefault("x", "fresh"))
    with make_app().app_context():
        g.x = "other"
        assert visitor.get("/").text == "fresh"
        assert g.x == "other"


def test_an_app_may_ask_another_in_the_middle_of_a_request(app, make_app, visitor, visit):
    other = make_app(Flask)
    other.route("/inner")(lambda: f"{request.path} of {current_app is not None}")

    @app.route("/outer")
    def outer():
        inner = visit(other).get("/inner").text
        return f"{inner}, back at {request.path}"

    assert visitor.get("/outer").text == "/inner of True, back at /outer"


def test_a_copied_context_goes_into_another_thread(app, visitor):
    @app.route("/<name>")
    def view(name):
        session["seen"] = name
        found = []

        @copy_current_request_context
        def work(greeting):
            found.append(f"{greeting} {request.view_args['name']} {session['seen']}")

        thread = threading.Thread(target=work, args=("hello",))
        thread.start()
        thread.join()
        return found[0]

    assert visitor.get("/ada").text == "hello ada ada"


def test_a_thread_without_a_copy_has_no_context(app, visitor):
    @app.route("/")
    def view():
        found = []
        thread = threading.Thread(target=lambda: found.append(has_request_context()))
        thread.start()
        thread.join()
        return str(found[0])

    assert visitor.get("/").text == "False"


def test_copying_outside_of_a_request_is_an_error(app):
    with pytest.raises(RuntimeError, match="outside of application context"):
        copy_current_request_context(print)
    with app.app_context(), pytest.raises(RuntimeError, match="outside of request context"):
        copy_current_request_context(print)


def test_verbs_can_be_called_by_hand(app):
    log = []
    app.before_request(lambda: log.append("before"))
    app.after_request(lambda response: log.append("after") or response)
    app.teardown_request(lambda error: log.append("end"))
    app.route("/<name>")(lambda name: name)
    with app.test_request_context("/ada"):
        assert app.preprocess_request() is None
        value = app.dispatch_request()
        response = app.process_response(app.make_response(value))
        assert response.get_data() == b"ada"
        assert app.full_dispatch_request().get_data() == b"ada"
    assert log == ["before", "after", "before", "after", "end"]


def test_teardown_verbs_can_be_called_by_hand(app):
    log = []
    app.teardown_request(lambda error: log.append("request"))
    app.teardown_appcontext(lambda error: log.append("app"))
    ctx = app.test_request_context()
    with ctx:
        app.do_teardown_request()
        app.do_teardown_appcontext()
        assert log == ["request", "app"]


def test_a_session_may_be_set_on_the_context(app):
    with app.test_request_context() as ctx:
        ctx.session = {"given": 1}
        assert request_ctx._session == {"given": 1}


@pytest.mark.parametrize("has_context", [True, False])
def test_a_logged_exception_names_the_request_if_there_is_one(app, caplog, has_context):
    def fail():
        try:
            raise ValueError("to be logged")
        except ValueError as error:
            app.log_exception((type(error), error, error.__traceback__))

    if has_context:
        with app.test_request_context("/where\n"):
            fail()
        assert "Exception on /where" in caplog.text
        assert "/where\n [" not in caplog.text
    else:
        fail()
        assert caplog.records[0].message == "Exception"
    assert "to be logged" in caplog.text


def test_a_url_can_be_built_wherever_the_server_is_known(app):
    app.route("/<name>", endpoint="named")(lambda name: name)
    with app.test_request_context():
        assert url_for("named", name="a b") == "/a%20b"
    with pytest.raises(RuntimeError, match="set SERVER_NAME"):
        app.url_for("named", name="a")
    with app.app_context(), pytest.raises(RuntimeError, match="set SERVER_NAME"):
        url_for("named", name="a")
    app.config["SERVER_NAME"] = "x.test"
    assert app.url_for("named", name="a") == "http://x.test/a"
    with app.app_context():
        assert url_for("named", name="a") == "http://x.test/a"
        assert url_for("named", name="a", _external=False) == "/a"
