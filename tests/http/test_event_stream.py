"""Event streams: the framing of the HTML standard, heartbeats, and who closes the generator."""

import asyncio
import json
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costrel.http.event_stream import (
    EventStream,
    ServerSentEvent,
    event_view,
    is_async_generator,
    last_event_id,
)


def encode(event):
    return event.encode(json.dumps).decode()


def read(text):
    """Parses a stream by the letter of the standard, 9.2.6; returns (type, data, id) each."""
    events, data, kind, last = [], [], "", ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for line in text.split("\n"):
        if not line:
            if data:
                events.append((kind or "message", "\n".join(data), last))
            data, kind = [], ""
            continue
        if line.startswith(":"):
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            kind = value
        elif field == "id" and "\0" not in value:
            last = value
    return events


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (ServerSentEvent("hi"), "data: hi\n\n"),
        (ServerSentEvent(""), "data: \n\n"),
        (ServerSentEvent("a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n"),
        (ServerSentEvent({"a": [1, None]}), 'data: {"a": [1, null]}\n\n'),
        (ServerSentEvent("x", event="tick", id=7), "event: tick\nid: 7\ndata: x\n\n"),
        (ServerSentEvent(id=""), "id: \n\n"),
        (ServerSentEvent(retry=1500), "retry: 1500\n\n"),
        (ServerSentEvent(comment="a\nb"), ": a\n: b\n\n"),
        (ServerSentEvent("é\ud800"), "data: é?\n\n"),
    ],
)
def test_an_event_is_written_as_the_standard_says(event, text):
    assert encode(event) == text


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text("ab :\t"), st.text("ab :é"))
def test_what_is_written_is_read_as_it_was_meant(data, kind, id):
    lines = data.replace("\r\n", "\n").replace("\r", "\n")
    sent = encode(ServerSentEvent(data, event=kind, id=id))
    assert read(sent) == [(kind or "message", lines, id)]


@pytest.mark.parametrize(
    "options", [{"event": "a\nb"}, {"id": "a\rb"}, {"id": "\0"}, {"retry": -1}]
)
def test_a_field_of_one_line_cannot_be_broken_out_of(options):
    with pytest.raises(ValueError):
        ServerSentEvent("x", **options)


def test_an_event_shows_what_it_is():
    assert repr(ServerSentEvent("x", id=1)) == "<ServerSentEvent id='1', data='x'>"


def test_the_headers_keep_caches_and_proxies_from_holding_it_back():
    headers = EventStream(iter(())).headers
    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert headers["Cache-Control"] == "no-cache"
    assert headers["X-Accel-Buffering"] == "no"
    assert EventStream((), headers={"Cache-Control": "no-store"}).headers["Cache-Control"] == (
        "no-store"
    )


async def collect(stream, most=99):
    chunks = []
    async for chunk in stream.response:
        chunks.append(chunk.decode())
        if len(chunks) == most:
            break
    await stream.response.aclose()
    return chunks


def both(steps, log=None):
    """The same generator, sync and async: it yields, sleeps for numbers, raises errors."""

    def sync():
        try:
            for step in steps:
                if isinstance(step, float):
                    time.sleep(step)
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        finally:
            if log is not None:
                log.append("closed")

    async def later():
        try:
            for step in steps:
                if isinstance(step, float):
                    await asyncio.sleep(step)
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        finally:
            if log is not None:
                log.append("closed")

    return {"sync": sync, "async": later}


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_events_of_each_kind_are_sent(colour):
    steps = ["text", {"a": 1}, ServerSentEvent("x", id=1)]
    stream = EventStream(both(steps)[colour](), retry=5)
    assert asyncio.run(collect(stream)) == [
        "retry: 5\n\n",
        "data: text\n\n",
        'data: {"a": 1}\n\n',
        "id: 1\ndata: x\n\n",
    ]


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_quiet_stream_has_heartbeats(colour):
    stream = EventStream(both(["a", 0.2, "b"])[colour](), heartbeat=0.05)
    chunks = asyncio.run(collect(stream))
    assert chunks[0] == "data: a\n\n"
    assert chunks[-1] == "data: b\n\n"
    assert 2 <= chunks.count(":\n\n") == len(chunks) - 2


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_without_heartbeats_nothing_but_events_is_sent(colour):
    stream = EventStream(both(["a", 0.1, "b"])[colour](), heartbeat=None)
    assert asyncio.run(collect(stream)) == ["data: a\n\n", "data: b\n\n"]


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("steps", [["a", "b", "c", "d"], ["a", 0.1, "b", "c"]])
def test_a_stream_that_is_closed_early_closes_its_generator(colour, steps):
    log = []
    before = set(threading.enumerate())
    assert asyncio.run(collect(EventStream(both(steps, log)[colour]()), most=1)) == ["data: a\n\n"]
    assert log == ["closed"]
    # A thread that has said that it is done takes a moment to be gone.
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_stream_that_is_never_read_closes_its_generator(colour):
    log = []
    generator = both(["a"], log)[colour]()

    async def start_and_leave():
        stream = EventStream(generator, retry=1)
        assert await collect(stream, most=1) == ["retry: 1\n\n"]
        await EventStream(both([])["async"]()).response.aclose()

    asyncio.run(start_and_leave())
    with pytest.raises((StopIteration, StopAsyncIteration)):
        if colour == "sync":
            next(generator)
        else:
            asyncio.run(anext(generator))


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_a_generator_raises_ends_the_stream(colour):
    log = []
    stream = EventStream(both(["a", LookupError("lost")], log)[colour]())
    with pytest.raises(LookupError, match="lost"):
        asyncio.run(collect(stream))
    assert log == ["closed"]


def test_any_iterable_will_do():
    assert asyncio.run(collect(EventStream(["a", "b"]))) == ["data: a\n\n", "data: b\n\n"]


def test_a_generator_function_becomes_a_view():
    view = event_view(both(["a"])["sync"], heartbeat=None)
    assert view.__name__ == "sync"
    assert asyncio.run(collect(view())) == ["data: a\n\n"]


def test_a_coroutine_function_is_refused():
    async def wrong():
        return []

    with pytest.raises(TypeError, match="wrong\\(\\) is a coroutine function"):
        event_view(wrong)


def test_the_colour_of_a_generator_function_is_known():
    assert is_async_generator(both([])["async"])
    assert not is_async_generator(both([])["sync"])
    assert not is_async_generator(print)


def test_the_last_event_id_is_utf_8():
    assert last_event_id(None) is None
    assert last_event_id("42") == "42"
    assert last_event_id("é".encode().decode("latin-1")) == "é"
