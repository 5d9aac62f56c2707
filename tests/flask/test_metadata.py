from importlib.metadata import PackagePath

import pytest

from costrel.flask.metadata import find


@pytest.mark.parametrize(("name", "version"), [("flask", "3.1."), ("Werkzeug", "3.1.")])
def test_the_version_is_a_3_1(name, version):
    (found,) = find(name)
    assert found.version.startswith(version)
    assert found.metadata["Name"].lower() == name.lower()


def test_requirements_and_extras_are_listed():
    (flask,) = find("flask")
    assert "werkzeug>=3.1.0" in flask.requires
    assert flask.metadata.get_all("Provides-Extra") == ["async", "dotenv"]


def test_the_flask_script_is_an_entry_point():
    (flask,) = find("flask")
    (script,) = flask.entry_points
    assert (script.group, script.name, script.value) == (
        "console_scripts",
        "flask",
        "flask.cli:main",
    )
    assert not next(find("werkzeug")).entry_points


def test_other_names_have_no_metadata():
    assert list(find("django")) == []
    assert {found.metadata["Name"] for found in find(None)} == {"Flask", "Werkzeug"}


def test_a_distribution_has_no_other_files():
    (flask,) = find("flask")
    assert flask.read_text("RECORD") is None
    assert flask.locate_file(PackagePath("finder.py")).is_file()
