"""The headers of a request as attributes; whatever the client sent, reading never raises."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.request import Request
from costrel.http.request_fields import RequestFields
from costrel.http.user_agent import UserAgent

DATE = "Wed, 02 Jan 2030 03:04:05 GMT"
WHEN = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


def request_of(**headers):
    environ = {}
    for name, value in headers.items():
        key = name.upper()
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
    return Request(environ)


@pytest.mark.parametrize(
    ("header", "text", "attribute", "value", "without"),
    [
        ("content_type", "Text/HTML; charset=x", "content_type", "Text/HTML; charset=x", None),
        ("content_type", "Text/HTML; charset=x", "mimetype", "text/html", ""),
        ("content_type", "text/html; charset=x", "mimetype_params", {"charset": "x"}, {}),
        ("content_type", "application/x+json", "is_json", True, False),
        ("content_length", "12", "content_length", 12, None),
        ("content_encoding", "gzip", "content_encoding", "gzip", None),
        ("content_md5", "abc", "content_md5", "abc", None),
        ("referer", "/x", "referrer", "/x", None),
        ("date", DATE, "date", WHEN, None),
        ("max_forwards", "3", "max_forwards", 3, None),
        ("origin", "http://x", "origin", "http://x", None),
        ("if_modified_since", DATE, "if_modified_since", WHEN, None),
        ("if_unmodified_since", DATE, "if_unmodified_since", WHEN, None),
        (
            "access_control_request_method",
            "PUT",
            "access_control_request_method",
            "PUT",
            None,
        ),
    ],
)
def test_an_attribute_stands_for_a_header(header, text, attribute, value, without):
    assert getattr(request_of(**{header: text}), attribute) == value
    assert getattr(request_of(), attribute) == without


def test_what_the_client_takes_is_ranked():
    request = request_of(
        accept="text/html, application/json;q=0.5",
        accept_charset="utf-8",
        accept_encoding="gzip, br;q=0.1",
        accept_language="de, en;q=0.5",
    )
    assert request.accept_mimetypes.best == "text/html"
    assert request.accept_charsets.best == "utf-8"
    assert request.accept_encodings["br"] == 0.1
    assert request.accept_languages.best_match(["en", "fr"]) == "en"
    assert request.accept_mimetypes is request.accept_mimetypes


def test_caching_and_ranges():
    request = request_of(
        pragma="no-cache",
        cache_control="max-age=5",
        if_match='"a"',
        if_none_match='W/"b"',
        if_range='"c"',
        range="bytes=0-4",
    )
    assert "no-cache" in request.pragma
    assert request.cache_control.max_age == 5
    assert request.if_match.contains("a")
    assert request.if_none_match.contains_weak("b")
    assert request.if_range.etag == "c"
    assert request.range.ranges == [(0, 5)]
    assert request_of().range is None


def test_lists_of_header_names():
    request = request_of(access_control_request_headers="X-A, X-B")
    assert "x-a" in request.access_control_request_headers


def test_credentials_and_agent():
    request = request_of(authorization="Bearer token", user_agent="test/1")
    assert (request.authorization.type, request.authorization.token) == ("bearer", "token")
    assert (request.user_agent.string, type(request.user_agent)) == ("test/1", UserAgent)
    assert request_of().authorization is None
    assert not request_of().user_agent


def test_a_class_may_parse_agents_itself():
    class Named(UserAgent):
        browser = "named"

    class Mine(Request):
        user_agent_class = Named

    assert Mine({}).user_agent.browser == "named"


HEADERS = [
    "accept",
    "accept_charset",
    "accept_encoding",
    "accept_language",
    "access_control_request_headers",
    "access_control_request_method",
    "authorization",
    "cache_control",
    "content_length",
    "content_type",
    "cookie",
    "date",
    "host",
    "if_match",
    "if_modified_since",
    "if_none_match",
    "if_range",
    "if_unmodified_since",
    "max_forwards",
    "pragma",
    "range",
    "user_agent",
    "x_forwarded_for",
]
ATTRIBUTES = sorted(
    {
        name
        for kind in (RequestFields, Request)
        for name, value in vars(kind).items()
        if not name.startswith("_") and hasattr(type(value), "__get__") and not callable(value)
    }
    - {"json", "stream", "data", "form", "files", "values", "input_stream", "from_values"}
)


def test_there_are_many_attributes_to_read():
    assert {"accept_mimetypes", "authorization", "if_range", "url", "cookies"} <= set(ATTRIBUTES)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(HEADERS), st.text(st.characters(max_codepoint=255), max_size=30))
def test_reading_never_raises(header, text):
    request = request_of(**{header: text})
    for attribute in ATTRIBUTES:
        getattr(request, attribute)
