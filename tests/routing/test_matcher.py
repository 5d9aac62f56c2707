"""The matcher: the quick way, the thorough way, and what it returns for a miss."""

from __future__ import annotations

import gc
import re
import sys
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.routing import BaseConverter, Map, Matcher, Rule
from costrel.routing import matcher as matcher_file
from costrel.routing.outcomes import (
    DefaultsRedirect,
    NeedsContext,
    NoMatch,
    RequestAliasRedirect,
    RequestPath,
    TargetRedirect,
)

# --- against a naive matcher ---------------------------------------------------------------------

KINDS = {"<int:": 1, "<": 2, "<path:": 3}
REGEXES = {"<int:": "([0-9]+)", "<": "([^/]+)", "<path:": "([^/].*)"}


def naive_match(rules, path, method):
    """All rules as regexes, the winner by what it has at each part: literal, int, text, path."""
    found, allowed = [], set()
    for number, rule in enumerate(rules):
        kinds, pattern = [], []
        for part in rule.rule.split("/"):
            opening = (re.match("<(?:int:|path:)?", part) or [""])[0]
            kinds.append(KINDS.get(opening, 0))
            pattern.append(REGEXES.get(opening) or re.escape(part))
        match = re.fullmatch("/".join(pattern), path)
        slash = rule.is_branch and re.fullmatch("/".join(pattern), f"{path}/")
        if match and method not in rule.methods:
            allowed |= rule.methods
        elif match:
            values = [int(v) if k == 1 else v for k, v in zip(filter(None, kinds), match.groups())]
            found.append((kinds, number, rule, values))
        elif slash and method in rule.methods:
            found.append((kinds, number, "slash", []))
    return min(found, key=lambda entry: entry[:2])[2:] if found else (allowed, [])


def parts(last):
    names = st.sampled_from(["a", "b", "1", "<{}>", "<int:{}>", *last])
    return st.lists(names, max_size=3)


RULES = st.tuples(
    parts([]), st.sampled_from(["", "", "/", "/<path:z>"]), st.sampled_from(["GET", "POST"])
)
PATHS = st.lists(st.sampled_from(["a", "b", "1", "22", "x"]), max_size=4)


@given(st.lists(RULES, min_size=1, max_size=8), PATHS, st.booleans())
@settings(max_examples=400, deadline=None)
def test_the_matcher_agrees_with_a_naive_one(declared, path_parts, ends_with_slash):
    rules = []
    for number, (texts, end, method) in enumerate(declared):
        named = [text.format(f"v{number}{place}") for place, text in enumerate(texts)]
        pattern = "/" + "/".join(named) + (end if named else end.lstrip("/"))
        rules.append(Rule(pattern, endpoint=number, methods=[method]))
    matcher = Matcher(Map(rules))
    path = "/" + "/".join(path_parts) + ("/" if path_parts and ends_with_slash else "")
    for method in ("GET", "POST", "HEAD", "PUT"):
        expected, values = naive_match(rules, path, method)
        target, args = matcher.match(path, method)
        assert list(args.values()) == values
        if expected == "slash":
            assert isinstance(target, RequestPath)
            assert target.path_info == f"{path}/"
        elif isinstance(expected, set):
            assert isinstance(target, NoMatch)
            assert target.have_match_for == expected
        else:
            assert target is expected
            assert matcher.static.get(path, {}).get(method, expected) is expected


# --- what it returns -----------------------------------------------------------------------------


def matcher_of(*rules, **settings):
    return Matcher(Map(rules, **settings))


def test_a_whole_static_path_is_one_entry_per_method():
    rule = Rule("/a/b", endpoint="x", methods=["GET"])
    static = matcher_of(rule).static
    assert static == {"/a/b": {"GET": rule, "HEAD": rule}}


def test_static_paths_with_values_or_redirects_are_not_in_the_table():
    matcher = matcher_of(
        Rule("/defaults", endpoint="d", defaults={"page": 1}, methods=["GET"]),
        Rule("/alias", endpoint="x", alias=True, methods=["GET"]),
        Rule("/moved", endpoint="m", redirect_to="/", methods=["GET"]),
        Rule("/ws", endpoint="w", websocket=True, methods=["GET"]),
        Rule("/never", endpoint="n", build_only=True, methods=["GET"]),
        Rule("/other", endpoint="o", subdomain="www", methods=["GET"]),
    )
    assert matcher.static == {}


def test_lenient_rules_are_in_the_table_with_and_without_their_slash():
    leaf = Rule("/leaf", endpoint="l", strict_slashes=False, methods=["GET"])
    branch = Rule("/branch/", endpoint="b", strict_slashes=False, methods=["GET"])
    taken = Rule("/branch", endpoint="t", methods=["GET"])
    root = Rule("/", endpoint="r", strict_slashes=False, methods=["GET"])
    static = matcher_of(leaf, branch, root).static
    assert static["/leaf/"]["GET"] is static["/leaf"]["GET"] is leaf
    assert static["/branch/"]["GET"] is static["/branch"]["GET"] is branch
    assert static["/"]["GET"] is root
    assert "" not in static
    static = matcher_of(leaf.empty(), branch.empty(), taken).static
    assert static["/branch"]["GET"] is taken


def test_targets_are_asked_for_per_rule_and_method():
    urls = Map([Rule("/<x>", endpoint="e", methods=["GET", "POST"]), Rule("/any/<x>")])
    matcher = Matcher(urls, lambda rule, method: (rule.endpoint, method))
    assert matcher.match("/1", "POST") == (("e", "POST"), {"x": "1"})
    assert matcher.match("/1", "HEAD") == (("e", "HEAD"), {"x": "1"})
    assert matcher.match("/any/1", "BREW") == ((None, "BREW"), {"x": "1"})


def test_misses_are_asked_for_too():
    matcher = Matcher(Map([Rule("/a/", methods=["GET"])]), miss_of=lambda miss: type(miss).__name__)
    assert matcher.match("/b", "GET") == ("NoMatch", {})
    assert matcher.match("/a", "GET") == ("RequestPath", {})


def test_each_match_has_arguments_of_its_own():
    matcher = matcher_of(Rule("/d", defaults={"page": 1}, methods=["GET"]))
    matcher.match("/d", "GET")[1].clear()
    assert matcher.match("/d", "GET")[1] == {"page": 1}


@pytest.mark.parametrize("method", ["get", "Get", "PUT", ""])
def test_methods_are_compared_as_they_are(method):
    miss, _ = matcher_of(Rule("/a", methods=["GET"])).match("/a", method)
    assert miss.have_match_for == {"GET", "HEAD"}
    assert not miss.websocket_mismatch


def test_rules_may_name_their_variables_differently_below_one_branch():
    matcher = matcher_of(
        Rule("/<int:id>", endpoint="get", methods=["GET"]),
        Rule("/<int:user>", endpoint="put", methods=["PUT"]),
        Rule("/<int:user>/<id>", endpoint="both", methods=["GET"]),
        Rule("/<int:a>/<b>/<id>", endpoint="three", methods=["GET"]),
        Rule("/<int:a>/<b>/<path:id>", endpoint="path", methods=["PUT"]),
    )
    assert matcher.match("/1", "GET")[1] == {"id": 1}
    assert matcher.match("/1", "PUT")[1] == {"user": 1}
    assert matcher.match("/1/2", "GET")[1] == {"user": 1, "id": "2"}
    assert matcher.match("/1/2/3", "GET")[1] == {"a": 1, "b": "2", "id": "3"}
    assert matcher.match("/1/2/3/4", "PUT")[1] == {"a": 1, "b": "2", "id": "3/4"}


def test_a_path_variable_takes_all_that_does_not_begin_with_a_slash():
    rule = Rule("/s/<path:p>", methods=["GET"])
    matcher = matcher_of(rule)
    assert matcher.match("/s/a//b/", "GET") == (rule, {"p": "a//b/"})
    assert matcher.match("/s//a", "GET")[0].path_info == "/s/a"
    assert isinstance(matcher.match("/s/", "GET")[0], NoMatch)
    assert matcher.match("/s/a", "PUT")[0].have_match_for == {"GET", "HEAD"}


@pytest.mark.parametrize("path", ["foo", "//foo", "///foo"])
def test_a_path_is_taken_to_begin_with_one_slash(path):
    rule = Rule("/foo", methods=["GET"])
    assert matcher_of(rule).match(path, "GET")[0] is rule


def test_a_rule_that_begins_with_two_slashes_is_out_of_reach():
    matcher = matcher_of(Rule("//foo", methods=["GET"]), merge_slashes=False)
    assert isinstance(matcher.match("//foo", "GET")[0], NoMatch)
    assert matcher.static == {}


def test_the_empty_path_wants_its_slash():
    assert matcher_of(Rule("/", methods=["GET"])).match("", "GET")[0].path_info == "/"


@pytest.mark.parametrize("path", ["*", "http://evil/", "\x00", "\udc80", "/%2f/..", "/" * 5000])
def test_odd_paths_are_misses(path):
    assert isinstance(matcher_of(Rule("/a/<x>/<y>")).match(path, "GET")[0], NoMatch)


def test_a_newline_at_the_end_is_part_of_the_path():
    matcher = matcher_of(Rule("/user/<int:id>"), Rule("/a"), Rule("/v<int:x>"), Rule("/p/<path:p>"))
    for path in ("/user/1\n", "/a\n", "/v1\n", "/p/x\n"):
        assert isinstance(matcher.match(path, "GET")[0], NoMatch)


def test_slashes_are_merged_where_the_map_and_the_rule_want_it():
    rules = [Rule("/a/<x>/"), Rule("/b/<x>", merge_slashes=False)]
    matcher = matcher_of(*rules)
    assert matcher.match("/a//1/", "GET")[0].path_info == "/a/1/"
    assert matcher.match("/a//1", "GET")[0].path_info == "/a/1/"
    assert isinstance(matcher.match("/b//1", "GET")[0], NoMatch)
    kept = matcher_of(*[rule.empty() for rule in rules], merge_slashes=False)
    assert isinstance(kept.match("/a//1/", "GET")[0], NoMatch)


def test_what_is_wrong_with_the_merged_path_is_told():
    matcher = matcher_of(Rule("/a/b", methods=["GET"]), Rule("/w", websocket=True))
    assert matcher.match("/a//b", "PUT")[0].have_match_for == {"GET", "HEAD"}
    assert matcher.match("//w//", "PUT")[0].websocket_mismatch is False
    assert matcher.match("//w", "PUT")[0].websocket_mismatch is True


def test_websocket_rules_answer_only_handshakes():
    page, socket = Rule("/x", endpoint="page"), Rule("/x", endpoint="socket", websocket=True)
    matcher = matcher_of(page, socket)
    assert matcher.match("/x", "GET")[0] is page
    assert matcher.match_at("", "/x", "GET", websocket=True)[0] is socket
    alone = matcher_of(page.empty())
    assert alone.match_at("", "/x", "GET", websocket=True)[0].websocket_mismatch


def test_a_rule_for_all_methods_hides_those_behind_it():
    first = Rule("/x", endpoint="first", methods=["PUT"])
    every, last = Rule("/x", endpoint="every"), Rule("/x", endpoint="last", methods=["GET"])
    matcher = matcher_of(first, every, last)
    assert matcher.match("/x", "PUT")[0] is first
    assert matcher.match("/x", "GET")[0] is every


def test_an_alias_redirects_to_its_endpoint():
    rules = [Rule("/<int:x>", endpoint="e"), Rule("/n<int:x>", endpoint="e", alias=True)]
    miss, args = matcher_of(*rules).match("/n1", "GET")
    assert isinstance(miss, RequestAliasRedirect)
    assert (miss.endpoint, miss.matched_values, args) == ("e", {"x": 1}, {})
    alias = rules[1].empty()
    assert matcher_of(alias, redirect_defaults=False).match("/n1", "GET") == (alias, {"x": 1})


def test_values_that_are_defaults_redirect_to_the_shorter_rule():
    short = Rule("/", endpoint="e", defaults={"page": 1}, methods=["GET"])
    long = Rule("/p/<int:page>", endpoint="e", methods=["GET", "POST"])
    other = Rule("/q", endpoint="e", defaults={"page": 1}, build_only=True)
    more = Rule("/r", endpoint="e", defaults={"page": 1, "size": 2})
    matcher = matcher_of(long, short, other, more)
    miss, _ = matcher.match("/p/1", "GET")
    assert isinstance(miss, DefaultsRedirect)
    assert (miss.rule, miss.values) == (short, {"page": 1})
    assert matcher.match("/p/2", "GET") == (long, {"page": 2})
    assert matcher.match("/p/1", "POST") == (long, {"page": 1})
    kept = matcher_of(long.empty(), short.empty(), redirect_defaults=False)
    assert kept.match("/p/1", "GET")[1] == {"page": 1}


def test_redirect_to_comes_with_the_values():
    rule = Rule("/<x>", redirect_to="/<x>")
    miss, _ = matcher_of(rule).match("/1", "GET")
    assert isinstance(miss, TargetRedirect)
    assert (miss.rule, miss.values) == (rule, {"x": "1"})


def test_domains_are_the_first_part():
    plain, www = Rule("/x", endpoint=1), Rule("/x", endpoint=2, subdomain="www")
    user = Rule("/x", endpoint=3, subdomain="<user>.<int:zone>")
    matcher = matcher_of(plain, www, user)
    assert not matcher.has_one_domain
    assert matcher_of(plain.empty()).has_one_domain
    assert matcher.match("/x", "GET")[0] is plain
    assert matcher.match_at("www", "/x", "GET")[0] is www
    assert matcher.match_at("me.7", "/x", "GET") == (user, {"user": "me", "zone": 7})
    assert isinstance(matcher.match_at("me", "/x", "GET")[0], NoMatch)


def test_a_map_of_hosts_has_nothing_on_its_default_domain():
    matcher = matcher_of(Rule("/x", host="<name>.org"), host_matching=True)
    assert not matcher.has_one_domain
    assert isinstance(matcher.match("/x", "GET")[0], NoMatch)
    assert matcher.match_at("a.org", "/x", "GET")[1] == {"name": "a"}


# --- converters of the user's --------------------------------------------------------------------


class Shout(BaseConverter):
    """Counts its calls."""

    calls = 0

    def to_python(self, value):
        type(self).calls += 1
        return value.upper()


def test_a_matcher_that_defers_calls_no_converter_of_the_users():
    Shout.calls = 0
    get = ["GET"]
    rules = [
        Rule("/<shout:x>", methods=get),
        Rule("/n/<int:x>", methods=get),
        Rule("/<shout:x>/<path:p>", methods=get),
        Rule("/every/<shout:x>/z"),
    ]
    matcher = Matcher(Map(rules, converters={"shout": Shout}), defers=True)
    for path in ("/a", "//a", "/a/b/c", "/every/a/z"):
        assert isinstance(matcher.match(path, "GET")[0], NeedsContext)
    assert matcher.match("/n/1", "GET") == (rules[1], {"x": 1})
    assert Shout.calls == 0
    assert matcher.match_at("", "/a", "GET") == (rules[0], {"x": "A"})
    assert Matcher(rules[0].map).match("/a", "GET") == (rules[0], {"x": "A"})


def test_stock_converters_are_never_deferred():
    rule = Rule("/<float:a>/<uuid:b>/<any(x, y):c>", methods=["GET"])
    matcher = Matcher(Map([rule]), defers=True)
    path = "/1.5/a8098c1a-f86e-11da-bd1a-00112444be1e/x"
    assert matcher.match(path, "GET")[0] is rule


def test_one_method_declined_by_a_converter_goes_to_the_next_rule_of_the_same_shape():
    one = Rule("/<int(max=1):x>", endpoint=1, methods=["GET"])
    two = Rule("/<int(max=2):x>", endpoint=2, methods=["GET"])
    matcher = matcher_of(one, two)
    assert [matcher.match(f"/{x}", "GET")[0] for x in (1, 2)] == [one, two]
    assert isinstance(matcher.match("/3", "GET")[0], NoMatch)


# --- cost ----------------------------------------------------------------------------------------


@cache
def large_map(count):
    rules = []
    for i in range(count):
        rules.append(Rule(f"/static{i}/list", endpoint=i, methods=["GET"]))
        rules.append(Rule(f"/r{i}/<int:id>/posts/<slug>", endpoint=i, methods=["GET"]))
        rules.append(Rule(f"/<user>/x{i}/<path:p>", endpoint=i, methods=["GET"]))
    return Matcher(Map(rules))


def count_calls(function):
    """How many functions run, those in C included. Counted, so that a busy machine is no matter."""
    count = 0

    def note(frame, event, arg):
        nonlocal count
        count += event in {"call", "c_call"}

    # What is fetched at first use has been, and nobody else's garbage is collected in between.
    function()
    gc.disable()
    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


@pytest.mark.parametrize(
    "path", ["/static7/list", "/r7/42/posts/hello", "/me/x7/a/b", "/nothing/here"]
)
def test_the_number_of_rules_does_not_count(path):
    small, large = large_map(10), large_map(1000)
    cost = count_calls(lambda: small.match(path, "GET"))
    assert cost == count_calls(lambda: large.match(path, "GET"))


def test_a_match_on_the_quick_way_is_one_python_call():
    matcher = large_map(10)
    calls = []

    def note(frame, event, arg):
        if event == "call":
            calls.append(frame.f_code.co_name)

    gc.disable()
    sys.setprofile(note)
    try:
        matcher.match("/r7/42/posts/hello", "GET")
    finally:
        sys.setprofile(None)
        gc.enable()
    # A compiled one is none.
    assert calls == (["match"] if matcher_file.__file__.endswith(".py") else [])
