import os

import jinja2
import pytest
from jinja2 import DictLoader, FileSystemLoader, TemplateNotFound

from costrel.parts.config import Config
from costrel.parts.jinja import (
    DispatchingJinjaLoader,
    Environment,
    create_global_jinja_loader,
    make_environment,
    select_jinja_autoescape,
)
from costrel.parts.json_provider import DefaultJSONProvider


class Log(list):
    info = list.append


class Holder:
    def __init__(self, name, loader):
        self.name = name
        self.import_name = f"package.{name}"
        self.jinja_loader = loader


class App(Holder):
    jinja_environment = Environment
    response_class = dict

    def __init__(self, templates=None, *blueprints):
        super().__init__("app", templates and DictLoader(templates))
        self.config = Config("", {"TEMPLATES_AUTO_RELOAD": None, "EXPLAIN_TEMPLATE_LOADING": False})
        self.debug = False
        self.jinja_options = {}
        self.blueprints = blueprints
        self.json = DefaultJSONProvider(self)
        self.logger = Log()

    def iter_blueprints(self):
        return self.blueprints

    def create_global_jinja_loader(self):
        return create_global_jinja_loader(self)

    def select_jinja_autoescape(self, filename):
        return select_jinja_autoescape(self, filename)


def blueprint(name, templates):
    return Holder(name, DictLoader(templates))


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        (None, True),
        ("a.html", True),
        ("a.htm", True),
        ("a.xml", True),
        ("a.xhtml", True),
        ("dir/a.svg", True),
        ("a.txt", False),
        ("a.html.j2", False),
        ("html", False),
    ],
)
def test_the_ending_tells_whether_values_are_escaped(filename, expected):
    assert select_jinja_autoescape(None, filename) is expected


def test_t1_values_are_escaped_in_html_and_not_in_text():
    source = "{{ v }}"
    env = make_environment(App({"a.html": source, "a.txt": source}))
    assert env.get_template("a.html").render(v="<&\"'>") == "&lt;&amp;&#34;&#39;&gt;"
    assert env.get_template("a.txt").render(v="<&\"'>") == "<&\"'>"
    assert env.from_string(source).render(v="<") == "&lt;"


def test_the_templates_of_the_app_come_before_those_of_blueprints():
    app = App(
        {"a": "app"}, blueprint("one", {"a": "one", "b": "one"}), blueprint("two", {"b": "2"})
    )
    env = make_environment(app)
    assert env.get_template("a").render() == "app"
    assert env.get_template("b").render() == "one"
    with pytest.raises(TemplateNotFound, match="missing"):
        env.get_template("missing")


def test_holders_without_templates_are_passed_over():
    env = make_environment(App(None, Holder("empty", None), blueprint("one", {"a": "1"})))
    assert env.get_template("a").render() == "1"
    assert env.list_templates() == ["a"]


def test_all_templates_are_listed_once():
    app = App({"a": "", "b": ""}, blueprint("one", {"b": "", "c": ""}))
    assert make_environment(app).list_templates() == ["a", "b", "c"]


def test_the_environment_is_of_the_class_of_the_app():
    class Mine(Environment):
        pass

    app = App()
    app.jinja_environment = Mine
    env = make_environment(app)
    assert type(env) is Mine
    assert isinstance(env, jinja2.Environment)
    assert env.app is app
    assert isinstance(env.loader, DispatchingJinjaLoader)


def test_a_loader_that_is_given_is_used():
    loader = DictLoader({"x": "X"})
    assert Environment(App(), loader=loader).loader is loader


def test_the_options_of_the_app_are_used():
    app = App({"a.html": "<<v>>"})
    app.jinja_options = {
        "variable_start_string": "<<",
        "variable_end_string": ">>",
        "autoescape": False,
        "auto_reload": True,
    }
    env = make_environment(app)
    assert env.get_template("a.html").render(v="<") == "<"
    assert env.auto_reload
    assert "loader" not in app.jinja_options


@pytest.mark.parametrize(
    ("debug", "config", "expected"),
    [
        (False, None, False),
        (False, False, False),
        (False, True, True),
        (True, None, True),
        (True, False, False),
        (True, True, True),
    ],
)
def test_templates_are_reloaded_in_debug_or_as_the_config_says(debug, config, expected):
    app = App()
    app.debug = debug
    app.config["TEMPLATES_AUTO_RELOAD"] = config
    assert make_environment(app).auto_reload is expected


def test_globals_are_known_to_every_template():
    env = make_environment(App({"a": "{{ answer }}"}), {"answer": 42})
    assert env.get_template("a").render() == "42"
    assert "range" in env.globals


def test_j7_tojson_writes_with_the_provider_of_the_app_and_is_safe_in_html():
    app = App({"a.html": "{{ v|tojson }}"})
    template = make_environment(app).get_template("a.html")
    value = {"b": "</script>\u2028'", "a": complex}
    app.json.default = lambda value: "spelled"
    assert template.render(v=value) == (r'{"a": "spelled", "b": "\u003c/script\u003e\u2028\u0027"}')
    app.json = DefaultJSONProvider(app)
    assert template.render(v=1) == "1"


def explain(app, name, *current):
    app.config["EXPLAIN_TEMPLATE_LOADING"] = True
    loader = DispatchingJinjaLoader(app, *current)
    try:
        return loader.get_source(make_environment(app), name)[0]
    except TemplateNotFound:
        return None


def test_loading_is_explained_where_nothing_is_found(tmp_path):
    app = App({}, Holder("admin", FileSystemLoader([tmp_path])), Holder("none", None))
    app.jinja_loader = DictLoader({})
    assert explain(app, "x.html", lambda: "admin") is None
    (text,) = app.logger
    assert text == (
        "Locating template 'x.html':\n"
        "    1: trying loader of application 'package.app'\n"
        "       class: jinja2.loaders.DictLoader\n"
        "       -> no match\n"
        "    2: trying loader of blueprint 'admin' (package.admin)\n"
        "       class: jinja2.loaders.FileSystemLoader\n"
        "       encoding: 'utf-8'\n"
        "       followlinks: False\n"
        "       searchpath:\n"
        f"         - {tmp_path}\n"
        "       -> no match\n"
        "Error: the template could not be found.\n"
        "  It was looked up from an endpoint that belongs to the blueprint 'admin'.\n"
        "  Is the template in the folder you meant?\n"
        "  See https://flask.palletsprojects.com/blueprints/#templates"
    )


def test_loading_is_explained_where_one_is_found(tmp_path):
    (tmp_path / "x").write_text("found")
    app = App()
    app.jinja_loader = FileSystemLoader(tmp_path)
    app.jinja_loader._private = "hidden"
    assert explain(app, "x", lambda: "admin") == "found"
    (text,) = app.logger
    assert "hidden" not in text
    assert text.endswith(f"-> found ({os.fspath(tmp_path / 'x')!r})")


def test_loading_is_explained_where_two_are_found():
    app = App({"x": "first"}, blueprint("one", {"x": "second"}))
    assert explain(app, "x") == "first"
    (text,) = app.logger
    assert "Warning: more than one loader has this template" in text
    assert "blueprint 'one'" in text
    assert "endpoint" not in text


def test_loading_is_not_explained_unless_asked():
    app = App({"x": "first"})
    make_environment(app).get_template("x")
    assert app.logger == []
