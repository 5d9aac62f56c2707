"""What is declared on an app alone, beside what it shares with blueprints."""

import sys
import types
from datetime import timedelta

import pytest

from costrel import Flask, render_template_string
from costrel.declare.application import Application
from costrel.http.aborter import Aborter
from costrel.parts.config import Config
from costrel.parts.environment import get_debug_flag
from costrel.parts.json_provider import DefaultJSONProvider
from costrel.routing.rule import Rule


@pytest.fixture
def app():
    return Flask("declaring", static_folder=None)


def view():
    return "seen"


def only_rule(app):
    (rule,) = app.url_map.iter_rules()
    return rule


# Names and folders


def test_an_app_is_named_after_its_module(app):
    assert app.name == app.import_name == "declaring"


@pytest.mark.parametrize(("file", "name"), [("/srv/shop.py", "shop"), (None, "__main__")])
def test_an_app_of_a_script_is_named_after_the_script(monkeypatch, file, name, tmp_path):
    main = types.ModuleType("__main__")
    if file is not None:
        main.__file__ = file
    monkeypatch.setitem(sys.modules, "__main__", main)
    app = Flask("__main__", root_path=str(tmp_path), instance_path=str(tmp_path))
    assert app.name == name


def test_the_instance_folder_must_be_absolute(tmp_path):
    assert Flask("a", instance_path=str(tmp_path)).instance_path == str(tmp_path)
    with pytest.raises(ValueError, match="must be absolute, and 'inst' is not"):
        Flask("a", instance_path="inst")


def test_config_is_read_relative_to_root_or_instance(tmp_path):
    root, instance = tmp_path / "root", tmp_path / "inst"
    options = {"root_path": str(root), "instance_path": str(instance)}
    assert Flask("a", **options).config.root_path == str(root)
    relative = Flask("a", instance_relative_config=True, **options)
    assert relative.config.root_path == str(instance)


def test_an_instance_resource_is_opened_in_the_instance_folder(tmp_path):
    app = Flask("a", instance_path=str(tmp_path))
    with app.open_instance_resource("note", "wb") as file:
        file.write(b"kept")
    with app.open_instance_resource("note") as file:
        assert file.read() == b"kept"
    with app.open_instance_resource("note", "r", encoding="ascii") as file:
        assert (file.read(), file.encoding) == ("kept", "ascii")


# What it is fitted with


def test_the_parts_are_made_by_their_classes():
    class MyConfig(Config):
        pass

    class MyAborter(Aborter):
        pass

    class MyJSON(DefaultJSONProvider):
        pass

    class MyRule(Rule):
        pass

    class MyFlask(Flask):
        config_class = MyConfig
        aborter_class = MyAborter
        json_provider_class = MyJSON
        url_rule_class = MyRule

    app = MyFlask("a", static_folder=None)
    app.add_url_rule("/", view_func=view)
    kinds = [type(each) for each in (app.config, app.aborter, app.json, only_rule(app))]
    assert kinds == [MyConfig, MyAborter, MyJSON, MyRule]


def test_a_subclass_may_have_other_defaults():
    class Quiet(Flask):
        default_config = {**Flask.default_config, "TESTING": True, "MINE": 1}

    app = Quiet("a")
    assert app.testing is True
    assert app.config["MINE"] == 1


def test_some_settings_are_attributes(app):
    app.testing = True
    app.secret_key = "key"
    app.permanent_session_lifetime = timedelta(hours=1)
    assert app.config["TESTING"] is True
    assert app.config["SECRET_KEY"] == "key"
    assert app.config["PERMANENT_SESSION_LIFETIME"] == timedelta(hours=1)


def test_a_lifetime_in_seconds_reads_as_a_timedelta(app):
    app.config["PERMANENT_SESSION_LIFETIME"] = 90
    assert app.permanent_session_lifetime == timedelta(seconds=90)


@pytest.mark.parametrize(
    ("text", "answer"),
    [("1", True), ("yes", True), ("0", False), ("No", False), ("FALSE", False), ("", False)],
)
def test_a_flag_of_the_environment_is_on_unless_it_says_no(monkeypatch, text, answer):
    monkeypatch.setenv("FLASK_DEBUG", text)
    assert get_debug_flag() is answer
    monkeypatch.delenv("FLASK_DEBUG")
    assert get_debug_flag() is False


def test_debug_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert Flask("a").debug is True
    monkeypatch.setenv("FLASK_DEBUG", "0")
    assert Flask("a").debug is False


def test_debug_reloads_templates_unless_config_decides(app):
    assert app.jinja_env.auto_reload is False
    app.debug = True
    assert app.config["DEBUG"] is True
    assert app.jinja_env.auto_reload is True
    app.config["TEMPLATES_AUTO_RELOAD"] = False
    app.jinja_env.auto_reload = False
    app.debug = True
    assert app.jinja_env.auto_reload is False


def test_setting_debug_makes_no_jinja_environment(app):
    app.debug = True
    assert "jinja_env" not in vars(app)


@pytest.mark.parametrize(
    ("name", "escapes"),
    [(None, True), ("a.html", True), ("a.svg", True), ("a.xhtml", True), ("a.txt", False)],
)
def test_values_are_escaped_by_the_ending_of_a_template(app, name, escapes):
    assert app.select_jinja_autoescape(name) is escapes


def test_the_logger_has_the_apps_name(app):
    assert app.logger.name == "declaring"
    assert app.logger is app.logger


def test_the_declaring_half_alone_leaves_the_rest_to_the_app():
    half = Application("half", static_folder=None)
    for unwritten in (
        half._static_view,
        half.create_jinja_environment,
        half.create_global_jinja_loader,
    ):
        with pytest.raises(NotImplementedError):
            unwritten()


# Rules


def test_a_rule_takes_the_views_name_and_get(app):
    app.add_url_rule("/", view_func=view)
    rule = only_rule(app)
    assert (rule.endpoint, rule.methods) == ("view", {"GET", "HEAD", "OPTIONS"})
    assert rule.provide_automatic_options is True


def test_methods_are_names_in_any_case(app):
    app.add_url_rule("/", view_func=view, methods=("post", "Put"))
    assert only_rule(app).methods == {"POST", "PUT", "OPTIONS"}


def test_methods_given_as_one_text_are_refused(app):
    with pytest.raises(TypeError, match=r"methods is a list of names: methods=\['POST'\]"):
        app.add_url_rule("/", view_func=view, methods="POST")


def test_a_view_may_say_its_methods_itself(app):
    def poster():
        return "posted"

    poster.methods = ["POST"]
    poster.required_methods = ["PATCH"]
    poster.provide_automatic_options = False
    app.add_url_rule("/", view_func=poster)
    assert only_rule(app).methods == {"POST", "PATCH"}


@pytest.mark.parametrize(
    ("options", "config", "automatic"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"methods": ["GET", "OPTIONS"]}, True, False),
        ({"provide_automatic_options": False}, True, False),
        ({"provide_automatic_options": True}, False, True),
    ],
)
def test_options_is_answered_unless_somebody_says_no(app, options, config, automatic):
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = config
    app.add_url_rule("/", view_func=view, **options)
    rule = only_rule(app)
    assert rule.provide_automatic_options is automatic
    listed = automatic or "OPTIONS" in options.get("methods", ())
    assert ("OPTIONS" in rule.methods) is listed


def test_an_endpoint_has_one_view(app):
    app.add_url_rule("/a", "one", view)
    app.add_url_rule("/b", "one", view)
    app.add_url_rule("/c", "one")
    with pytest.raises(AssertionError) as refused:
        app.add_url_rule("/d", "one", lambda: "other")
    says = str(refused.value)
    assert says.startswith(
        "View function mapping is overwriting an existing endpoint function: 'one'"
    )
    assert f"{__file__}:{view.__code__.co_firstlineno}" in says
    assert "/d" not in {rule.rule for rule in app.url_map.iter_rules()}


def test_a_view_without_code_is_named_in_that_error_too(app):
    class Callable:
        def __call__(self):
            return "called"

        def __repr__(self):
            return "<a callable>"

    app.add_url_rule("/a", "one", view)
    with pytest.raises(AssertionError, match="now <a callable>"):
        app.add_url_rule("/b", "one", Callable())


# Static files


def test_static_files_have_a_rule_if_there_is_a_folder_of_them(tmp_path):
    app = Flask("a", static_folder="files", static_url_path="/s", root_path=str(tmp_path))
    rule = only_rule(app)
    assert (rule.rule, rule.endpoint) == ("/s/<path:filename>", "static")
    assert not list(Flask("a", static_folder=None).url_map.iter_rules())


@pytest.mark.parametrize(
    "options", [{"static_host": "cdn.test"}, {"host_matching": True}], ids=["host", "matching"]
)
def test_static_host_and_host_matching_go_together(options):
    with pytest.raises(AssertionError, match="static_host and host_matching go together"):
        Flask("a", **options)


def test_static_files_may_have_a_host_of_their_own():
    app = Flask("a", static_host="cdn.test", host_matching=True)
    assert only_rule(app).host == "cdn.test"


def test_host_matching_without_static_files_needs_no_static_host():
    app = Flask("a", static_folder=None, host_matching=True)
    assert app.url_map.host_matching is True


# Templates


def double(value):
    return f"{value}{value}"


def is_odd(value):
    return value % 2 == 1


TEMPLATE = "{{ 'a'|FILTER }} {{ 3 is TEST }} {{ GLOBAL('b') }}"


@pytest.mark.parametrize("named", [True, False])
def test_filters_tests_and_globals_are_added_to_templates(app, named):
    names = {"FILTER": "double", "TEST": "is_odd", "GLOBAL": "double"}
    if named:
        names = {"FILTER": "twice", "TEST": "uneven", "GLOBAL": "again"}
        assert app.template_filter("twice")(double) is double
        assert app.template_test("uneven")(is_odd) is is_odd
        assert app.template_global("again")(double) is double
    else:
        assert app.template_filter()(double) is double
        assert app.template_test()(is_odd) is is_odd
        assert app.template_global()(double) is double
    source = TEMPLATE
    for placeholder, name in names.items():
        source = source.replace(placeholder, name)
    with app.test_request_context():
        assert render_template_string(source) == "aa True bb"


def test_the_template_decorators_work_without_parentheses(app):
    assert app.template_filter(double) is double
    assert app.template_test(is_odd) is is_odd
    assert app.template_global(double) is double
    assert app.jinja_env.filters["double"] is double
    assert app.jinja_env.tests["is_odd"] is is_odd
    assert app.jinja_env.globals["double"] is double


def test_the_adding_methods_take_a_name(app):
    app.add_template_filter(double, name="f")
    app.add_template_test(is_odd, name="t")
    app.add_template_global(double, name="g")
    assert (app.jinja_env.filters["f"], app.jinja_env.tests["t"]) == (double, is_odd)
    assert app.jinja_env.globals["g"] is double


def test_jinja_options_are_a_subclasss_own_to_set():
    class Lines(Flask):
        jinja_options = {"line_statement_prefix": "%"}

    app = Lines("a")
    with app.app_context():
        assert render_template_string("% if true\nyes\n% endif") == "yes\n"


def test_shell_context_processors_are_kept_in_order(app):
    assert app.shell_context_processor(view) is view
    assert app.shell_context_processors == [view]


def test_teardown_functions_of_the_context_are_kept_in_order(app):
    assert app.teardown_appcontext(view) is view
    assert app.teardown_appcontext_funcs == [view]
