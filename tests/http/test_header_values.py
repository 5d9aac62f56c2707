"""Tests of the syntax inside header values."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.header_values import (
    HeaderSet,
    dump_header,
    dump_options_header,
    parse_dict_header,
    parse_list_header,
    parse_options_header,
    parse_set_header,
    quote_header_value,
    unquote_header_value,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
TOKEN = st.text("abcXYZ019-_.", min_size=1, max_size=8)


def test_a_token_needs_no_quotes():
    assert quote_header_value("a-token.1") == "a-token.1"
    assert quote_header_value(7) == "7"


def test_what_is_no_token_is_quoted():
    assert quote_header_value("") == '""'
    assert quote_header_value('a "b" \\') == '"a \\"b\\" \\\\"'
    assert quote_header_value("a", allow_token=False) == '"a"'


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_unquoting_takes_back_quoting(text):
    assert unquote_header_value(quote_header_value(text, allow_token=False)) == text


def test_unquoting_leaves_what_has_no_quotes():
    assert unquote_header_value('a"b') == 'a"b'
    assert unquote_header_value('"') == '"'
    assert unquote_header_value("") == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ("", {})),
        ("", ("", {})),
        ("text/html", ("text/html", {})),
        (" text/html ; charset=utf-8 ", ("text/html", {"charset": "utf-8"})),
        ("text/html;CHARSET=UTF-8", ("text/html", {"charset": "UTF-8"})),
        (";a=b", ("", {})),
        ("v; a; b=; c=d", ("v", {"c": "d"})),
        ('v; a="x;y"; b=z', ("v", {"a": "x;y", "b": "z"})),
        ('v; a="x\\"y\\\\"', ("v", {"a": 'x"y\\'})),
        ('v; a="%22%41"', ("v", {"a": '"%41'})),
        ("v; a=b c; d=e", ("v", {"a": "b", "d": "e"})),
        ("v; é=b; a=µ", ("v", {})),
        ('v; a=b; c="open; d=e', ("v", {"a": "b"})),
    ],
)
def test_a_value_is_split_from_its_parameters(value, expected):
    assert parse_options_header(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("v; a*=UTF-8''%C2%B5", {"a": "µ"}),
        ("v; a*=utf-8'en'%41; a=plain", {"a": "A"}),
        ("v; a*=iso-8859-1''%e9", {"a": "é"}),
        ("v; a*=idna''%41", {"a": "%41"}),
        ("v; a*=UTF-8''%C3%28", {"a": "\ufffd("}),
        ("v; a*=plain", {"a": "plain"}),
        ("v; a*0=x; a*1=y", {"a": "xy"}),
        ("v; a*0*=UTF-8''%C2; a*1*=%B5; a*2=%41", {"a": "µ%41"}),
        ("v; a*0*=what''%41; a*1=b", {"a": "%41b"}),
        ("v; *=x", {}),
        ("v; a*999999999=y", {"a": "y"}),
    ],
)
def test_extended_parameters_are_decoded_and_joined(value, expected):
    assert parse_options_header(value) == ("v", expected)


@pytest.mark.parametrize(
    "value",
    [
        'v; a="' + "\\" * 200_000,
        "v" + '; a="' * 60_000,
        "v" + ";" * 200_000,
        "v; " + "a*0=x; " * 40_000,
        "v; a*" + "9" * 100_000 + "=x",
        "v; " + "*1" * 60_000 + "=x",
        "v; a*=utf-8''" + "%41" * 80_000,
    ],
    ids=["backslashes", "open quotes", "semicolons", "pieces", "digits", "stars", "escapes"],
)
def test_a4_long_parameters_take_linear_time(value):
    start = time.thread_time()
    assert parse_options_header(value)[0] == "v"
    assert time.thread_time() - start < 2


@settings(max_examples=60, deadline=None)
@given(TOKEN, st.dictionaries(TOKEN.map(str.lower), TEXT.filter(lambda text: "%22" not in text)))
def test_reading_takes_back_writing_of_parameters(head, options):
    assert parse_options_header(dump_options_header(head, options)) == (head, options)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_reading_never_raises(text):
    parse_options_header(text)
    parse_list_header(text)
    parse_dict_header(text)
    parse_set_header(text)


def test_parameters_that_are_none_are_not_written():
    assert dump_options_header("v", {"a": None, "b": 1}) == "v; b=1"
    assert dump_options_header(None, {"a": "b c"}) == 'a="b c"'
    assert dump_options_header("v", {"a*": "UTF-8''%C2%B5"}) == "v; a*=UTF-8''%C2%B5"


def test_lists_and_mappings_are_written():
    assert dump_header(["a", "b c", 1]) == 'a, "b c", 1'
    assert dump_header({"a": None, "b": "c d", "e*": "UTF-8''f"}) == "a, b=\"c d\", e*=UTF-8''f"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        ("a, ,b,", ["a", "b"]),
        ('a, "b, c"', ["a", "b, c"]),
        ('a"b,c", "d\\"e"', ['a"b,c"', 'd"e']),
        ('a, "b', []),
        ('"",', [""]),
    ],
)
def test_a_list_is_cut_at_commas_outside_of_quotes(value, expected):
    assert parse_list_header(value) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT))
def test_reading_takes_back_writing_of_lists(items):
    written = ", ".join(quote_header_value(item, allow_token=False) for item in items)
    assert parse_list_header(written) == items


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a=b, c", {"a": "b", "c": None}),
        ('A="b, c", d=', {"A": "b, c", "d": ""}),
        ("a=1, a=2", {"a": "2"}),
        ("=a, =, *=b", {}),
        ("a*=UTF-8''%41, b*=c", {"a": "A", "b": "c"}),
        ('a="open', {}),
        ('""', {}),
    ],
)
def test_a_dictionary_is_read(value, expected):
    assert parse_dict_header(value) == expected


def test_a4_long_lists_take_linear_time():
    start = time.thread_time()
    assert parse_list_header('"' + "\\" * 100_000) == []
    assert parse_list_header('a"b"' * 50_000 + '"') == []
    assert len(parse_list_header('"a",' * 50_000)) == 50_000
    assert time.thread_time() - start < 2


class Listener:
    def __init__(self):
        self.seen = []

    def __call__(self, words):
        self.seen.append(list(words))


def test_a_header_set_ignores_case_and_keeps_order():
    words = HeaderSet(["Foo", "bar", "FOO"])
    assert list(words) == ["Foo", "bar"]
    assert "foo" in words
    assert 3 not in words
    assert len(words) == 2
    assert words.find("BAR") == 1
    assert words.find("baz") == -1
    assert words.index("foo") == 0
    assert words.as_set() == {"foo", "bar"}
    assert words.as_set(preserve_casing=True) == {"Foo", "bar"}
    assert words[1] == "bar"
    with pytest.raises(IndexError):
        words.index("baz")


def test_a_header_set_tells_only_of_changes():
    listener = Listener()
    words = HeaderSet(["a"], listener)
    words.add("A")
    words.discard("b")
    words.update([])
    assert listener.seen == []
    words.update(["b", "c"])
    words.remove("a")
    words.discard("B")
    words[0] = "d"
    del words[0]
    words.clear()
    assert listener.seen == [["a", "b", "c"], ["b", "c"], ["c"], ["d"], [], []]


def test_removing_a_missing_word_is_an_error():
    with pytest.raises(KeyError):
        HeaderSet().remove("a")


def test_a_header_set_reads_and_writes_itself():
    words = parse_set_header('a, "b c"')
    assert words.to_header() == str(words) == 'a, "b c"'
    assert repr(words) == "HeaderSet(['a', 'b c'])"
    assert words
    assert not parse_set_header(None)
    assert parse_set_header("b c, A") | {"d"} == HeaderSet(["A", "b c", "d"])
