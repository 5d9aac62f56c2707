"""An exception and the handlers of a plan → what to answer."""

import pytest

from costrel import Flask
from costrel.http.exceptions import (
    BadRequest,
    BadRequestKeyError,
    Gone,
    HTTPException,
    InternalServerError,
    NotFound,
)
from costrel.http.response import Response
from costrel.routing.outcomes import RequestRedirect
from costrel.serve.recover import (
    answer_crash,
    answer_http_error,
    answer_user_error,
    find_handler,
    is_trapped,
)


@pytest.fixture
def app():
    return Flask("recovering", static_folder=None)


def handler(error):
    return "handled"


def other(error):
    return "other"


TABLE = {
    404: ({NotFound: handler}, {HTTPException: other}),
    None: ({LookupError: handler}, {KeyError: other, HTTPException: other}),
}


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (NotFound(), handler),
        (Gone(), other),
        (KeyError(), handler),
        (IndexError(), handler),
        (ValueError(), None),
    ],
)
def test_the_code_comes_first_then_the_scope_then_the_class(error, found):
    assert find_handler(TABLE, error) is found


def test_a_code_of_an_error_that_is_none_of_http_says_nothing():
    class Refused(LookupError):
        code = 404

    class Full(OSError):
        code = 404

    assert find_handler(TABLE, Refused()) is handler
    assert find_handler({404: ({Exception: other},)}, Full()) is None


def test_without_handlers_there_is_none():
    assert find_handler({}, NotFound()) is None


def test_an_error_that_carries_a_response_or_a_redirect_is_not_handled():
    everything = {None: ({Exception: handler},)}
    carrying = HTTPException(response=Response("x"))
    redirect = RequestRedirect("/x")
    assert answer_http_error(everything, carrying) is carrying
    assert answer_http_error(everything, redirect) is redirect
    assert answer_http_error(everything, NotFound()) == "handled"


def test_an_http_error_without_a_handler_is_its_own_answer():
    error = NotFound()
    assert answer_http_error({}, error) is error


@pytest.mark.parametrize(
    ("settings", "error", "trapped"),
    [
        ({}, NotFound(), False),
        ({"TRAP_HTTP_EXCEPTIONS": True}, NotFound(), True),
        ({"TRAP_BAD_REQUEST_ERRORS": True}, BadRequest(), True),
        ({"TRAP_BAD_REQUEST_ERRORS": True}, NotFound(), False),
        ({"DEBUG": True}, BadRequestKeyError("x"), True),
        ({"DEBUG": True}, BadRequest(), False),
        ({"DEBUG": True, "TRAP_BAD_REQUEST_ERRORS": False}, BadRequestKeyError("x"), False),
    ],
)
def test_settings_decide_what_is_trapped(app, settings, error, trapped):
    app.config.update(settings)
    assert is_trapped(app, error) is trapped


def test_an_error_of_the_program_without_a_handler_is_raised_again(app):
    error = ValueError("x")
    with pytest.raises(ValueError, match="x") as raised:
        answer_user_error(app, {}, error)
    assert raised.value is error
    assert answer_user_error(app, TABLE, KeyError()) == "handled"


@pytest.mark.parametrize("is_being_handled", [True, False])
def test_a_crash_is_logged_with_its_traceback(app, caplog, is_being_handled):
    error = ValueError("the reason")
    if is_being_handled:
        try:
            raise error
        except ValueError:
            answer = answer_crash(app, {}, error)
    else:
        answer = answer_crash(app, {}, error)
    assert type(answer) is InternalServerError
    assert answer.original_exception is error
    assert "ValueError: the reason" in caplog.text


def test_a_crash_may_have_a_handler(app, caplog):
    assert answer_crash(app, {500: ({InternalServerError: handler},)}, ValueError()) == "handled"
    assert "ValueError" in caplog.text
