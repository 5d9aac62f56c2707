from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.redirects import append_slash_redirect, is_safe_redirect, redirect
from costrel.http.response import Response

HERE = "http://example.org/app"


def slash_location(path, query=""):
    response = append_slash_redirect({"PATH_INFO": path, "QUERY_STRING": query})
    return response.headers["Location"]


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("http://example.com", "http://example.com"),
        ("/a?b=c#d", "/a?b=c#d"),
        ("itms-services://?url=abc", "itms-services://?url=abc"),
        ("/füübär", "/füübär"),
        ("http://☃.example.com/", "http://xn--n3h.example.com/"),
    ],
)
def test_a_redirect_names_its_target_in_header_and_page(target, location):
    response = redirect(target)
    assert response.status_code == 302
    assert response.mimetype == "text/html"
    assert response.headers["Location"] == location
    assert response.get_data(as_text=True).count(target) == 2


@pytest.mark.parametrize("code", [301, 303, 307, 308])
def test_a_redirect_has_the_status_asked_for(code):
    assert redirect("/", code).status_code == code


def test_a_redirect_is_of_the_class_asked_for():
    class Own(Response):
        pass

    assert type(redirect("/")) is Response
    assert type(redirect("/", 302, Own)) is type(redirect("/", Response=Own)) is Own


@pytest.mark.parametrize("bad", ["\r\nSet-Cookie: a=b", "\n", "\0", "\x1b", "\x7f", "\u2028"])
def test_a_target_cannot_break_out_of_its_header_r1(bad):
    location = redirect(f"/a{bad}b").headers["Location"]
    assert location.startswith("/a%")
    assert location.isprintable()


def test_a_tab_does_not_make_a_path_a_host_r1():
    assert redirect("/\t/evil.test").headers["Location"] == "/%09/evil.test"


@pytest.mark.parametrize(
    "target",
    ['http://a/?x="><script>alert(1)</script>', 'http://a/?x="onmouseover="alert(1)', "/<b>&'"],
)
def test_a_target_cannot_break_out_of_the_page_r2(target):
    page = redirect(target).get_data(as_text=True)
    assert target not in page
    assert "<script" not in page
    assert '"onmouseover' not in page


@pytest.mark.parametrize("target", ["javascript:alert(1)", " JavaScript:x", "data:text/html,x"])
def test_a_target_that_runs_code_is_no_link_r2(target):
    page = redirect(target).get_data(as_text=True)
    assert "href" not in page
    assert page.count(target.strip()) == 1


@pytest.mark.parametrize(
    "target",
    [
        "http://[::1",
        "http://a:b/",
        f"http://{'x' * 64}.test/",
        f"http://{'é' * 64}.test/",
        "http://",
    ],
)
def test_a_target_that_is_no_url_raises_nothing_r5_b7(target):
    response = redirect(target)
    assert response.get_wsgi_headers({})["Location"].isascii()


@pytest.mark.parametrize(
    ("path", "query", "location"),
    [
        ("/foo", "", "foo/"),
        ("/foo/bar", "", "bar/"),
        ("foo", "", "foo/"),
        ("/foo", "a=b&c=%20/?", "foo/?a=b&c=%20/?"),
        ("/foo", "a=\xc3\xa9<>", "foo/?a=%C3%A9%3C%3E"),
        ("/foo/", "", "./"),
        ("/", "", "./"),
        ("", "x", "./?x"),
        ("/a b;c", "", "a%20b;c/"),
        ("/\xc3\xa9", "", "%C3%A9/"),
        ("/a%2fb", "", "a%252fb/"),
        ("/a?b#c", "", "a%3Fb%23c/"),
    ],
)
def test_a_slash_is_appended_relative_to_the_current_url(path, query, location):
    assert slash_location(path, query) == location
    assert append_slash_redirect({"PATH_INFO": path}).status_code == 308
    assert append_slash_redirect({"PATH_INFO": path}, 301).status_code == 301


@pytest.mark.parametrize(
    "path",
    ["//evil.test", "///evil.test", "/\\evil.test", "/\\\\evil.test", "\\\\evil.test", "/http:evil"]
    + ["/javascript:alert(1)", "/%2f%2fevil.test", "/tree//evil.test", "/tree/\\evil.test"]
    + ["/\t/evil.test", "/\r\n//evil.test", "//evil.test/", "/@evil.test", "/.", "/..", "/a/..;/b"],
)
def test_a_slash_redirect_stays_on_this_host_r3(path):
    location = slash_location(path, "\r\n//evil")
    assert location.isprintable()
    # As browsers read it.
    there = urlsplit(urljoin(f"{HERE}/x/y", location.replace("\\", "/")))
    assert (there.scheme, there.netloc) == ("http", "example.org")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="/\\:@.%a\t\r\n#? é", max_size=12), st.text(max_size=10))
def test_every_slash_redirect_stays_on_this_host_r3(path, query):
    location = slash_location(path, query)
    assert location.isascii()
    assert location.isprintable()
    assert not location.startswith(("/", "\\"))
    assert ":" not in location.partition("?")[0]


@pytest.mark.parametrize(
    "url",
    ["/", "/a/b?next=//c#d", "a", "./a", "../a", "?a=b", "#a", "/a:b", "/http://x", "/é", "/a b"],
)
def test_a_relative_target_is_safe_r4(url):
    assert is_safe_redirect(url)
    assert is_safe_redirect(url, "example.org")


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "https://example.org/a", "HTTP://EXAMPLE.org?x", "http://example.org#"],
)
def test_this_host_is_safe_when_it_is_given_r4(url):
    assert is_safe_redirect(url, "example.org")
    assert is_safe_redirect(url, "Example.ORG")
    assert not is_safe_redirect(url)
    assert not is_safe_redirect(url, "")
    assert not is_safe_redirect(url, "example.org:8080")


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        " ",
        "//evil.test",
        "///evil.test",
        "//example.org",
        "/\\evil.test",
        "\\\\evil.test",
        "/\t/evil.test",
        "/\n/evil.test",
        "\x00/a",
        " //evil.test",
        "\u2003//evil.test",
        "/a\x7f",
        "http://evil.test",
        "http://example.org.evil.test",
        "http://example.org@evil.test",
        "http://evil.test@example.org",
        "http://user@example.org",
        "http://example.org:80@evil.test",
        "http://evil.test\\@example.org",
        "http://evil.test#@example.org",
        "http://[::1",
        "http:///evil.test",
        "http:evil.test",
        "http:/evil.test",
        "https:example.org",
        "javascript:alert(1)",
        "JavaScript://example.org/%0aalert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/",
        "mailto:a@example.org",
        "example.org:80/",
    ],
)
def test_anything_else_is_not_safe_r4(url):
    assert not is_safe_redirect(url)
    assert not is_safe_redirect(url, "example.org")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="/\\:@.htps#?evilx[] \t", max_size=20))
def test_what_is_safe_stays_on_this_host_r4(url):
    if is_safe_redirect(url):
        there = urlsplit(urljoin(HERE, url))
        assert (there.scheme, there.netloc) == ("http", "example.org")
