"""Rules cut into segments, and which of them go first."""

from __future__ import annotations

import pytest

from costrel.routing import Map, Rule
from costrel.routing.segments import compile_test


def segments(rule):
    """The path's segments, literals as text, fields by name."""
    made = Rule(rule, merge_slashes=False)
    Map([made])
    return made.segments()[1:]


def shape(segment):
    return "".join(p if isinstance(p, str) else f"<{p.name}>" for p in segment.pieces)


@pytest.mark.parametrize(
    ("rule", "shapes"),
    [
        ("/", ["", ""]),
        ("/a//b/", ["", "a", "", "b", ""]),
        ("/<x>/v<int:y>.<z>/", ["", "<x>", "v<y>.<z>", ""]),
        ("/a/<path:p>", ["", "a", "<p>"]),
        ("/a/x<path:p>/<y>/b", ["", "a", "x<p>/<y>/b"]),
        ("/a/<path:p>/b/", ["", "a", "<p>/b"]),
        ("/a/<path:p>//", ["", "a", "<p>/"]),
    ],
)
def test_a_rule_is_cut_at_its_slashes_up_to_a_path_variable(rule, shapes):
    assert [shape(segment) for segment in segments(rule)] == shapes


def test_a_segment_to_the_end_knows_if_a_slash_follows():
    last = segments("/<path:p>")[-1]
    assert (last.to_end, last.then_slash) == (True, False)
    last = segments("/<path:p>/")[-1]
    assert (last.to_end, last.then_slash) == (True, True)
    last = segments("/<p>/")[-1]
    assert (last.to_end, last.then_slash, last.literal) == (False, False, "")


def test_more_and_longer_literals_go_first_then_more_variables_then_weight():
    rules = [
        "/<path:p>/cc/dd",
        "/<path:p>/c/d",
        "/<path:p>/ccc",
        "/x<a>",
        "/<a><b>",
        "/<int:a>",
        "/<a>",
        "/<path:a>",
    ]
    ranks = [segments(rule)[1].rank for rule in rules]
    assert ranks == sorted(ranks)
    assert len({repr(rank) for rank in ranks}) == len(rules)


def test_equal_patterns_are_equal_whatever_the_names():
    assert segments("/<int:a>-<b>")[1].pattern == segments("/<int:x>-<y>")[1].pattern
    assert segments("/<int:a>-<b>")[1].pattern != segments("/<int:a>.<b>")[1].pattern


@pytest.mark.parametrize(
    ("rule", "text", "fields"),
    [
        ("/v<int:a>.<int:b>", "v1.22", ("1", "22")),
        ("/v<int:a>.<int:b>", "v1x22", None),
        ("/<a>.<float:b>", "x.1.5", ("x", "1.5")),
        ("/.<int:a>", "x1", None),
        ("/<path:p>/", "a/b", ("a/b",)),
        ("/<path:p>/", "a/", None),
        ("/<path:p>:<path:q>", "a:b:c", ("a", "b:c")),
    ],
)
def test_a_test_returns_the_fields_texts(rule, text, fields):
    assert compile_test(segments(rule)[1])(text) == fields
