from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.etags import (
    ETags,
    IfRange,
    generate_etag,
    parse_etags,
    parse_if_range_header,
    quote_etag,
    unquote_etag,
)

TAGS = st.lists(st.text(st.characters(exclude_characters='"'), max_size=8), unique=True)


def parts(etags):
    return list(etags._strong), list(etags._weak), etags.star_tag


def test_a_tag_is_quoted():
    assert quote_etag("foo") == '"foo"'
    assert quote_etag("foo", weak=True) == 'W/"foo"'


@pytest.mark.parametrize("tag", ['"foo"', 'W/"foo"', 'a"b'])
def test_a_tag_with_quotes_is_refused(tag):
    with pytest.raises(ValueError, match="invalid etag"):
        quote_etag(tag)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, (None, None)),
        ("", (None, None)),
        ('"foo"', ("foo", False)),
        (' "foo" ', ("foo", False)),
        ('W/"foo"', ("foo", True)),
        ('w/"foo"', ("foo", True)),
        ("W/foo", ("foo", True)),
        ("foo", ("foo", False)),
        ('""', ("", False)),
        ('"foo', ('"foo', False)),
        ('"', ("", False)),
        ("W/", ("", True)),
    ],
)
def test_a_tag_is_unquoted(text, expected):
    assert unquote_etag(text) == expected


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_characters='"')), st.booleans())
def test_a_tag_comes_back_as_it_was(tag, weak):
    assert unquote_etag(quote_etag(tag, weak)) == (tag, weak)


def test_a_content_has_one_tag():
    assert generate_etag(b"abc") == "a9993e364706816aba3e25717850c26c9cd0d89d"
    assert generate_etag(b"abd") != generate_etag(b"abc")


@pytest.mark.parametrize(
    ("header", "strong", "weak"),
    [
        (None, [], []),
        ("", [], []),
        ('"a", "b"', ["a", "b"], []),
        ('"a","b"', ["a", "b"], []),
        ('"foo", "bar", W/"baz", blar', ["foo", "bar", "blar"], ["baz"]),
        ('w/"a",W/b', [], ["a", "b"]),
        ('"a,b"', ["a,b"], []),
        ('""', [""], []),
        (r'"a\", "b"', ["a\\", "b"], []),
        ('\t"a" , , "b",', ["a", "b"], []),
        ('"*"', ["*"], []),
        ("W/", ["W/"], []),
        ('"\xff"', ["\xff"], []),
        ('"a, b', ["b"], []),
        ('"a"x, "b"', ["b"], []),
        ('a b, a"b", "a""b", W/ "a", c', ["c"], []),
    ],
)
def test_tags_are_read_and_what_is_none_is_left_out(header, strong, weak):
    assert parts(parse_etags(header)) == (strong, weak, False)


@pytest.mark.parametrize("header", ["*", " * "])
def test_a_star_stands_for_every_tag_n5(header):
    etags = parse_etags(header)
    assert etags.star_tag
    assert etags
    assert "anything" in etags
    assert etags.contains_weak("anything")
    assert etags.contains_raw('W/"anything"')
    assert etags.to_header() == "*"


@pytest.mark.parametrize("unit", ['"a", ', 'W/"', '"', "\\", ", ", " ", "a b", '"a"', "a,", "W/"])
def test_64_kb_of_tags_are_read_in_linear_time_n6(unit, in_cpu_seconds):
    header = (unit * 65536)[:65536]
    assert isinstance(in_cpu_seconds(0.25, lambda: str(parse_etags(header + '"x'))), str)
    assert isinstance(in_cpu_seconds(0.25, lambda: str(parse_if_range_header(header))), str)


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_reading_never_raises_and_writes_again_n6(header):
    assert isinstance(str(parse_etags(header)), str)
    assert isinstance(str(parse_if_range_header(header)), str)


@settings(max_examples=50, deadline=None)
@given(TAGS, TAGS)
def test_tags_come_back_as_they_were(strong, weak):
    etags = ETags(strong, weak)
    assert parts(parse_etags(etags.to_header())) == (strong, weak, False)


def test_tags_are_looked_up_by_either_comparison():
    etags = ETags(["a", "b"], ["c"])
    assert "a" in etags
    assert "c" not in etags
    assert etags.contains("a")
    assert etags.contains_weak("a")
    assert etags.contains_weak("c")
    assert not etags.contains_weak("d")
    assert etags.is_strong("a")
    assert not etags.is_strong("c")
    assert etags.is_weak("c")
    assert not etags.is_weak("a")
    assert etags.contains_raw('"a"')
    assert etags.contains_raw('W/"a"')
    assert etags.contains_raw('W/"c"')
    assert not etags.contains_raw('"c"')


def test_a_call_looks_for_a_tag_or_a_content():
    etags = ETags([generate_etag(b"data")], ["c"])
    assert etags(data=b"data")
    assert not etags(data=b"other")
    assert not etags("c")
    assert etags("c", include_weak=True)
    with pytest.raises(TypeError, match="'etag' or 'data'"):
        etags()


def test_tags_are_a_collection_of_the_strong_ones():
    etags = ETags(["a", "b"], ["c"])
    assert list(etags) == ["a", "b"]
    assert len(etags) == 2
    assert etags.as_set() == {"a", "b"}
    assert etags.as_set(include_weak=True) == {"a", "b", "c"}
    assert str(etags) == etags.to_header() == '"a", "b", W/"c"'
    assert repr(etags) == """<ETags '"a", "b", W/"c"'>"""


def test_tags_are_true_when_there_is_any():
    assert not ETags()
    assert ETags(["a"])
    assert ETags((), ["a"])
    assert ETags(star_tag=True)
    assert list(ETags(["a"], star_tag=True)) == []


@pytest.mark.parametrize(
    ("header", "etag", "text"),
    [
        ('"Test"', "Test", '"Test"'),
        ('W/"Test"', "Test", '"Test"'),
        ("unquoted", "unquoted", '"unquoted"'),
        (' "a" ', "a", '"a"'),
        ('""', "", '""'),
        ('a"b\\', 'a"b\\', '"a"b\\"'),
        (
            '"Thu, 01 Jan 1970 00:00:00 GMT"',
            "Thu, 01 Jan 1970 00:00:00 GMT",
            '"Thu, 01 Jan 1970 00:00:00 GMT"',
        ),
        (
            "Mon, 01 Jan 9999999999 00:00:00 GMT",
            "Mon, 01 Jan 9999999999 00:00:00 GMT",
            '"Mon, 01 Jan 9999999999 00:00:00 GMT"',
        ),
    ],
)
def test_if_range_may_be_a_tag_b2(header, etag, text):
    found = parse_if_range_header(header)
    assert (found.etag, found.date) == (etag, None)
    assert found.to_header() == str(found) == text
    assert repr(found) == f"<IfRange {text!r}>"
    assert parse_if_range_header(text).etag == etag


def test_if_range_may_be_a_date():
    found = parse_if_range_header("Thu, 01 Jan 1970 00:00:00 GMT")
    assert (found.etag, found.date) == (None, datetime(1970, 1, 1, tzinfo=UTC))
    assert str(found) == "Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.mark.parametrize("header", ["", None])
def test_no_if_range_is_neither(header):
    found = parse_if_range_header(header)
    assert (found.etag, found.date, str(found)) == (None, None, "")
    assert str(IfRange()) == ""
