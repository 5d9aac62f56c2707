"""A rule: declared, bound, compared, shown."""

from __future__ import annotations

import pytest

from costrel.routing import Map, Rule


def bound(*args, **kwargs):
    rule = Rule(*args, **kwargs)
    Map([rule])
    return rule


def test_a_rule_begins_with_a_slash():
    for string in ("", "a", "<x>"):
        with pytest.raises(ValueError, match="must start with a slash"):
            Rule(string)


def test_get_brings_head_and_methods_are_upper_case():
    assert Rule("/", methods=["get", "post"]).methods == {"GET", "HEAD", "POST"}
    assert Rule("/").methods is None


def test_methods_are_no_single_string():
    with pytest.raises(TypeError, match=r"\['GET'\]"):
        Rule("/", methods="GET")


def test_a_websocket_is_opened_by_get_alone():
    assert Rule("/", websocket=True, methods=["GET", "OPTIONS"]).websocket
    with pytest.raises(ValueError, match="POST"):
        Rule("/", websocket=True, methods=["GET", "POST"])


def test_a_copy_is_equal_in_all_it_was_declared_with():
    rule = Rule("/<x>", {"y": 1}, "www", ["POST"], True, "e", False, False, "/", True, "h")
    assert rule.empty().__dict__ == rule.__dict__
    assert rule.empty().methods is not rule.methods
    assert rule.empty().defaults is not rule.defaults


def test_where_a_rule_was_declared_stays_with_its_copies():
    rule = Rule("/")
    assert rule.declared_at is None
    rule.declared_at = "app.py:3"
    rule.provide_automatic_options = True
    assert rule.empty().declared_at == "app.py:3"
    assert rule.empty().provide_automatic_options is True


def test_a_rule_belongs_to_one_map():
    rule = bound("/")
    with pytest.raises(RuntimeError, match=r"rule\.empty\(\)"):
        Map([rule])


def test_an_unbound_rule_has_nothing_to_parse_with():
    for step in (Rule("/").refresh, Rule("/").compile):
        with pytest.raises(RuntimeError, match="belongs to no map"):
            step()


def test_binding_takes_the_maps_settings_where_the_rule_has_none():
    rule, own = Rule("/"), Rule("/o", subdomain="own", strict_slashes=True, merge_slashes=True)
    Map([rule, own], default_subdomain="www", strict_slashes=False, merge_slashes=False)
    assert (rule.subdomain, rule.strict_slashes, rule.merge_slashes) == ("www", False, False)
    assert (own.subdomain, own.strict_slashes, own.merge_slashes) == ("own", True, True)


def test_refreshing_parses_the_changed_pattern():
    rule = bound("/<a>", endpoint="e")
    rule.rule = "/x/<b>"
    rule.refresh()
    assert rule.arguments == {"b"}
    assert rule.build({"b": 1}) == ("", "/x/1")


def test_arguments_are_variables_and_defaults():
    rule = Rule("/<a>/<int:b>", defaults={"c": 1}, subdomain="<d>")
    assert rule.arguments == {"c"}
    Map([rule])
    assert rule.arguments == {"a", "b", "c", "d"}


def test_a_variable_stands_once():
    with pytest.raises(ValueError, match="'a' stands twice"):
        bound("/<a>/<a>")


def test_an_unknown_converter_is_told_with_the_known_ones():
    with pytest.raises(LookupError, match=r"'nope' does not exist.*float, int, path"):
        bound("/<nope:a>")


def test_a_default_that_does_not_convert_is_told_at_once():
    with pytest.raises(ValueError, match="invalid literal"):
        bound("/<int:a>", defaults={"a": "x"})


def test_rules_are_equal_by_pattern():
    assert bound("/a//<int:x>") == bound("/a/<x>")
    assert bound("/a/<x>") != bound("/a/<y>")
    assert bound("/", subdomain="a") != bound("/", subdomain="b")
    assert Rule("/a") == Rule("/a")
    assert Rule("/a") != Rule("/b")
    assert Rule("/a") != "/a"
    with pytest.raises(TypeError, match="unhashable"):
        hash(Rule("/a"))


def test_a_rule_shows_its_pattern_methods_and_endpoint():
    rule = bound("/a/<int:x>/", endpoint="e", methods=["GET"])
    assert str(rule) == "/a/<int:x>/"
    assert repr(rule) == "<Rule '/a/<x>/' (GET, HEAD) -> e>"
    assert repr(bound("/", endpoint="e")) == "<Rule '/' -> e>"
    assert repr(Rule("/")) == "<Rule (unbound)>"


def test_leaves_and_branches():
    assert Rule("/a").is_leaf
    assert not Rule("/a").is_branch
    assert Rule("/a/").is_branch


def test_defaults_are_provided_for_the_same_arguments():
    short = Rule("/", defaults={"x": 1}, endpoint="e")
    long = Rule("/<int:x>", endpoint="e")
    Map([short, long])
    assert short.provides_defaults_for(long)
    assert not long.provides_defaults_for(short)
    assert not short.provides_defaults_for(short)


def test_suitable_means_enough_and_not_contrary_to_the_defaults():
    rule = bound("/<a>", defaults={"b": 1}, methods=["GET"])
    assert rule.suitable_for({"a": 1})
    assert rule.suitable_for({"a": 1, "b": 1, "c": 2}, "HEAD")
    assert not rule.suitable_for({"b": 1})
    assert not rule.suitable_for({"a": 1, "b": 2})
    assert not rule.suitable_for({"a": 1}, "POST")
