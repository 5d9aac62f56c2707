"""Range, the part of a content a client wants, and Content-Range, the part a server sends.

Law: reading never raises and takes linear time; a stop is always exclusive, as in Python, and only
headers count the last byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from costrel.http.late_pattern import late_pattern

# A client that asks for more parts than this is not reading but overloading (CVE-2011-3192).
_MOST_RANGES = 100

# Only ASCII digits are digits, and 20 of them reach beyond any file.
_RANGE_OF_BYTES = late_pattern(
    r"[ \t]*+(?:([0-9]{1,30})[ \t]*+-[ \t]*+([0-9]{1,30})?|(-[0-9]{1,30}))[ \t]*+"
)
_CONTENT_RANGE = late_pattern(
    r"""
    \s*+ (\S++) [\ \t]++
    (?: \* | ([0-9]{1,30}) \s*+ - \s*+ ([0-9]{1,30}) ) \s*+
    / \s*+ (?: \* | ([0-9]{1,30}) ) \s*+
    """,
    re.VERBOSE,
)


class Range:
    """A Range header: which parts of a content are wanted.

    :param units: what is counted, "bytes" as a rule.
    :param ranges: pairs of a start and an exclusive stop. A stop of ``None`` means the end; then a
        negative start counts from there.
    :raises ValueError: for a pair that is empty or reversed.

    See RFC 9110 section 14.2.
    """

    def __init__(self, units: str, ranges: Sequence[tuple[int, int | None]]) -> None:
        for start, stop in ranges:
            # The types forbid a start of None, and callers pass it nevertheless.
            known = isinstance(start, int)
            if not known or (stop is not None and not 0 <= start < stop):
                raise ValueError(
                    f"({start}, {stop}) is not a valid range: the start comes before the stop, or"
                    " the stop is None."
                )
        self.units = units
        self.ranges = ranges

    def range_for_length(self, length: int | None) -> tuple[int, int] | None:
        """Return start and exclusive stop for a content of a length in bytes.

        ``None`` if the units are not bytes, there is not exactly one range, the length is not
        known, or the range lies outside.
        """
        if self.units != "bytes" or length is None or len(self.ranges) != 1:
            return None
        start, stop = self.ranges[0]
        if start < 0:
            # More than there is means all there is (RFC 9110 14.1.2).
            start = max(start + length, 0)
        stop = length if stop is None else min(stop, length)
        return (start, stop) if start < stop else None

    def make_content_range(self, length: int | None) -> ContentRange | None:
        """Return what to answer for a content of a length, or ``None`` if the range is not met."""
        found = self.range_for_length(length)
        return None if found is None else ContentRange(self.units, *found, length)

    def to_content_range_header(self, length: int | None) -> str | None:
        """Return the Content-Range header for a content of a length, or ``None``."""
        found = self.range_for_length(length)
        return None if found is None else f"{self.units} {found[0]}-{found[1] - 1}/{length}"

    def to_header(self) -> str:
        """Write the value of a Range header."""
        return f"{self.units}={','.join(_dump_range(*pair) for pair in self.ranges)}"

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self)!r}>"


def _dump_range(start: int, stop: int | None) -> str:
    if stop is not None:
        return f"{start}-{stop - 1}"
    return str(start) if start < 0 else f"{start}-"


def parse_range_header(value: str | None, make_inclusive: bool = True) -> Range | None:
    """Read a Range header; ``None`` where there is none or it is malformed.

    Ranges must ascend and not overlap, and there are at most 100 of them.

    :param make_inclusive: without effect, as ever; it is part of Werkzeug's signature.
    """
    if not value:
        return None
    units, equals, listed = value.partition("=")
    units = units.strip().lower()
    if not equals or not units or listed.count(",") >= _MOST_RANGES:
        return None
    ranges: list[tuple[int, int | None]] = []
    last_stop: int | None = 0
    for item in listed.split(","):
        pair = _parse_range(item)
        # After an open end nothing can follow; a count from the end fits behind anything else.
        if pair is None or last_stop is None or 0 <= pair[0] < last_stop:
            return None
        ranges.append(pair)
        last_stop = pair[1]
    return Range(units, ranges)


def _parse_range(item: str) -> tuple[int, int | None] | None:
    found = _RANGE_OF_BYTES.fullmatch(item)
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        # The last zero bytes are no range at all.
        return (int(suffix), None) if int(suffix) else None
    start = int(first)
    if last is None:
        return start, None
    stop = int(last) + 1
    return (start, stop) if start < stop else None


def is_byte_range_valid(start: int | None, stop: int | None, length: int | None) -> bool:
    """Whether these can stand in a Content-Range header; the stop is exclusive."""
    if start is None or stop is None:
        return start is stop and (length is None or length >= 0)
    return 0 <= start < stop and (length is None or start < length)


class ContentRange:
    """A Content-Range header: which part of a content this is.

    :param units: what is counted, "bytes" as a rule; ``None`` means there is no header.
    :param start: where the part starts; ``None``, with a stop of ``None``, for an unmet request.
    :param stop: where it stops, exclusive.
    :param length: the length of the whole content, ``None`` if that is not known.
    :param on_update: called with this object after each change.
    :raises ValueError: for a range that cannot be.

    See RFC 9110 section 14.4.
    """

    on_update: Callable[[ContentRange], object] | None = None

    def __init__(
        self,
        units: str | None,
        start: int | None,
        stop: int | None,
        length: int | None = None,
        on_update: Callable[[ContentRange], object] | None = None,
    ) -> None:
        self.set(start, stop, length, units)
        # Only now: making one is no change.
        self.on_update = on_update

    def set(
        self,
        start: int | None,
        stop: int | None,
        length: int | None = None,
        units: str | None = "bytes",
    ) -> None:
        """Set all four at once.

        :raises ValueError: for a range that cannot be.
        """
        if not is_byte_range_valid(start, stop, length):
            raise ValueError(
                f"Start {start}, stop {stop} and length {length} are no range: the start comes"
                " before the stop and within the length, or both are None."
            )
        self._units, self._start, self._stop, self._length = units, start, stop, length
        self._changed()

    def unset(self) -> None:
        """Empty it, which takes the header away."""
        self.set(None, None, units=None)

    @property
    def units(self) -> str | None:
        """What is counted; ``None`` means there is no header."""
        return self._units

    @units.setter
    def units(self, value: str | None) -> None:
        self._units = value
        self._changed()

    @property
    def start(self) -> int | None:
        """Where the part starts."""
        return self._start

    @start.setter
    def start(self, value: int | None) -> None:
        self._start = value
        self._changed()

    @property
    def stop(self) -> int | None:
        """Where the part stops, exclusive."""
        return self._stop

    @stop.setter
    def stop(self, value: int | None) -> None:
        self._stop = value
        self._changed()

    @property
    def length(self) -> int | None:
        """The length of the whole content."""
        return self._length

    @length.setter
    def length(self, value: int | None) -> None:
        self._length = value
        self._changed()

    def _changed(self) -> None:
        if self.on_update is not None:
            self.on_update(self)

    def to_header(self) -> str:
        """Write the value of a Content-Range header."""
        if self._units is None:
            return ""
        part = "*"
        if self._start is not None and self._stop is not None:
            part = f"{self._start}-{self._stop - 1}"
        return f"{self._units} {part}/{'*' if self._length is None else self._length}"

    def __bool__(self) -> bool:
        return self._units is not None

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self)!r}>"


def parse_content_range_header(
    value: str | None, on_update: Callable[[ContentRange], object] | None = None
) -> ContentRange | None:
    """Read a Content-Range header; ``None`` where there is none or it is malformed."""
    found = _CONTENT_RANGE.fullmatch(value) if value else None
    if found is None:
        return None
    units, first, last, whole = found.groups()
    start = None if first is None else int(first)
    stop = None if last is None else int(last) + 1
    length = None if whole is None else int(whole)
    if not is_byte_range_valid(start, stop, length):
        return None
    return ContentRange(units, start, stop, length, on_update)
