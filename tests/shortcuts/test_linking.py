"""url_for: the URL of an endpoint, seen from here."""

import pytest

from costrel import Flask, url_for


def test_it_goes_through_the_apps_own_url_for():
    asked = []

    class Mine(Flask):
        def url_for(self, endpoint, **options):
            asked.append((endpoint, options))
            return super().url_for(endpoint, **options)

    app = Mine("linking", static_folder=None)
    app.add_url_rule("/x/<name>", "x")
    with app.test_request_context():
        assert url_for("x", name="a", q=1, _anchor="z") == "/x/a?q=1#z"
    options = {"_anchor": "z", "_method": None, "_scheme": None, "_external": None}
    assert asked == [("x", {**options, "name": "a", "q": 1})]


def test_it_needs_an_app():
    with pytest.raises(RuntimeError, match="outside of application context"):
        url_for("x")
