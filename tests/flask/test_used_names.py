"""What a file asks of flask and werkzeug, read without running it."""

from textwrap import dedent

import pytest

from costrel.flask.used_names import used_names


def names(source):
    return [f"{use.module}.{use.path}".rstrip(".") for use in used_names(dedent(source))]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import flask", ["flask"]),
        ("import werkzeug.urls", ["werkzeug.urls"]),
        ("from flask import Flask, request", ["flask.Flask", "flask.request"]),
        ("from flask.json import JSONEncoder as E", ["flask.json.JSONEncoder"]),
        ("from flask import *", ["flask"]),
        ("import flask\nflask.json.dumps(1)", ["flask", "flask.json.dumps"]),
        ("import flask as f\nf.Flask(f.x)", ["flask", "flask.Flask", "flask.x"]),
        ("import werkzeug.urls\nwerkzeug.urls.x()", ["werkzeug.urls", "werkzeug.urls.x"]),
        ("import werkzeug.urls as u\nu.x()", ["werkzeug.urls", "werkzeug.urls.x"]),
        ("from werkzeug import http\nhttp.x", ["werkzeug.http", "werkzeug.http.x"]),
        ("import flask\nflask.Flask('x').run()", ["flask", "flask.Flask"]),
        ("def view():\n    from flask import g\n    return g", ["flask.g"]),
        ("import flask\nclass A(flask.views.View): pass", ["flask", "flask.views.View"]),
        ("x = 1", []),
        ("import flasky, os.path\nfrom flask_login import flask", []),
        ("from . import flask\nflask.x", []),
        ("from .flask import x", []),
        ("flask.x", []),
    ],
)
def test_what_is_imported_or_read_of_a_module_is_found(source, found):
    assert names(source) == found


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    from flask import x\nexcept ImportError:\n    from werkzeug import x",
        "try:\n    from flask import x\nexcept (KeyError, ModuleNotFoundError):\n    x = 1",
        "try:\n    from flask import x\nexcept:\n    x = 1",
        "try:\n    if 1:\n        from flask import x\nexcept Exception:\n    x = 1",
        "if werkzeug_version > (2,):\n    from flask import x\nelse:\n    from werkzeug import x",
        "if typing.TYPE_CHECKING:\n    from flask import x",
        "with contextlib.suppress(ImportError):\n    from flask import x",
    ],
)
def test_what_may_fail_is_left_out(source):
    assert names(source) == []


def test_what_is_asked_before_it_is_read_may_be_missing():
    source = """
        import flask
        if hasattr(flask, "Markup"):
            flask.Markup
        flask.Flask
    """
    assert names(source) == ["flask", "flask.Flask"]


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    from flask import x\nexcept KeyError:\n    pass",
        "if DEBUG:\n    from flask import x",
        "with open('f') as file:\n    from flask import x",
    ],
)
def test_what_stands_in_other_blocks_is_found(source):
    assert names(source) == ["flask.x"]


@pytest.mark.parametrize(
    "hidden",
    [
        "def view(json): return json.x",
        "json = 1\njson.x",
        "import json\njson.x",
        "for json in []: json.x",
        "from other import json\njson.x",
    ],
)
def test_a_name_that_is_the_files_own_too_is_not_followed(hidden):
    assert names(f"from flask import json\n{hidden}") == ["flask.json"]


def test_who_patches_a_name_does_not_ask_for_it():
    assert names("import flask\nflask.x = 1") == ["flask"]


def test_each_place_has_its_line():
    assert [use.line for use in used_names("import flask\n\nflask.a\nflask.b")] == [1, 3, 4]
