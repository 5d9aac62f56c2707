"""Tests of query strings and urlencoded forms."""

import re
import time
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from costrel.http.multidict import ImmutableMultiDict, MultiDict
from costrel.http.query import TooManyFields, dump_query, parse_query

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("", []),
        ("a=1&b=2&a=3", [("a", "1"), ("a", "3"), ("b", "2")]),
        ("a&b=&=c", [("a", ""), ("b", ""), ("", "c")]),
        ("&&a=1&", [("a", "1")]),
        ("a=b=c", [("a", "b=c")]),
        ("a+b=c+d", [("a b", "c d")]),
        ("a=%2B%26%3D", [("a", "+&=")]),
        ("%C3%A9=%C3%A9&&%C3%A9=+", [("é", "é"), ("é", " ")]),
        ("é=ü", [("é", "ü")]),
        ("a=%zz%4&b=%", [("a", "%zz%4"), ("b", "%")]),
    ],
)
def test_fields_are_read(query, pairs):
    assert list(parse_query(query).items(multi=True)) == pairs


@pytest.mark.parametrize("query", ["a=1;b=2", "a=1%3Bb=2"])
def test_m10_a_semicolon_separates_nothing(query):
    assert parse_query(query).to_dict(flat=False) == {"a": ["1;b=2"]}


@pytest.mark.parametrize("query", ["a=%ff", "a=%C3(", b"a=\xff", b"a=\xc3("])
def test_u7_what_is_not_utf8_is_replaced(query):
    assert parse_query(query)["a"].startswith("\ufffd")


def test_bytes_are_taken_as_utf8():
    assert parse_query("é=%C3%A9".encode())["é"] == "é"


def test_the_result_has_the_class_asked_for():
    assert type(parse_query("a=1")) is MultiDict
    assert type(parse_query("a=1&a=2", ImmutableMultiDict)) is ImmutableMultiDict


def test_b9_more_fields_than_allowed_are_refused():
    assert len(parse_query("a=1&b=2", max_fields=2)) == 2
    assert len(parse_query("", max_fields=0)) == 0
    with pytest.raises(TooManyFields, match="3 fields where 2 are allowed"):
        parse_query("a=1&b=2&", max_fields=2)


def test_m9_fifteen_megabytes_of_fields_are_refused_at_once(in_cpu_seconds):
    body = b"a&" * 7_500_000

    def read():
        with pytest.raises(TooManyFields):
            parse_query(body, max_fields=1000)

    in_cpu_seconds(0.2, read)


def test_long_queries_take_linear_time():
    start = time.thread_time()
    assert len(parse_query("a=1&" * 100_000).getlist("a")) == 100_000
    assert parse_query("a=" + "%41" * 200_000)["a"] == "A" * 200_000
    assert parse_query("a=" + "%" * 600_000)["a"] == "%" * 600_000
    assert time.thread_time() - start < 3


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40) | st.binary(max_size=40))
def test_reading_never_raises(query):
    parse_query(query)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT)))
def test_reading_takes_back_writing(pairs):
    assert parse_query(dump_query(pairs)) == MultiDict(pairs)


# What an escape is, or would be if it were decoded twice, or by another rule than that of URLs.
PIECES = [
    *("a", "6", "=", "&", "+", "%", "%4", "%%", "%40", "%2C", "%25", "%26", "%3d", "%3D", "%00"),
    *("%C3%A4", "%c3", "%a4", "%f0%9f", "%0D%0A", "%5c", "\\", "\\x41", "\\N{DASH}", "%u00e4", "ä"),
]


def read_one_by_one(query):
    """What is read of fields that are split before anything in them is decoded."""
    found = MultiDict()
    for field in query.replace("+", " ").split("&"):
        name, _, value = field.partition("=")
        if field:
            found.add(decoded(name), decoded(value))
    return found


def decoded(text):
    return re.sub("(?:%[0-9A-Fa-f]{2})+", lambda run: unquote(run[0], errors="replace"), text)


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("a=%2541%40")
@example("a=%5Cx41%5C")
@example("a=\\x41&b=%41%42")
@example("%C3&%A4")
def test_decoding_first_is_decoding_field_by_field(query):
    assert list(parse_query(query).lists()) == list(read_one_by_one(query).lists())


def test_writing_takes_mappings_lists_and_every_type():
    assert dump_query({"a": ["b c", "é"], "n": 1, "none": None, "raw": b"\xff"}) == (
        "a=b+c&a=%C3%A9&n=1&raw=%FF"
    )
    assert dump_query(MultiDict([("a", "1"), ("a", "2")])) == "a=1&a=2"
    assert dump_query([("a", "/?&=\ud800")]) == "a=/?%26%3D?"
