"""An app is run as PEP 3333 has it, and its answer gathered."""

import pytest

from costrel.testing.drivers import run_wsgi_app


def answer(app, buffered, **environ):
    body, status, headers = run_wsgi_app(app, environ, buffered=buffered)
    text = b"".join(body)
    if hasattr(body, "close"):
        body.close()
    return status, list(headers), text


def at_once(environ, start_response):
    start_response("200 OK", [("A", "b")])
    return [b"Hello ", b"World"]


def late(environ, start_response):
    yield b"Hello "
    start_response("200 OK", [("A", "b")])
    yield b"World"


def written(environ, start_response):
    write = start_response("200 OK", [("A", "b")])
    write(b"Hello ")
    return [b"World"]


@pytest.mark.parametrize("buffered", [False, True])
@pytest.mark.parametrize("app", [at_once, late, written])
def test_an_answer_is_the_same_however_it_is_given(app, buffered):
    assert answer(app, buffered) == ("200 OK", [("A", "b")], b"Hello World")


@pytest.mark.parametrize("buffered", [False, True])
def test_the_answer_is_closed(buffered):
    closed = []

    class Answer(list):
        def close(self):
            closed.append(True)

    def app(environ, start_response):
        start_response("200 OK", [])
        return Answer([b"x"])

    answer(app, buffered)
    assert closed == [True]


def test_the_environ_given_stays_and_an_earlier_request_is_not_passed_on():
    def app(environ, start_response):
        assert "werkzeug.request" not in environ
        environ["changed"] = True
        start_response("200 OK", [])
        return []

    environ = {"werkzeug.request": "old"}
    run_wsgi_app(app, environ)
    assert environ == {"werkzeug.request": "old"}


def test_an_error_told_to_the_server_reaches_the_test():
    def app(environ, start_response):
        write = start_response("200 OK", [])
        write(b"half of it")
        try:
            raise ZeroDivisionError
        except ZeroDivisionError as error:
            start_response("500 No", [], (type(error), error, error.__traceback__))
        return []

    with pytest.raises(ZeroDivisionError):
        run_wsgi_app(app, {})
