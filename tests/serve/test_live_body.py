"""A body that the view reads while it arrives: by each colour, within the limits."""

import asyncio
import io

import pytest

import costrel
from costrel import request
from costrel.http.exceptions import ClientDisconnected, RequestEntityTooLarge
from costrel.serve.async_file import AsyncFile
from costrel.serve.live_body import BodyStream


def make_stream(chunks, length=None, limit=None, loop=None):
    """A stream over chunks; an exception among them is raised."""
    chunks = list(chunks)
    asked = []

    async def read():
        asked.append(1)
        chunk = chunks.pop(0)
        if isinstance(chunk, Exception):
            raise chunk
        return chunk, bool(chunks)

    stream = BodyStream(read, length, limit, loop or asyncio.get_running_loop())
    stream.asked = asked
    return stream


async def collect(*args, **kwargs):
    stream = make_stream(*args, **kwargs)
    return [chunk async for chunk in stream], stream


def test_chunks_come_as_they_are_and_the_server_is_not_asked_past_the_end():
    chunks, stream = asyncio.run(collect([b"one", b"", b"two", b"never"], length=6))
    assert chunks == [b"one", b"two"]
    assert len(stream.asked) == 3


def test_an_empty_body_is_no_chunk():
    assert asyncio.run(collect([b""]))[0] == []


def test_a_body_over_the_limit_is_refused_when_it_gets_there():
    with pytest.raises(RequestEntityTooLarge):
        asyncio.run(collect([b"x" * 6, b"x" * 6], limit=10))


@pytest.mark.parametrize("chunks", [[b"12"], [b"12", ConnectionResetError()]])
def test_a_body_that_is_cut_short_is_an_error(chunks):
    with pytest.raises(ClientDisconnected):
        asyncio.run(collect(chunks, length=4))


def test_a_thread_reads_it_as_a_file():
    async def test():
        stream = make_stream([b"one\ntwo", b"\nthree"])
        assert stream.readable()
        return await asyncio.to_thread(lambda: (stream.readline(), stream.read(2), stream.read()))

    assert asyncio.run(test()) == (b"one\n", b"tw", b"o\nthree")


def test_what_was_begun_as_a_file_goes_on_as_chunks():
    async def test():
        stream = make_stream([b"one", b"two"])
        assert await asyncio.to_thread(stream.read, 1) == b"o"
        return [chunk async for chunk in stream]

    assert asyncio.run(test()) == [b"ne", b"two"]


def test_an_async_view_cannot_stop_its_loop_by_reading():
    async def test():
        with pytest.raises(RuntimeError, match="async for chunk in request.stream"):
            make_stream([b"one"]).read()

    asyncio.run(test())


def test_a_file_is_read_by_an_async_view_in_chunks():
    async def test():
        file = AsyncFile(io.BytesIO(b"x" * 70_000))
        assert file.tell() == 0
        return [len(chunk) async for chunk in file]

    assert asyncio.run(test()) == [65536, 70_000 - 65536]


def test_forms_can_still_be_parsed_by_a_sync_view():
    app = costrel.Flask("live", static_folder=None)

    @app.route("/", methods=["POST"], stream_body=True)
    def form():
        return request.form["a"]

    async def test():
        async with app.test_client() as client:
            return (await client.post("/", data={"a": "1"})).text

    assert asyncio.run(test()) == "1"


def test_a_limit_that_the_view_sets_holds_for_the_stream():
    app = costrel.Flask("live", static_folder=None)

    @app.route("/", methods=["POST"], stream_body=True)
    async def limited():
        request.max_content_length = 3
        return str([chunk async for chunk in request.stream])

    async def test():
        async with app.test_client() as client:
            return (await client.post("/", data=b"1234")).status_code

    assert asyncio.run(test()) == 413
    assert app.test_client().post("/", data=b"1234").status_code == 413
    assert app.test_client().post("/", data=b"123").text == "[b'123']"


def test_a_blueprint_declares_it_as_well():
    app = costrel.Flask("live", static_folder=None)
    blueprint = costrel.Blueprint("part", "part")

    @blueprint.route("/", methods=["PUT"], stream_body=True)
    async def count():
        return str(sum([len(chunk) async for chunk in request.stream]))

    app.register_blueprint(blueprint)
    assert app.test_client().put("/", data=b"1234").text == "4"
