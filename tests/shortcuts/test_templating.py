"""Templates of the current app, and what they know."""

import functools
import subprocess
import sys

import pytest
from jinja2 import DictLoader, Environment, Template, TemplateNotFound
from jinja2.nativetypes import NativeEnvironment

from costrel import (
    Blueprint,
    Flask,
    g,
    render_template,
    render_template_string,
    request,
    session,
    stream_template,
    stream_template_string,
)
from costrel.parts import signals
from costrel.shortcuts import templating
from costrel.shortcuts.templating import get_template_attribute

TEMPLATES = {
    "layout.html": "<{% block body %}{% endblock %}>",
    "page.html": "{% extends 'layout.html' %}{% block body %}{{ value }}{% endblock %}",
    "mail.txt": "{{ value }}",
    "macros.html": "{% macro hello(name) %}hello {{ name }} {{ request.path }}{% endmacro %}",
    "importing.html": "{% from 'macros.html' import hello %}{{ hello(value) }}",
    "including.html": "{% include 'mail.txt' %}",
    "broken.html": "one\n{{ 1 // value }}",
}


@pytest.fixture
def app(tmp_path):
    (tmp_path / "templates").mkdir()
    for name, source in TEMPLATES.items():
        (tmp_path / "templates" / name).write_text(source)
    app = Flask(__name__, root_path=str(tmp_path))
    app.config.update(TESTING=True, SECRET_KEY="a key for tests alone")
    return app


@pytest.fixture
def app_context(app):
    with app.app_context() as ctx:
        yield ctx


@pytest.fixture
def request_context(app):
    with app.test_request_context("/here?foo=42") as ctx:
        yield ctx


def rendered(*args, **context):
    """The same template, rendered whole and in pieces."""
    name, *rest = args
    whole = render_template(name, **context)
    assert "".join(stream_template(name, **context)) == whole
    return whole


def rendered_string(source, **context):
    whole = render_template_string(source, **context)
    assert "".join(stream_template_string(source, **context)) == whole
    return whole


def test_a_template_is_rendered_with_values(app_context):
    assert rendered("page.html", value="<i>") == "<&lt;i&gt;>"
    assert rendered("mail.txt", value="<i>") == "<i>"
    assert rendered("including.html", value=1) == "1"


def test_the_first_template_that_exists_is_rendered(app_context):
    assert rendered(["none.html", "mail.txt", "page.html"], value=1) == "1"
    assert render_template(Template("own {{ value }}"), value=1) == "own 1"
    with pytest.raises(TemplateNotFound):
        render_template("none.html")


def test_a_string_is_rendered_and_escaped(app_context):
    assert rendered_string("{{ value }}", value="<i>") == "&lt;i&gt;"


def test_a_string_is_compiled_once(app, app_context, monkeypatch):
    monkeypatch.setattr(templating, "MOST_STRINGS", 2)
    compiled = []
    real = app.jinja_env.compile

    def compile(*args, **kwargs):
        compiled.append(args[0])
        return real(*args, **kwargs)

    app.jinja_env.compile = compile
    for n in (1, 2):
        assert render_template_string("{{ n }}", n=n) == str(n)
    assert compiled == ["{{ n }}"]
    app.jinja_env.autoescape = False
    assert render_template_string("{{ n }}", n="<") == "<"
    render_template_string("other")
    render_template_string("{{ n }}", n=1)
    assert compiled == ["{{ n }}", "{{ n }}", "other", "{{ n }}"]


def test_an_environment_that_makes_templates_its_own_way_is_asked_each_time(app, app_context):
    class Own(app.jinja_environment):
        def from_string(self, source, *args, **kwargs):
            return super().from_string(f"[{source}]", *args, **kwargs)

    app.jinja_environment = Own
    assert render_template_string("a") == "[a]"


def test_what_a_tracer_puts_in_the_place_of_jinjas_methods_is_called(app_context, monkeypatch):
    traced = []

    def trace(owner, name):
        original = getattr(owner, name)

        @functools.wraps(original)
        def call(self, *args, **kwargs):
            traced.append(name)
            return original(self, *args, **kwargs)

        monkeypatch.setattr(owner, name, call)

    trace(Template, "render")
    trace(Environment, "from_string")
    assert render_template("mail.txt", value=1) == render_template_string("{{ 1 }}") == "1"
    assert traced == ["render", "from_string", "render"]


def test_every_template_knows_the_request(request_context):
    g.foo = 23
    session["test"] = "aha"
    source = "{{ request.args.foo }} {{ g.foo }} {{ config.TESTING }} {{ session.test }}"
    assert rendered_string(source) == "42 23 True aha"
    assert rendered_string("{{ get_flashed_messages() }}") == "[]"


def test_every_template_builds_urls(app, request_context):
    app.add_url_rule("/there/<int:n>", "there")
    assert rendered_string("{{ url_for('there', n=1) }}") == "/there/1"


def test_macros_know_the_request_too(request_context):
    assert rendered("importing.html", value="you") == "hello you /here"
    assert get_template_attribute("macros.html", "hello")("me") == "hello me /here"
    with pytest.raises(AttributeError):
        get_template_attribute("macros.html", "none")


def test_without_a_request_there_is_still_the_app(app_context):
    g.foo = 23
    assert rendered_string("{{ g.foo }} {{ config.TESTING }}") == "23 True"


def test_without_an_app_nothing_is_rendered():
    for render in (render_template, stream_template):
        with pytest.raises(RuntimeError, match="outside of application"):
            render("page.html")
    for render in (render_template_string, stream_template_string):
        with pytest.raises(RuntimeError, match="outside of application"):
            render("")


def test_given_values_win(app, request_context):
    app.context_processor(lambda: {"config": 1, "value": 2, "g": 3})
    assert rendered_string("{{ config }} {{ value }} {{ g }}", config=42) == "42 2 3"
    assert rendered_string("{{ request }} {{ g }}", request=1, g=2) == "1 2"


def test_values_of_the_environment_are_seen_late(app, app_context):
    app.jinja_env.globals["late"] = 1
    assert rendered_string("{{ late }}") == "1"
    app.jinja_env.globals["late"] = 2
    assert rendered_string("{{ late }}") == "2"


def test_values_of_one_template_stay_its_own(app, app_context):
    app.jinja_env.get_template("mail.txt", globals={"value": "its own"})
    assert rendered("mail.txt") == "its own"
    assert rendered("page.html") == "<>"


def test_context_processors_add_values_from_the_outermost_on(app):
    outer, inner = Blueprint("outer", __name__), Blueprint("inner", __name__)
    app.context_processor(lambda: {"a": "app", "b": "app", "c": "app"})
    outer.context_processor(lambda: {"b": "outer", "c": "outer"})
    inner.context_processor(lambda: {"c": "inner"})
    view = lambda: render_template_string("{{ a }} {{ b }} {{ c }}")
    inner.add_url_rule("/inner", "view", view)
    outer.add_url_rule("/outer", "view", view)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    app.add_url_rule("/app", "view", view)
    client = app.test_client()
    assert client.get("/app").text == "app app app"
    assert client.get("/outer").text == "app outer outer"
    assert client.get("/inner").text == "app outer inner"


def test_a_context_processor_may_be_async(app, app_context):
    @app.context_processor
    async def later():
        return {"value": "later"}

    assert rendered_string("{{ value }}") == "later"


def test_a_context_that_was_updated_has_what_a_template_sees(app, request_context):
    context = {"value": 1}
    app.update_template_context(context)
    assert context["value"] == 1
    assert context["request"].path == "/here"
    assert "session" not in context
    assert context["g"] == g
    templating.update_template_context(app, given := {"g": None})
    assert given["g"] is None


def test_outside_of_a_context_an_update_adds_what_processors_say(app):
    app.context_processor(lambda: {"a": 1})
    context = {}
    app.update_template_context(context)
    assert context == {"a": 1}


def test_a_template_that_does_not_ask_for_the_session_does_not_depend_on_it(app):
    app.add_url_rule("/a", "a", lambda: render_template("mail.txt", value=1))
    app.add_url_rule("/b", "b", lambda: render_template_string("{{ session.x }}"))
    client = app.test_client()
    assert "Vary" not in client.get("/a").headers
    assert client.get("/b").headers["Vary"] == "Cookie"


def test_rendering_never_makes_entries_in_the_table_of_processors(app, request_context):
    app.context_processor(dict)
    render_template("mail.txt")
    assert list(app.template_context_processors) == [None]


def test_an_error_in_a_template_shows_its_line(app_context):
    with pytest.raises(ZeroDivisionError) as caught:
        render_template("broken.html", value=0)
    last = caught.traceback[-1]
    assert (last.path.name, last.lineno + 1) == ("broken.html", 2)


def test_a_template_of_another_kind_renders_itself(app):
    class Native(NativeEnvironment, app.jinja_environment):
        pass

    app.jinja_environment = Native
    with app.app_context():
        assert render_template("mail.txt", value=[1]) == [1]


def test_an_async_environment_renders_itself(app):
    app.jinja_options = {"enable_async": True}

    async def value():
        return "awaited"

    with app.app_context():
        assert render_template_string("{{ value() }}", value=value) == "awaited"


def test_an_app_may_bring_its_own_environment_and_loader(tmp_path):
    class Own(Flask):
        def create_jinja_environment(self):
            return Environment(loader=DictLoader({"a": "{{ request.path }} {{ value }}"}))

    app = Own(__name__, root_path=str(tmp_path))
    with app.test_request_context("/here"):
        assert rendered("a", value=1) == "/here 1"

    class Loading(Flask):
        def create_global_jinja_loader(self):
            return DictLoader({"a": "{{ config.DEBUG }}"})

    app = Loading(__name__, root_path=str(tmp_path))
    with app.app_context():
        assert rendered("a") == "False"


def test_templates_of_blueprints_are_found_behind_those_of_the_app(app, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "mail.txt").write_text("the blueprint's")
    (tmp_path / "more" / "own.txt").write_text("own")
    app.register_blueprint(
        Blueprint("admin", __name__, root_path=str(tmp_path), template_folder="more")
    )
    with app.app_context():
        assert rendered("own.txt") == "own"
        assert rendered("mail.txt", value="the app's") == "the app's"


def test_where_a_template_was_looked_for_is_explained(app, caplog):
    blueprint = Blueprint("admin", __name__)
    blueprint.add_url_rule("/", "index", lambda: render_template("none.html"))
    app.register_blueprint(blueprint)
    app.config["EXPLAIN_TEMPLATE_LOADING"] = True
    app.logger.setLevel("INFO")
    with pytest.raises(TemplateNotFound):
        app.test_client().get("/")
    with app.app_context(), pytest.raises(TemplateNotFound):
        render_template("none.html")
    in_request, outside = [record.getMessage() for record in caplog.records]
    assert "'admin'" in in_request
    assert "'admin'" not in outside


def test_a_stream_keeps_the_request(app):
    app.add_url_rule("/a", "a", lambda: stream_template_string("{{ request.path }} {{ g }}"))
    assert app.test_client().get("/a").text.startswith("/a &lt;flask.g of ")


def test_a_stream_may_outlive_the_app_context(app):
    with app.app_context():
        g.foo = 23
        stream = stream_template_string("{{ g.foo }} {{ g.bar }} {{ config.TESTING }}")
    assert "".join(stream) == "23  True"


def test_a_stream_is_not_rendered_before_it_is_read(request_context):
    read = []
    stream = stream_template_string("{{ note(1) }}", note=read.append)
    assert read == []
    list(stream)
    assert read == [1]


def test_whoever_listens_hears_of_templates(app, request_context):
    heard = []

    def before(sender, template, context):
        context["value"] = "changed"
        heard.append(("before", template.name, dict(context)["request"].path))

    def after(sender, template, context):
        heard.append(("after", template.name, context["value"]))

    with (
        signals.before_render_template.connected_to(before, app),
        signals.template_rendered.connected_to(after, app),
    ):
        assert render_template("mail.txt", value=1) == "changed"
        stream = stream_template("mail.txt", value=1)
        assert len(heard) == 3
        assert "".join(stream) == "changed"
    one = [("before", "mail.txt", "/here"), ("after", "mail.txt", "changed")]
    assert heard == one * 2
    assert render_template("mail.txt", value=1) == "1"


def test_importing_the_framework_does_not_import_jinja():
    script = "import sys, costrel.shortcuts.templating; assert 'jinja2' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)


def test_a_proxy_of_the_request_is_not_a_value(request_context):
    context = {}
    templating.update_template_context(request_context.app, context)
    assert type(context["request"]) is type(request._get_current_object())


def test_before_anybody_asked_for_a_signal_none_is_looked_at(app_context, monkeypatch):
    monkeypatch.setattr(templating, "LIVE", {})
    assert rendered("page.html", value=1) == "<1>"


def test_an_async_listener_is_waited_for(app, app_context):
    heard = []

    async def listen(sender, template, context):
        heard.append(template.name)

    with signals.template_rendered.connected_to(listen, app):
        render_template("mail.txt", value=1)
    assert heard == ["mail.txt"]
