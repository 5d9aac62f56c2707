"""Tests of HTTP dates and ages."""

from datetime import UTC, date, datetime, timedelta, timezone
from time import gmtime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.dates import dump_age, http_date, parse_age, parse_date

NOON = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "  Sun,06 November 1994 08:49:37  ",
        "6 nov 1994 8:49:37 utc",
        "Sun, 06 Nov 1994 09:49:37 +0100",
        "Sun, 06 Nov 1994 03:49:37 EST",
        "Sun, 06 Nov 1994 08:49:37 XYZ",
        "Sun, 06 Nov 1994 08:49:37 GMT; length=17",
    ],
)
def test_the_three_forms_and_their_variants_are_read(text):
    assert parse_date(text) == NOON


def test_a_date_keeps_the_zone_it_was_written_with():
    parsed = parse_date("Sun, 06 Nov 1994 03:19:37 -0530")
    assert parsed == NOON
    assert parsed.utcoffset() == -timedelta(hours=5, minutes=30)


@pytest.mark.parametrize(
    ("digits", "year"), [("69", 1969), ("99", 1999), ("00", 2000), ("68", 2068), ("0001", 1)]
)
def test_years_of_two_digits_are_near_ours(digits, year):
    assert parse_date(f"Mon, 01 Jan {digits} 00:00:00 GMT").year == year


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "foo",
        "Thu, 33 Jan 1970 00:00:00 GMT",
        "Thu, 01 Foo 1970 00:00:00 GMT",
        "Thu, 01 Jan 1970 24:00:00 GMT",
        "Thu, 01 Jan 1970 00:60:00 GMT",
        "Thu, 01 Jan 1970 00:00:61 GMT",
        "Thu, ٠١ Jan 1970 00:00:00 GMT",
        "Thu, 01 Jan 1970 1_0:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT" + " " * 10_000,
        "Thu, 01 Jan 1970 00:00:00 GMT and more",
    ],
)
def test_what_is_no_date_is_none(text):
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 01 Jan 99999 00:00:00 GMT",
        "Mon, 01 Jan 9999999999 00:00:00 GMT",
        "Mon, 01 Jan 0000 00:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +0100",
        "Fri, 31 Dec 9999 23:59:59 -0100",
        "Mon, 01 Jan 2000 00:00:00 +2359",
        "Mon, 01 Jan 2000 00:00:00 -2359",
        "Mon, 01 Jan 2000 00:00:00 +9999",
        "Mon, 01 Jan 2000 00:00:00 +1401",
    ],
)
def test_a2_dates_outside_of_the_calendar_and_the_earth_are_none(text):
    assert parse_date(text) is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=70))
def test_reading_a_date_never_raises(text):
    parse_date(text)
    parse_age(text)


@settings(max_examples=60, deadline=None)
@given(st.datetimes(timezones=st.just(UTC)))
def test_reading_takes_back_writing(moment):
    assert parse_date(http_date(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        (1.9, "Thu, 01 Jan 1970 00:00:01 GMT"),
        (gmtime(0), "Thu, 01 Jan 1970 00:00:00 GMT"),
        (date(2020, 1, 1), "Wed, 01 Jan 2020 00:00:00 GMT"),
        (datetime(1, 1, 1), "Mon, 01 Jan 0001 00:00:00 GMT"),
        (NOON.astimezone(timezone(-timedelta(hours=8))), "Sun, 06 Nov 1994 08:49:37 GMT"),
    ],
)
def test_every_kind_of_moment_is_written(moment, text):
    assert http_date(moment) == text


def test_no_moment_is_now():
    assert abs(parse_date(http_date()).timestamp() - time()) < 5


@pytest.mark.parametrize(("text", "seconds"), [("5", 5), (" 5 ", 5), ("0", 0), (str(10**9), 10**9)])
def test_an_age_is_a_number_of_seconds(text, seconds):
    assert parse_age(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", [None, "", "x", "-5", "+5", "1_0", "1.5", "٣", "9" * 14, "9" * 5000]
)
def test_what_is_no_age_is_none(text):
    assert parse_age(text) is None


def test_ages_are_written_in_whole_seconds():
    assert dump_age(None) is None
    assert dump_age(timedelta(days=1, microseconds=7)) == "86400"
    assert dump_age(3.7) == "3"
    assert dump_age("7") == "7"


def test_a_negative_age_is_refused():
    with pytest.raises(ValueError, match="negative"):
        dump_age(-5)
