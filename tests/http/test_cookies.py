import warnings
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.cookies import CookieWriter, _search, dump_cookie, find_cookie, parse_cookie
from costrel.http.multidict import ImmutableMultiDict, MultiDict


def read(header):
    return parse_cookie(header).to_dict(flat=False)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("a=1", {"a": ["1"]}),
        ("a=1; b=2", {"a": ["1"], "b": ["2"]}),
        ("a=1;b=2", {"a": ["1"], "b": ["2"]}),
        ("a=1; a=2", {"a": ["1", "2"]}),
        ("  a = 1 ;\tb ", {"a": ["1"], "b": [""]}),
        ("a=", {"a": [""]}),
        ("a=b=c", {"a": ["b=c"]}),
        ("a=1,b=2", {"a": ["1,b=2"]}),
        ('a="x"', {"a": ["x"]}),
        ('a="b;c" ; d', {"a": ["b;c"], "d": [""]}),
        (r'a="x\"y\\"', {"a": ['x"y\\']}),
        (r'a="foo\054bar\073"', {"a": ["foo,bar;"]}),
        (r'a="\342\230\203"', {"a": ["☃"]}),
        (r'a="\400\x\1"', {"a": ["400x1"]}),
        ("a=\xe2\x98\x83; \xc3\xa9=2", {"a": ["☃"], "é": ["2"]}),
        ("a=☃", {"a": ["☃"]}),
    ],
)
def test_a_cookie_header_is_read(header, expected):
    assert read(header) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (";;; ; =; ==v; = ", {}),
        ("a b=c; d=1", {"d": ["1"]}),
        ("a=b c; d=1", {"d": ["1"]}),
        ('a="x; b=2', {"b": ["2"]}),
        ('a="x"y; b=2', {"b": ["2"]}),
        ('a=x"; b=2', {"b": ["2"]}),
        ('a="\\', {}),
        ('"a"=1; b=2', {"b": ["2"]}),
        (r'a="\377"', {"a": ["�"]}),
        ("a=\xff; b=2", {"a": ["�"], "b": ["2"]}),
        ("a=\ud800", {"a": ["\ud800"]}),
        ('a="\\\\\ud800"', {"a": ["\\?"]}),
        ("a=\x00\x7f", {"a": ["\x00\x7f"]}),
    ],
)
def test_a_malformed_cookie_is_left_out_or_replaced_c1(header, expected):
    assert read(header) == expected


@pytest.mark.parametrize(
    "header", ["=__Host-x=v", "==__Host-x=v", " = __Host-x=v", "a=1; =__Host-x=v"]
)
def test_a_nameless_cookie_never_passes_for_a_host_cookie_c2(header):
    assert "__Host-x" not in parse_cookie(header)


@pytest.mark.parametrize(
    "unit",
    [
        'a="\\054',
        'a="',
        'a="\\";',
        "; ",
        " ",
        "a ",
        'a="x;',
        "\\",
        '"',
        "=",
        "a=1;",
        '\\"',
        '\t;="',
        "\xe9=",
    ],
)
def test_64_kb_of_anything_are_read_in_linear_time_c3(unit, in_cpu_seconds):
    header = (unit * 65536)[:65536]
    for each in (header, 'a="' + header, header + '"a b'):
        in_cpu_seconds(0.25, parse_cookie, each)
        in_cpu_seconds(0.25, find_cookie, each, "a")


def test_nothing_and_an_environment_are_read():
    assert read(None) == read("") == read({}) == {}
    assert read({"HTTP_COOKIE": "a=b"}) == {"a": ["b"]}


def test_the_class_is_the_one_asked_for():
    assert type(parse_cookie("a=1")) is MultiDict
    assert type(parse_cookie("a=1", ImmutableMultiDict)) is ImmutableMultiDict
    assert type(parse_cookie(None, ImmutableMultiDict)) is ImmutableMultiDict


def test_a_class_with_its_own_making_is_made_its_way():
    class Counted(MultiDict):
        def __init__(self, *given):
            super().__init__(*given)
            self.size = len(self)

    assert parse_cookie("a=1; b=2; a=3", Counted).size == 2
    assert parse_cookie("a=1; b=2; a=3", Counted).getlist("a") == ["1", "3"]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_reading_never_raises(header):
    for name, value in parse_cookie(header).items(multi=True):
        assert name
        assert isinstance(value, str)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_value_comes_back_as_it_was(value):
    header = dump_cookie("name", value)
    assert header.isascii()
    assert header.isprintable()
    assert parse_cookie(header)["name"] == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "k="),
        ("a=/?'[]", "k=a=/?'[]"),
        ("a b", 'k="a b"'),
        ('a"\\', r'k="a\"\\"'),
        ("a,b;c\r\n\x7f", r'k="a\054b\073c\015\012\177"'),
        ("é", r'k="\303\251"'),
    ],
)
def test_a_value_is_quoted_where_it_must_be(value, expected):
    assert dump_cookie("k", value, path=None) == expected


def test_a_name_may_be_unicode():
    header = dump_cookie("fö", "1")
    assert header == "f\xc3\xb6=1; Path=/"
    assert parse_cookie(header)["fö"] == "1"


@pytest.mark.parametrize("value", [b"v", 5, None])
def test_a_value_that_is_no_text_is_refused(value):
    with pytest.raises(TypeError, match="must be str"):
        dump_cookie("k", value)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "; Path=/"),
        ({"path": None}, ""),
        ({"path": ""}, "; Path="),
        ({"path": "/a b/é%20?#"}, "; Path=/a%20b/%C3%A9%20%3F%23"),
        ({"domain": ".foo.com"}, "; Domain=foo.com; Path=/"),
        ({"domain": "foo.com:80"}, "; Domain=foo.com; Path=/"),
        ({"domain": "\N{SNOWMAN}.com"}, "; Domain=xn--n3h.com; Path=/"),
        ({"secure": True}, "; Secure; Path=/"),
        ({"httponly": True}, "; HttpOnly; Path=/"),
        ({"samesite": "lax"}, "; Path=/; SameSite=Lax"),
        ({"samesite": "STRICT"}, "; Path=/; SameSite=Strict"),
        ({"samesite": "None"}, "; Path=/; SameSite=None"),
        ({"partitioned": True}, "; Secure; Path=/; Partitioned"),
        ({"expires": 0}, "; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/"),
        ({"expires": datetime(2020, 1, 1)}, "; Expires=Wed, 01 Jan 2020 00:00:00 GMT; Path=/"),
        (
            {"expires": datetime(2020, 1, 1, 0, 0, 0, 999999, UTC)},
            "; Expires=Wed, 01 Jan 2020 00:00:00 GMT; Path=/",
        ),
        (
            {"expires": datetime(1969, 12, 31, 23, 59, 59, 1, UTC)},
            "; Expires=Wed, 31 Dec 1969 23:59:59 GMT; Path=/",
        ),
        ({"expires": date(2020, 1, 1)}, "; Expires=Wed, 01 Jan 2020 00:00:00 GMT; Path=/"),
        ({"expires": "soon"}, "; Expires=soon; Path=/"),
        ({"max_age": 5, "sync_expires": False}, "; Max-Age=5; Path=/"),
        ({"max_age": 0, "expires": "now"}, "; Expires=now; Max-Age=0; Path=/"),
        ({"max_age": timedelta(days=1), "sync_expires": False}, "; Max-Age=86400; Path=/"),
    ],
)
def test_attributes_are_written(options, expected):
    assert dump_cookie("k", "v", **options) == "k=v" + expected


def test_all_attributes_have_their_order():
    assert dump_cookie(
        "k", "v", 3, 0, "/p", "x.y", httponly=True, samesite="none", partitioned=True
    ) == (
        "k=v; Domain=x.y; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=3;"
        " Secure; HttpOnly; Path=/p; SameSite=None; Partitioned"
    )


def test_an_age_brings_its_date_along(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 86400.9)
    assert dump_cookie("k", "v", 5) == (
        "k=v; Expires=Fri, 02 Jan 1970 00:00:05 GMT; Max-Age=5; Path=/"
    )


@pytest.mark.parametrize("bad", [";", "\r", "\n", "\0", "\x0b", "\x1f", "\x7f", "a; Secure"])
@pytest.mark.parametrize("where", ["key", "path", "domain", "samesite", "expires"])
def test_nothing_can_break_out_of_its_place_o5(where, bad):
    options = {"key": "k", where: f"a{bad}b"}
    with pytest.raises(ValueError, match="must"):
        dump_cookie(**options)


@pytest.mark.parametrize("domain", ["a\uff1bsecure", "a\u037esecure", "a.test\uff1b domain=b.test"])
def test_a_domain_cannot_become_another_attribute_by_idna_o5(domain):
    with pytest.raises(ValueError, match="must"):
        dump_cookie("k", "v", domain=domain)


@pytest.mark.parametrize("name", ["", "a=b"])
def test_a_name_that_would_not_return_is_refused(name):
    with pytest.raises(ValueError, match="name must not"):
        dump_cookie(name, "v")


@pytest.mark.parametrize("max_age", ["5; Secure", "x"])
def test_an_age_that_is_no_number_is_refused(max_age):
    with pytest.raises(ValueError):
        dump_cookie("k", "v", max_age, sync_expires=False)


@pytest.mark.parametrize("value", ["", "invalid"])
def test_an_unknown_same_site_is_refused(value):
    with pytest.raises(ValueError, match="SameSite must be one of Strict, Lax, None"):
        dump_cookie("k", "v", samesite=value)


def test_a_cookie_that_browsers_would_drop_gives_a_warning_s16():
    assert len(dump_cookie("foo", "w" * 4081)) == 4093
    with pytest.warns(UserWarning, match="cookie is too large.* the limit is 4093 bytes") as caught:
        dump_cookie("foo", "w" * 4082)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="the limit is 512 bytes"):
        dump_cookie("foo", "w" * 501, max_size=512)


def test_no_size_warns_without_a_limit():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(dump_cookie("foo", "w" * 9999, max_size=0)) > 9999


# The quick ways agree with the thorough one

# What separates, what surrounds, and names that are parts of each other.
PIECES = ["; ", ";", " ", "=", '"', "\\", "\t", "a", "aa", "ab", "b", "1", "a=1", "\xe9", ","]
# One for each byte, which hypothesis draws all at once.
HEADERS = st.binary(max_size=12).map(
    lambda chosen: "".join(PIECES[byte % len(PIECES)] for byte in chosen)
)


@settings(max_examples=2_500)
@given(HEADERS)
def test_a_header_that_is_split_is_read_as_one_that_is_searched(header):
    if header.isascii():
        assert read(header) == _search(header)


@settings(max_examples=2_500)
@given(HEADERS)
def test_one_cookie_is_found_as_it_is_read_among_all(header):
    read_among_all = parse_cookie(header)
    for name in ("a", "aa", "ab", "b", "\xe9", "1", ""):
        assert find_cookie(header, name) == read_among_all.get(name)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("a=1", "1"),
        ("b=2; a=1; c=3", "1"),
        ("aa=2; a=1", "1"),
        ("a=1; a=2", "1"),
        ("b=a", None),
        ("xa=1", None),
        ("b=2;a=1", "1"),
        ('a="1"', "1"),
        ("a=1 2", None),
        ("a", ""),
        ("a=", ""),
        ("", None),
    ],
)
def test_one_cookie_is_found(header, expected):
    assert find_cookie(header, "a") == expected


def test_a_writer_writes_many_values_of_one_cookie():
    writer = CookieWriter("a", path="/x", domain="example.com", secure=True, httponly=True)
    for value in ("1", "two", 'with "quotes"'):
        expected = dump_cookie(
            "a", value, path="/x", domain="example.com", secure=True, httponly=True, max_age=5
        )
        assert writer.write(value, max_age=5) == expected


@pytest.mark.parametrize(
    "bad",
    [{"key": "a;b"}, {"path": "/;x"}, {"domain": "a;b"}, {"domain": "a:1;b"}, {"samesite": "x"}],
)
def test_a_writer_refuses_what_would_not_stay_in_its_place(bad):
    with pytest.raises(ValueError):
        CookieWriter(**{"key": "a", **bad})


def test_the_warning_of_a_large_cookie_names_the_line_that_sets_it():
    with pytest.warns(UserWarning, match="too large") as caught:
        dump_cookie("a", "x" * 5000)
    assert caught[0].filename == __file__
