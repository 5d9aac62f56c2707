"""A rule's text, read."""

from __future__ import annotations

import pytest

from costrel.routing.pattern import Variable, parse_converter_args, read_pattern


def test_a_rule_is_cut_into_literals_and_variables():
    assert read_pattern("/users/<int(min=1):id>.json") == [
        "/users/",
        Variable("id", "int", "min=1"),
        ".json",
    ]


def test_a_variable_without_a_converter_has_the_default_one():
    assert read_pattern("<name>") == [Variable("name", "default", "")]


def test_arguments_may_hold_brackets_and_angles():
    pattern = r"<regex('(?P<x>a|b):c'):value>/"
    assert read_pattern(pattern) == [Variable("value", "regex", "'(?P<x>a|b):c'"), "/"]


def test_an_angle_that_closes_nothing_is_a_literal():
    assert read_pattern("/a>b") == ["/a>b"]


@pytest.mark.parametrize(
    "text", ["/<a", "/<a>x<", "/<1a>", "/<:a>", "/<int()>", "/< a>", "/<a.b>", "/<int(:a>"]
)
def test_a_malformed_variable_is_refused_with_its_text(text):
    with pytest.raises(ValueError, match="malformed url rule") as error:
        read_pattern(text)
    assert text in str(error.value)


@pytest.mark.parametrize(
    ("text", "values", "named"),
    [
        ("", (), {}),
        ("test, a=1, b=3.0", ("test",), {"a": 1, "b": 3.0}),
        ("a, b, c,", ("a", "b", "c"), {}),
        ("True, False, None", (True, False, None), {}),
        ("\"foo\", 'b,ar', ''", ("foo", "b,ar", ""), {}),
        (" min = -2 , max=-0.5 ", (), {"min": -2, "max": -0.5}),
        ("a.1, foo-bar", ("a.1", "foo-bar"), {}),
        (r"'(\d+)'", (r"(\d+)",), {}),
    ],
)
def test_arguments_are_read(text, values, named):
    assert parse_converter_args(text) == (values, named)


@pytest.mark.parametrize("text", ["min=0;max=500", "a b", "=1", ",", "'a"])
def test_what_is_no_argument_is_refused(text):
    with pytest.raises(ValueError, match="Cannot read converter arguments"):
        parse_converter_args(text)
