"""Old functions for URLs; what is expected is what Werkzeug 2.2.3 returns."""

import io

import pytest

from costrel.flask.old_api.old_urls import (
    url_decode,
    url_decode_stream,
    url_encode,
    url_encode_stream,
    url_fix,
    url_join,
    url_parse,
    url_quote,
    url_quote_plus,
    url_unparse,
    url_unquote,
    url_unquote_plus,
)


@pytest.mark.parametrize(
    ("value", "options", "expected"),
    [
        ("a b/c?d=e&f", {}, "a%20b/c%3Fd%3De%26f"),
        ("ü€", {}, "%C3%BC%E2%82%AC"),
        (b"\xff a", {}, "%FF%20a"),
        (5, {}, "5"),
        ("a+b:~!*'()$,;@", {}, "a+b:~!*'()$,;%40"),
        ("a/b:c", {"safe": ""}, "a%2Fb%3Ac"),
        ("a+b", {"unsafe": "+"}, "a%2Bb"),
        ("ü", {"charset": "latin-1"}, "%FC"),
        ("\ud800", {"errors": "replace"}, "%3F"),
    ],
)
def test_quoting(value, options, expected):
    assert url_quote(value, **options) == expected


def test_quoting_what_cannot_be_encoded_is_an_error():
    with pytest.raises(UnicodeEncodeError):
        url_quote("\ud800")


def test_quoting_for_a_query_makes_blanks_plus_signs():
    assert url_quote_plus("a b+c/d&=é") == "a+b%2Bc%2Fd%26%3D%C3%A9"


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("a%20b%2Fc%ff+x", {}, "a b/c\ufffd+x"),
        ("a%2Fb%2f%20", {"unsafe": "/"}, "a%2Fb%2f "),
        ("%fc", {"charset": "latin-1"}, "ü"),
        ("%ff", {"charset": None}, b"\xff"),
        ("100%", {}, "100%"),
        ("%zz%4", {}, "%zz%4"),
        ("ü%C3%BC", {}, "üü"),
        (b"a%20b", {}, "a b"),
    ],
)
def test_unquoting(text, options, expected):
    assert url_unquote(text, **options) == expected


def test_unquoting_from_a_query_makes_plus_signs_blanks():
    assert url_unquote_plus("a+b%20c%2B") == "a b c+"


@pytest.mark.parametrize(
    ("pairs", "options", "expected"),
    [
        ({"a": 1, "b": None, "c": ["x", "y z"], "d": "é"}, {}, "a=1&c=x&c=y+z&d=%C3%A9"),
        ([("b", 2), ("a", 1)], {"sort": True}, "a=1&b=2"),
        ({"a": "1", "b": "2"}, {"separator": ";"}, "a=1;b=2"),
        ({"bb": 1, "a": 2}, {"sort": True, "key": lambda pair: -len(pair[0])}, "bb=1&a=2"),
        ({}, {}, ""),
    ],
)
def test_writing_a_query(pairs, options, expected):
    assert url_encode(pairs, **options) == expected


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("a=1&b=&c&a=2&d=%C3%A9+x", {}, "a=1 a=2 b= c= d=é\xa0x"),
        ("a=1&b", {"include_empty": False}, "a=1"),
        ("a=1;b=2", {"separator": ";"}, "a=1 b=2"),
        (b"a=1", {}, "a=1"),
        ("a=%ff", {}, "a=\ufffd"),
        ("a=%ff", {"charset": "latin-1"}, "a=ÿ"),
        ("a=b=c", {}, "a=b=c"),
        ("", {}, ""),
    ],
)
def test_reading_a_query(text, options, expected):
    found = url_decode(text, **options).items(multi=True)
    assert " ".join(f"{name}={value}".replace(" ", "\xa0") for name, value in found) == expected


def test_reading_a_query_of_bytes():
    assert url_decode(b"a=H%C3%A4", charset=None)[b"a"] == b"H\xc3\xa4"


def test_reading_a_query_into_another_class():
    assert url_decode("a=1&b=2", cls=dict) == {"a": "1", "b": "2"}


def test_queries_in_files():
    file = io.StringIO()
    assert url_encode_stream({"a": 1, "b": 2}, file) is None
    assert file.getvalue() == "a=1&b=2"
    assert list(url_encode_stream({"a": 1, "b": 2})) == ["a=1", "b=2"]
    assert url_decode_stream(io.BytesIO(b"a=1&b=2"), limit=3)["a"] == "1"
    assert "b" not in url_decode_stream(io.BytesIO(b"a=1&b=2"), limit=3)
    assert url_decode_stream(io.BytesIO(b"a=1&b=2"))["b"] == "2"


def test_the_parts_of_a_url():
    url = url_parse("http://me:p%20w@host.example:8080/p/a?x=1&y=2#frag")
    assert tuple(url) == ("http", "me:p%20w@host.example:8080", "/p/a", "x=1&y=2", "frag")
    assert (url.host, url.port, url.auth) == ("host.example", 8080, "me:p%20w")
    assert (url.username, url.password, url.raw_password) == ("me", "p w", "p%20w")
    assert url.decode_query()["y"] == "2"
    assert str(url.replace(netloc="n", fragment="")) == "http://n/p/a?x=1&y=2"
    assert url.join("../z").path == "/z"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("//h/p", "h", None),
        ("/p?q", None, None),
        ("http://[::1]:80/", "::1", 80),
        ("http://h:x/", "h", None),
        ("http://h:99999/", "h", None),
        ("http://h:0080/", "h", 80),
        ("mailto:a@b", None, None),
        # Browsers go to the last one; Werkzeug said "b@c".
        ("http://a@b@c/", "c", None),
    ],
)
def test_host_and_port(text, host, port):
    assert (url_parse(text).host, url_parse(text).port) == (host, port)


def test_what_a_login_page_asks_of_a_link():
    # The check that tutorials teach: a link to another host has a netloc.
    assert url_parse("/next?x=1").netloc == ""
    assert url_parse("//evil.example/").netloc == "evil.example"
    assert url_parse("https://evil.example").netloc == "evil.example"
    assert (url_parse("/p").username, url_parse("/p").password) == (None, None)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("/p", "https"), ("https", "", "/p", "", "")),
        (("/p#x", None, False), ("", "", "/p#x", "", "")),
        ((b"http://a/b",), ("http", "a", "/b", "", "")),
    ],
)
def test_parsing_with_options(arguments, expected):
    assert tuple(url_parse(*arguments)) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("http", "h", "/p", "q", "f"), "http://h/p?q#f"),
        (("", "h", "p", "", ""), "//h/p"),
        (("", "", "/p", "q", ""), "/p?q"),
        (("http", "", "/p", "", ""), "http:///p"),
        (("mailto", "", "a@b", "", ""), "mailto:a@b"),
    ],
)
def test_putting_parts_together(parts, expected):
    assert url_unparse(parts) == expected


@pytest.mark.parametrize(
    ("base", "link", "expected"),
    [
        ("http://a/b/c", "../d", "http://a/d"),
        ("http://a/b", "//x/y", "http://x/y"),
        ("/a/b", "c", "/a/c"),
        ("http://a/b/c", "?q", "http://a/b/c?q"),
        (("http", "a", "/b", "", ""), ("", "", "c", "", ""), "http://a/c"),
    ],
)
def test_joining(base, link, expected):
    assert url_join(base, link) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "http://de.wikipedia.org/wiki/Elf (Begriffsklärung)",
            "http://de.wikipedia.org/wiki/Elf%20(Begriffskl%C3%A4rung)",
        ),
        ("http://a/b?c=d e&f#g h", "http://a/b?c=d+e&f#g+h"),
        ("http://ü.de/", "http://xn--tda.de/"),
        ("http://me:pw@[::1]:80/", "http://me:pw@[::1]:80/"),
        ("http://h:x/", "http://h/"),
        ("a\\b", "a/b"),
    ],
)
def test_fixing(text, expected):
    assert url_fix(text) == expected


def test_a_host_without_an_ascii_form_stays():
    assert url_parse(f"http://{'ü' * 70}.de/").ascii_host == f"{'ü' * 70}.de"


def test_a_host_of_any_length_is_written_in_no_time(in_cpu_seconds):
    # The codec itself takes seconds for so long a name.
    host = "".join(chr(0x4E00 + number) for number in range(8000))
    assert in_cpu_seconds(0.05, lambda: url_parse(f"http://{host}/").ascii_host) == host
    assert in_cpu_seconds(0.05, url_fix, f"http://{host}/") == f"http://{host}/"
