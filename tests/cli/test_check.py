import pytest

from costrel import Blueprint, Flask
from costrel.cli.check import (
    check_command,
    check_names,
    check_rules,
    check_settings,
    check_templates,
)
from costrel.cli.findings import ERROR, WARNING
from costrel.cli.locate import ScriptInfo


@pytest.fixture
def app(tmp_path):
    app = Flask("app", root_path=str(tmp_path))

    @app.route("/")
    def index():
        return "x"

    return app


def levels(found):
    return [each.level for each in found]


def test_a_sound_app_has_nothing(app, runner):
    for check in (check_rules, check_templates, check_names, check_settings):
        assert list(check(app)) == []
    done = runner.invoke(check_command, obj=ScriptInfo(create_app=lambda: app))
    assert (done.exit_code, done.output) == (0, "Nothing was found.\n")


def test_a_rule_that_never_answers_is_found_by_what_it_matches(app):
    @app.route("/a/<int:id>")
    def first(id):
        return "x"

    @app.route("/a/<int:other>", methods=["GET", "POST"])
    def second(other):
        return "x"

    @app.route("/a/<other>")
    def third(other):
        return "x"

    (found,) = check_rules(app)
    assert found.level == WARNING
    assert found.text.startswith("GET /a/<int:other> of 'second' (")
    assert "/a/<int:id> of 'first' (" in found.text


def test_two_rules_of_one_endpoint_are_meant(app):
    app.add_url_rule("/", "index", methods=["GET", "POST"])
    assert list(check_rules(app)) == []


def test_an_endpoint_without_a_view_is_found(app):
    app.add_url_rule("/x", "x")
    app.add_url_rule("/y", "y", build_only=True)
    (found,) = check_rules(app)
    assert found.level == ERROR
    assert "'x', for which there is no view" in found.text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{% if %}", "page.html:1 does not parse"),
        ("\n{{ x|nofilter }}", "No filter named 'nofilter'"),
        ("{{ url_for('indx') }}", "links to 'indx'"),
        ("{{ url_for('.show') }}", "links to '.show'"),
    ],
)
def test_a_template_that_is_wrong_is_found(app, write, source, words):
    write("templates/page.html", source)
    (found,) = check_templates(app)
    assert found.level == ERROR
    assert words in found.text


def test_the_nearest_endpoint_is_proposed(app, write):
    write("templates/page.html", "{{ url_for('indx') }}")
    assert [found.fix for found in check_templates(app)] == ["Did you mean 'index'?"]


def test_links_that_lead_somewhere_or_are_made_at_run_time_are_fine(app, write):
    shop = Blueprint("shop", "shop")
    shop.add_url_rule("/show", "show", lambda: "x")
    app.register_blueprint(shop)
    source = "{{ url_for('index') }}{{ url_for('.show') }}{{ url_for('shop.show') }}"
    write("templates/page.html", source + "{{ url_for(x) }}{{ other('y') }}{{ url_for() }}")
    write("templates/picture.png", "{% if %}")
    assert list(check_templates(app)) == []


def test_a_template_in_another_encoding_is_found(app, tmp_path, write):
    write("templates/page.html", "x")
    (tmp_path / "templates" / "page.html").write_bytes("é".encode("latin-1"))
    (found,) = check_templates(app)
    assert "no UTF-8" in found.text


def test_blueprints_whose_templates_hide_each_other_are_found(app, tmp_path, write):
    for name in ("a", "b"):
        write(f"{name}/index.html", "x")
        app.register_blueprint(Blueprint(name, name, root_path=str(tmp_path), template_folder=name))
    (found,) = check_names(app)
    assert found.level == WARNING
    assert "'index.html' is in the folders of a and b" in found.text
    # The app's own is meant to replace them.
    write("templates/index.html", "x")
    app.__dict__.pop("jinja_loader", None)
    assert list(check_names(app)) == []


def test_settings_that_nothing_reads_are_found(app):
    app.config.update(JSON_AS_ASCII=False, MINE=1, ENV="production")
    assert [
        (each.level, each.text.partition(" ")[0], each.fix) for each in check_settings(app)
    ] == [
        (WARNING, "ENV", "Use app.debug, or a setting of your own."),
        (WARNING, "JSON_AS_ASCII", "Set app.json.ensure_ascii."),
    ]


def test_settings_that_have_defaults_are_read(app):
    app.default_config = {**app.default_config, "JSON_AS_ASCII": True}
    app.config["JSON_AS_ASCII"] = False
    assert list(check_settings(app)) == []


def test_the_command_ends_with_1_for_errors_and_says_errors_first(app, runner, write):
    write("templates/page.html", "{% if %}")
    app.add_url_rule("/", "other", lambda: "x")
    info = ScriptInfo(create_app=lambda: app)
    done = runner.invoke(check_command, obj=info)
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert lines[0].startswith("error: page.html:1")
    assert lines[2].startswith("warning: GET / of 'other'")
    assert lines[-1] == "1 error, 1 warning"
    assert "The session's cookie" in runner.invoke(check_command, ["--deploy"], obj=info).output
