"""What an app and a blueprint share: the declaring methods and what they fill."""

import pytest

from costrel import Blueprint, Flask
from costrel.declare.scaffold import Scaffold
from costrel.http.exceptions import HTTPException, NotFound


@pytest.fixture
def app():
    return Flask("declaring", static_folder=None)


@pytest.fixture(params=["app", "blueprint"])
def scaffold(request, app):
    return app if request.param == "app" else Blueprint("bp", "declaring")


def view():
    return "seen"


def rules_of(app):
    return {rule.rule: set(rule.methods) for rule in app.url_map.iter_rules()}


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_each_method_has_a_decorator_of_its_own(app, method):
    assert getattr(app, method)("/x")(view) is view
    extra = {"HEAD"} if method == "get" else set()
    assert rules_of(app) == {"/x": {method.upper(), "OPTIONS"} | extra}


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_the_decorator_of_one_method_takes_no_list_of_methods(scaffold, method):
    with pytest.raises(TypeError, match=r"Use @route\(\.\.\., methods"):
        getattr(scaffold, method)("/x", methods=["GET"])


def test_several_routes_may_stand_above_one_view(app):
    app.route("/a")(app.route("/b", methods=["POST"])(view))
    assert rules_of(app) == {"/a": {"GET", "HEAD", "OPTIONS"}, "/b": {"POST", "OPTIONS"}}
    assert app.view_functions == {"view": view}


def test_a_view_may_be_declared_for_an_endpoint_alone(app):
    app.endpoint("named")(view)
    app.add_url_rule("/n", endpoint="named")
    assert app.view_functions["named"] is view
    assert app.test_client().get("/n").text == "seen"


@pytest.mark.parametrize(
    ("decorator", "table"),
    [
        ("before_request", "before_request_funcs"),
        ("after_request", "after_request_funcs"),
        ("teardown_request", "teardown_request_funcs"),
        ("context_processor", "template_context_processors"),
        ("url_value_preprocessor", "url_value_preprocessors"),
        ("url_defaults", "url_default_functions"),
    ],
)
def test_a_hook_is_written_into_its_table_and_stays_the_function(scaffold, decorator, table):
    assert getattr(scaffold, decorator)(view) is view
    assert getattr(scaffold, table)[None][-1] is view


def test_an_error_handler_is_kept_by_scope_code_and_class(scaffold):
    class Odd(Exception):
        pass

    assert scaffold.errorhandler(404)(view) is view
    scaffold.register_error_handler(Odd, view)
    scaffold.register_error_handler(HTTPException, view)
    assert scaffold.error_handler_spec[None] == {
        404: {NotFound: view},
        None: {Odd: view, HTTPException: view},
    }


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (999, ValueError, "999 is no HTTP error"),
        (200, ValueError, "200 is no HTTP error"),
        (KeyError("x"), TypeError, "is an instance, not a class"),
        (NotFound(), TypeError, "is an instance, not a class"),
        (KeyboardInterrupt, ValueError, "'KeyboardInterrupt' is not a subclass of Exception"),
        (int, ValueError, "'int' is not a subclass of Exception"),
        ("404", ValueError, "''404'' is not a subclass of Exception"),
        (None, ValueError, "'None' is not a subclass of Exception"),
    ],
)
def test_an_error_handler_is_for_classes_and_codes(scaffold, wrong, error, says):
    with pytest.raises(error, match=says):
        scaffold.register_error_handler(wrong, view)


def test_a_rule_without_endpoint_and_view_is_refused(scaffold, app):
    with pytest.raises(AssertionError, match="needs a view, whose name it takes"):
        scaffold.add_url_rule("/x")
        app.register_blueprint(scaffold)


def test_it_says_what_it_is(app):
    assert repr(app) == "<Flask 'declaring'>"
    assert repr(Blueprint("bp", "declaring")) == "<Blueprint 'bp'>"


LATE_ON_BOTH = [
    lambda it: it.route("/late"),
    lambda it: it.get("/late"),
    lambda it: it.post("/late"),
    lambda it: it.put("/late"),
    lambda it: it.patch("/late"),
    lambda it: it.delete("/late"),
    lambda it: it.add_url_rule("/late", view_func=view),
    lambda it: it.endpoint("late"),
    lambda it: it.before_request(view),
    lambda it: it.after_request(view),
    lambda it: it.teardown_request(view),
    lambda it: it.context_processor(view),
    lambda it: it.url_value_preprocessor(view),
    lambda it: it.url_defaults(view),
    lambda it: it.errorhandler(404),
    lambda it: it.register_error_handler(404, view),
    lambda it: it.register_blueprint(Blueprint("late", "declaring")),
]
LATE_ON_APP = [
    lambda app: app.teardown_appcontext(view),
    lambda app: app.shell_context_processor(view),
    lambda app: app.template_filter("late"),
    lambda app: app.add_template_filter(view),
    lambda app: app.template_test("late"),
    lambda app: app.add_template_test(view),
    lambda app: app.template_global("late"),
    lambda app: app.add_template_global(view),
]


@pytest.mark.parametrize("declare", LATE_ON_BOTH + LATE_ON_APP)
def test_an_app_that_serves_refuses_the_declaring_methods(app, declare):
    app.test_client().get("/")
    with pytest.raises(AssertionError, match="can no longer be called on the application"):
        declare(app)


@pytest.mark.parametrize("declare", LATE_ON_BOTH)
def test_a_registered_blueprint_refuses_the_declaring_methods(app, declare):
    bp = Blueprint("bp", "declaring")
    app.register_blueprint(bp)
    with pytest.raises(AssertionError, match="can no longer be called on the blueprint 'bp'"):
        declare(bp)


def test_a_scaffold_alone_leaves_the_rest_to_its_kinds():
    bare = Scaffold("declaring")
    for unwritten in (
        lambda: bare.add_url_rule("/"),
        lambda: bare._check_setup_finished("route"),
    ):
        with pytest.raises(NotImplementedError):
            unwritten()


def test_a_scaffold_alone_takes_note_of_changes_without_doing_anything():
    bare = Scaffold("declaring")
    bare.before_request_funcs[None].append(view)
    assert bare.before_request_funcs == {None: [view]}
