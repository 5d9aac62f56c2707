"""One call of a WSGI application, and what it answered."""

import sys

import pytest

from costrel.http.wsgi_call import run_application

HEADERS = [("Content-Type", "text/plain")]


class Body:
    """A body that notes when it is closed."""

    def __init__(self, *chunks):
        self.chunks = chunks
        self.closed = 0

    def __iter__(self):
        return iter(self.chunks)

    def close(self):
        self.closed += 1


def test_a_body_a_status_and_headers_come_back():
    def application(environ, start_response):
        start_response("200 OK", HEADERS)
        return [environ["x"]]

    body, status, headers = run_application(application, {"x": b"y"})
    assert (b"".join(body), status, list(headers)) == (b"y", "200 OK", HEADERS)


def test_the_environ_is_the_applications_own_to_change():
    environ = {}

    def application(environ, start_response):
        environ["changed"] = True
        start_response("200 OK", HEADERS)
        return []

    run_application(application, environ)
    assert environ == {}


@pytest.mark.parametrize("buffered", [True, False])
def test_what_is_written_comes_first(buffered):
    def application(environ, start_response):
        write = start_response("200 OK", HEADERS)
        write(b"1")
        write(b"2")
        return [b"3"]

    assert b"".join(run_application(application, {}, buffered)[0]) == b"123"


@pytest.mark.parametrize("buffered", [True, False])
def test_an_application_may_start_while_its_body_is_read(buffered):
    log = []

    def application(environ, start_response):
        log.append("asked")
        yield b""
        start_response("201 Late", HEADERS)
        yield b"x"
        log.append("done")

    body, status, _ = run_application(application, {}, buffered)
    assert status == "201 Late"
    assert log == (["asked", "done"] if buffered else ["asked"])
    assert b"".join(body) == b"x"


def test_the_first_chunk_is_read_at_once_and_outlives_close():
    log = []

    def application(environ, start_response):
        start_response("200 OK", HEADERS)

        def chunks():
            log.append("first")
            yield b"1"
            log.append("second")
            yield b"2"

        return chunks()

    body, _, _ = run_application(application, {})
    assert log == ["first"]
    body.close()
    assert list(body) == [b"1"]


def test_a_body_is_closed_by_whoever_reads_it():
    made = Body(b"x")

    def application(environ, start_response):
        start_response("200 OK", HEADERS)
        return made

    body, _, _ = run_application(application, {})
    assert (b"".join(body), made.closed) == (b"x", 0)
    body.close()
    assert made.closed == 1


def test_a_buffered_body_is_closed_at_once_even_if_it_breaks():
    class Breaking(Body):
        def __iter__(self):
            raise KeyError("in the body")

    made = [Body(b"x"), Breaking()]

    def application(environ, start_response):
        start_response("200 OK", HEADERS)
        return made[environ["number"]]

    assert run_application(application, {"number": 0}, buffered=True)[0] == [b"x"]
    with pytest.raises(KeyError):
        run_application(application, {"number": 1}, buffered=True)
    assert [body.closed for body in made] == [1, 1]


@pytest.mark.parametrize("starts_before", [True, False])
def test_an_error_answer_replaces_one_of_which_nothing_was_sent(starts_before):
    def application(environ, start_response):
        if starts_before:
            start_response("200 OK", HEADERS)
        try:
            raise KeyError("x")
        except KeyError:
            start_response("500 Sorry", HEADERS, sys.exc_info())
        return [b"sorry"]

    body, status, _ = run_application(application, {})
    assert (status, b"".join(body)) == ("500 Sorry", b"sorry")


def test_an_error_after_something_was_sent_is_raised():
    def application(environ, start_response):
        start_response("200 OK", HEADERS)(b"sent")
        try:
            raise KeyError("too late")
        except KeyError:
            start_response("500 Sorry", HEADERS, sys.exc_info())
        return []

    with pytest.raises(KeyError, match="too late"):
        run_application(application, {})


@pytest.mark.parametrize("buffered", [True, False])
def test_an_application_that_never_starts_is_told_so(buffered):
    with pytest.raises(RuntimeError, match="without having called start_response"):
        run_application(lambda environ, start_response: [b"x"], {}, buffered)
