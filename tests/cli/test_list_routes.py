import pytest

from costrel import Flask
from costrel.cli.command import FlaskGroup
from costrel.cli.list_routes import format_table


@pytest.fixture
def lines(runner):
    def lines(app, *args):
        result = runner.invoke(FlaskGroup(create_app=lambda: app), ["routes", *args])
        assert result.exit_code == 0, result.output
        return result.output.splitlines()

    return lines


@pytest.fixture
def app():
    app = Flask("routed", static_folder=None)
    app.add_url_rule("/z/<int:n>", endpoint="alpha", methods=["POST", "GET"])
    app.add_url_rule("/a", endpoint="omega", methods=["POST"])
    return app


def test_a_table_of_endpoint_methods_and_rule(lines, app):
    assert lines(app) == [
        "Endpoint  Methods    Rule",
        "--------  ---------  ----------",
        "alpha     GET, POST  /z/<int:n>",
        "omega     POST       /a",
    ]


@pytest.mark.parametrize(
    ("key", "first"), [("endpoint", "alpha"), ("rule", "omega"), ("methods", "alpha")]
)
def test_it_is_sorted_by_what_is_asked(lines, app, key, first):
    assert lines(app, "-s", key)[2].startswith(first)


def test_the_order_of_matching_is_the_maps(lines, app):
    endpoints = [line.split()[0] for line in lines(app, "-s", "match")[2:]]
    assert endpoints == [rule.endpoint for rule in app.url_map.iter_rules()]


def test_implied_methods_are_shown_on_demand(lines, app):
    assert "HEAD" not in "".join(lines(app))
    assert any("GET, HEAD, OPTIONS, POST" in line for line in lines(app, "--all-methods"))


@pytest.mark.parametrize(
    ("matching", "column"), [({"host_matching": True}, "Host"), ({}, "Subdomain")]
)
def test_hosts_and_subdomains_have_a_column(lines, matching, column):
    app = Flask("hosted", static_folder=None, **matching)
    option = "host" if matching else "subdomain"
    for name in ("b", "a"):
        app.add_url_rule(f"/{name}", endpoint=name, **{option: f"{name}.test"})
    found = lines(app, "-s", "domain")
    assert column in found[0].split()
    assert [line.split()[0] for line in found[2:]] == ["a", "b"]


def test_an_app_without_routes_says_so(lines):
    assert lines(Flask("empty", static_folder=None)) == ["No routes were registered."]


def test_columns_are_as_wide_as_their_widest_entry():
    assert format_table({"A": ["x", "long"], "Bee": ["1", "2"]}) == (
        "A     Bee\n----  ---\nx     1\nlong  2"
    )
