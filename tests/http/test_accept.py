import copy
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.accept import (
    Accept,
    CharsetAccept,
    LanguageAccept,
    MIMEAccept,
    parse_accept_header,
)

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
KINDS = [Accept, MIMEAccept, LanguageAccept, CharsetAccept]


@pytest.mark.parametrize(
    ("header", "pairs"),
    [
        (None, []),
        ("", []),
        ("a", [("a", 1)]),
        (" a , b,, ", [("a", 1), ("b", 1)]),
        ("a;q=0.5,b", [("b", 1), ("a", 0.5)]),
        ("en-us,ru;q=0.5", [("en-us", 1), ("ru", 0.5)]),
        ("a; Q=0.5", [("a", 0.5)]),
        ('a;q="0.5"', [("a", 0.5)]),
        ("a;q=0", [("a", 0.0)]),
        ("a;q=0.12345", [("a", 0.12345)]),
        ("a;q=1.000", [("a", 1.0)]),
        ("a;q=,b;q", [("a", 1), ("b", 1)]),
        ("a;x=y;q=0.3", [("a; x=y", 0.3)]),
        ("a;q=0.3;x=y", [("a; x=y", 0.3)]),
        ('a/b; z="a b";q=0.5', [('a/b; z="a b"', 0.5)]),
        ('"a, b";q=0.5', [('"a, b"', 0.5)]),
        ("a;", [("a", 1)]),
        ("foo=,a", [("foo=", 1), ("a", 1)]),
        ("*;q=0.5, a", [("a", 1), ("*", 0.5)]),
    ],
)
def test_a_header_is_read_with_its_qualities(header, pairs):
    assert list(parse_accept_header(header)) == pairs


@pytest.mark.parametrize(
    "quality",
    ["nan", "inf", "1e400", "1e0", "-1", "+0.5", "5", "1.1", ".5", "0.", "x", "0.5_1"]
    + ["0." + "0" * 5000],
)
def test_an_entry_with_a_malformed_quality_is_left_out_a1(quality):
    assert list(parse_accept_header(f'en,jp;q={quality},de;q="{quality}"').values()) == ["en"]


@pytest.mark.parametrize("digits", ["🯰.🯵", "٠"])
def test_only_ascii_digits_are_a_quality(digits):
    assert list(parse_accept_header(f"en,jp;q*=UTF-8''{digits}").values()) == ["en"]
    assert list(parse_accept_header(f'en,jp;q="{digits}"').values()) == ["en"]


@pytest.mark.parametrize("header", [",,,", ";", ";q=1", '""', '"a, b', " "])
def test_what_is_no_entry_is_left_out(header):
    assert list(parse_accept_header(header)) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "unit", [",", "en-", "a;q=nan,", "a;q=1e400,", '"', ";", "a;", "*/*,", "a;b=c,", 'a=";', "\\"]
)
def test_8_kb_of_anything_are_read_and_matched_in_a_moment_a1(kind, unit, in_cpu_seconds):
    def read(header):
        parse_accept_header(header, kind).best_match(["text/html", "application/json"])

    for header in unit * 8000, "a," + (unit * 65536)[:65536]:
        # 10 ms is what it takes at most here; the rest is for a busy machine.
        in_cpu_seconds(0.25, read, header)


def test_at_most_500_entries_are_read():
    assert len(parse_accept_header("a/b," * 8000)) == 500


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(KINDS), st.text(max_size=50))
def test_reading_never_raises(kind, header):
    accept = parse_accept_header(header, kind)
    assert isinstance(str(accept), str)
    assert "text/html" in accept or not accept.quality("text/html")
    assert accept.best_match(["text/html"]) in {"text/html", None}


def test_the_class_is_the_one_asked_for():
    assert type(parse_accept_header("a")) is Accept
    for kind in KINDS:
        assert type(parse_accept_header("a", kind)) is kind
        assert type(parse_accept_header(None, kind)) is kind


def test_the_same_header_is_read_once():
    assert parse_accept_header(BROWSER, MIMEAccept) is parse_accept_header(BROWSER, MIMEAccept)
    assert parse_accept_header(BROWSER, MIMEAccept) is not parse_accept_header(BROWSER)


def test_an_accept_is_a_list_and_a_look_up():
    accept = Accept([("tinker", 0), ("tailor", 0.333), ("soldier", 0.667), ("sailor", 1)])
    assert list(accept.values()) == ["sailor", "soldier", "tailor", "tinker"]
    assert accept[0] == ("sailor", 1)
    assert accept[1:3] == [("soldier", 0.667), ("tailor", 0.333)]
    assert accept["soldier"] == accept.quality("SOLDIER") == 0.667
    assert accept["tinker"] == accept["spy"] == 0
    assert "tinker" in accept
    assert "spy" not in accept
    assert ("tinker", 0) in accept
    assert accept.index("tailor") == accept.index(("tailor", 0.333)) == 2
    assert accept.find("tailor") == accept.find(("tailor", 0.333)) == 2
    assert accept.find("spy") == accept.find(("spy", 1)) == -1
    with pytest.raises(ValueError, match="'spy' is not covered"):
        accept.index("spy")
    assert accept.best == "sailor"
    assert Accept().best is None
    assert accept.to_header() == str(accept) == "sailor,soldier;q=0.667,tailor;q=0.333,tinker;q=0"


def test_an_accept_cannot_be_changed():
    accept = Accept([("a", 1)])
    with pytest.raises(TypeError):
        accept.append(("b", 1))
    assert hash(accept) == hash(Accept([("a", 1)]))
    assert repr(MIMEAccept([("a", 1)])) == "MIMEAccept([('a', 1)])"
    assert Accept(None) == []


def test_an_accept_can_be_copied_and_pickled():
    accept = MIMEAccept([("*/*", 1), ("a/b", 0.5)])
    accept.quality("a/b")
    for twin in (
        MIMEAccept(accept),
        copy.copy(accept),
        copy.deepcopy(accept),
        pickle.loads(pickle.dumps(accept)),
    ):
        assert twin == accept
        assert type(twin) is MIMEAccept
        assert twin.best_match(["c/d", "a/b"]) == "c/d"


@pytest.mark.parametrize(
    ("values", "matches", "expected"),
    [
        ([("a", 0), ("b", 0.3), ("c", 1)], ["a", "b", "c"], "c"),
        ([("a", 0), ("b", 0.3), ("c", 1)], ["a", "b"], "b"),
        ([("a", 0)], ["a"], None),
        ([("*", 0), ("a", 1)], ["a", "b"], "a"),
        ([("*", 0), ("a", 1)], ["b"], None),
        ([("*", 1)], ["b", "a"], "b"),
        ([("a", 1), ("b", 1)], ["b", "a"], "b"),
        ([("a", 0), ("b", 0.5), ("*", 1)], ["a", "b"], "b"),
        ([("a", 0), ("b", 0.5), ("*", 1)], ["a", "x"], "x"),
        ([("*", 1), ("b", 1)], ["a", "b"], "b"),
        ([], ["a"], None),
        ([("a", 1)], [], None),
    ],
)
def test_the_best_match_is_the_dearest(values, matches, expected):
    assert Accept(values).best_match(matches) == expected
    assert Accept(values).best_match(iter(matches), "default") == (expected or "default")


@pytest.mark.parametrize(
    ("values", "matches", "expected"),
    [
        ([("text/*", 1)], ["text/html"], "text/html"),
        ([("text/*", 1)], ["image/png"], None),
        ([("*/*", 1), ("text/html", 1)], ["image/png", "text/html"], "text/html"),
        ([("*/*", 1), ("text/html", 1)], ["image/png", "text/plain"], "image/png"),
        ([("*/*", 1), ("image/*", 1)], ["text/plain", "image/png"], "image/png"),
        ([("a/b", 1), ("a/b; level=1", 1)], ["a/b;level=1"], "a/b;level=1"),
        ([("a/b", 0.3), ("a/*", 0.7)], ["a/b", "a/c"], "a/c"),
        ([("a/b", 0), ("*/*", 1)], ["a/b"], None),
        ([("nothing", 1), ("*/html", 1), ("a/b", 0.1)], ["text/html", "a/b"], "a/b"),
    ],
)
def test_the_best_media_type_is_found(values, matches, expected):
    assert MIMEAccept(values).best_match(matches) == expected


@pytest.mark.parametrize(
    ("value", "quality"),
    [
        ("text/html", 0.5),
        ("TEXT/HTML ; LEVEL=1", 1),
        ("text/html;level=2", 0.5),
        ("text/plain", 0.5),
        ("image/png", 0),
        ("audio/ogg", 0.1),
        ("audio/*", 0.1),
        ("text/*", 1),
        ("*/*", 0.7),
        ("a/b;y=2;x=1", 0.7),
        ("a/b;x=1", 0.1),
    ],
)
def test_a_media_type_has_the_quality_of_its_closest_entry(value, quality):
    accept = MIMEAccept(
        [
            ("*/*", 0.1),
            ("image/png", 0),
            ("text/html;level=1", 1),
            ("text/*", 0.5),
            ("a/b;x=1;y=2", 0.7),
        ]
    )
    assert accept[value] == quality


@pytest.mark.parametrize("value", ["missing", "*/html", ""])
def test_what_is_no_media_type_is_refused(value):
    accept = MIMEAccept([("text/html", 1)])
    with pytest.raises(ValueError, match="invalid mimetype"):
        accept[value]
    with pytest.raises(ValueError, match="invalid mimetype"):
        accept.best_match(["text/html", value])
    assert accept.find(value) == -1


@pytest.mark.parametrize(
    ("header", "html", "xhtml", "json"),
    [
        (BROWSER, True, True, True),
        ("text/html", True, False, False),
        ("application/xhtml+xml", True, True, False),
        ("application/xml", True, True, False),
        ("application/json", False, False, True),
        ("application/json;q=0, */*", True, True, False),
        ("", False, False, False),
    ],
)
def test_the_usual_media_types_have_attributes(header, html, xhtml, json):
    accept = parse_accept_header(header, MIMEAccept)
    assert (accept.accept_html, accept.accept_xhtml, accept.accept_json) == (html, xhtml, json)


@pytest.mark.parametrize(
    ("values", "matches", "expected"),
    [
        ([("en-us", 1)], ["en"], "en"),
        ([("en", 1)], ["en_US"], "en_US"),
        ([("en-GB", 1)], ["en-US"], None),
        ([("de_AT", 1), ("de", 0.9)], ["en"], None),
        ([("de_AT", 1), ("de", 0.9), ("en-US", 0.8)], ["de", "en"], "de"),
        ([("de_AT", 0.9), ("en-US", 1)], ["en"], "en"),
        ([("en-us", 1)], ["en-us", "en"], "en-us"),
        ([("en-GB", 1)], ["en-US", "en"], "en"),
        ([("aus-EN", 1)], ["aus"], "aus"),
        ([("aus", 1)], ["aus-EN"], "aus-EN"),
        ([("a", 1)], ["aus-EN", "a-B", "a-C"], "a-B"),
        ([("*", 0.1), ("en-GB", 1)], ["de", "en-gb"], "en-gb"),
    ],
)
def test_the_best_language_is_found(values, matches, expected):
    assert LanguageAccept(values).best_match(matches) == expected
    assert LanguageAccept(values).best_match(iter(matches), "x") == (expected or "x")


def test_a_language_is_looked_up_in_any_spelling():
    accept = parse_accept_header("de-AT,de;q=0.8,en;q=0.5", LanguageAccept)
    assert accept.best == "de-AT"
    assert accept["de_at"] == accept["DE-AT"] == 1
    assert accept["en"] == 0.5
    assert "en-US" not in accept


def test_a_charset_is_looked_up_in_any_spelling():
    accept = parse_accept_header("ISO-8859-1,utf-8;q=0.7,foo;q=0.3,*;q=0.2", CharsetAccept)
    assert accept["iso-8859-1"] == accept["iso8859-1"] == accept["Latin1"] == 1
    assert accept["UTF8"] == accept["utf_8"] == 0.7
    assert accept["FOO"] == 0.3
    assert accept["ebcdic"] == accept["a\0b"] == 0.2
    assert accept["***"] == 0.2
