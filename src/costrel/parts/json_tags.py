"""JSON that keeps tuples, bytes, markup, UUIDs and datetimes: what a session cookie holds.

A value that JSON cannot tell from another is written as an object with one key, its tag.
Law: the text is Flask's, byte for byte. Cookies go from one to the other and back.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import datetime
from json import dumps as write_json
from json import loads as read_json
from typing import Any, ClassVar

from markupsafe import Markup

from costrel.http.dates import http_date, parse_date
from costrel.parts.json_provider import COMPACT, DefaultJSONProvider, is_of_loaded_class

# No tag of ours is for these, which are most of what sessions hold.
_PLAIN_TYPES = frozenset({str, int, float, bool, type(None)})


class JSONTag:
    """How one kind of value is written and read.

    :cvar key: marks the value; without one a tag only prepares what it checks.
    :param serializer: the serializer that the tag is registered on.
    """

    __slots__ = ("serializer",)

    key: str = ""

    def __init__(self, serializer: TaggedJSONSerializer) -> None:
        self.serializer = serializer

    def check(self, value: Any) -> bool:
        """Whether this tag is for the value."""
        raise NotImplementedError

    def to_json(self, value: Any) -> Any:
        """The value in words that JSON has."""
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:
        """The value again, from what ``to_json`` returned."""
        raise NotImplementedError

    def tag(self, value: Any) -> dict[str, Any]:
        """The value in JSON's words, with its mark."""
        return {self.key: self.to_json(value)}


class TagDict(JSONTag):
    """Dictionaries that look like a tagged value: their key is marked as meant."""

    __slots__ = ()
    key = " di"

    def check(self, value: Any) -> bool:
        """Whether it is a dictionary with one key, and that a tag."""
        return (
            isinstance(value, dict)
            and len(value) == 1
            and next(iter(value)) in self.serializer.tags
        )

    def to_json(self, value: Any) -> Any:
        """The dictionary with a longer key."""
        ((key, inner),) = value.items()
        return {f"{key}__": self.serializer.tag(inner)}

    def to_python(self, value: Any) -> Any:
        """The dictionary with its own key."""
        ((key, inner),) = value.items()
        return {key[:-2]: inner}


class PassDict(JSONTag):
    """Other dictionaries: only what is inside is tagged."""

    __slots__ = ()

    def check(self, value: Any) -> bool:
        """Whether it is a dictionary."""
        return isinstance(value, dict)

    def to_json(self, value: Any) -> Any:
        """The dictionary, its values tagged; JSON objects have text for keys."""
        tag = self.serializer.tag
        return {key: tag(inner) for key, inner in value.items()}

    tag = to_json


class TagTuple(JSONTag):
    """Tuples."""

    __slots__ = ()
    key = " t"

    def check(self, value: Any) -> bool:
        """Whether it is a tuple."""
        return isinstance(value, tuple)

    def to_json(self, value: Any) -> Any:
        """A list, its values tagged."""
        return [self.serializer.tag(inner) for inner in value]

    def to_python(self, value: Any) -> Any:
        """The tuple."""
        return tuple(value)


class PassList(JSONTag):
    """Lists: only what is inside is tagged."""

    __slots__ = ()

    def check(self, value: Any) -> bool:
        """Whether it is a list."""
        return isinstance(value, list)

    def to_json(self, value: Any) -> Any:
        """The list, its values tagged."""
        return [self.serializer.tag(inner) for inner in value]

    tag = to_json


class TagBytes(JSONTag):
    """Bytes, as base64."""

    __slots__ = ()
    key = " b"

    def check(self, value: Any) -> bool:
        """Whether it is bytes."""
        return isinstance(value, bytes)

    def to_json(self, value: Any) -> Any:
        """The bytes in base64."""
        return b64encode(value).decode("ascii")

    def to_python(self, value: Any) -> Any:
        """The bytes."""
        return b64decode(value)


class TagMarkup(JSONTag):
    """What has ``__html__``; it comes back as ``Markup``."""

    __slots__ = ()
    key = " m"

    def check(self, value: Any) -> bool:
        """Whether it can say itself in HTML."""
        return callable(getattr(value, "__html__", None))

    def to_json(self, value: Any) -> Any:
        """Its HTML."""
        return str(value.__html__())

    def to_python(self, value: Any) -> Any:
        """Its HTML, as markup."""
        return Markup(value)  # noqa: S704  # it was markup when it was signed


class TagUUID(JSONTag):
    """UUIDs, as 32 hexadecimal digits."""

    __slots__ = ()
    key = " u"

    def check(self, value: Any) -> bool:
        """Whether it is a UUID."""
        return is_of_loaded_class(value, "uuid", "UUID")

    def to_json(self, value: Any) -> Any:
        """Its digits."""
        return value.hex

    def to_python(self, value: Any) -> Any:
        """The UUID."""
        from uuid import UUID  # noqa: PLC0415  # 6 ms that sessions without UUIDs need not pay

        return UUID(value)


class TagDateTime(JSONTag):
    """Datetimes, as HTTP dates: to the second, in UTC."""

    __slots__ = ()
    key = " d"

    def check(self, value: Any) -> bool:
        """Whether it is a datetime."""
        return isinstance(value, datetime)

    def to_json(self, value: Any) -> Any:
        """Its HTTP date."""
        return http_date(value)

    def to_python(self, value: Any) -> Any:
        """The datetime, in UTC."""
        return parse_date(value)


class TaggedJSONSerializer:
    """Write and read JSON with tags.

    The tags are asked in order; the first whose ``check`` says yes writes the value.
    """

    __slots__ = ("_plain", "order", "tags")

    default_tags: ClassVar[list[type[JSONTag]]] = [
        TagDict,
        PassDict,
        TagTuple,
        PassList,
        TagBytes,
        TagMarkup,
        TagUUID,
        TagDateTime,
    ]

    def __init__(self) -> None:
        self.tags: dict[str, JSONTag] = {}
        self.order: list[JSONTag] = []
        self._plain = _PLAIN_TYPES
        for tag_class in self.default_tags:
            self.register(tag_class)

    def register(
        self, tag_class: type[JSONTag], force: bool = False, index: int | None = None
    ) -> None:
        """Add a tag.

        :param force: replace a tag that has the same key.
        :param index: its place in the order; the last if ``None``.
        :raises KeyError: if the key is taken and ``force`` is not set.
        """
        tag = tag_class(self)
        if tag.key:
            if tag.key in self.tags and not force:
                raise KeyError(f"The tag {tag.key!r} is registered. Pass force=True to replace it.")
            self.tags[tag.key] = tag
        if index is None:
            self.order.append(tag)
        else:
            self.order.insert(index, tag)
        if tag_class not in TaggedJSONSerializer.default_tags:
            # A tag that we do not know may be for any value.
            self._plain = frozenset()

    def tag(self, value: Any) -> Any:
        """The value in JSON's words, tagged where needed."""
        # PERF: asking all eight tags about an int takes 0.5 µs, and a usual session is a
        # dictionary of such values. With a tag that we do not know, `plain` is empty.
        plain = self._plain
        kind = type(value)
        if kind in plain:
            return value
        if kind is dict and plain and not (len(value) == 1 and next(iter(value)) in self.tags):
            for inner in value.values():
                if type(inner) not in plain:
                    return {
                        key: inner if type(inner) in plain else self.tag(inner)
                        for key, inner in value.items()
                    }
            return value
        for tag in self.order:
            if tag.check(value):
                return tag.tag(value)
        return value

    def untag(self, value: dict[str, Any]) -> Any:
        """The value that a tagged object stands for; any other object as it is."""
        if len(value) != 1:
            return value
        ((key, inner),) = value.items()
        tag = self.tags.get(key)
        return value if tag is None else tag.to_python(inner)

    def _untag_scan(self, value: Any) -> Any:
        """The value with everything in it untagged, from the inside out."""
        if isinstance(value, dict):
            for key, inner in value.items():
                if type(inner) not in _PLAIN_TYPES:
                    value[key] = self._untag_scan(inner)
            return self.untag(value)
        if isinstance(value, list):
            return [self._untag_scan(inner) for inner in value]
        return value

    def dumps(self, value: Any) -> str:
        """Write a value as compact JSON with tags."""
        return write_json(self.tag(value), default=DefaultJSONProvider.default, separators=COMPACT)

    def loads(self, value: str) -> Any:
        """Read a value that ``dumps`` wrote."""
        return self._untag_scan(read_json(value))


# What session cookies are written with, unless an app's session interface has another.
session_json_serializer = TaggedJSONSerializer()


class ProviderSerializer:
    """A tagged serializer that spells with an app's JSON provider.

    :param tagged: knows the tags.
    :param provider: anything with ``dumps`` and ``loads``, usually ``app.json``.
    """

    __slots__ = ("provider", "tagged", "write")

    def __init__(self, tagged: TaggedJSONSerializer, provider: Any) -> None:
        self.tagged = tagged
        self.provider = provider
        self.write = getattr(provider, "dumps_compact", self._write)

    def dumps(self, value: Any) -> str:
        """Write a value as compact JSON with tags, sorted or not as the provider does it."""
        text: str = self.write(self.tagged.tag(value))
        return text

    def _write(self, value: Any) -> str:
        """Write compact JSON with a provider that has no word for it."""
        text: str = self.provider.dumps(value, separators=COMPACT)
        return text

    def loads(self, value: str) -> Any:
        """Read a value that ``dumps`` wrote."""
        return self.tagged._untag_scan(self.provider.loads(value))
