"""URLs from values."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.query import parse_query
from costrel.routing import Map, Rule


def build(rule, values, append_unknown=True, **settings):
    Map([rule], **settings)
    return rule.build(values, append_unknown)


def test_literals_are_quoted_and_percent_signs_survive():
    rule = Rule("/a b/<x>/100%/?/é")
    assert build(rule, {"x": "%s"}) == ("", "/a%20b/%25s/100%25/%3F/%C3%A9")
    assert build(Rule("/100%"), {}) == ("", "/100%25")


def test_the_domain_is_built_as_well():
    rule = Rule("/<x>", subdomain="<user>.50%")
    assert build(rule, {"x": 1, "user": "me you"}) == ("me%20you.50%", "/1")
    assert build(Rule("/", host="a.org"), {}, host_matching=True) == ("a.org", "/")


def test_variables_with_defaults_are_filled_in_before():
    rule = Rule("/<a>/<b>", defaults={"a": "x/%", "c": 1})
    assert build(rule, {"b": 2, "c": 1}) == ("", "/x/%25/2")


def test_unknown_values_become_the_query_in_their_order():
    values = {"x": 1, "z": [3, None, "4"], "y": "a b&c", "n": None}
    assert build(Rule("/<x>"), values) == ("", "/1?z=3&z=4&y=a+b%26c")
    assert build(Rule("/<x>"), values, append_unknown=False) == ("", "/1")
    assert build(Rule("/<x>"), {"x": 1, "n": None}) == ("", "/1")


def test_the_query_can_be_sorted():
    values = {"b": 1, "a": 2}
    assert build(Rule("/"), values, sort_parameters=True) == ("", "/?a=2&b=1")
    by_value = {"sort_parameters": True, "sort_key": lambda pair: pair[1]}
    assert build(Rule("/"), values, **by_value) == ("", "/?b=1&a=2")


def test_a_missing_value_is_a_key_error_of_who_did_not_ask_suitable_for():
    with pytest.raises(KeyError):
        build(Rule("/<x>"), {})


@given(st.text(min_size=1).filter(lambda text: "/" not in text), st.text(), st.text(min_size=1))
@settings(max_examples=60, deadline=None)
def test_what_is_built_is_matched(value, query_value, name):
    try:
        (value + query_value + name).encode()
    except UnicodeEncodeError:
        return
    from urllib.parse import unquote

    urls = Map([Rule("/<x>/end", endpoint="e")])
    url = urls.bind("example.org").build("e", {"x": value, f"q{name}": query_value})
    path, _, query = url.partition("?")
    assert urls.bind("example.org").match(unquote(path)) == ("e", {"x": value})
    assert parse_query(query).to_dict() == {f"q{name}": query_value}
