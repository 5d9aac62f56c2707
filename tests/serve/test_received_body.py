"""A body that is read before the view runs: where it is kept, and what a failed one leaves."""

import asyncio
from tempfile import SpooledTemporaryFile

import pytest

import costrel
from costrel.http.body import IN_MEMORY
from costrel.http.exceptions import ClientDisconnected, RequestEntityTooLarge
from costrel.http.request import Request
from costrel.serve.received_body import receive_body

HALF = b"x" * (IN_MEMORY // 2 + 1)


@pytest.fixture
def files(monkeypatch):
    """The files that bodies were put into."""
    opened = []

    class Watched(SpooledTemporaryFile):
        def __init__(self, *args):
            super().__init__(*args)
            opened.append(self)

    monkeypatch.setattr("costrel.serve.received_body.SpooledTemporaryFile", Watched)
    return opened


def receive(chunks, limit=None, **environ):
    """Receive a body of these chunks, of which the last may be an error."""
    left = list(chunks)

    async def read():
        chunk = left.pop(0)
        if isinstance(chunk, Exception):
            raise chunk
        return chunk, bool(left)

    request = Request(environ)
    return asyncio.run(receive_body(request, read, limit)), request


@pytest.mark.parametrize("chunks", [[b"abc"], [b"a", b"", b"bc"], [b""], [HALF]])
def test_a_small_body_is_kept_in_memory(chunks, files):
    body, request = receive(chunks)
    assert body.read(None) == b"".join(chunks)
    assert files == []
    assert not request.holds_files


def test_a_large_body_is_kept_in_a_file_which_its_request_closes(files):
    body, request = receive([HALF, HALF, b"end"])
    assert body.read(None) is None
    assert body.open(None).read() == HALF + HALF + b"end"
    assert request.holds_files
    request.close()
    assert [file.closed for file in files] == [True]


@pytest.mark.parametrize(
    ("chunks", "limit", "environ", "error"),
    [
        ([HALF, HALF, ConnectionError()], None, {}, ClientDisconnected),
        ([HALF, HALF], None, {"CONTENT_LENGTH": str(3 * len(HALF))}, ClientDisconnected),
        ([HALF, HALF, HALF], 2 * len(HALF), {}, RequestEntityTooLarge),
    ],
)
def test_nothing_is_left_open_of_a_body_that_failed(chunks, limit, environ, error, files):
    body, request = receive(chunks, limit, **environ)
    with pytest.raises(error):
        body.read(None)
    with pytest.raises(error):
        body.open(None)
    assert [file.closed for file in files] == [True]
    assert not request.holds_files


@pytest.mark.parametrize("version", ["1.1", "2"])
def test_a_body_that_no_header_tells_of_is_read_over_asgi(version):
    app = costrel.Flask("untold", static_folder=None)
    app.route("/", methods=["PUT"])(lambda: costrel.request.get_data())
    messages = [
        {"type": "http.request", "body": b"from ", "more_body": True},
        {"type": "http.request", "body": b"an event"},
    ]
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "PUT",
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "http_version": version,
    }
    asyncio.run(app(scope, receive, send))
    assert sent[-1]["body"] == b"from an event"
