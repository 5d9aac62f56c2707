"""HTTP errors as exceptions, and the pages they answer with."""

import copy
import pickle
from datetime import UTC, datetime

import pytest
from markupsafe import Markup

from costrel.http import exceptions
from costrel.http.credentials import WWWAuthenticate
from costrel.http.exceptions import (
    BadRequestKeyError,
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestedRangeNotSatisfiable,
    ServiceUnavailable,
    TooManyRequests,
    Unauthorized,
    default_exceptions,
)
from costrel.http.response import Response


def test_the_page_is_what_flask_users_know():
    assert NotFound("Gone <fishing>\nback soon").get_body() == (
        "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
        "<p>Gone &lt;fishing&gt;<br>back soon</p>\n"
    )


def test_a_description_in_markup_is_html():
    assert "<p><b>no</b></p>" in NotFound(Markup("<b>no</b>")).get_body()


def test_an_error_without_a_code_says_so():
    assert str(HTTPException("x")) == "??? Unknown Error: x"
    assert repr(HTTPException("x")) == "<HTTPException '???: Unknown Error'>"
    assert HTTPException().get_description() == "<p></p>"


def test_the_response_carries_code_page_and_headers():
    response = MethodNotAllowed(["GET", "HEAD"]).get_response()
    assert response.status == "405 METHOD NOT ALLOWED"
    assert response.headers["Allow"] == "GET, HEAD"
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.get_data(as_text=True).startswith("<!doctype html>")


def test_a_given_response_is_answered_as_it_stands():
    response = Response("mine")
    assert NotFound(response=response).get_response({}) is response


def test_an_error_is_a_wsgi_application():
    seen = []
    environ = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "HTTP_HOST": "a.example"}
    body = NotFound("x")(environ, lambda status, headers: seen.append(status))
    assert b"".join(body).endswith(b"<p>x</p>\n")
    assert seen == ["404 NOT FOUND"]


@pytest.mark.parametrize("kind", default_exceptions.values())
def test_each_kind_answers_with_its_own_code(kind):
    error = kind()
    assert default_exceptions[error.code] is kind
    assert error.get_response().status_code == error.code
    assert error.name != "Unknown Error"
    assert len(error.description) > 10


def test_an_empty_allow_list_gives_no_allow_header():
    assert dict(MethodNotAllowed([]).get_headers()).get("Allow") is None


def test_the_range_error_tells_the_length():
    assert ("Content-Range", "bytes */0") in RequestedRangeNotSatisfiable(0).get_headers()
    assert len(RequestedRangeNotSatisfiable().get_headers()) == 1


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (20, "20"),
        (datetime(2020, 1, 4, 18, 52, 16, tzinfo=UTC), "Sat, 04 Jan 2020 18:52:16 GMT"),
    ],
)
@pytest.mark.parametrize("kind", [TooManyRequests, ServiceUnavailable])
def test_retry_after_is_seconds_or_a_date(kind, when, expected):
    assert dict(kind(retry_after=when).get_headers())["Retry-After"] == expected


def test_without_retry_after_there_is_no_such_header():
    assert "Retry-After" not in dict(TooManyRequests().get_headers())


def test_each_way_to_authenticate_has_a_header_of_its_own():
    basic = WWWAuthenticate("basic", {"realm": "a"})
    digest = WWWAuthenticate("digest", {"realm": "a", "nonce": "b"})
    one = Unauthorized(www_authenticate=basic).get_headers()
    two = Unauthorized(www_authenticate=[digest, basic]).get_headers()
    assert one[1:] == [("WWW-Authenticate", str(basic))]
    assert two[1:] == [("WWW-Authenticate", str(digest)), ("WWW-Authenticate", str(basic))]
    assert Unauthorized().get_headers()[1:] == []


def test_a_missing_key_is_named_only_in_debug():
    error = BadRequestKeyError("field")
    assert "field" not in str(error)
    error.show_exception = True
    assert str(error).endswith("\nKeyError: 'field'")
    assert "KeyError: &#39;field&#39;" in error.get_body()


def test_a_missing_key_is_a_key_error_with_its_own_text():
    error = BadRequestKeyError("field", description="pick one")
    assert isinstance(error, KeyError)
    assert error.args == ("field",)
    assert error.description == "pick one"
    assert BadRequestKeyError().args == ()


def test_e2_an_internal_error_keeps_what_broke_to_itself():
    broken = ValueError("the password")
    error = InternalServerError(original_exception=broken)
    assert error.original_exception is broken
    assert "password" not in error.get_body()


def test_errors_can_be_copied_and_pickled():
    error = pickle.loads(pickle.dumps(copy.copy(NotFound("x"))))
    assert (type(error), error.description) == (NotFound, "x")


def test_the_page_of_an_error_that_says_nothing_of_its_own_is_made_once(monkeypatch):
    class Stale(HTTPException):
        code = 409
        description = "Somebody was faster."

    first = Stale().get_response().get_data()
    assert b"Somebody was faster." in first
    monkeypatch.setattr(exceptions, "PAGE", "another")
    assert Stale().get_response().get_data() == first
    assert Stale("I say more.").get_response().get_data() == b"another"
