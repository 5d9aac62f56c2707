"""A jar keeps cookies as a browser does (RFC 6265)."""

from datetime import UTC, datetime

import pytest

from costrel.testing.cookie_jar import CookieJar


def jar_after(*headers, host="sub.ex.com", path="/d/e"):
    jar = CookieJar()
    jar.read_answer(host, path, headers)
    return jar


def only(*headers, **kwargs):
    (cookie,) = jar_after(*headers, **kwargs)
    return cookie


def test_a_plain_cookie_belongs_to_its_host_and_folder():
    cookie = only("k=v")
    assert (cookie.key, cookie.value, cookie.domain, cookie.path) == ("k", "v", "sub.ex.com", "/d")
    assert (cookie.origin_only, cookie.secure, cookie.http_only) == (True, False, False)
    assert (cookie.expires, cookie.max_age, cookie.same_site) == (None, None, None)


def test_all_attributes_are_read_whatever_their_case():
    cookie = only(
        "k=v; DOMAIN=.Ex.com; path=/a; secure; HttpOnly; samesite=Lax; Max-Age=60; "
        "Expires=Thu, 01 Jan 2970 00:00:00 GMT; Unknown=1;"
    )
    assert (cookie.domain, cookie.origin_only, cookie.path) == ("ex.com", False, "/a")
    assert (cookie.secure, cookie.http_only, cookie.same_site) == (True, True, "Lax")
    assert (cookie.max_age, cookie.expires) == (60, datetime(2970, 1, 1, tzinfo=UTC))


def test_values_are_kept_as_sent_and_decoded():
    cookie = only(r'k="q\"x\073"')
    assert (cookie.value, cookie.decoded_value) == (r'"q\"x\073"', 'q"x;')
    assert cookie._to_request_header() == r'k="q\"x\073"'


@pytest.mark.parametrize("path", ["/", "/leaf", ""])
def test_the_default_path_of_the_top_is_the_root(path):
    assert only("k=v", path=path).path == "/"


@pytest.mark.parametrize("header", ["", "=v", ";", "; Path=/"])
def test_a_header_without_a_key_is_no_cookie(header):
    assert len(jar_after(header)) == 0


@pytest.mark.parametrize("attribute", ["Max-Age=abc", "Max-Age=", "Expires=soon", "Max-Age=-"])
def test_malformed_times_count_as_not_sent(attribute):
    cookie = only(f"k=v; {attribute}")
    assert (cookie.max_age, cookie.expires) == (None, None)


@pytest.mark.parametrize(
    "attributes",
    [
        "Max-Age=0",
        "Max-Age=-5",
        "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "Expires=Sat, 01 Jan 2000 00:00:00 GMT",
        "Max-Age=0; Expires=Thu, 01 Jan 2970 00:00:00 GMT",
    ],
)
def test_an_expired_cookie_takes_its_predecessor_with_it(attributes):
    assert len(jar_after("k=old", f"k=; {attributes}")) == 0


def test_max_age_decides_before_expires():
    assert only("k=v; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT").max_age == 60


@pytest.mark.parametrize(
    ("header", "host", "path", "is_sent"),
    [
        ("k=v; Path=/", "sub.ex.com", "/any/where", True),
        ("k=v; Path=/", "ex.com", "/", False),
        ("k=v; Path=/", "deep.sub.ex.com", "/", False),
        ("k=v; Path=/; Domain=ex.com", "ex.com", "/", True),
        ("k=v; Path=/; Domain=ex.com", "other.ex.com", "/", True),
        ("k=v; Path=/; Domain=ex.com", "notex.com", "/", False),
        ("k=v; Path=/p", "sub.ex.com", "/p", True),
        ("k=v; Path=/p", "sub.ex.com", "/p/q", True),
        ("k=v; Path=/p/", "sub.ex.com", "/p/q", True),
        ("k=v; Path=/p", "sub.ex.com", "/pq", False),
        ("k=v; Path=/p", "sub.ex.com", "/", False),
    ],
)
def test_a_cookie_is_sent_to_its_domain_and_below_its_path(header, host, path, is_sent):
    assert jar_after(header).header_for(host, path) == ("k=v" if is_sent else "")


def test_cookies_are_sent_in_the_order_they_were_first_set():
    jar = jar_after("a=1; Path=/", "b=2; Path=/", "a=3; Path=/")
    assert jar.header_for("sub.ex.com", "/") == "a=3; b=2"


def test_a_cookie_is_set_found_and_deleted_by_hand():
    jar = CookieJar()
    jar.set("k", "é x", "Ex.com", "/p", origin_only=False, httponly=True, samesite="Lax")
    cookie = jar.find("k", ".ex.com", "/p")
    assert (cookie.decoded_value, cookie.http_only, cookie.same_site) == ("é x", True, "Lax")
    assert jar.header_for("sub.ex.com", "/p/q")
    assert jar.find("k", "ex.com", "/") is None
    jar.delete("k", "ex.com", "/p")
    jar.delete("k", "ex.com", "/p")
    assert len(jar) == 0


def test_a_cookie_set_by_hand_may_be_expired_too():
    jar = CookieJar()
    jar.set("k", "v", "ex.com", "/", origin_only=True)
    jar.set("k", "v", "ex.com", "/", origin_only=True, max_age=0)
    assert len(jar) == 0


def test_a_cookie_by_hand_needs_a_key():
    with pytest.raises(ValueError):
        CookieJar().set("", "v", "ex.com", "/", origin_only=True)
