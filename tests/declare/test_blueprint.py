"""Blueprints: declarations kept for later, and how they are registered on an app."""

import click
import pytest

from costrel import Blueprint, Flask, g, render_template_string, request, url_for
from costrel.declare.blueprint import BlueprintSetupState, join_paths


@pytest.fixture
def app():
    return Flask("registering", static_folder=None)


@pytest.fixture
def client(app):
    return app.test_client()


def view(**values):
    return f"{request.endpoint} {request.path} {sorted(request.view_args.items())}"


def make(name="bp", **options):
    bp = Blueprint(name, "registering", **options)
    bp.add_url_rule("/view", view_func=view)
    return bp


def urls(app):
    return {rule.rule: rule.endpoint for rule in app.url_map.iter_rules()}


# Names


@pytest.mark.parametrize(("name", "says"), [("", "needs a name"), ("a.b", "has no dot")])
def test_a_blueprint_has_a_name_without_dots(name, says):
    with pytest.raises(ValueError, match=says):
        Blueprint(name, "registering")


@pytest.mark.parametrize("options", [{"endpoint": "a.b"}, {"view_func": type("a.b", (), {})}])
def test_an_endpoint_or_view_name_has_no_dot(options):
    with pytest.raises(ValueError, match=r"has no dot, and 'a\.b' has"):
        make().add_url_rule("/x", **options)


def test_a_name_is_taken_once(app):
    app.register_blueprint(make())
    with pytest.raises(ValueError, match="taken by another blueprint"):
        app.register_blueprint(make())


def test_the_same_blueprint_needs_a_second_name(app):
    bp = make()
    app.register_blueprint(bp)
    with pytest.raises(ValueError, match=r"taken by this blueprint.*name='\.\.\.'"):
        app.register_blueprint(bp)
    app.register_blueprint(bp, name="again", url_prefix="/again")
    assert urls(app) == {"/view": "bp.view", "/again/view": "again.view"}
    assert list(app.iter_blueprints()) == [bp, bp]
    assert list(app.blueprints) == ["bp", "again"]


# Prefixes


@pytest.mark.parametrize(
    ("prefix", "rule", "joined"),
    [
        ("/p", "/view", "/p/view"),
        ("/p/", "/view", "/p/view"),
        ("/p", "view", "/p/view"),
        ("/p/", "//view", "/p/view"),
        ("/", "/view", "/view"),
        ("", "/view", "/view"),
        ("/p", "", "/p"),
        ("/p", "/", "/p/"),
        ("/p/<int:n>", "/view", "/p/<int:n>/view"),
    ],
)
def test_a_prefix_and_a_rule_are_joined_by_one_slash(app, prefix, rule, joined):
    bp = Blueprint("bp", "registering", url_prefix=prefix)
    bp.add_url_rule(rule, "view", view)
    app.register_blueprint(bp)
    assert urls(app) == {joined: "bp.view"}


def test_the_prefix_of_the_registration_comes_first(app):
    app.register_blueprint(make(url_prefix="/own"), url_prefix="/given")
    assert urls(app) == {"/given/view": "bp.view"}


def test_paths_are_joined_with_one_slash():
    assert join_paths("/a/", "/b/") == "/a/b/"


def test_default_values_go_from_the_blueprint_to_the_registration_to_the_rule(app, client):
    bp = Blueprint("bp", "registering", url_defaults={"a": 1, "b": 1, "c": 1})
    bp.add_url_rule("/", view_func=view, defaults={"c": 3})
    app.register_blueprint(bp, url_defaults={"b": 2})
    assert client.get("/").text == "bp.view / [('a', 1), ('b', 2), ('c', 3)]"


def test_a_subdomain_of_the_registration_comes_first():
    app = Flask("registering", static_folder=None, subdomain_matching=True)
    app.config["SERVER_NAME"] = "x.test"
    app.register_blueprint(make(subdomain="own"))
    app.register_blueprint(make("other", subdomain="own"), subdomain="given")
    client = app.test_client()
    assert client.get("/view", base_url="http://own.x.test").text.startswith("bp.view")
    assert client.get("/view", base_url="http://given.x.test").text.startswith("other.view")
    assert client.get("/view", base_url="http://x.test").status_code == 404


# Deferred functions


def test_each_registration_calls_what_was_recorded(app):
    states = []
    bp = Blueprint("bp", "registering")
    bp.record(states.append)
    app.register_blueprint(bp, url_prefix="/a")
    app.register_blueprint(bp, name="b", url_prefix="/b")
    assert [state.url_prefix for state in states] == ["/a", "/b"]
    assert [state.first_registration for state in states] == [True, False]
    assert all(state.app is app and state.blueprint is bp for state in states)


def test_what_is_recorded_once_is_called_at_the_first_registration_on_each_app(app):
    apps = []
    bp = Blueprint("bp", "registering")
    bp.record_once(lambda state: apps.append(state.app))
    app.register_blueprint(bp)
    app.register_blueprint(bp, name="b")
    other = Flask("other")
    other.register_blueprint(bp)
    assert apps == [app, other]


def test_a_blueprint_may_have_a_setup_state_of_its_own(app):
    class Shouting(BlueprintSetupState):
        def add_url_rule(self, rule, endpoint=None, view_func=None, **options):
            super().add_url_rule(rule.upper(), endpoint, view_func, **options)

    class Mine(Blueprint):
        def make_setup_state(self, app, options, first_registration=False):
            return Shouting(self, app, options, first_registration)

    bp = Mine("bp", "registering")
    bp.add_url_rule("/view", view_func=view)
    app.register_blueprint(bp)
    assert urls(app) == {"/VIEW": "bp.view"}


def test_a_setup_state_names_a_rule_after_its_view(app):
    bp = Blueprint("bp", "registering")
    bp.record(lambda state: state.add_url_rule("/by-state", view_func=view))
    app.register_blueprint(bp)
    assert urls(app) == {"/by-state": "bp.view"}


# Hooks


def test_hooks_of_a_blueprint_run_for_its_own_requests_only(app, client):
    log = []
    bp = make()
    bp.before_request(lambda: log.append("before"))
    bp.after_request(lambda response: log.append("after") or response)
    bp.teardown_request(lambda error: log.append("teardown"))
    bp.url_value_preprocessor(lambda endpoint, values: log.append("values"))
    app.register_blueprint(bp)
    app.add_url_rule("/other", view_func=view)
    client.get("/other")
    assert log == []
    client.get("/view")
    assert log == ["values", "before", "after", "teardown"]


def test_hooks_for_the_app_run_for_every_request(app, client):
    log = []
    bp = Blueprint("bp", "registering")
    bp.before_app_request(lambda: log.append("before"))
    bp.after_app_request(lambda response: log.append("after") or response)
    bp.teardown_app_request(lambda error: log.append("teardown"))
    bp.app_url_value_preprocessor(lambda endpoint, values: log.append("values"))
    app.register_blueprint(bp)
    app.register_blueprint(bp, name="twice")
    app.add_url_rule("/other", view_func=view)
    client.get("/other")
    assert log == ["values", "before", "after", "teardown"]


def test_url_defaults_reach_the_urls_they_are_for(app):
    bp = Blueprint("bp", "registering", url_prefix="/<lang>")
    bp.add_url_rule("/view", view_func=lambda lang: lang, endpoint="view")
    bp.url_defaults(lambda endpoint, values: values.setdefault("lang", "de"))
    everywhere = Blueprint("all", "registering")
    everywhere.app_url_defaults(lambda endpoint, values: values.setdefault("q", endpoint))
    app.register_blueprint(bp)
    app.register_blueprint(everywhere)
    app.add_url_rule("/plain", "plain", view)
    with app.test_request_context():
        assert url_for("bp.view") == "/de/view?q=bp.view"
        assert url_for("bp.view", lang="en", q=1) == "/en/view?q=1"
        assert url_for("plain") == "/plain?q=plain"


def test_error_handlers_of_a_blueprint_answer_its_own_errors_only(app, client):
    bp = Blueprint("bp", "registering", url_prefix="/bp")

    @bp.route("/fail")
    @app.route("/fail", endpoint="fail")
    def fail():
        raise KeyError("x")

    bp.register_error_handler(KeyError, lambda error: ("from blueprint", 500))
    app.register_error_handler(KeyError, lambda error: ("from app", 500))
    app.register_blueprint(bp)
    assert client.get("/bp/fail").text == "from blueprint"
    assert client.get("/fail").text == "from app"


def test_an_error_handler_for_the_app_answers_every_error(app, client):
    bp = Blueprint("bp", "registering")

    @bp.app_errorhandler(404)
    def missing(error):
        return "nothing here", 404

    app.register_blueprint(bp)
    assert client.get("/nowhere").text == "nothing here"
    assert missing.__name__ == "missing"


def test_an_endpoint_declared_on_a_blueprint_is_the_apps(app, client):
    bp = Blueprint("bp", "registering")
    bp.endpoint("bp.named")(view)
    bp.add_url_rule("/named", endpoint="named")
    app.register_blueprint(bp)
    assert client.get("/named").text == "bp.named /named []"


def test_context_processors_of_a_blueprint_are_for_its_own_templates(app, client):
    bp = Blueprint("bp", "registering", url_prefix="/bp")

    @bp.route("/page")
    @app.route("/page", endpoint="page")
    def page():
        return render_template_string("{{ mine }} {{ ours }}")

    bp.context_processor(lambda: {"mine": 1})
    bp.app_context_processor(lambda: {"ours": 2})
    app.register_blueprint(bp)
    assert client.get("/bp/page").text == "1 2"
    assert client.get("/page").text == " 2"


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("decorated", [True, False])
def test_filters_tests_and_globals_reach_the_apps_templates(app, named, decorated):
    def double(value):
        return value * 2

    def positive(value):
        return value > 0

    bp = Blueprint("bp", "registering")
    names = ("d", "p", "w") if named else (None, None, None)
    if decorated:
        assert bp.app_template_filter(names[0])(double) is double
        assert bp.app_template_test(names[1])(positive) is positive
        assert bp.app_template_global(names[2])(double) is double
    else:
        bp.add_app_template_filter(double, names[0])
        bp.add_app_template_test(positive, names[1])
        bp.add_app_template_global(double, names[2])
    app.register_blueprint(bp)
    d, p, w = names if named else ("double", "positive", "double")
    with app.app_context():
        assert render_template_string(f"{{{{ 2|{d} }}}} {{{{ 2 is {p} }}}} {{{{ {w}(3) }}}}") == (
            "4 True 6"
        )


# Nested


def nest(*options):
    """Blueprints a, b, c, each nested in the one before, with the given options."""
    made = [
        Blueprint(name, "registering", **given) for name, given in zip("abc", options, strict=False)
    ]
    made[-1].add_url_rule("/view", view_func=view)
    for outer, inner in zip(made, made[1:], strict=False):
        outer.register_blueprint(inner)
    return made


@pytest.mark.parametrize(
    ("prefixes", "rule"),
    [
        (("/a", "/b", "/c"), "/a/b/c/view"),
        ((None, "/b", None), "/b/view"),
        (("/a", None, None), "/a/view"),
        ((None, None, "/c"), "/c/view"),
        ((None, None, None), "/view"),
        (("/a/", "/b/", "c"), "/a/b/c/view"),
    ],
)
def test_prefixes_of_nested_blueprints_are_joined(app, prefixes, rule):
    outer, *_ = nest(*({"url_prefix": prefix} for prefix in prefixes))
    app.register_blueprint(outer)
    assert urls(app) == {rule: "a.b.c.view"}


def test_a_nested_registration_has_options_of_its_own(app):
    outer = Blueprint("a", "registering", url_prefix="/a")
    inner = make("b", url_prefix="/b")
    outer.register_blueprint(inner, url_prefix="/given", name="renamed")
    app.register_blueprint(outer)
    assert urls(app) == {"/a/given/view": "a.renamed.view"}


@pytest.mark.parametrize(
    ("subdomains", "host"),
    [(("a", "b"), "b.a.x.test"), ((None, "b"), "b.x.test"), (("a", None), "a.x.test")],
)
def test_subdomains_of_nested_blueprints_are_joined(subdomains, host):
    app = Flask("registering", static_folder=None, subdomain_matching=True)
    app.config["SERVER_NAME"] = "x.test"
    outer, _ = nest(*({"subdomain": subdomain} for subdomain in subdomains))
    app.register_blueprint(outer)
    client = app.test_client()
    assert client.get("/view", base_url=f"http://{host}").text == "a.b.view /view []"


def test_hooks_of_nested_blueprints_run_from_outside_in_and_back(app, client):
    log = []

    def listen(to, name):
        to.url_value_preprocessor(lambda endpoint, values: log.append(f"{name} values"))
        for number in (1, 2):
            to.before_request(lambda n=number: log.append(f"{name} before {n}"))
            to.after_request(lambda response, n=number: log.append(f"{name} after {n}") or response)
            to.teardown_request(lambda error, n=number: log.append(f"{name} teardown {n}"))

    a, b = nest({}, {})
    for to, name in ((b, "b"), (app, "app"), (a, "a")):
        listen(to, name)
    app.register_blueprint(a)
    client.get("/view")
    ways = {
        "values": ["app", "a", "b"],
        "before": ["app", "a", "b"],
        "after": ["b", "a", "app"],
        "teardown": ["b", "a", "app"],
    }
    expected = [f"{name} values" for name in ways["values"]]
    expected += [f"{name} before {n}" for name in ways["before"] for n in (1, 2)]
    for kind in ("after", "teardown"):
        expected += [f"{name} {kind} {n}" for name in ways[kind] for n in (2, 1)]
    assert log == expected


def test_a_nested_blueprints_error_is_answered_by_the_nearest_handler(app, client):
    a, b = nest({}, {})
    b.add_url_rule("/fail", "fail", lambda: {}["x"])
    b.add_url_rule("/value", "value", lambda: int("x"))
    a.register_error_handler(KeyError, lambda error: "a: key")
    a.register_error_handler(LookupError, lambda error: "a: lookup")
    b.register_error_handler(LookupError, lambda error: "b: lookup")
    app.register_error_handler(ValueError, lambda error: "app: value")
    app.register_blueprint(a)
    assert client.get("/fail").text == "b: lookup"
    assert client.get("/value").text == "app: value"


def test_a_dot_before_an_endpoint_means_the_current_blueprint(app, client):
    a, b = nest({"url_prefix": "/a"}, {"url_prefix": "/b"})
    b.add_url_rule("/here", "here", lambda: url_for(".view"))
    app.register_blueprint(a)
    app.add_url_rule("/top", "top", lambda: url_for(".top"))
    assert client.get("/a/b/here").text == "/a/b/view"
    assert client.get("/top").text == "/top"


def test_a_request_knows_the_blueprints_around_it(app, client):
    a, b = nest({}, {})

    @b.before_request
    def note():
        g.seen = (request.blueprint, request.blueprints)

    b.add_url_rule("/seen", "seen", lambda: list(g.seen))
    app.register_blueprint(a)
    assert client.get("/seen").json == ["a.b", ["a.b", "a"]]


def test_a_blueprint_is_not_nested_in_itself():
    bp = make()
    with pytest.raises(ValueError, match="cannot be nested in itself"):
        bp.register_blueprint(bp)


def test_the_same_blueprint_may_be_nested_under_two_others(app, client):
    shared = make("shared")
    for name in ("one", "two"):
        outer = Blueprint(name, "registering", url_prefix=f"/{name}")
        outer.register_blueprint(shared)
        app.register_blueprint(outer)
    assert client.get("/one/view").text.startswith("one.shared.view")
    assert client.get("/two/view").text.startswith("two.shared.view")


# Static files and commands


def test_a_blueprint_serves_its_own_static_files(app, client, tmp_path):
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "a.css").write_text("a {}")
    bp = Blueprint(
        "bp", "registering", static_folder="css", root_path=str(tmp_path), url_prefix="/bp"
    )
    app.register_blueprint(bp)
    response = client.get("/bp/css/a.css")
    assert (response.text, response.mimetype) == ("a {}", "text/css")
    response.close()
    with app.test_request_context():
        assert url_for("bp.static", filename="a.css") == "/bp/css/a.css"


@pytest.mark.parametrize(
    ("own", "given", "path"),
    [
        ({}, {}, ["bp", "hello"]),
        ({"cli_group": "mine"}, {}, ["mine", "hello"]),
        ({"cli_group": None}, {}, ["hello"]),
        ({}, {"cli_group": "given"}, ["given", "hello"]),
        ({"cli_group": "mine"}, {"cli_group": None}, ["hello"]),
        ({}, {"name": "renamed"}, ["renamed", "hello"]),
    ],
)
def test_commands_of_a_blueprint_become_the_apps(app, own, given, path):
    bp = Blueprint("bp", "registering", **own)

    @bp.cli.command("hello")
    def hello():
        click.echo("hello from a command")

    app.register_blueprint(bp, **given)
    result = app.test_cli_runner().invoke(args=path)
    assert result.output == "hello from a command\n"


def test_a_blueprint_without_commands_adds_no_group(app):
    bp = make()
    assert bp.cli.commands == {}
    app.register_blueprint(bp)
    assert "bp" not in app.cli.commands
