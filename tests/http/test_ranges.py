import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.ranges import (
    ContentRange,
    Range,
    is_byte_range_valid,
    parse_content_range_header,
    parse_range_header,
)


@pytest.mark.parametrize(
    ("header", "units", "ranges", "text"),
    [
        ("bytes=52-", "bytes", [(52, None)], "bytes=52-"),
        ("bytes=52-99", "bytes", [(52, 100)], "bytes=52-99"),
        ("bytes=0-0", "bytes", [(0, 1)], "bytes=0-0"),
        ("bytes=-5 ", "bytes", [(-5, None)], "bytes=-5"),
        ("bytes=52-99,-1000", "bytes", [(52, 100), (-1000, None)], "bytes=52-99,-1000"),
        ("bytes=1-2, 3-4", "bytes", [(1, 3), (3, 5)], "bytes=1-2,3-4"),
        ("bytes = 1 - 100", "bytes", [(1, 101)], "bytes=1-100"),
        ("AWesomes=0-999", "awesomes", [(0, 1000)], "awesomes=0-999"),
        ("bytes=0-" + "9" * 20, "bytes", [(0, 10**20)], "bytes=0-" + "9" * 20),
    ],
)
def test_a_range_is_read_and_written(header, units, ranges, text):
    found = parse_range_header(header)
    assert (found.units, found.ranges) == (units, ranges)
    assert found.to_header() == str(found) == text
    assert repr(found) == f"<Range {text!r}>"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=52",
        "=1-2",
        " =1-2",
        "bytes=-",
        "bytes=bad",
        "bytes=bad-1",
        "bytes=-bad",
        "bytes=52-99, bad",
        "bytes=-0",
        "bytes=--5",
        "bytes=5-2",
        "bytes=- 5",
        "bytes=+1-2",
        "bytes=1-+2",
        "bytes=1_0-20",
        "bytes=0x1-2",
        "bytes=１-２",
        "bytes=٥-",
        "bytes=🯱🯲🯳-",
        "bytes=0-1=2",
        "bytes=1-2-3",
        "bytes=1-\n2",
        "bytes=1-2,",
        "bytes=1-2,,3-4",
        "bytes=3-4,1-2",
        "bytes=1-5,3-9",
        "bytes=0-1,0-1",
        "bytes=-5,1-2",
        "bytes=-5,-3",
        "bytes=5-,7-",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_a_malformed_range_is_none_n2_n3(header):
    assert parse_range_header(header) is None


def test_at_most_100_ranges_are_read_n1():
    header = "bytes=" + ",".join(f"{n * 2}-{n * 2}" for n in range(100))
    assert len(parse_range_header(header).ranges) == 100
    assert parse_range_header(header + ",900-900") is None


@pytest.mark.parametrize("unit", ["0-0,", ",", "-", " ", "1", "1-", "\t-1", "=", "bytes=0-1"])
def test_64_kb_of_ranges_are_read_in_linear_time_n1(unit, in_cpu_seconds):
    header = (unit * 65536)[:65536]
    assert in_cpu_seconds(0.1, parse_range_header, header) is None
    assert in_cpu_seconds(0.1, parse_range_header, "bytes=" + header) is None
    assert in_cpu_seconds(0.1, parse_content_range_header, "bytes " + header) is None
    assert in_cpu_seconds(0.1, parse_content_range_header, header) is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30), st.text(alphabet="0123456789-, \t*/", max_size=20))
def test_reading_never_raises(noise, digits):
    for header in noise, f"bytes={noise}", f"bytes={digits}":
        found = parse_range_header(header)
        assert found is None or parse_range_header(str(found)).ranges == found.ranges
    for header in noise, f"bytes {noise}", f"bytes {digits}":
        found = parse_content_range_header(header)
        assert found is None or str(parse_content_range_header(str(found))) == str(found)


@pytest.mark.parametrize("ranges", [[(0, 1), (-5, None)], [(5, None)], ((0, 1),), [(1, 2), (3, 4)]])
def test_a_range_comes_back_as_it_was(ranges):
    assert parse_range_header(Range("byes", ranges).to_header()).ranges == list(ranges)


@pytest.mark.parametrize("pair", [(0, 0), (None, 1), (None, None), (1, 0), (-5, 10), (-5, -3)])
def test_an_impossible_range_is_refused(pair):
    with pytest.raises(ValueError, match="is not a valid range"):
        Range("bytes", [(0, 1), pair])


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ((0, 5), (0, 5)),
        ((0, 10), (0, 10)),
        ((0, 100), (0, 10)),
        ((0, None), (0, 10)),
        ((9, None), (9, 10)),
        ((5, 7), (5, 7)),
        ((-5, None), (5, 10)),
        ((-10, None), (0, 10)),
        ((-50, None), (0, 10)),
        ((10, None), None),
        ((20, 30), None),
        ((10**20, None), None),
    ],
)
def test_a_range_is_cut_to_the_length(pair, expected):
    wanted = Range("bytes", [pair])
    assert wanted.range_for_length(10) == expected
    answer = wanted.make_content_range(10)
    if expected is None:
        assert answer is wanted.to_content_range_header(10) is None
    else:
        assert (answer.units, answer.start, answer.stop, answer.length) == ("bytes", *expected, 10)
        assert wanted.to_content_range_header(10) == str(answer)


def test_a_range_is_not_met_where_it_makes_no_sense():
    assert Range("bytes", [(0, 1)]).range_for_length(None) is None
    assert Range("bytes", [(0, 1)]).range_for_length(0) is None
    assert Range("bytes", [(-1, None)]).range_for_length(0) is None
    assert Range("bytes", [(0, 1), (2, 3)]).range_for_length(10) is None
    assert Range("items", [(0, 1)]).range_for_length(10) is None
    assert Range("items", [(0, 1)]).make_content_range(10) is None


@pytest.mark.parametrize(
    ("header", "expected", "text"),
    [
        ("bytes 0-98/*", ("bytes", 0, 99, None), "bytes 0-98/*"),
        ("bytes 0-99/100", ("bytes", 0, 100, 100), "bytes 0-99/100"),
        (" items  0 - 1 / 2 ", ("items", 0, 2, 2), "items 0-1/2"),
        ("bytes */100", ("bytes", None, None, 100), "bytes */100"),
        ("bytes */*", ("bytes", None, None, None), "bytes */*"),
    ],
)
def test_a_content_range_is_read_and_written(header, expected, text):
    found = parse_content_range_header(header)
    assert (found.units, found.start, found.stop, found.length) == expected
    assert found.to_header() == str(found) == text
    assert repr(found) == f"<ContentRange {text!r}>"
    assert found


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes 0-1",
        "bytes 0/1",
        "bytes 0-98/*asdfsa",
        "bytes */-1",
        "bytes 1-0/5",
        "bytes 5-5/5",
        "bytes 0-0/0",
        "bytes -1/2",
        "bytes 0-/2",
        "bytes 0-1/",
        "bytes 0-1/2/3",
        "bytes=0-1/2",
        "bytes x-1/3",
        "bytes */🯱🯲🯳",
        "bytes 1-+2/3",
        "bytes 1_23-125/*",
        "bytes ٠-١/٢",
    ],
)
def test_a_malformed_content_range_is_none(header):
    assert parse_content_range_header(header) is None


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((None, None, None), True),
        ((None, None, 5), True),
        ((None, None, -1), False),
        ((None, 5, 10), False),
        ((5, None, 10), False),
        ((0, 5, None), True),
        ((0, 5, 5), True),
        ((5, 2, None), False),
        ((5, 5, None), False),
        ((-1, 4, 10), False),
        ((5, 6, 5), False),
    ],
)
def test_a_content_range_must_be_possible(parts, expected):
    assert is_byte_range_valid(*parts) is expected
    if not expected:
        with pytest.raises(ValueError, match="are no range"):
            ContentRange("bytes", *parts)


def test_each_change_of_a_content_range_is_told():
    told = []
    part = ContentRange(None, None, None, on_update=lambda changed: told.append(str(changed)))
    assert not part
    assert (str(part), told) == ("", [])
    part.set(0, 5, 10)
    part.start = 2
    part.stop = 4
    part.length = None
    part.units = "items"
    with pytest.raises(ValueError):
        part.set(9, 3)
    part.unset()
    assert told == [
        "bytes 0-4/10",
        "bytes 2-4/10",
        "bytes 2-3/10",
        "bytes 2-3/*",
        "items 2-3/*",
        "",
    ]


def test_what_was_read_tells_its_changes_too():
    told = []
    part = parse_content_range_header("bytes 0-1/2", told.append)
    part.length = 5
    assert told == [part]
