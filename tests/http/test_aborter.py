"""abort, and the aborters that apps make."""

import pytest

from costrel.http import exceptions
from costrel.http.aborter import Aborter, abort
from costrel.http.exceptions import BadRequest, HTTPException, MethodNotAllowed
from costrel.http.response import Response


def test_abort_raises_the_kind_for_a_code():
    with pytest.raises(MethodNotAllowed) as caught:
        abort(405, ["GET"], "only GET")
    assert caught.value.valid_methods == ["GET"]
    assert caught.value.description == "only GET"


def test_abort_takes_a_plain_kind_not_a_nuance():
    with pytest.raises(BadRequest) as caught:
        abort(400)
    assert type(caught.value) is BadRequest


def test_abort_with_a_response_answers_with_it():
    response = Response("x")
    with pytest.raises(HTTPException) as caught:
        abort(response)
    assert caught.value.get_response() is response


@pytest.mark.parametrize("code", [200, 999, "404", b"404", None])
def test_abort_refuses_what_is_no_error(code):
    with pytest.raises(LookupError, match="No exception is known"):
        abort(code)


def test_an_aborter_can_replace_and_extend_the_codes():
    class Mine(HTTPException):
        code = 499

    with pytest.raises(Mine):
        Aborter(extra={499: Mine})(499)
    with pytest.raises(LookupError):
        Aborter({499: Mine})(404)
    assert 499 not in exceptions.default_exceptions
