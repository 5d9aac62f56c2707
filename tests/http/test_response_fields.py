"""The headers of a response as attributes."""

from datetime import UTC, datetime, timedelta

import pytest

from costrel.http.content_policy import ContentSecurityPolicy
from costrel.http.credentials import WWWAuthenticate
from costrel.http.response import Response
from costrel.http.response_fields import COEP, COOP, is_json_mimetype

WHEN = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
DATE = "Wed, 02 Jan 2030 03:04:05 GMT"


@pytest.fixture
def response():
    return Response()


@pytest.mark.parametrize(
    ("attribute", "name", "value", "text"),
    [
        ("location", "Location", "/x", "/x"),
        ("accept_ranges", "Accept-Ranges", "bytes", "bytes"),
        ("content_type", "Content-Type", "text/x", "text/x"),
        ("content_length", "Content-Length", 5, "5"),
        ("content_location", "Content-Location", "/x", "/x"),
        ("content_encoding", "Content-Encoding", "gzip", "gzip"),
        ("content_md5", "Content-MD5", "abc", "abc"),
        ("age", "Age", timedelta(seconds=60), "60"),
        ("date", "Date", WHEN, DATE),
        ("expires", "Expires", WHEN, DATE),
        ("last_modified", "Last-Modified", WHEN, DATE),
        ("access_control_allow_origin", "Access-Control-Allow-Origin", "*", "*"),
        ("access_control_max_age", "Access-Control-Max-Age", 60, "60"),
        ("cross_origin_opener_policy", "Cross-Origin-Opener-Policy", COOP.SAME_ORIGIN, None),
        ("cross_origin_embedder_policy", "Cross-Origin-Embedder-Policy", COEP.REQUIRE_CORP, None),
        ("retry_after", "Retry-After", WHEN, DATE),
        ("mimetype", "Content-Type", "text/x", "text/x; charset=utf-8"),
    ],
)
def test_an_attribute_stands_for_a_header(response, attribute, name, value, text):
    setattr(response, attribute, value)
    assert response.headers[name] == (value.value if text is None else text)
    assert getattr(response, attribute) == value


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("location", "Location"),
        ("content_length", "Content-Length"),
        ("age", "Age"),
        ("date", "Date"),
        ("retry_after", "Retry-After"),
        ("access_control_max_age", "Access-Control-Max-Age"),
    ],
)
def test_what_cannot_be_read_is_absent_and_none_takes_it_away(response, attribute, name):
    assert getattr(response, attribute) is None
    if attribute != "location":
        response.headers[name] = "not so"
        assert getattr(response, attribute) is None
    response.headers[name] = "1"
    setattr(response, attribute, None)
    assert name not in response.headers
    setattr(response, attribute, None)


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("vary", "Vary"),
        ("content_language", "Content-Language"),
        ("allow", "Allow"),
    ],
)
def test_a_set_is_written_back_when_it_changes(response, attribute, name):
    getattr(response, attribute).add("a")
    getattr(response, attribute).add("b")
    assert response.headers[name] == "a, b"
    getattr(response, attribute).clear()
    assert name not in response.headers
    setattr(response, attribute, ["x", "y"])
    assert response.headers[name] == "x, y"
    setattr(response, attribute, "z")
    assert response.headers[name] == "z"
    setattr(response, attribute, None)
    assert name not in response.headers


@pytest.mark.parametrize("what", ["headers", "methods"])
def test_lists_of_cors_are_written(response, what):
    setattr(response, f"access_control_allow_{what}", ["A", "B"])
    assert response.headers[f"Access-Control-Allow-{what.title()}"] == "A, B"
    assert "a" in getattr(response, f"access_control_allow_{what}")
    response.access_control_expose_headers = ["X"]
    assert list(response.access_control_expose_headers) == ["X"]


def test_credentials_of_cors_are_a_flag(response):
    assert response.access_control_allow_credentials is False
    response.access_control_allow_credentials = True
    assert response.headers["Access-Control-Allow-Credentials"] == "true"
    assert response.access_control_allow_credentials is True
    response.access_control_allow_credentials = None
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_cache_control_is_written_back(response):
    response.cache_control.public = True
    response.cache_control.max_age = 60
    assert response.headers["Cache-Control"] == "public, max-age=60"
    response.cache_control.clear()
    assert "Cache-Control" not in response.headers
    response.cache_control = "no-store"
    assert response.cache_control.no_store is True


def test_a_content_range_is_written_back(response):
    response.content_range.set(0, 5, 10)
    assert response.headers["Content-Range"] == "bytes 0-4/10"
    response.content_range.unset()
    assert "Content-Range" not in response.headers
    response.content_range = "bytes 1-2/3"
    assert (response.content_range.start, response.content_range.stop) == (1, 3)


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("content_security_policy", "Content-Security-Policy"),
        ("content_security_policy_report_only", "Content-Security-Policy-Report-Only"),
    ],
)
def test_a_content_security_policy_is_written_back(response, attribute, name):
    getattr(response, attribute).default_src = "'self'"
    assert response.headers[name] == "default-src 'self'"
    setattr(response, attribute, "img-src *")
    assert getattr(response, attribute).img_src == "*"
    setattr(response, attribute, ContentSecurityPolicy({"font-src": "x"}))
    assert response.headers[name] == "font-src x"


def test_policies_are_read_as_their_default_where_unknown(response):
    assert response.cross_origin_opener_policy is COOP.UNSAFE_NONE
    response.headers["Cross-Origin-Opener-Policy"] = "odd"
    assert response.cross_origin_opener_policy is COOP.UNSAFE_NONE
    response.cross_origin_opener_policy = "same-origin"
    assert response.cross_origin_opener_policy is COOP.SAME_ORIGIN


def test_a_mimetype_has_parameters_that_are_written_back(response):
    response.content_type = "text/html; charset=latin-1; a=b"
    assert response.mimetype == "text/html"
    assert response.mimetype_params == {"charset": "latin-1", "a": "b"}
    response.mimetype_params["charset"] = "utf-8"
    assert response.content_type == "text/html; charset=utf-8; a=b"
    del response.content_type
    assert (response.mimetype, response.mimetype_params) == (None, {})


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("application/json", True),
        ("application/ld+json", True),
        ("text/json", False),
        ("application/jsonp", False),
        ("", False),
    ],
)
def test_json_is_known_by_its_type(response, kind, answer):
    assert is_json_mimetype(kind) is answer
    response.content_type = kind
    assert response.is_json is answer


@pytest.mark.parametrize("value", [60, "60"])
def test_retry_after_may_be_seconds(response, value):
    response.retry_after = value
    assert response.headers["Retry-After"] == "60"
    left = response.retry_after - datetime.now(UTC)
    assert timedelta(seconds=50) < left <= timedelta(seconds=60)


@pytest.mark.parametrize("text", ["9" * 20, "²", "soon"])
def test_retry_after_that_is_no_time_is_absent(response, text):
    response.headers["Retry-After"] = text
    assert response.retry_after is None


def test_an_entity_tag_is_quoted_and_may_be_weak(response):
    assert response.get_etag() == (None, None)
    response.set_etag("a")
    assert (response.headers["ETag"], response.get_etag()) == ('"a"', ("a", False))
    response.set_etag("a", weak=True)
    assert (response.headers["ETag"], response.get_etag()) == ('W/"a"', ("a", True))


def test_a_challenge_is_written_back(response):
    response.www_authenticate = WWWAuthenticate("basic", {"realm": "x"})
    assert response.headers["WWW-Authenticate"] == "Basic realm=x"
    response.www_authenticate.realm = "y"
    assert response.www_authenticate.realm == "y"
    del response.www_authenticate
    assert "WWW-Authenticate" not in response.headers


def test_a_challenge_that_is_not_there_is_made_by_setting_a_part_of_it(response):
    response.www_authenticate.realm = "x"
    assert response.headers["WWW-Authenticate"] == "Basic realm=x"


def test_a_challenge_stays_bound_to_the_response_it_was_given_to(response):
    challenge = WWWAuthenticate("digest", {"realm": "x"})
    response.www_authenticate = challenge
    challenge.realm = "z"
    assert 'realm="z"' in response.headers["WWW-Authenticate"]


def test_several_challenges_are_several_headers(response):
    response.www_authenticate = [WWWAuthenticate("basic"), WWWAuthenticate("bearer", token="t")]
    assert response.headers.getlist("WWW-Authenticate") == ["Basic", "Bearer t"]
    assert response.www_authenticate.type == "basic"
    response.www_authenticate = None
    assert "WWW-Authenticate" not in response.headers
