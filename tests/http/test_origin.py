import pytest

from costrel.http.origin import is_same_origin, origin_is_listed


@pytest.mark.parametrize(
    ("origin", "scheme", "host", "same"),
    [
        ("http://a.example", "http", "a.example", True),
        ("http://A.example", "http", "a.EXAMPLE", True),
        ("http://a.example:80", "http", "a.example", True),
        ("https://a.example", "https", "a.example:443", True),
        ("https://a.example", "http", "a.example", True),
        ("https://a.example:8443", "http", "a.example:8443", True),
        ("https://a.example", "ws", "a.example", True),
        ("http://[::1]:5000", "http", "[::1]:5000", True),
        ("http://a.example", "https", "a.example", False),
        ("http://a.example", "wss", "a.example", False),
        ("http://a.example:81", "http", "a.example", False),
        ("http://b.a.example", "http", "a.example", False),
        ("http://a.example.evil", "http", "a.example", False),
        ("http://a.example@evil", "http", "a.example", False),
        ("ftp://a.example", "http", "a.example", False),
        ("file://", "http", "", False),
        ("null", "http", "a.example", False),
        ("", "http", "a.example", False),
        ("http://", "http", "", False),
        ("http://[", "http", "a.example", False),
        ("http://a.example:x", "http", "a.example", False),
        ("http://a.example:99999", "http", "a.example", False),
    ],
)
def test_an_origin_is_the_requests_own_or_not(origin, scheme, host, same):
    assert is_same_origin(origin, scheme, host) is same


@pytest.mark.parametrize(
    ("origin", "allowed", "listed"),
    [
        ("https://a.example", ["https://a.example"], True),
        ("https://a.example", "https://A.example/", True),
        ("https://a.example", ["https://b.example", "*"], True),
        ("https://a.example", ["https://b.example"], False),
        ("https://a.example", ["a.example"], False),
        ("https://a.example", [], False),
        ("https://a.example", None, False),
        ("null", ["https://a.example"], False),
    ],
)
def test_an_origin_is_listed_or_not(origin, allowed, listed):
    assert origin_is_listed(origin, allowed) is listed
