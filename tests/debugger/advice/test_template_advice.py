"""Mistakes in templates."""

import pytest

from costrel import render_template, render_template_string


@pytest.fixture
def templates(tmp_path):
    """Writes templates of the app."""

    def templates(**files):
        (tmp_path / "templates").mkdir(exist_ok=True)
        for name, text in files.items():
            (tmp_path / "templates" / f"{name}.html").write_text(text)

    return templates


def test_a_missing_template_is_told_with_the_nearest_and_where_it_was_looked_for(
    mistake, templates, tmp_path
):
    templates(index="x", about="y")
    told = mistake(lambda: render_template("indx.html"))["CST301"]
    assert told["fix"] == "Did you mean 'index.html'?"
    assert str(tmp_path / "templates") in told["says"]


def test_a_template_does_not_extend_itself_in_place_of_one_that_is_missing(mistake, templates):
    templates(page='<p>\n{% extends "pages.html" %}')
    told = mistake(lambda: render_template("page.html"))["CST301"]
    assert told["fix"].startswith("Put the file there: ")
    assert "example" not in told
    assert told["where"].endswith("page.html:2")
    templates(page='{% include "bass.html" %}', base="x")
    told = mistake(lambda: render_template("page.html"))["CST301"]
    assert told["example"] == '{% include "base.html" %}'


def test_a_name_that_begins_with_the_folder_is_told(mistake, templates):
    templates(a="x", templates="y")
    told = mistake(lambda: render_template("templates/a.html"))["CST301"]
    assert told["fix"] == "Did you mean 'a.html'?"
    assert told["example"] == "render_template('a.html')"


def test_a_template_in_the_wrong_folder_is_found(mistake, tmp_path):
    (tmp_path / "template").mkdir()
    (tmp_path / "template" / "page.html").write_text("x")
    told = mistake(lambda: render_template("page.html"))["CST301"]
    assert "which does not exist" in told["says"]
    assert "template/page.html" in told["notes"][0]


def test_an_undefined_name_is_told_with_the_nearest(mistake, templates):
    templates(page="<p>\n{{ usr.name }}")
    told = mistake(lambda: render_template("page.html", user={"name": "x"}))["CST303"]
    assert told["fix"] == "Did you mean 'user'?"
    assert told["where"].endswith("page.html:2")


def test_a_name_that_was_not_handed_over_is_told(mistake):
    told = mistake(lambda: render_template_string("{{ basket.size }}"))["CST303"]
    assert told["example"] == 'render_template("…", basket=basket)'


@pytest.mark.parametrize(
    ("call", "fix"),
    [("len(x)", "x|length"), ("str(x)", "x|string"), ("enumerate(x)", "loop.index")],
)
def test_a_function_of_pythons_is_a_filter(mistake, call, fix):
    found = mistake(lambda: render_template_string("{{ " + call + " }}", x=[1]))
    assert fix in found["CST304"]["fix"]
    assert "CST303" not in found


def test_an_attribute_of_none_is_told(mistake):
    found = mistake(lambda: render_template_string("{{ user.name.first }}", user=None))
    assert "None" in found["CST305"]["says"]
    found = mistake(lambda: render_template_string("{{ user.name.first }}", user=3))
    assert "'name'" in found["CST305"]["says"]


@pytest.mark.parametrize(
    ("source", "fix"),
    [
        ("{% if a %}{% elseif b %}{% endif %}", "{% elif … %}"),
        ("{% for a in b %}{{ a }}", "Add {% endfor %}"),
        ("{% for a in b %}{% endif %}", "close it first, with {% endfor %}"),
        ("{% x = 1 %}", "{% set x = … %}"),
        ("{% blok a %}", "Did you mean {% block %}?"),
        ("{% frobnicate %}", "documentation"),
    ],
)
def test_a_tag_that_does_not_exist_is_told(mistake, source, fix):
    assert fix in mistake(lambda: render_template_string(source))["CST306"]["fix"]


@pytest.mark.parametrize(
    ("source", "fix"),
    [("{% if a = 1 %}{% endif %}", "write =="), ("{{ a b }}", "comma"), ("{{ (a }}", "Write")],
)
def test_a_token_in_the_wrong_place_is_told(mistake, templates, source, fix):
    templates(page=f"\n{source}")
    told = mistake(lambda: render_template("page.html"))["CST307"]
    assert fix in told["fix"]
    assert told["where"].endswith("page.html:2")


def test_an_unknown_filter_is_told_with_the_nearest(mistake):
    found = mistake(lambda: render_template_string("{{ x|uper }}"))
    assert found["CST308"]["fix"] == "Did you mean 'upper'?"
    found = mistake(lambda: render_template_string("{{ x|zzz }}"))
    assert "@app.template_filter('zzz')" in found["CST308"]["fix"]


def test_a_template_that_includes_itself_is_told(mistake, templates):
    templates(page='{% include "page.html" %}')
    found = mistake(lambda: render_template("page.html"))
    assert "page.html is rendered within itself" in found["CST309"]["says"]


def test_a_value_that_is_called_is_told(mistake):
    found = mistake(lambda: render_template_string("{{ name() }}", name="x"))
    assert found["CST310"]["fix"] == "Read it without brackets."
