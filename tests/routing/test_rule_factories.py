"""Several rules declared at once."""

from __future__ import annotations

import pytest

from costrel.routing import (
    EndpointPrefix,
    Map,
    Rule,
    RuleFactory,
    RuleTemplate,
    Subdomain,
    Submount,
)
from costrel.routing.rule_factories import _Altered


def declared(*factories):
    return [(r.subdomain, r.rule, r.endpoint) for r in Map(factories).iter_rules()]


def test_factories_nest():
    rules = [Rule("/", endpoint="index"), Rule("/<x>", endpoint="show")]
    factory = Subdomain("www", [Submount("/blog/", [EndpointPrefix("blog/", rules)])])
    assert declared(factory) == [
        ("www", "/blog/", "blog/index"),
        ("www", "/blog/<x>", "blog/show"),
    ]


def test_the_rules_of_a_factory_stay_unbound():
    rule = Rule("/")
    declared(Submount("/a", [rule]), Submount("/b", [rule]))
    assert rule.map is None


def test_a_template_is_filled_in_everywhere():
    template = RuleTemplate(
        [
            Rule("/${app}/", endpoint="${app}.index", subdomain="$app", defaults={"a": "$app"}),
            Rule("/$n", endpoint=7, defaults={"a": 1}),
            Rule("/"),
        ]
    )
    urls = Map([template(app="x", n=2), template({"app": "y", "n": 3})])
    rules = list(urls.iter_rules())
    assert [rule.rule for rule in rules] == ["/x/", "/2", "/", "/y/", "/3", "/"]
    assert (rules[0].endpoint, rules[0].subdomain, rules[0].defaults) == (
        "x.index",
        "x",
        {"a": "x"},
    )
    assert (rules[1].endpoint, rules[1].defaults) == (7, {"a": 1})


def test_a_missing_placeholder_is_an_error():
    with pytest.raises(KeyError, match="app"):
        Map([RuleTemplate([Rule("/$app")])()])


def test_a_factory_of_ones_own_must_yield_rules():
    with pytest.raises(NotImplementedError, match="get_rules"):
        Map([RuleFactory()])
    broken = _Altered()
    broken.rules = [Rule("/")]
    with pytest.raises(NotImplementedError):
        Map([broken])
