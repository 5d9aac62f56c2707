"""The search: every way, in order, and the reasons where there is none."""

from __future__ import annotations

from costrel.routing import Map, Matcher, Rule
from costrel.routing.search import Search


def search(rules, path, method="GET", websocket=False):
    one = Search(method, websocket, defers=False)
    found = one.run(Matcher(Map(rules)).root, "", path)
    return found if found is None or found == "/" else found.rule.endpoint, one


def rules(*patterns, **kwargs):
    return [Rule(pattern, endpoint=pattern, methods=["GET"], **kwargs) for pattern in patterns]


def test_it_goes_back_where_a_literal_leads_nowhere():
    found, one = search(rules("/a/b", "/<x>/c", "/<int:x>/c/d", "/<path:p>"), "/a/c")
    assert (found, one.args) == ("/<x>/c", {"x": "a"})
    found, one = search(rules("/a/b/<x>", "/<x>/<y>/z", "/<path:p>"), "/a/b/c/d")
    assert (found, one.args) == ("/<path:p>", {"p": "a/b/c/d"})


def test_values_of_ways_given_up_are_forgotten():
    found, one = search(rules("/<int:a>/<int:b>/x", "/<c>/<d>/y"), "/1/2/y")
    assert (found, one.args) == ("/<c>/<d>/y", {"c": "1", "d": "2"})
    assert one.values == ["1", "2"]


def test_a_slash_is_missed_before_later_ways_are_tried():
    assert search(rules("/a/", "/<x>"), "/a")[0] == "/"
    assert search(rules("/a/", "/<x>"), "/a", method="PUT")[0] is None


def test_lenient_rules_match_without_and_with_a_slash_too_many():
    lenient = rules("/a/", "/b", strict_slashes=False)
    assert search(lenient, "/a")[0] == "/a/"
    assert search([rule.empty() for rule in lenient], "/b/")[0] == "/b"
    assert search(rules("/b"), "/b/")[0] is None


def test_a_lenient_rule_whose_value_does_not_convert_is_no_match():
    assert search(rules("/<int(max=3):x>/", strict_slashes=False), "/7")[0] is None
    assert search(rules("/<int(max=3):x>/", strict_slashes=False), "/2")[0] is not None


def test_the_reasons_are_gathered_from_all_ways():
    declared = [
        Rule("/a", methods=["PUT"]),
        Rule("/<x>", methods=["POST"]),
        Rule("/<path:p>", websocket=True),
        Rule("/b", methods=["DELETE"]),
    ]
    found, one = search(declared, "/a")
    assert found is None
    assert one.allowed == {"PUT", "POST"}
    assert one.is_mismatch


def test_a_path_with_a_slash_at_its_end_is_for_the_rule_with_one():
    declared = rules("/<path:p>/")
    assert search(declared, "/a/b")[0] == "/"
    found, one = search([rule.empty() for rule in declared], "/a/b/")
    assert (found, one.args) == ("/<path:p>/", {"p": "a/b"})
    assert search([rule.empty() for rule in declared], "/a//")[0] is None
