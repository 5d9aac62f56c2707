"""HTTP dates and ages to datetimes and back.

Law: reading never raises; a date that is none, or lies outside of the calendar, is None.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from time import struct_time, time

from costrel.http.late_pattern import late_pattern

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBERS = {name.lower(): number for number, name in enumerate(_MONTHS, 1)}

# Zones of RFC 5322 4.3 in hours; every other name means UTC there.
_ZONES = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
_MAX_OFFSET = timedelta(hours=14)  # no place on earth is further from UTC
_MAX_LENGTH = 64

_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2}))?"
_ZONE = r"(?: (?:(?P<zone>[a-z]{1,5})|(?P<sign>[+-])(?P<hours>[0-9]{2})(?P<minutes>[0-9]{2})))?"
# A first word with a comma is the weekday, whatever it says: some write `Expires=Sun, …`.
_WEEKDAY = r"(?:[a-z]{3,9}(?:, ?| )|[a-z=]{3,20}, )?"
_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"
# `Sun, 06 Nov 1994 08:49:37 GMT`, with or without weekday, zone and seconds, also with hyphens.
_DAY_FIRST = late_pattern(
    rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})[ -](?P<month>[a-z]{{3}})[a-z]{{0,6}}[ -]{_YEAR}"
    rf" {_TIME}{_ZONE}",
    re.IGNORECASE | re.ASCII,
)
# `Sun Nov 6 08:49:37 1994`
_MONTH_FIRST = late_pattern(
    rf"{_WEEKDAY}(?P<month>[a-z]{{3}}) (?P<day>[0-9]{{1,2}}) {_TIME} {_YEAR}{_ZONE}",
    re.IGNORECASE | re.ASCII,
)
_SECONDS = late_pattern(r"[0-9]{1,14}")


def parse_date(value: str | None) -> datetime | None:
    """Read a date in any of the three forms of RFC 9110 5.6.7, or as in mail; None if it is none.

    The result has a zone: the one it was written with, UTC if there was none.
    """
    if not value or len(value) > _MAX_LENGTH:
        return None
    # Old browsers put `; length=…` behind.
    text = " ".join(value.partition(";")[0].split())
    match = _DAY_FIRST.fullmatch(text) or _MONTH_FIRST.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    try:
        parsed = datetime(
            _full_year(parts["year"]),
            _MONTH_NUMBERS[parts["month"].lower()],
            int(parts["day"]),
            int(parts["hour"]),
            int(parts["minute"]),
            int(parts["second"] or 0),
            tzinfo=_read_zone(parts),
        )
        # Year 1 and year 9999 have dates that are outside of the calendar in UTC.
        parsed.astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None
    return parsed


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    # POSIX: 69 to 99 are of the last century.
    return year + (1900 if year >= 69 else 2000)


def _read_zone(parts: dict[str, str | None]) -> timezone:
    """The zone of a date; ValueError if it is nowhere on earth."""
    if parts["sign"]:
        offset = timedelta(hours=int(parts["hours"] or 0), minutes=int(parts["minutes"] or 0))
        if offset > _MAX_OFFSET:
            raise ValueError("A zone is at most 14 hours from UTC.")
        if parts["sign"] == "-":
            offset = -offset
    else:
        offset = timedelta(hours=_ZONES.get((parts["zone"] or "").lower(), 0))
    return timezone(offset) if offset else UTC


def http_date(
    timestamp: datetime | date | float | struct_time | None = None,
) -> str:
    """Write a date as RFC 9110 5.6.7 wants it: `Sun, 06 Nov 1994 08:49:37 GMT`.

    A datetime without a zone and a `struct_time` are taken as UTC, a number as seconds since
    1970, None as now.
    """
    moment = _as_utc(time() if timestamp is None else timestamp)
    return (
        f"{_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} "
        f"{moment.year:04d} {moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} GMT"
    )


def _as_utc(timestamp: datetime | date | float | struct_time) -> datetime:
    if isinstance(timestamp, datetime):
        return timestamp.replace(tzinfo=UTC) if not timestamp.tzinfo else timestamp.astimezone(UTC)
    if isinstance(timestamp, date):
        return datetime(timestamp.year, timestamp.month, timestamp.day, tzinfo=UTC)
    if isinstance(timestamp, struct_time):
        return datetime(*timestamp[:6], tzinfo=UTC)
    return datetime.fromtimestamp(timestamp, UTC)


def parse_age(value: str | None = None) -> timedelta | None:
    """Read a number of seconds; None if it is none. RFC 9111 5.1."""
    digits = value.strip(" \t") if value else ""
    if not _SECONDS.fullmatch(digits):
        return None
    try:
        return timedelta(seconds=int(digits))
    except OverflowError:
        return None


def dump_age(age: timedelta | float | str | None = None) -> str | None:
    """Write a duration, or a number of seconds, as whole seconds; ValueError if it is negative."""
    if age is None:
        return None
    seconds = int(age.total_seconds() if isinstance(age, timedelta) else age)
    if seconds < 0:
        raise ValueError(f"An age must not be negative, but this is {seconds} seconds.")
    return str(seconds)
