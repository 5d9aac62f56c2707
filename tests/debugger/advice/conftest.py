"""Programs that make a mistake, run in debug mode behind the debugger; and what it says of them."""

import sys

import pytest

from costrel import Flask
from costrel.debugger.advice import advise
from costrel.debugger.debugged_app import wrap_for_development
from costrel.testing.client import Client


@pytest.fixture
def app(tmp_path):
    """An app in debug mode, in a folder of its own."""
    app = Flask("costrel_test_program", root_path=str(tmp_path))
    app.debug = True
    return app


@pytest.fixture
def findings(app):
    """Sends a request to the app behind the debugger: the findings, by code."""

    def findings(path="/", method="GET", **options):
        headers = {**options.pop("headers", {}), "Accept": "application/json"}
        client = Client(wrap_for_development(app, token="a-token-for-tests"))
        for name, value in options.pop("cookies", {}).items():
            client.set_cookie(name, value)
        response = client.open(path, method=method, headers=headers, **options)
        assert response.mimetype == "application/json", (response.status, response.text)
        return {found["code"]: found for found in response.json["findings"]}

    return findings


@pytest.fixture
def mistake(app, findings):
    """Makes a function the view of `/`, and asks it."""

    def mistake(view, path="/", method="GET", **options):
        if "mistake" not in app.view_functions:
            app.add_url_rule("/", endpoint="mistake", methods=["GET", "POST"])
        app.view_functions["mistake"] = view
        return findings(path, method, **options)

    return mistake


@pytest.fixture
def advice_on():
    """Runs a function that fails: the findings, by code."""

    def advice_on(function, app=None):
        try:
            function()
        except BaseException as error:
            return {found.code: found.as_json() for found in advise(error, app)}
        pytest.fail("It did not fail.")

    return advice_on


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Writes modules into a folder, and imports one of them."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))

    def program(files, main):
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        __import__(main)

    yield program
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(
            sys.modules[name].__file__
        ):
            del sys.modules[name]
