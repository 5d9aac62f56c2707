"""N and B8: ranges and preconditions."""

import io

import pytest

from costrel import Flask, Response, send_file
from costrel.http.etags import parse_etags, parse_if_range_header
from costrel.http.ranges import parse_content_range_header, parse_range_header

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def app(tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.bin").write_bytes(CONTENT)
    app = Flask(__name__, root_path=str(tmp_path))
    app.get("/memory", endpoint="memory")(lambda: send_file(io.BytesIO(CONTENT), "a/b", etag="x"))
    app.get("/stream", endpoint="stream")(lambda: Response(iter([b"abc", b"def"])))
    app.get("/gone", endpoint="gone")(lambda: ("gone", 404))
    return app


PLACES = ["/static/a.bin", "/memory"]


@pytest.mark.parametrize("count", [10, 100, 101, 1000])
@pytest.mark.parametrize("item", ["0-", "0-1000", "{0}-{0}", "-1", "{0}-", "0-0"])
@pytest.mark.parametrize("place", PLACES)
def test_n1_many_ranges_never_answer_more_than_the_file(app, send, count, item, place):
    ranges = "bytes=" + ",".join(item.format(2 * number) for number in range(count))
    answer = send(app, target=place, headers={"Range": ranges})
    assert answer.status in {200, 206, 416}
    assert len(answer.body) <= len(CONTENT) + 4096


def test_n1_more_than_a_hundred_ranges_are_none():
    def header(count):
        return "bytes=" + ",".join(f"{2 * number}-{2 * number}" for number in range(count))

    assert len(parse_range_header(header(100)).ranges) == 100
    assert parse_range_header(header(101)) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda n: "bytes=" + "0-," * (n // 3),
        lambda n: "bytes=" + "," * n,
        lambda n: "bytes=" + "9" * n + "-",
        lambda n: "bytes=-" + "9" * n,
        lambda n: "bytes=" + "-" * n,
        lambda n: "bytes=" + " " * n + "0-1",
        lambda n: "=" * n,
        lambda n: "b" * n,
    ],
)
def test_n1_ranges_take_linear_time(grows_linearly, make):
    grows_linearly(parse_range_header, make, 16_000)
    grows_linearly(parse_content_range_header, lambda n: make(n).replace("=", " ", 1), 16_000)


ODD = [
    *(
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=--1",
        "bytes=a-b",
        "bytes=1",
        "bytes=0-1;",
        "=0-1",
    ),
    *(
        "items=0-1",
        "BYTES=0-1",
        "bytes = 0-1",
        "bytes=0 - 1",
        "bytes=0-1,",
        "bytes=,0-1",
        "bytes:0-1",
    ),
    *(
        "bytes=0-1,0-1",
        "bytes=0x0-1",
        "bytes=1_0-",
        "bytes=+1-2",
        "bytes=1.0-2",
        "bytes=\xff",
        "\0",
    ),
    *("bytes=0-0,-1", "none", "bytes=0-\r\n1", " bytes=0-1"),
]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("place", PLACES)
def test_n2_odd_ranges_get_the_whole_a_part_or_416(app, send, value, place):
    assert len(ODD) >= 22
    answer = send(app, target=place, headers={"Range": value})
    assert answer.status in {200, 206, 416}
    if answer.status == 200:
        assert answer.body == CONTENT
    if answer.status == 416:
        assert answer.header("Content-Range") in {f"bytes */{len(CONTENT)}", None}


@pytest.mark.parametrize(
    "value",
    [
        "-0",
        "5-2",
        "9" * 20 + "-",
        "9" * 5000 + "-",
        "1024-",
        "\u0661-",
        "\xb2-\xb3",
        "-\xb2",
        "0--1",
    ],
)
@pytest.mark.parametrize("place", PLACES)
def test_n3_ranges_that_cannot_be_met_are_416_or_ignored(app, send, value, place):
    answer = send(app, target=place, headers={"Range": f"bytes={value}"})
    assert answer.status in {200, 416}


@pytest.mark.parametrize("value", ["-" + "9" * 20, "0-" + "9" * 20, "0-1023", "0-", "-1024"])
@pytest.mark.parametrize("place", PLACES)
def test_n3_more_than_there_is_means_all_there_is(app, send, value, place):
    answer = send(app, target=place, headers={"Range": f"bytes={value}"})
    assert (answer.status, answer.body) == (206, CONTENT)


def test_n4_a_range_is_for_get_and_for_what_is_found(app, send):
    asked = {"Range": "bytes=0-1"}
    head = send(app, "HEAD", "/static/a.bin", asked)
    assert (head.status, head.body) == (200, b"")
    assert head.header("Content-Length") == str(len(CONTENT))
    assert send(app, target="/stream", headers=asked).body == b"abcdef"
    assert send(app, target="/gone", headers=asked).status == 404
    part = send(app, target="/static/a.bin", headers=asked)
    assert (part.status, part.body) == (206, CONTENT[:2])
    assert part.header("Content-Range") == f"bytes 0-1/{len(CONTENT)}"


@pytest.mark.parametrize("place", PLACES)
def test_n4_a_range_of_another_state_is_answered_in_full(app, send, place):
    etag = send(app, target=place).header("ETag")
    for if_range, status in (
        (etag, 206),
        ('"other"', 200),
        ("Mon, 01 Jan 1990 00:00:00 GMT", 200),
        ("Mon, 01 Jan 9999999999 00:00:00 GMT", 200),
        ('"', 200),
        ("\xff", 200),
    ):
        answer = send(app, target=place, headers={"Range": "bytes=0-1", "If-Range": if_range})
        assert answer.status == status, if_range


@pytest.mark.parametrize("place", PLACES)
def test_n5_if_match_of_anything_is_met_by_what_is_there(app, send, place):
    assert send(app, target=place, headers={"If-Match": "*"}).status == 200
    both = {"If-Match": "*", "If-None-Match": "*"}
    assert send(app, target=place, headers=both).status == 304
    assert send(app, target=place, headers={"If-None-Match": "*"}).status == 304
    assert send(app, target=place, headers={"If-Match": '"other"'}).status == 412


test_b8_if_match_of_anything_is_200 = test_n5_if_match_of_anything_is_met_by_what_is_there


@pytest.mark.parametrize(
    "value",
    [
        '"' * 9,
        '"a',
        'W/"a',
        "W/",
        '\\"',
        "," * 50,
        'a,"b",W/"c"',
        "\xff",
        "\0",
        '"a\\"b"',
        "*,*",
        "* ",
    ],
)
@pytest.mark.parametrize("name", ["If-Match", "If-None-Match", "If-Range"])
def test_n6_odd_tags_never_raise(app, send, name, value):
    tags = parse_etags(value)
    assert isinstance(tags.to_header(), str)
    assert isinstance(str(parse_if_range_header(value)), str)
    for place in PLACES:
        assert send(app, target=place, headers={name: value}).status in {200, 304, 412}


@pytest.mark.parametrize(
    "make",
    [
        lambda n: '"a",' * (n // 4),
        lambda n: 'W/"a",' * (n // 6),
        lambda n: '"' * n,
        lambda n: '"' + "\\" * n,
        lambda n: "," * n,
        lambda n: "a " * (n // 2),
        lambda n: '"a' * (n // 2),
        lambda n: "W/" * (n // 2),
        lambda n: " " * n,
        lambda n: "a" * n,
    ],
)
def test_n6_tags_take_linear_time(grows_linearly, make):
    grows_linearly(parse_etags, make, 16_000)
    grows_linearly(parse_if_range_header, make, 16_000)
