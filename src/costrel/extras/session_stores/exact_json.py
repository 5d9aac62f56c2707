"""JSON for what stays on the server: datetimes come back as they were, to the microsecond.

(A cookie's datetimes are HTTP dates, because Flask's are.)
"""

from datetime import date, datetime
from typing import Any, ClassVar

from costrel.parts.json_tags import JSONTag, TagDateTime, TaggedJSONSerializer


class TagExactDateTime(JSONTag):
    """Datetimes, with or without a zone."""

    __slots__ = ()
    key = " d"

    def check(self, value: Any) -> bool:
        """Whether it is a datetime."""
        return isinstance(value, datetime)

    def to_json(self, value: Any) -> Any:
        """Its ISO 8601 text."""
        return value.isoformat()

    def to_python(self, value: Any) -> Any:
        """The datetime."""
        return datetime.fromisoformat(value)


class TagDate(JSONTag):
    """Dates without a time."""

    __slots__ = ()
    key = " day"

    def check(self, value: Any) -> bool:
        """Whether it is a date."""
        return isinstance(value, date)

    def to_json(self, value: Any) -> Any:
        """Its ISO 8601 text."""
        return value.isoformat()

    def to_python(self, value: Any) -> Any:
        """The date."""
        return date.fromisoformat(value)


class ExactSerializer(TaggedJSONSerializer):
    """Writes and reads JSON with tags, datetimes exactly."""

    __slots__ = ()

    # A datetime is a date too: its tag is asked first.
    default_tags: ClassVar[list[type[JSONTag]]] = [
        *(tag for tag in TaggedJSONSerializer.default_tags if tag is not TagDateTime),
        TagExactDateTime,
        TagDate,
    ]
