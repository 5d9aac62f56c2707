"""Preconditions and ranges: 304, 412, 206, 416."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from costrel.http.conditional import Verdict, is_resource_modified, weigh
from costrel.http.dates import http_date
from costrel.http.etags import generate_etag
from costrel.http.exceptions import RequestedRangeNotSatisfiable
from costrel.http.request import Request
from costrel.http.response import Response

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EARLIER, LATER = WHEN - timedelta(hours=1), WHEN + timedelta(hours=1)


def environ(method="GET", **headers):
    named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return {"REQUEST_METHOD": method, **named}


@pytest.mark.parametrize(
    ("headers", "etag", "modified", "verdict"),
    [
        ({}, "a", WHEN, "SEND"),
        # Entity tags.
        ({"if_none_match": '"a"'}, "a", None, "UNCHANGED"),
        ({"if_none_match": '"a"'}, '"a"', None, "UNCHANGED"),
        ({"if_none_match": 'W/"a"'}, 'W/"a"', None, "UNCHANGED"),
        ({"if_none_match": 'W/"a"'}, '"a"', None, "UNCHANGED"),
        ({"if_none_match": '"b", "a"'}, "a", None, "UNCHANGED"),
        ({"if_none_match": "*"}, "a", None, "UNCHANGED"),
        ({"if_none_match": '"b"'}, "a", None, "SEND"),
        ({"if_none_match": '"a"'}, None, None, "SEND"),
        ({"if_match": '"a"'}, "a", None, "SEND"),
        ({"if_match": "*"}, "a", None, "SEND"),
        ({"if_match": '"b"'}, "a", None, "FAILED"),
        ({"if_match": 'W/"a"'}, "a", None, "FAILED"),
        ({"if_match": '"b"'}, None, None, "SEND"),
        ({"if_match": '"a"', "if_none_match": '"a"'}, "a", None, "UNCHANGED"),
        ({"if_match": '"b"', "if_none_match": '"a"'}, "a", None, "FAILED"),
        ({"if_match": "*", "if_none_match": "*"}, "a", None, "UNCHANGED"),
        # Dates.
        ({"if_modified_since": http_date(WHEN)}, None, WHEN, "UNCHANGED"),
        ({"if_modified_since": http_date(LATER)}, None, WHEN, "UNCHANGED"),
        ({"if_modified_since": http_date(EARLIER)}, None, WHEN, "SEND"),
        ({"if_modified_since": http_date(WHEN)}, None, None, "SEND"),
        ({"if_modified_since": "yesterday"}, None, WHEN, "SEND"),
        ({"if_modified_since": http_date(WHEN)}, None, WHEN.replace(microsecond=9), "UNCHANGED"),
        ({"if_modified_since": http_date(WHEN)}, None, WHEN.replace(tzinfo=None), "UNCHANGED"),
        # A tag is more exact than a date.
        ({"if_none_match": '"b"', "if_modified_since": http_date(LATER)}, "a", WHEN, "SEND"),
        ({"if_none_match": '"a"', "if_modified_since": http_date(EARLIER)}, "a", WHEN, "UNCHANGED"),
    ],
)
def test_preconditions_are_weighed(headers, etag, modified, verdict):
    assert weigh(environ(**headers), etag, modified) is Verdict[verdict]


@pytest.mark.parametrize(
    ("if_range", "etag", "modified", "verdict"),
    [
        ('"a"', "a", None, "UNCHANGED"),
        ('"b"', "a", None, "SEND"),
        ('"a"', None, None, "SEND"),
        (http_date(WHEN), None, WHEN, "UNCHANGED"),
        (http_date(EARLIER), None, WHEN, "SEND"),
        (http_date(WHEN), None, None, "SEND"),
        ("", "a", None, "SEND"),
    ],
)
def test_if_range_is_weighed_where_asked(if_range, etag, modified, verdict):
    conditions = environ(if_range=if_range, range="bytes=0-1")
    assert weigh(conditions, etag, modified, ignore_if_range=False) is Verdict[verdict]
    assert weigh(conditions, etag, modified) is Verdict.SEND


def test_if_range_without_a_range_means_nothing():
    conditions = environ(if_range='"a"')
    assert weigh(conditions, "a", None, ignore_if_range=False) is Verdict.SEND


def test_a_resource_may_be_given_as_data():
    tag = generate_etag(b"data")
    assert not is_resource_modified(environ(if_none_match=f'"{tag}"'), data=b"data")
    assert is_resource_modified(environ(if_none_match=f'"{tag}"'), data=b"other")
    with pytest.raises(TypeError, match="not both"):
        is_resource_modified(environ(), etag="a", data=b"x")


def test_a_resource_may_be_given_by_the_text_of_its_date():
    conditions = environ(if_modified_since=http_date(WHEN))
    assert not is_resource_modified(conditions, last_modified=http_date(WHEN))
    assert is_resource_modified(conditions, last_modified=http_date(LATER))


# On a response


def send(response, conditions):
    """Status, headers and body as they go out."""
    data, status, headers = response.get_wsgi_response(conditions)
    return int(status.split()[0]), dict(headers), b"".join(data)


def response_of(body="0123456789", **headers):
    return Response(body, headers={"ETag": '"a"', **headers})


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_body_that_is_held_already_is_not_sent(method):
    conditions = environ(method, if_none_match='"a"')
    response = response_of().make_conditional(conditions)
    status, headers, data = send(response, conditions)
    assert (status, data) == (304, b"")
    assert set(headers) == {"ETag", "Date"}


def test_a_precondition_that_fails_is_412():
    conditions = environ(if_match='"b"')
    assert send(response_of().make_conditional(conditions), conditions)[0] == 412


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_left_alone(method):
    response = response_of()
    conditions = environ(method, if_none_match='"a"', range="bytes=0-1")
    assert response.make_conditional(conditions, accept_ranges=True) is response
    assert (response.status_code, "Date" in response.headers) == (200, False)


def test_a_request_is_taken_as_well():
    request = Request(environ(if_none_match='"a"'))
    assert response_of().make_conditional(request).status_code == 304


def test_a_date_that_is_set_stays():
    response = response_of(Date="some day").make_conditional(environ())
    assert response.headers["Date"] == "some day"
    assert "Date" in response_of().make_conditional(environ()).headers


def test_a_length_is_set_where_it_can_be():
    assert Response(["ab", "c"]).make_conditional(environ()).headers["Content-Length"] == "3"
    assert "Content-Length" not in Response().make_conditional(environ()).headers

    class Unmeasured(Response):
        automatically_set_content_length = False

    assert "Content-Length" not in Unmeasured(["ab"]).make_conditional(environ()).headers


@pytest.mark.parametrize(("accept", "header"), [(True, "bytes"), ("lines", "lines"), (False, None)])
def test_ranges_are_announced(accept, header):
    response = response_of().make_conditional(environ(), accept_ranges=accept)
    assert response.headers.get("Accept-Ranges") == header


BODIES = {
    "text": lambda: "0123456789",
    "list": lambda: ["01", "", "234", "56789"],
    "stream": lambda: iter([b"0123", b"456", b"789"]),
    "file": lambda: BytesIO(b"0123456789"),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(
    ("wanted", "range_header", "data"),
    [
        ("bytes=2-4", "bytes 2-4/10", b"234"),
        ("bytes=0-0", "bytes 0-0/10", b"0"),
        ("bytes=5-", "bytes 5-9/10", b"56789"),
        ("bytes=-3", "bytes 7-9/10", b"789"),
        ("bytes=8-99", "bytes 8-9/10", b"89"),
        ("bytes=0-9", "bytes 0-9/10", b"0123456789"),
        ("bytes=-99", "bytes 0-9/10", b"0123456789"),
    ],
)
def test_one_range_is_cut_out(body, wanted, range_header, data):
    conditions = environ(range=wanted)
    response = response_of(body()).make_conditional(conditions, True, 10)
    status, headers, sent = send(response, conditions)
    assert (status, sent) == (206, data)
    assert headers["Content-Range"] == range_header
    assert headers["Content-Length"] == str(len(data))


@pytest.mark.parametrize(
    "wanted", ["bytes=10-", "bytes=90-99", "lines=0-1", "bytes", "bytes=", "bytes=a-b", "bytes=5-2"]
)
def test_a_range_that_cannot_be_is_416(wanted):
    with pytest.raises(RequestedRangeNotSatisfiable) as raised:
        response_of().make_conditional(environ(range=wanted), True, 10)
    assert ("Content-Range", "bytes */10") in raised.value.get_headers()


@pytest.mark.parametrize(
    ("conditions", "accept", "length"),
    [
        (environ(range="bytes=0-1"), False, 10),
        (environ(range="bytes=0-1"), True, None),
        (environ("HEAD", range="bytes=0-1"), True, 10),
        (environ(range="bytes=0-1", if_range='"b"'), True, 10),
        (environ(range="bytes=0-1", if_range=http_date(EARLIER)), True, 10),
        (environ(range="bytes=0-1", if_range="neither"), True, 10),
        (environ(), True, 10),
    ],
)
def test_the_whole_is_sent_where_no_range_is_to_be(conditions, accept, length):
    response = response_of(**{"Last-Modified": http_date(WHEN)})
    response.make_conditional(conditions, accept, length)
    assert (response.status_code, response.get_data()) == (200, b"0123456789")


@pytest.mark.parametrize("if_range", ['"a"', http_date(WHEN)])
def test_a_range_is_sent_where_the_whole_is_still_the_same(if_range):
    response = response_of(**{"Last-Modified": http_date(WHEN)})
    response.make_conditional(environ(range="bytes=0-1", if_range=if_range), True, 10)
    assert response.status_code == 206


def test_a_range_of_what_is_held_already_is_304():
    conditions = environ(range="bytes=0-1", if_none_match='"a"')
    assert response_of().make_conditional(conditions, True, 10).status_code == 304


def test_closing_a_range_closes_the_body():
    file = BytesIO(b"0123456789")
    response = response_of(file).make_conditional(environ(range="bytes=0-1"), True, 10)
    body, _, _ = response.get_wsgi_response(environ())
    assert b"".join(body) == b"01"
    body.close()
    assert file.closed


# Kept responses


def test_an_entity_tag_is_made_of_the_body():
    response = Response("x")
    response.add_etag()
    assert response.get_etag() == (generate_etag(b"x"), False)
    response.set_data("y")
    response.add_etag()
    assert response.get_etag()[0] == generate_etag(b"x")
    response.add_etag(overwrite=True, weak=True)
    assert response.get_etag() == (generate_etag(b"y"), True)


def test_a_frozen_response_is_a_list_with_length_and_tag():
    response = Response(iter(["a", "é"]))
    response.freeze()
    assert response.response == [b"a", b"\xc3\xa9"]
    assert response.headers["Content-Length"] == "3"
    assert response.get_etag() == (generate_etag(b"a\xc3\xa9"), False)
