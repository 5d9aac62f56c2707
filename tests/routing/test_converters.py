"""Converters, both ways."""

from __future__ import annotations

import sys
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.exceptions import NotFound
from costrel.routing import (
    BaseConverter,
    IntegerConverter,
    Map,
    PathConverter,
    Rule,
    ValidationError,
)
from costrel.routing.converters import quote_path

KEY = "a8098c1a-f86e-11da-bd1a-00112444be1e"


def adapter(*rules, **converters):
    urls = Map([Rule(rule, endpoint=rule) for rule in rules], converters=converters)
    return urls.bind("example.org")


def value_of(rule, text):
    """The value of the variable `x`, or None for no match."""
    try:
        return adapter(rule).match(f"/{text}")[1]["x"]
    except NotFound:
        return None


@pytest.mark.parametrize("text", ["٣", "１", "+1", "1_0", "1\n", " 1", "1 ", "-1", "", "²", "1.0"])
def test_an_int_is_ascii_digits_only(text):
    assert value_of("/<int:x>", text) is None
    assert value_of("/v<int:x>", f"v{text}") is None


@pytest.mark.parametrize("digits", [1, 100, 4000, 4300])
def test_an_int_may_be_long(digits):
    assert value_of("/<int:x>", "7" * digits) == int("7" * digits)


@pytest.mark.parametrize("digits", [4301, 6000])
@pytest.mark.parametrize("rule", ["/<int:x>", "/<int(min=1):x>", "/<float:x>"])
def test_too_many_digits_are_no_match(rule, digits):
    assert value_of(rule, "7" * digits) is None


def test_too_many_digits_are_no_match_where_python_would_read_them():
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        assert value_of("/<int:x>", "7" * 5000) is None
        assert value_of("/<int(max=5):x>", "7" * 5000) is None
    finally:
        sys.set_int_max_str_digits(limit)


@pytest.mark.parametrize(
    ("rule", "text", "value"),
    [
        ("/<int(fixed_digits=3):x>", "007", 7),
        ("/<int(fixed_digits=3):x>", "7", None),
        ("/<int(fixed_digits=3):x>", "0007", None),
        ("/<int(min=2, max=3):x>", "1", None),
        ("/<int(min=2, max=3):x>", "2", 2),
        ("/<int(min=2, max=3):x>", "3", 3),
        ("/<int(min=2, max=3):x>", "4", None),
        ("/<int(signed=True):x>", "-4", -4),
        ("/<int(signed=True, min=-3):x>", "-4", None),
        ("/<int(signed=True):x>", "--4", None),
        ("/<float:x>", "1.5", 1.5),
        ("/<float:x>", "1", None),
        ("/<float:x>", ".5", None),
        ("/<float:x>", "1.", None),
        ("/<float:x>", "nan", None),
        ("/<float:x>", "inf", None),
        ("/<float:x>", "1e999", None),
        ("/<float:x>", "٣.٣", None),
        ("/<float:x>", "9" * 400 + ".0", None),
        ("/<float(signed=True):x>", "-1.5", -1.5),
        ("/<float(max=2.0):x>", "2.5", None),
        ("/<string(length=2):x>", "ab", "ab"),
        ("/<string(length=2):x>", "abc", None),
        ("/<string(minlength=2):x>", "a", None),
        ("/<string(maxlength=2):x>", "abc", None),
        ("/<any(about, help):x>", "help", "help"),
        ("/<any(about, help):x>", "helpx", None),
        ("/<any('a.b', c):x>", "axb", None),
        ("/<uuid:x>", KEY, uuid.UUID(KEY)),
        ("/<uuid:x>", KEY.upper(), uuid.UUID(KEY)),
        ("/<uuid:x>", f"{{{KEY}}}", None),
        ("/<uuid:x>", f"urn:uuid:{KEY}", None),
        ("/<uuid:x>", f"{KEY}\n", None),
        ("/<path:x>", "a/b/", "a/b/"),
        ("/<path:x>", "a\nb", None),
    ],
)
def test_what_converters_take(rule, text, value):
    assert value_of(rule, text) == value


@pytest.mark.parametrize(
    ("rule", "value", "url"),
    [
        ("/<x>", "a/b c?d#e%é\n", "/a/b%20c%3Fd%23e%25%C3%A9%0A"),
        ("/<x>", "plain", "/plain"),
        ("/<x>", 42, "/42"),
        ("/<int:x>", "7", "/7"),
        ("/<int(fixed_digits=4):x>", 7, "/0007"),
        ("/<int(fixed_digits=2):x>", 777, "/777"),
        ("/<float:x>", 1, "/1.0"),
        ("/<path:x>", "a//b", "/a//b"),
        ("/<any(about, help):x>", "help", "/help"),
        ("/<uuid:x>", uuid.UUID(KEY), f"/{KEY}"),
    ],
)
def test_what_converters_write(rule, value, url):
    assert adapter(rule).build(rule, {"x": value}) == url


def test_any_refuses_to_build_other_words():
    with pytest.raises(ValueError, match="'no' is not one of 'about', 'help'"):
        adapter("/<any(help, about):x>").build("/<any(help, about):x>", {"x": "no"})


def test_a_regex_with_a_slash_is_not_part_isolating():
    class Two(BaseConverter):
        regex = r"\w+/\w+"

    class Insists(BaseConverter):
        regex = r"[^/]+\.txt"
        part_isolating = True

    assert not Two.part_isolating
    assert Insists.part_isolating
    assert not PathConverter.part_isolating
    assert adapter("/<two:x>/z", two=Two).match("/a/b/z")[1] == {"x": "a/b"}


def test_a_converter_that_declines_leaves_the_path_to_the_next_rule():
    class Even(BaseConverter):
        regex = "[0-9]+"
        weight = 40

        def to_python(self, value):
            if int(value) % 2:
                raise ValidationError
            return int(value)

    urls = adapter("/<even:x>", "/<y>", even=Even)
    assert urls.match("/4") == ("/<even:x>", {"x": 4})
    assert urls.match("/5") == ("/<y>", {"y": "5"})


def test_a_converter_may_have_groups_and_names_of_its_own():
    class Pair(BaseConverter):
        regex = r"(?P<left>\w)(-)?(?P<right>\w)"

    urls = adapter("/<pair:x>.<y>/<pair:z>", pair=Pair)
    assert urls.match("/a-b.c/de")[1] == {"x": "a-b", "y": "c", "z": "de"}


def test_a_converter_whose_url_does_not_validate_makes_no_url():
    class Small(BaseConverter):
        def to_url(self, value):
            if value > 9:
                raise ValidationError
            return str(value)

    urls = adapter("/<small:x>", small=Small)
    assert urls.build("/<small:x>", {"x": 9}) == "/9"
    with pytest.raises(LookupError):
        urls.build("/<small:x>", {"x": 10})


def test_a_number_whose_regex_takes_more_than_numbers_is_no_match():
    class Word(IntegerConverter):
        regex = "[0-9a-f]+"

    urls = adapter("/<word:x>", word=Word)
    assert urls.match("/12")[1] == {"x": 12}
    assert not urls.test("/1f")


@given(st.integers(min_value=0))
@settings(max_examples=50, deadline=None)
def test_an_int_that_is_built_is_matched(number):
    urls = adapter("/<int:x>")
    assert urls.match(urls.build("/<int:x>", {"x": number}))[1] == {"x": number}


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_quoting_keeps_no_character_with_a_meaning(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert not set(quote_path(text)) & set('?# \r\n<>"\\^`{|}')
