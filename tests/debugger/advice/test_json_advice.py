"""Mistakes with JSON bodies."""

import pytest

from costrel import request


def test_json_without_its_content_type_is_told_with_how_to_send_it(mistake):
    found = mistake(lambda: request.json, method="POST", data='{"a": 1}', content_type="text/plain")
    told = found["CST108"]
    assert "'text/plain'" in told["says"]
    assert any("curl --json" in note for note in told["notes"])
    assert "get_json(force=True)" in told["fix"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{'a': 1}", "double quotes"),
        ('{"a": 1,}', "comma"),
        ("", "empty"),
        ("<html>", "HTML"),
        ("a=1&b=2", "form"),
        ("nonsense", "JSON.stringify"),
    ],
)
def test_malformed_json_is_told_with_its_likely_reason(mistake, body, reason):
    found = mistake(lambda: request.json, method="POST", data=body, content_type="application/json")
    assert reason in found["CST109"]["fix"]


def test_a_missing_key_of_the_json_is_told_with_those_that_came(mistake):
    def view():
        return request.json["emial"]

    found = mistake(view, method="POST", json={"email": "x", "name": "y"})
    assert "'email', 'name'" in found["CST110"]["says"]
    assert "Did you mean 'email'?" in found["CST110"]["fix"]


def test_a_list_in_place_of_an_object_is_told(mistake):
    def view():
        data = request.get_json()
        return data["name"]

    found = mistake(view, method="POST", json=[1, 2])
    assert "it is a list" in found["CST111"]["says"]


def test_no_json_at_all_is_told(mistake):
    def view():
        data = request.get_json(silent=True)
        return data["name"]

    found = mistake(view, method="POST", data="x")
    assert "silent=True" in found["CST111"]["says"]
