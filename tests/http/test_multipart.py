"""The parts of a multipart body, and what is refused."""

import importlib.util
import sys
import types
from pathlib import Path
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http import multipart
from costrel.http.body import MalformedForm
from costrel.http.exceptions import RequestEntityTooLarge
from costrel.http.headers import Headers
from costrel.http.multipart import MAX_BOUNDARY, Part, PartReader
from costrel.http.multipart_events import (
    Data,
    Epilogue,
    Field,
    MultipartDecoder,
    MultipartEncoder,
    NeedData,
)

HEAD = b'Content-Disposition: form-data; name="a"\r\n'
END = b"--foo--"


def cut(body, size):
    return iter([body[start : start + size] for start in range(0, len(body), size)])


def read(body, boundary=b"foo", size=65536, **limits):
    found = []
    for event in PartReader(boundary, **limits).read(cut(body, size)):
        if isinstance(event, Part):
            found.append([event, b""])
        elif event is not None:
            found[-1][1] += event
    return [(part.name, part.filename, content) for part, content in found]


def part_with(disposition, *more):
    return Part([*more, ("Content-Disposition", disposition)])


@pytest.mark.parametrize(
    ("disposition", "name", "filename"),
    [
        ('form-data; name="a"', "a", None),
        ('form-data; name="a"; filename="b"', "a", "b"),
        ('form-data; name="a"; filename=""', "a", ""),
        ("form-field; name=a", "a", None),
        ("form-data;name=a;filename=b", "a", "b"),
        ('attachment; filename="b"; name="a"', "a", "b"),
        ('form-data; name="a%22b"', 'a"b', None),
        ('form-data; name="a\\"b"', 'a"b', None),
        ("form-data; name=\"a\"; filename*=utf-8''%e2%82%ac", "a", "€"),
        ('form-data; name=a; filename*0="b "; filename*1="c"', "a", "b c"),
        ('form-data; filename="b"', None, "b"),
        ("form-data", None, None),
    ],
)
def test_names_are_read_from_the_disposition(disposition, name, filename):
    part = part_with(disposition)
    assert (part.name, part.filename) == (name, filename)


@pytest.mark.parametrize(
    "filename", ["../../x", "C:\\x", "\0", "\\" * 3000, "x" * 3000, "..", "/etc/passwd"]
)
def test_m7_a_file_name_is_only_text(filename):
    part = part_with(f'form-data; name="a"; filename="{filename}"')
    assert part.name == "a"
    assert isinstance(part.filename, str)


@pytest.mark.parametrize("key", ["filename*999999999", "filename*0", "filename*" + "9" * 3000])
def test_m7_numbered_file_names_cost_nothing(key, in_cpu_seconds):
    assert in_cpu_seconds(0.5, part_with, f"form-data; name=a; {key}=x").name == "a"


def test_m11_names_that_are_not_utf_8_are_replaced():
    body = b'--foo\r\nContent-Disposition: form-data; name="\xe9\xc3\xa9"\r\n\r\nx\r\n--foo--'
    assert read(body) == [("\ufffdé", None, b"x")]


def test_headers_keep_their_order_and_get_title_case():
    body = b"--foo\r\nx-a: 1\r\n" + HEAD + b"CONTENT-TYPE:text/plain\r\n\r\nx\r\n--foo--"
    part = next(PartReader(b"foo").read(cut(body, 999)))
    assert [name for name, _ in part.headers] == ["X-A", "Content-Disposition", "Content-Type"]
    assert part.header("Content-Type") == "text/plain"
    assert part.header("Content-Length") is None


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 1000])
def test_a_part_without_body_may_share_its_line_break_with_the_boundary(size):
    empty, full = b"--foo\r\n" + HEAD + b"\r\n", b"--foo\r\n" + HEAD + b"\r\nx\r\n"
    no, yes = ("a", None, b""), ("a", None, b"x")
    for shape, expected in [
        (empty, [no]),
        (empty + full, [no, yes]),
        (full + empty, [yes, no]),
        (empty * 2, [no] * 2),
        (empty * 3 + full, [no] * 3 + [yes]),
        (empty * 4 + full + empty * 2, [no] * 4 + [yes] + [no] * 2),
    ]:
        assert read(shape + b"--foo--", size=size) == expected
        assert read(shape + b"--foo--\r\nepilogue\r\n--foo\r\n", size=size) == expected


@given(
    st.lists(
        st.sampled_from([b"", b"x", b"--", b"--f", b"\r\n", b"\r\n--fo", b"x\r\n\r\n"]), max_size=5
    ),
    st.integers(1, 99),
)
@settings(max_examples=200, deadline=None)
def test_the_parts_are_what_was_encoded(contents, size):
    encoder = MultipartEncoder(b"foo")
    body = b"".join(
        encoder.send_event(Field("a", Headers())) + encoder.send_event(Data(content, False))
        for content in contents
    ) + encoder.send_event(Epilogue(b"end"))
    assert read(body, size=size) == [("a", None, content) for content in contents]


@given(
    st.lists(
        st.sampled_from([b"--foo", b"\r\n", HEAD, b"--", b"x", b"\r\n--foo\r\n", b"\r", b"-"]),
        max_size=12,
    )
)
@settings(max_examples=400, deadline=None)
def test_the_library_and_our_decoder_never_disagree_about_the_parts(pieces):
    body = b"--foo\r\n" + HEAD + b"".join(pieces) + b"\r\n--foo--"

    def decoded():
        decoder, found = MultipartDecoder(b"foo"), []
        decoder.receive_data(body)
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), (Epilogue, NeedData)):
            if isinstance(event, Field):
                found.append(["a", None, b""])
            elif isinstance(event, Data):
                found[-1][2] += event.data
        return [tuple(each) for each in found]

    try:
        ours = read(body)
    except MalformedForm:
        return  # the library is the stricter one
    assert ours == decoded()


@pytest.mark.parametrize("ending", [b"\n", b"\r"])
def test_other_line_endings_are_read_by_our_decoder(ending):
    part = b"--foo\r\n" + HEAD + b"\r\nx\r\n"
    body = (part * 2 + b"--foo--").replace(b"\r\n", ending)
    assert read(body) == [("a", None, b"x")] * 2
    assert read(body, size=1) == [("a", None, b"x")] * 2
    with pytest.raises(RequestEntityTooLarge):
        read(body, max_parts=1)
    with pytest.raises(RequestEntityTooLarge):
        read(body.replace(b"x", b"x" * 11), max_part_size=10)


def test_m1_more_parts_than_allowed_are_refused():
    body = (b"--foo\r\n" + HEAD + b"\r\nx\r\n") * 1001 + b"--foo--"
    assert len(read(body, max_parts=1001)) == 1001
    with pytest.raises(RequestEntityTooLarge):
        read(body, max_parts=1000)


def test_m1_parts_without_bodies_count_too():
    body = (b"--foo\r\n" + HEAD + b"\r\n") * 4 + b"--foo--"
    with pytest.raises(RequestEntityTooLarge):
        read(body, max_parts=3)


@pytest.mark.parametrize(
    "head",
    [b"X: 1\r\n" * 3000, b"X: " + b"1" * 100_000 + b"\r\n", b"1" * 50_000],
)
@pytest.mark.parametrize("size", [100, 65536])
def test_m2_the_head_of_a_part_is_limited(head, size):
    with pytest.raises(RequestEntityTooLarge):
        read(b"--foo\r\n" + head + HEAD + b"\r\nx\r\n--foo--", size=size)
    with pytest.raises((RequestEntityTooLarge, MalformedForm)):
        empty = b"--foo\r\n" + HEAD + b"\r\n"
        read(empty + b"--foo\r\n" + head + HEAD + b"\r\nx\r\n--foo--", size=size)


def test_m2_lines_that_are_known_count_as_others_do(monkeypatch):
    monkeypatch.setattr(multipart, "_kept_lines", {})
    line = b"Content-Type: text/plain\r\n"

    def body(times):
        return b"--foo\r\n" + line * times + HEAD + b"\r\nx\r\n--foo--"

    for _ in range(2):
        assert read(body(multipart.MAX_HEADERS - 1)) == [("a", None, b"x")]
        assert set(multipart._kept_lines) == {line.strip(), HEAD.strip()}
        with pytest.raises(RequestEntityTooLarge):
            read(body(multipart.MAX_HEADERS))


def test_few_lines_are_kept_and_none_that_seldom_comes_again(monkeypatch):
    monkeypatch.setattr(multipart, "_kept_lines", {})
    heads = [
        *(b'form-data; name="f"; filename="%d"' % number for number in range(10)),
        b'form-data; name="%b"' % (b"x" * multipart.LONGEST_KEPT),
        *(b'form-data; name="%d"' % number for number in range(multipart.MOST_KEPT + 10)),
    ]
    disposition = b"--foo\r\nContent-Disposition: %b\r\n\r\nx\r\n"
    for _ in range(2):
        names = [name for name, _, _ in read(b"".join(disposition % head for head in heads) + END)]
        assert names[:11] == ["f"] * 10 + ["x" * multipart.LONGEST_KEPT]
        assert names[11:] == [str(number) for number in range(multipart.MOST_KEPT + 10)]
    assert len(multipart._kept_lines) == multipart.MOST_KEPT
    assert not any(b"filename" in line or b"xxx" in line for line in multipart._kept_lines)


def test_the_size_of_a_part_is_limited():
    body = b"--foo\r\n" + HEAD + b"\r\n12345678901\r\n--foo--"
    assert len(read(body, max_part_size=11)) == 1
    with pytest.raises(RequestEntityTooLarge):
        read(body, max_part_size=10)


WHOLE = b"--foo\r\n" + HEAD + b"\r\nx\r\n--foo\r\n" + HEAD + b"\r\ny\r\n--foo--"


@pytest.mark.parametrize("end", range(len(WHOLE)))
def test_m5_a_body_cut_anywhere_is_malformed(end):
    with pytest.raises(MalformedForm):
        read(WHOLE[:end])


@pytest.mark.parametrize(
    "body",
    [
        b"garbage",
        b"--foo\r\n\r\nno head\r\n--foo--",
        b"--foo\r\n" + HEAD + b"X: a\rb\r\n\r\nx\r\n--foo--",
        b"--foo\r\n" + HEAD + b"X: a\0b\r\n\r\nx\r\n--foo--",
        b"--foo\r\n" + HEAD + b"no colon\r\n\r\nx\r\n--foo--",
        b"--foo\r\nX: y\r\n\r\nx\r\n--foo--",
        b"--foo\r\n" + HEAD + b"\r\n--foo\r\n\r\nx\r\n--foo--",
        b"--foo\r\n" + HEAD + b"\r\n--food\r\n" + HEAD + b"\r\nx\r\n--foo--",
        b"--foo\r\n" + HEAD + b"\r\n--foo\r\ncut",
        b"--foo\r\n" + HEAD + b"\r\n--foo\r\n--foo--",
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_a_broken_body_is_malformed(body, size):
    with pytest.raises(MalformedForm):
        read(body, size=size)


@pytest.mark.parametrize(
    "boundary", [b"", b"x" * (MAX_BOUNDARY + 1), b"x" * 5000, b"a\nb", b"a\rb"]
)
def test_m5_an_unusable_boundary_is_malformed(boundary):
    with pytest.raises(MalformedForm):
        PartReader(boundary)


@pytest.mark.parametrize("filler", [b"\r", b"\n", b"\r\n", b"--", b"\r\n--BOUN"])
def test_m6_repeated_half_boundaries_take_linear_time(filler):
    content = filler * (4_000_000 // len(filler))
    body = b"--BOUNDARY\r\n" + HEAD + b"\r\n" + content + b"\r\n--BOUNDARY--"
    began = thread_time()
    assert read(body, b"BOUNDARY") == [("a", None, content)]
    assert thread_time() - began < 2


def test_m8_a_long_preamble_and_epilogue_cost_little(in_cpu_seconds):
    body = b"p" * 1_000_000 + b"\r\n" + WHOLE + b"e" * 1_000_000
    assert len(in_cpu_seconds(0.5, read, body)) == 2


def test_the_body_is_read_to_its_end():
    chunks = cut(WHOLE + b"e" * 500, 10)
    list(PartReader(b"foo").read(chunks))
    assert list(chunks) == []


OLD = {"MultipartError": ValueError, "ParserLimitReached": ValueError, "PushMultipartParser": int}


@pytest.mark.parametrize("names", [{}, OLD])
def test_another_package_of_the_same_name_is_explained(names, monkeypatch):
    other = types.ModuleType("multipart")
    vars(other).update(names)
    monkeypatch.setitem(sys.modules, "multipart", other)
    path = Path(multipart.__file__)
    spec = importlib.util.spec_from_file_location("another_multipart", path)
    with pytest.raises(ImportError, match="python-multipart.*\n.*pip install 'multipart>=2.0'"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
