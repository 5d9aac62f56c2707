"""What is changed by hand after the first request takes effect at the next one, on every lane."""

import pytest

from costrel import Blueprint, Flask, Request, Response, abort, request, session
from costrel.http.exceptions import NotFound
from costrel.parts.sessions import SecureCookieSession, SecureCookieSessionInterface
from costrel.routing.rule import Rule

pytestmark = pytest.mark.usefixtures("every_lane")


@pytest.fixture
def app(make_app):
    """An app that has served its first requests already."""
    app = make_app()
    bp = Blueprint("bp", __name__, url_prefix="/bp")
    for target in (app, bp):
        target.add_url_rule("/", "view", lambda: "view")
        target.add_url_rule("/gone", "gone", lambda: abort(404))
        target.add_url_rule("/session", "session", lambda: repr(session.get("n")))
    app.register_blueprint(bp)
    for path in ("/", "/bp/", "/gone", "/nowhere"):
        app.test_client().get(path)
    return app


@pytest.mark.parametrize(
    "change",
    [
        lambda table, hook: table[None].append(hook),
        lambda table, hook: table[None].insert(0, hook),
        lambda table, hook: table.setdefault(None, []).append(hook),
        lambda table, hook: table.update({None: [hook]}),
        lambda table, hook: table.__setitem__(None, [hook]),
        lambda table, hook: table["bp"].append(hook),
    ],
)
def test_a_hook_before_the_view(app, visitor, change):
    change(app.before_request_funcs, lambda: "hooked")
    assert visitor.get("/bp/").text == "hooked"


def test_hooks_that_are_taken_away(app, visitor):
    app.before_request_funcs[None].append(lambda: "hooked")
    assert visitor.get("/").text == "hooked"
    app.before_request_funcs[None].pop()
    assert visitor.get("/").text == "view"


def test_a_hook_of_one_blueprint_only(app, visitor):
    app.before_request_funcs["bp"].append(lambda: "hooked")
    assert (visitor.get("/bp/").text, visitor.get("/").text) == ("hooked", "view")


def test_hooks_after_the_view_and_at_the_end(app, visitor):
    log = []
    app.after_request_funcs[None].append(lambda response: log.append("after") or response)
    app.teardown_request_funcs[None].append(lambda error: log.append("teardown"))
    app.teardown_appcontext_funcs.append(lambda error: log.append("context"))
    app.url_value_preprocessors[None].append(lambda endpoint, values: log.append("values"))
    visitor.get("/")
    assert log == ["values", "after", "teardown", "context"]


@pytest.mark.parametrize(
    "change",
    [
        lambda spec, handler: spec[None][404].__setitem__(NotFound, handler),
        lambda spec, handler: spec[None][None].update({NotFound: handler}),
        lambda spec, handler: spec.__setitem__(None, {404: {NotFound: handler}}),
        lambda spec, handler: (
            spec.setdefault(None, {}).setdefault(404, {}).update({NotFound: handler})
        ),
    ],
)
def test_an_error_handler(app, visitor, change):
    change(app.error_handler_spec, lambda error: "handled")
    assert visitor.get("/gone").text == "handled"
    assert visitor.get("/nowhere").text == "handled"
    app.error_handler_spec.clear()
    assert visitor.get("/gone").status == 404


@pytest.mark.parametrize(
    "change",
    [
        lambda views, view: views.__setitem__("view", view),
        lambda views, view: views.update(view=view),
        lambda views, view: views.__ior__({"view": view}),
    ],
)
def test_a_view(app, visitor, change):
    change(app.view_functions, lambda: "other")
    assert visitor.get("/").text == "other"


def test_all_views_wrapped_in_a_new_table(app, visitor):
    app.view_functions = {
        name: lambda view=view: f"<{view()}>" for name, view in app.view_functions.items()
    }
    assert visitor.get("/").text == "<view>"
    app.view_functions["view"] = lambda: "again"
    assert visitor.get("/").text == "again"


@pytest.mark.parametrize(
    "table", ["before_request_funcs", "after_request_funcs", "url_value_preprocessors"]
)
def test_a_new_table_of_hooks(app, visitor, table):
    log = []

    def hook(*args):
        log.append(table)
        return args[0] if table == "after_request_funcs" else None

    setattr(app, table, {None: [hook]})
    visitor.get("/")
    getattr(app, table)[None].append(hook)
    visitor.get("/")
    assert log == [table] * 3


def test_a_new_list_of_teardown_functions(app, visitor):
    log = []
    app.teardown_appcontext_funcs = [lambda error: log.append(1)]
    visitor.get("/")
    app.teardown_appcontext_funcs.append(lambda error: log.append(2))
    visitor.get("/")
    assert log == [1, 2, 1]


def test_a_rule_added_to_the_map(app, visitor):
    app.url_map.add(Rule("/late/<int:n>", endpoint="late"))
    app.view_functions["late"] = lambda n: f"late {n}"
    assert visitor.get("/late/3").text == "late 3"


def test_a_url_map_with_other_slashes(app, visitor):
    app.url_map.add(Rule("/folder/", endpoint="view", strict_slashes=False))
    assert visitor.get("/folder").text == "view"


def test_middleware_around_the_app(app, visitor):
    inner = app.wsgi_app

    def middleware(environ, start_response):
        environ["PATH_INFO"] = "/"
        return inner(environ, start_response)

    app.wsgi_app = middleware
    assert visitor.get("/nowhere").text == "view"


def test_another_session_interface(app, visitor):
    class Counting(SecureCookieSessionInterface):
        opened = 0

        def open_session(self, app, request):
            Counting.opened += 1
            return SecureCookieSession({"n": Counting.opened})

        def save_session(self, app, session, response):
            response.headers["X-Saved"] = str(session["n"])

    app.session_interface = Counting()
    assert visitor.get("/session").text == "1"
    assert visitor.get("/").headers["X-Saved"] == "2"
    assert Counting.opened == 2


def test_another_response_and_request_class(app, visitor):
    class Plain(Response):
        default_mimetype = "text/plain"

    class Named(Request):
        name = "ada"

    app.response_class = Plain
    app.request_class = Named
    app.view_functions["view"] = lambda: request.name
    answer = visitor.get("/")
    assert answer.text == "ada"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_settings(app, visitor):
    app.view_functions["view"] = lambda: request.data
    app.url_map.add(Rule("/post", endpoint="view", methods=["POST"]))
    assert visitor.post("/post", "x" * 20).status == 200
    app.config["MAX_CONTENT_LENGTH"] = 10
    assert visitor.post("/post", "x" * 20).status == 413
    app.config["TRUSTED_HOSTS"] = ["example.test"]
    assert visitor.get("/").status == 400
    app.config["TRUSTED_HOSTS"] = None
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.view_functions["view"] = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        visitor.get("/")


def test_the_secret_key(app, visitor):
    app.view_functions["view"] = lambda: str(session.setdefault("n", 1))
    visitor.get("/")
    assert visitor.get("/session").text == "1"
    app.secret_key = "another key of sixteen bytes"
    assert visitor.get("/session").text == "None"


def test_subdomains_and_hosts(app, visitor):
    app.config["SERVER_NAME"] = "x.test"
    app.url_map.add(Rule("/", endpoint="sub", subdomain="sub"))
    app.view_functions["sub"] = lambda: "sub"
    app.subdomain_matching = True
    assert visitor.get("/", HTTP_HOST="sub.x.test").text == "sub"
    assert visitor.get("/", HTTP_HOST="x.test").text == "view"


@pytest.mark.parametrize(
    "verb",
    [
        "dispatch_request",
        "full_dispatch_request",
        "preprocess_request",
        "handle_user_exception",
        "make_response",
    ],
)
def test_a_step_replaced_on_the_app(app, visitor, verb, monkeypatch):
    log = []
    plain = getattr(app, verb)

    def replaced(*args):
        log.append(verb)
        return plain(*args)

    monkeypatch.setattr(app, verb, replaced)
    visitor.get("/gone")
    assert log == [verb]


def test_a_step_replaced_on_the_class_before_the_first_request(make_app, visit):
    class Mine(Flask):
        pass

    app = make_app(Mine)
    app.route("/")(lambda: "view")
    plain = Flask.dispatch_request

    def replaced(self):
        return f"<{plain(self)}>"

    Mine.dispatch_request = replaced
    assert visit(app).get("/").text == "<view>"


def test_json_by_another_provider(app, visitor):
    app.view_functions["view"] = lambda: {"b": 1, "a": 2}
    assert visitor.get("/").text == '{"a":2,"b":1}\n'
    app.json.sort_keys = False
    app.json.compact = False
    assert visitor.get("/").text == '{\n  "b": 1,\n  "a": 2\n}\n'
    app.json = type(app.json)(app)
    assert visitor.get("/").text == '{"a":2,"b":1}\n'


def test_a_signal_that_is_listened_to_late(app, visitor):
    from costrel.parts import signals

    seen = []
    with signals.request_started.connected_to(lambda sender: seen.append(request.path), app):
        visitor.get("/")
    visitor.get("/bp/")
    assert seen == ["/"]
