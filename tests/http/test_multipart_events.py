"""Multipart bodies as events, both ways."""

import os
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.body import MalformedForm
from costrel.http.exceptions import BadRequest, RequestEntityTooLarge
from costrel.http.headers import Headers
from costrel.http.multipart_events import (
    MAX_MARGIN,
    NEED_DATA,
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    MultipartEncoder,
    NeedData,
    Preamble,
    State,
)

FIELD = b'Content-Disposition: form-data; name="a"\r\n\r\n'


def decode(body, boundary=b"foo", size=None, **limits):
    decoder = MultipartDecoder(boundary, **limits)
    size = size or max(1, len(body))
    for start in range(0, len(body), size):
        decoder.receive_data(body[start : start + size])
        while (event := decoder.next_event()) is not NEED_DATA:
            yield event
    decoder.receive_data(None)
    event = None
    while not isinstance(event, Epilogue):
        event = decoder.next_event()
        yield event


def bodies(events):
    found, pieces = [], []
    for event in events:
        if isinstance(event, Data):
            pieces.append(event.data)
            if not event.more_data:
                found.append(b"".join(pieces))
                pieces = []
    assert not pieces
    return found


def encode(events, boundary=b"foo"):
    encoder = MultipartEncoder(boundary)
    return b"".join(encoder.send_event(event) for event in events)


def test_a_form_becomes_events_and_the_events_the_form():
    body = (
        b"pre\r\n--foo\r\n" + FIELD + b"one\r\n--foo\r\n"
        b'Content-Disposition: form-data; name="b"; filename="c"\r\n\r\n'
        b"--foo--\r\nepi"
    )
    events = list(decode(body))
    field = Headers([("Content-Disposition", 'form-data; name="a"')])
    file = Headers([("Content-Disposition", 'form-data; name="b"; filename="c"')])
    assert events == [
        Preamble(b"pre"),
        Field("a", field),
        Data(b"one", False),
        File("b", "c", file),
        Data(b"", False),
        Epilogue(b"epi"),
    ]
    assert encode(events) == body


@pytest.mark.parametrize("ending", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("size", [1, 2, 7, None])
def test_every_line_ending_is_taken(ending, size):
    lines = [b"--foo", b"Content-Disposition: form-data; name=a", b"", b"x", b"--foo--"]
    assert bodies(decode(ending.join(lines) + ending, size=size)) == [b"x"]


part_bodies = st.lists(
    st.lists(
        st.sampled_from(
            [b"\r", b"\n", b"\r\n", b"--", b"-", b"--fo", b"--foo", b"x", b" ", b"foo"]
        ),
        max_size=8,
    ).map(b"".join),
    max_size=4,
)


@given(part_bodies, st.integers(1, 40))
@settings(max_examples=300, deadline=None)
def test_fed_in_pieces_it_equals_fed_whole(given_bodies, size):
    events = [Preamble(b"")]
    for index, body in enumerate(given_bodies):
        events += [Field(f"f{index}", Headers()), Data(body, False)]
    body = encode([*events, Epilogue(b"")])

    def run(size):
        try:
            return bodies(decode(body, size=size))
        except MalformedForm:
            return "malformed"

    assert run(size) == run(None)


@given(st.lists(st.binary(max_size=30), max_size=4), st.integers(1, 60))
@settings(max_examples=150, deadline=None)
def test_what_is_encoded_is_decoded_again(given_bodies, size):
    boundary = b"----not-in-the-data"
    events = [Preamble(b"")]
    for index, body in enumerate(given_bodies):
        events += [File(f"f{index}", "n", Headers()), Data(body, False)]
    body = encode([*events, Epilogue(b"")], boundary)
    assert bodies(decode(body, boundary, size)) == given_bodies


def test_data_is_passed_on_as_soon_as_it_cannot_be_a_boundary():
    decoder = MultipartDecoder(b"foo")
    decoder.receive_data(b"--foo\r\n" + FIELD + b"A\r\nBCDE")
    assert [type(decoder.next_event()) for _ in range(2)] == [Preamble, Field]
    assert decoder.next_event() == Data(b"A", True)
    assert isinstance(decoder.next_event(), NeedData)


def test_white_space_behind_a_boundary_is_no_data():
    body = b"--foo \t\r\n" + FIELD + b"x\r\n--foo  \r\n" + FIELD + b"y\r\n--foo--"
    assert bodies(decode(body)) == bodies(decode(body, size=1)) == [b"x", b"y"]


def test_a_line_that_only_begins_like_a_boundary_is_data():
    body = b"--foo\r\n" + FIELD + b"\r\n--food\r\n--foo" + b" " * 99 + b"x\r\n--foo--"
    assert bodies(decode(body)) == bodies(decode(body, size=1))
    assert bodies(decode(body))[0].startswith(b"\r\n--food\r\n--foo  ")


def test_folded_header_lines_are_joined():
    body = b'--foo\r\nContent-Disposition: form-data;\r\n\tname="a"\r\n\r\nx\r\n--foo--'
    assert next(event for event in decode(body) if isinstance(event, Field)).name == "a"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"--foo",
        b"--foo\r\n",
        b"--foo\r\nContent-Dis",
        b"--foo\r\n" + FIELD,
        b"--foo\r\n" + FIELD + b"x\r\n--fo",
        b"--foo\r\n\r\nno head\r\n--foo--",
        b"--foo\r\nX: y\r\n\r\nno disposition\r\n--foo--",
        b"--foo\r\nno colon\r\n\r\nx\r\n--foo--",
        b"--foo\r\nX: \0\r\n" + FIELD + b"x\r\n--foo--",
    ],
)
def test_m5_a_cut_or_broken_form_is_malformed(body):
    with pytest.raises(MalformedForm) as caught:
        list(decode(body))
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, BadRequest)
    with pytest.raises(MalformedForm):
        list(decode(body, size=1))


def test_m1_the_number_of_parts_is_limited():
    body = (b"--foo\r\n" + FIELD + b"x\r\n") * 3 + b"--foo--"
    assert len(bodies(decode(body, max_parts=3))) == 3
    with pytest.raises(RequestEntityTooLarge):
        list(decode(body, max_parts=2))


@pytest.mark.parametrize(
    "head", [b"X: 1\r\n" * 3000, b"X: " + b"1" * 100_000 + b"\r\n", b"1" * 100_000]
)
@pytest.mark.parametrize("size", [None, 1000])
def test_m2_the_head_of_a_part_is_limited(head, size):
    with pytest.raises(RequestEntityTooLarge):
        list(decode(b"--foo\r\n" + head + FIELD, size=size))


def test_m3_all_fields_together_are_limited_and_files_are_not():
    field = b"--foo\r\n" + FIELD + b"12345\r\n"
    file = b'--foo\r\nContent-Disposition: form-data; name="b"; filename=c\r\n\r\n123456789\r\n'
    assert len(bodies(decode(field * 2 + file + b"--foo--", max_form_memory_size=10))) == 3
    with pytest.raises(RequestEntityTooLarge):
        list(decode(field * 3 + b"--foo--", max_form_memory_size=10))


@pytest.mark.parametrize("filler", [b"\r", b"\n", b"\r\n", b"--", b"\r\n--fo", b"\n--foo "])
@pytest.mark.parametrize("size", [64 * 1024, 997])
def test_m6_repeated_half_boundaries_take_linear_time(filler, size):
    content = (filler * (1_000_000 // len(filler) + 1))[:1_000_000] + b"!"
    began = thread_time()
    found = bodies(decode(b"--foobar\r\n" + FIELD + content + b"\r\n--foobar--", b"foobar", size))
    assert found == [content]
    assert thread_time() - began < 2


def test_m8_a_long_preamble_and_epilogue_are_not_kept():
    preamble = b"\r\n--fo" * 100_000 + b"\r\n"
    body = preamble + b"--foo\r\n" + FIELD + b"x\r\n--foo--" + b"e" * 1_000_000
    events = list(decode(body, size=1000))
    assert bodies(events) == [b"x"]
    assert len(events[0].data) < 2 * MAX_MARGIN
    assert len(events[-1].data) < 2 * MAX_MARGIN


def test_names_are_quoted_as_browsers_do():
    body = encode([File('a"\r\nX: y', 'b\r\n"', Headers([("X", "1")])), Data(b"x", False)])
    head = b'--foo\r\nContent-Disposition: form-data; name="a%22%0D%0AX: y"; filename="b%0D%0A%22"'
    assert body == b"\r\n" + head + b"\r\nX: 1\r\n\r\nx"


def test_data_may_come_in_pieces():
    events = [Field("a", Headers()), Data(b"", True), Data(b"1", True), Data(b"2", False)]
    body = encode([*events, Epilogue(b"")])
    assert bodies(decode(body)) == [b"12"]


@pytest.mark.parametrize(
    "events",
    [
        [Data(b"x", False)],
        [Field("a", Headers()), Field("a", Headers())],
        [Epilogue(b""), Epilogue(b"")],
        [Preamble(b""), Preamble(b"")],
        [Event()],
    ],
)
def test_events_in_a_wrong_order_are_refused(events):
    with pytest.raises(ValueError, match="cannot follow"):
        encode(events)


def test_events_are_values():
    assert Data(b"x", True) == Data(b"x", True) != Data(b"x", False)
    assert Preamble(b"") != Epilogue(b"")
    assert len({Data(b"x", True), Data(b"x", True)}) == 1
    assert repr(Data(b"x", True)) == "Data(data=b'x', more_data=True)"


def test_behind_the_end_there_is_nothing():
    decoder = MultipartDecoder(b"foo")
    decoder.receive_data(b"--foo--")
    decoder.receive_data(None)
    assert [decoder.next_event() for _ in range(2)] == [Preamble(b""), Epilogue(b"")]
    assert decoder.state is State.COMPLETE
    with pytest.raises(MalformedForm):
        decoder.next_event()


def test_random_bytes_never_break_the_decoder():
    for _ in range(20):
        with pytest.raises((MalformedForm, RequestEntityTooLarge)):
            list(decode(b"--foo\r\n" + os.urandom(500), size=50))
