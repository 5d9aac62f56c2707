"""A test's response is one of the app's, with more to look at."""

from costrel.http.headers import Headers
from costrel.http.request import Request
from costrel.http.response import Response
from costrel.testing.answers import TestResponse, answer_class
from costrel.testing.environ_builder import create_environ


def make(cls, body=b"x", headers=()):
    return cls([body], "200 OK", Headers(headers), request=Request(create_environ("/asked")))


def test_an_answer_knows_its_request_and_has_no_history():
    response = make(TestResponse, "é".encode())
    assert (response.request.path, response.history) == ("/asked", ())
    assert (response.text, response.data) == ("é", "é".encode())


def test_nothing_is_added_to_the_headers():
    assert list(make(TestResponse).headers) == []


def test_the_apps_own_response_class_is_kept():
    class Own(Response):
        own = True

    made = answer_class(Own)
    assert issubclass(made, TestResponse)
    assert issubclass(made, Own)
    assert make(made, b'{"a": 1}', {"Content-Type": "application/json"}).json == {"a": 1}


def test_a_ready_class_is_taken_as_it_is():
    class Ready(TestResponse):
        pass

    assert answer_class(Ready) is Ready
    assert answer_class(None) is TestResponse
