"""Tests of URLs, IRIs and hosts."""

import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.urls import (
    get_content_length,
    get_current_url,
    get_host,
    host_is_trusted,
    iri_to_uri,
    parse_host,
    quote_query,
    uri_to_iri,
)


@pytest.mark.parametrize(
    ("iri", "uri"),
    [
        ("http://☃.net/å?é#ü", "http://xn--n3h.net/%C3%A5?%C3%A9#%C3%BC"),
        ("http://üser:pä@☃.net:80/", "http://%C3%BCser:p%C3%A4@xn--n3h.net:80/"),
        ("//é.de/x", "//xn--9ca.de/x"),
        ("http://a。é/", "http://a.xn--9ca/"),
        ("/a%2F%25é", "/a%2F%25%C3%A9"),
        ("mailto:é", "mailto:%C3%A9"),
        ("/[a]|\\", "/%5Ba%5D%7C%5C"),
        ("http://[::1]:80/é", "http://[::1]:80/%C3%A9"),
        ("?é", "?%C3%A9"),
        ("", ""),
    ],
)
def test_an_iri_is_written_in_ascii(iri, uri):
    assert iri_to_uri(iri) == uri
    assert iri_to_uri(uri) == uri


@pytest.mark.parametrize(
    ("uri", "iri"),
    [
        ("http://xn--n3h.net/%C3%A5?%C3%A9#%C3%BC", "http://☃.net/å?é#ü"),
        ("http://XN--N3H.net/", "http://☃.net/"),
        ("http://%C3%BC%3A@h/", "http://ü%3A@h/"),
        ("/a%2F%3F%23%25%20%0A%7E", "/a%2F%3F%23%25%20%0A~"),
        ("?a%26%3D%2B%23%2F", "?a%26%3D%2B%23/"),
        ("#%2F%26%25", "#/&%25"),
        ("/%ff%C3%A9%C3", "/%FFé%C3"),
        ("/plain", "/plain"),
    ],
)
def test_a_uri_is_made_readable(uri, iri):
    assert uri_to_iri(uri) == iri
    assert uri_to_iri(iri) == iri


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1",
        "http://h:b/",
        "http://h:99999/",
        "http://xn--a/",
        "http://xn--/",
        "http://xn--é/",
        "http://xn--" + "a" * 100 + "/%41",
        "http://" + "é" * 64 + "/",
        "http://é..é/",
        "http://\ud800/\ud800",
        "http://℀.com/",
        "://é",
        "http://é\r\n\x00/",
    ],
)
def test_h1_r5_what_is_no_url_raises_nothing_and_stays_in_its_place(url):
    uri = iri_to_uri(url)
    assert uri.isascii()
    assert uri.isprintable()
    assert " " not in uri
    uri_to_iri(url)
    uri_to_iri(uri)


def test_h1_a_name_that_is_no_idna_keeps_its_ascii_form():
    assert uri_to_iri("http://xn--a/%C3%A9") == "http://xn--a/é"
    assert get_current_url("http", "xn--a", "", "/") == "http://xn--a/"


def test_normalising_a_host_cannot_bring_forth_a_path():
    # U+2100 is "a/c" when normalised.
    assert iri_to_uri("http://good.test℀.evil.test/") == "http://good.testa%2Fc.evil.test/"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["", "http://", "//", "/", "?"]))
def test_iri_and_uri_never_raise_and_settle_at_once(text, start):
    uri = iri_to_uri(start + text)
    assert uri.isascii()
    assert iri_to_uri(uri) == uri
    iri = uri_to_iri(start + text)
    assert uri_to_iri(iri) == iri


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="%"), max_size=20))
def test_reading_takes_back_writing_of_a_path(text):
    uri = iri_to_uri(f"/{text}")
    assert iri_to_uri(uri_to_iri(uri)) == uri


@pytest.mark.parametrize(
    "url",
    [
        "http://" + "a" * 300_000,
        "http://" + "é." * 20_000,
        "/" + "%C3" * 100_000,
        "/" + "é" * 100_000,
    ]
    + ["http://xn--" + "a" * 100_000, "http://" + "@" * 100_000 + "é", "http://" + ":" * 100_000],
    ids=["host", "labels", "escapes", "path", "punycode", "at", "colons"],
)
def test_long_urls_take_linear_time(url):
    start = time.thread_time()
    iri_to_uri(url)
    uri_to_iri(url)
    assert time.thread_time() - start < 3


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("a", ("a", None)),
        ("A-b.Test:8080", ("A-b.Test", 8080)),
        ("a.test.", ("a.test.", None)),
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("[::1]", ("[::1]", None)),
        ("[::ffff:1.2.3.4]:65535", ("[::ffff:1.2.3.4]", 65535)),
        ("xn--a", ("xn--a", None)),
    ],
)
def test_a_host_is_a_name_and_a_port(host, expected):
    assert parse_host(host) == expected


MALFORMED = """
    a..b .a . a:0 a:080 a:65536 a:99999999 a:-1 a:8٣ a:x a: :80 a:1:2 a@b @a a/b a?b a#b a\\b a,b
    a_b a'b a"b a<b a%20b a%00 é ☃.test [::1 ::1] ::1 [::1]x [::1%eth0] [z] [] [1.2.3.4] [v1.x]
    a;b [::1]: [[::1]] * a*b a&b (a) a!b a~b a=b a|b a^b {a}
""".split()
SPACED = ["", " ", " a", "a ", "a b", "a\n", "\na", "a:80\n", "a\x00", "a\tb", "a\r\nb", "a:80 "]
LONG = [
    "a" * 64,
    "a." * 127 + "a",
    "a" * 70_000,
    "a." * 35_000,
    "[" + ":" * 70_000,
    "a:" + "1" * 70_000,
]


@pytest.mark.parametrize("host", MALFORMED + SPACED + LONG)
def test_h1_h3_what_is_no_host_is_the_empty_string(host, in_cpu_seconds):
    assert in_cpu_seconds(0.05, parse_host, host) is None
    assert in_cpu_seconds(0.05, get_host, "http", host) == ""
    assert not in_cpu_seconds(0.05, host_is_trusted, host, ["a", "a.test"])
    assert not in_cpu_seconds(0.05, host_is_trusted, host)


def test_a_plain_host_costs_no_idna(monkeypatch):
    monkeypatch.setitem(sys.modules, "encodings.idna", None)
    assert get_host("http", "a.test:80", None, [".a.test", "b.test"]) == "a.test"
    assert iri_to_uri("http://a.test/é") == "http://a.test/%C3%A9"
    assert uri_to_iri("http://a.test/%C3%A9") == "http://a.test/é"


@settings(max_examples=100, deadline=None)
@given(st.text("ab.-:[]0189@/é", max_size=12))
def test_a_host_never_brings_more_than_a_host_into_a_url(text):
    host = get_host("http", text)
    assert host in ("", text) or text.startswith(host)
    assert not set(host) & set("@/?#\\ é")


@pytest.mark.parametrize(
    ("scheme", "host", "expected"),
    [
        ("http", "a:80", "a"),
        ("ws", "a:80", "a"),
        ("https", "a:443", "a"),
        ("wss", "a:443", "a"),
        ("http", "a:443", "a:443"),
        ("ftp", "a:80", "a:80"),
        ("http", "[::1]:80", "[::1]"),
    ],
)
def test_the_port_of_the_scheme_is_left_out(scheme, host, expected):
    assert get_host(scheme, host) == expected


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        (None, ""),
        (("/run/socket", None), ""),
        (("a", 80), "a"),
        (("a", 8080), "a:8080"),
        (("::1", 8080), "[::1]:8080"),
        (("[::1]", 80), "[::1]"),
        (("é", 80), ""),
    ],
)
def test_without_a_header_the_host_is_the_servers(server, expected):
    assert get_host("http", None, server) == expected


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        ("a.test", ["a.test"]),
        ("A.Test.", ["a.test"]),
        ("a.test:8080", ["b.test", "a.TEST"]),
        ("a.test:8080", ["a.test:8080"]),
        ("a.test", ["a.test:8080"]),
        ("a.test", [".a.test"]),
        ("b.a.test", [".a.test"]),
        ("xn--n3h.test", ["☃.test"]),
        ("[::1]:80", ["::1"]),
        ("[::1]", ["[::1]"]),
        ("a.test", "a.test"),
        ("a.test", []),
        ("a.test", None),
    ],
)
def test_h5_hosts_on_the_list_are_trusted(host, trusted):
    assert host_is_trusted(host, trusted)
    assert get_host("http", host, None, trusted) != ""


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        ("b.a.test", ["a.test"]),
        ("ba.test", [".a.test"]),
        ("a.test:81", ["a.test:80"]),
        ("a.test", ["*", "", "é..é", "a.test/"]),
        ("[::2]", ["::1"]),
    ],
)
def test_h5_other_hosts_are_not_trusted(host, trusted):
    assert not host_is_trusted(host, trusted)
    assert get_host("http", host, None, trusted) == ""


def test_no_host_is_not_trusted():
    assert not host_is_trusted(None)
    assert not host_is_trusted("", ["a"])


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        (("http", "h"), "http://h/"),
        (("http", "h", "/r"), "http://h/r/"),
        (("http", "h", "/r/", "/p q/é"), "http://h/r/p%20q/é"),
        (("http", "h", "", "/p", b""), "http://h/p"),
        (("https", "h:1", "", "p", b"a=%C3%A9&b=c d\xff"), "https://h:1/p?a=é&b=c%20d%FF"),
        (("http", "xn--n3h.de", "/", "/a?b#c", b"#x"), "http://☃.de/a%3Fb%23c?%23x"),
        (("http", "h", None, "/p"), "http://h/"),
        (("http", "h", "", None, b"a"), "http://h/"),
        (("http", "h", "", "/\ud800"), "http://h/?".replace("?", "%3F")),
    ],
)
def test_a_current_url_is_put_together(parts, url):
    assert get_current_url(*parts) == url


@pytest.mark.parametrize("path", ["//evil", "/\\evil", "@evil", "*", "http://evil/", "\r\n", "x"])
def test_u1_the_host_of_a_url_never_comes_from_the_path(path):
    url = get_current_url("http", "good", "", path)
    assert url.startswith("http://good/")
    assert url.isprintable()


@pytest.mark.parametrize(
    ("length", "encoding", "expected"),
    [
        ("2", None, 2),
        (" 2\t", None, 2),
        (None, None, None),
        ("2", "chunked", None),
        ("", None, 0),
        ("-2", None, 0),
        ("+2", None, 0),
        ("1_0", None, 0),
        ("٣", None, 0),
        ("9" * 5000, None, 0),
    ],
)
def test_a_content_length_is_ascii_digits(length, encoding, expected):
    assert get_content_length(length, encoding) == expected


@pytest.mark.parametrize(
    ("raw", "quoted"),
    [
        ("a=1&b=%20", "a=1&b=%20"),
        ("\xc3\xa9=\xff", "%C3%A9=%FF"),
        ("a b\r\n\0", "a%20b%0D%0A%00"),
        ("", ""),
    ],
)
def test_a_raw_query_is_quoted_byte_by_byte(raw, quoted):
    assert quote_query(raw) == quoted
