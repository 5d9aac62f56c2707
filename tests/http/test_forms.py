"""Forms from bodies, within limits."""

import io
import os
import stat
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.body import IN_MEMORY, MalformedForm, limit_body
from costrel.http.exceptions import (
    BadRequest,
    ClientDisconnected,
    RequestEntityTooLarge,
)
from costrel.http.forms import (
    FormDataParser,
    MultiPartParser,
    default_stream_factory,
    parse_form_data,
)
from costrel.http.multidict import ImmutableMultiDict, MultiDict
from costrel.http.query import dump_query

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def part(head, content=b"v"):
    return b"--foo\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + content + b"\r\n"


FILE = part(b'name="f"; filename="x"', b"12345")
FIELD = part(b'name="a"', b"12345")
END = b"--foo--\r\n"


def parse(body, mimetype=URLENCODED, length=True, **options):
    parser = FormDataParser(**{"silent": False, **options})
    length = len(body) if length is True else length
    _, form, files = parser.parse(io.BytesIO(body), mimetype, length, {"boundary": "foo"})
    return form, files


class Tracked(io.BytesIO):
    """A stream factory that remembers what it made."""

    made = []

    def __init__(self, **options):
        super().__init__()
        self.options = options
        Tracked.made.append(self)


@pytest.fixture
def tracked():
    Tracked.made = []
    return Tracked


def test_a_urlencoded_body_becomes_fields():
    form, files = parse(b"a=1+2&a=%33&b=")
    assert form.to_dict(flat=False) == {"a": ["1 2", "3"], "b": [""]}
    assert not files


def test_m10_a_semicolon_separates_nothing():
    assert parse(b"a=1;b=2")[0].to_dict() == {"a": "1;b=2"}


@given(st.lists(st.tuples(st.text("aé&=+% ", max_size=4), st.text(max_size=5)), max_size=8))
@settings(max_examples=100, deadline=None)
def test_what_is_written_as_a_form_is_read_again(pairs):
    pairs = [(key, value.encode("utf-8", "replace").decode()) for key, value in pairs]
    form, _ = parse(dump_query(pairs).encode())
    assert form == MultiDict(pairs)


@pytest.mark.parametrize(
    ("body", "least"), [(b"a&" * 7_500_000, 1000), (b"a=1&" * 200_000, 1000), (b"a&" * 1001, 1)]
)
def test_m9_too_many_urlencoded_fields_are_refused_at_once(body, least):
    began = thread_time()
    with pytest.raises(RequestEntityTooLarge):
        parse(body, max_form_parts=least)
    assert thread_time() - began < 1


def test_m9_a_urlencoded_body_over_the_memory_limit_is_refused():
    body = b"a=" + b"x" * 600_000
    for length in (True, None):
        with pytest.raises(RequestEntityTooLarge):
            parse(body, length=length, max_form_memory_size=500_000)
    with pytest.raises(RequestEntityTooLarge):
        parse(body, max_form_memory_size=10)
    assert parse(b"a=1234567890", max_form_memory_size=12)[0]["a"] == "1234567890"
    assert parse(b"a=1234567890", length=None, max_form_memory_size=12)[0]["a"] == "1234567890"


def test_a_lower_limit_on_parts_does_not_reach_urlencoded_fields():
    assert len(parse(b"&".join(b"f%d=1" % n for n in range(1000)), max_form_parts=1)[0]) == 1000
    assert len(parse(b"&".join(b"f%d=1" % n for n in range(2000)))[0]) == 2000


def test_a_body_that_is_read_in_pieces_is_read_whole():
    class Dribble(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 3) if size > 0 else size)

    for length in (11, None):
        parser = FormDataParser(max_form_memory_size=20)
        assert parser.parse(Dribble(b"a=1&b=2&c=3"), URLENCODED, length)[1]["c"] == "3"


def test_bytes_that_are_not_utf_8_make_the_form_malformed():
    with pytest.raises(MalformedForm):
        parse(b"a=\x80")
    assert parse(b"a=\x80", silent=True) == (MultiDict(), MultiDict())


def test_m11_escapes_that_are_not_utf_8_are_replaced():
    assert parse(b"a=%ff")[0]["a"] == "\ufffd"


def test_a_multipart_body_becomes_fields_and_files():
    form, files = parse(FIELD + FILE + FIELD + END, MULTIPART)
    assert form.getlist("a") == ["12345", "12345"]
    file = files["f"]
    assert (file.name, file.filename, file.read()) == ("f", "x", b"12345")
    assert file.headers["content-disposition"] == 'form-data; name="f"; filename="x"'
    assert not parse(END, MULTIPART)[0]


def test_b22_a_part_without_a_name_is_dropped():
    form, files = parse(part(b"x=1") + part(b'filename="x"', b"y" * 99) + FIELD + END, MULTIPART)
    assert form.to_dict() == {"a": "12345"}
    assert not files


@pytest.mark.parametrize(
    ("charset", "content", "expected"),
    [
        (b"iso-8859-1", b"\xe9", "é"),
        (b'"UTF-8"', b"\xc3\xa9", "é"),
        (b"idna", b"\xe9", "\ufffd"),
        (b"utf-16", b"\xc3\xa9", "é"),
        (b"unicode_escape", b"\\u0041", "\\u0041"),
        (b"no such", b"\xff", "\ufffd"),
    ],
)
def test_m11_a_field_has_a_harmless_charset(charset, content, expected):
    head = b'name="a"\r\nContent-Type: text/plain; charset=' + charset
    assert parse(part(head, content) + END, MULTIPART)[0]["a"] == expected


def test_m1_a_thousand_and_one_parts_are_refused():
    with pytest.raises(RequestEntityTooLarge):
        parse(FIELD * 1001 + END, MULTIPART, max_form_parts=1000)


def test_m3_all_fields_together_are_limited_and_files_are_not():
    body = FIELD * 2 + FILE * 5 + END
    assert len(parse(body, MULTIPART, max_form_memory_size=10)[1].getlist("f")) == 5
    with pytest.raises(RequestEntityTooLarge):
        parse(FIELD + body, MULTIPART, max_form_memory_size=10)


@pytest.mark.parametrize("length", [None, True])
def test_m4_the_limits_hold_without_a_length(length):
    with pytest.raises(RequestEntityTooLarge):
        parse(FIELD * 3 + END, MULTIPART, length=length, max_form_memory_size=10)
    with pytest.raises(RequestEntityTooLarge):
        parse(FIELD * 3 + END, MULTIPART, length=length, max_form_parts=2)


def test_m4_a_chunked_form_over_the_content_limit_is_refused():
    stream = limit_body(io.BytesIO(FIELD * 30 + END), None, 100, is_terminated=True)
    with pytest.raises(RequestEntityTooLarge):
        FormDataParser().parse(stream, MULTIPART, None, {"boundary": "foo"})


@pytest.mark.parametrize(
    "body", [b"", FIELD, FIELD[:9], FIELD + b"--fo", b"--foo\r\n\r\nx\r\n--foo--"]
)
def test_m5_a_malformed_form_is_empty_or_a_400(body):
    assert parse(body, MULTIPART, silent=True) == (MultiDict(), MultiDict())
    with pytest.raises(BadRequest):
        parse(body, MULTIPART)


@pytest.mark.parametrize("options", [{}, {"boundary": "x" * 5000}, {"boundary": "é\n"}, None])
def test_m5_without_a_usable_boundary_there_is_no_form(options):
    parser = FormDataParser()
    assert not parser.parse(io.BytesIO(FIELD + END), MULTIPART, None, options)[1]


def test_what_is_no_form_is_left_in_the_stream():
    stream = io.BytesIO(b"a=1")
    assert FormDataParser(max_form_memory_size=1).parse(stream, "text/plain", 3)[0] is stream
    assert stream.tell() == 0


def test_m12_uploads_are_closed_when_the_client_vanishes(tracked):
    body = FIELD + FILE + FILE
    stream = limit_body(io.BytesIO(body), len(body) + 10)
    with pytest.raises(ClientDisconnected):
        FormDataParser(tracked).parse(stream, MULTIPART, None, {"boundary": "foo"})
    assert [made.closed for made in tracked.made] == [True, True]


@pytest.mark.parametrize("silent", [True, False])
def test_uploads_of_a_bad_form_are_closed(tracked, silent):
    try:
        parse(FILE + FIELD, MULTIPART, stream_factory=tracked, silent=silent)
    except MalformedForm:
        assert not silent
    assert [made.closed for made in tracked.made] == [True]


def test_the_stream_factory_is_told_about_the_file(tracked):
    head = b'name="f"; filename="x"\r\nContent-Type: text/plain\r\nContent-Length: 5'
    body = part(head, b"12345") + END
    parse(body, MULTIPART, stream_factory=tracked)
    assert tracked.made[0].options == {
        "total_content_length": len(body),
        "content_type": "text/plain",
        "filename": "x",
        "content_length": 5,
    }


def test_a_small_upload_stays_in_memory():
    assert isinstance(default_stream_factory(IN_MEMORY, None, None), io.BytesIO)


@pytest.mark.parametrize("total", [None, IN_MEMORY + 1])
def test_x9_a_large_upload_is_a_private_file_that_vanishes(total):
    stream = default_stream_factory(total, None, "x")
    with stream:
        stream.write(b"x" * (IN_MEMORY + 1))
        mode = os.fstat(stream.fileno()).st_mode
        assert stat.S_IMODE(mode) == 0o600
        descriptor = stream.fileno()
    with pytest.raises(OSError):
        os.fstat(descriptor)


def test_the_storage_class_can_be_chosen():
    form, files = parse(FIELD * 2 + FILE + END, MULTIPART, cls=ImmutableMultiDict)
    assert type(form) is type(files) is ImmutableMultiDict
    assert type(parse(b"a=1", cls=ImmutableMultiDict)[0]) is ImmutableMultiDict
    assert parse(b"a=1&a=2", cls=dict)[0] == {"a": "1"}
    assert parse(FIELD + END, MULTIPART, cls=dict)[0] == {"a": "12345"}


def test_a_parser_has_defaults():
    parser = MultiPartParser()
    assert parser.stream_factory is default_stream_factory
    assert parser.cls is FormDataParser().cls is MultiDict


def test_the_buffer_size_bounds_what_is_read_at_once():
    asked = []

    class Source(io.BytesIO):
        def read(self, size=-1):
            asked.append(size)
            return super().read(size)

    form, _ = MultiPartParser(buffer_size=7).parse(Source(FIELD + END), b"foo", None)
    assert form["a"] == "12345"
    assert set(asked) == {7}


def test_an_environ_is_parsed():
    environ = {
        "wsgi.input": io.BytesIO(FIELD + END),
        "CONTENT_LENGTH": str(len(FIELD + END)),
        "CONTENT_TYPE": "Multipart/Form-Data; boundary=foo",
    }
    assert parse_form_data(environ)[1]["a"] == "12345"
    with pytest.raises(RequestEntityTooLarge):
        parse_form_data(environ, max_content_length=5)
    assert not parse_form_data({"wsgi.input": io.BytesIO()})[1]
