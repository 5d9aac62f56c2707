"""Accept, Accept-Language, Accept-Charset, Accept-Encoding: what a client can take, and how gladly.

Law: reading never raises and takes linear time; an entry that cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from encodings.aliases import aliases
from functools import lru_cache, partial
from typing import Any, SupportsIndex, TypeVar, cast, overload

from costrel.http.header_values import (
    dump_options_header,
    parse_list_header,
    parse_options_header,
)
from costrel.http.immutable import ImmutableList
from costrel.http.late_pattern import late_pattern

Found = TypeVar("Found", bound="Accept")

# RFC 9110 12.4.2 allows three decimals; more are harmless, thousands are not.
_QUALITY = r"([0-9]{1,9}(?:\.[0-9]{1,18})?)"
_QUALITY_NUMBER = late_pattern(_QUALITY)
_ONLY_QUALITY = late_pattern(rf"[ \t]*+[qQ]={_QUALITY}[ \t]*+")

_TYPE_MARKS = late_pattern(r"/|\s*+;\s*+")
_LANGUAGE_MARKS = late_pattern(r"[_-]")
_NOT_IN_CODEC_NAMES = late_pattern(r"[^a-z0-9]+")

# Nobody likes more things than this; it bounds what a look-up costs.
_MOST_ENTRIES = 500

# Headers up to this length are remembered, so that nobody fills the memory with long ones.
_LONGEST_REMEMBERED = 512


class Accept(ImmutableList[tuple[str, float]]):
    """What a client accepts: pairs of a value and its quality from 0 to 1, which cannot be changed.

    The most specific come first, then those of the highest quality. Looking something up gives the
    first entry that covers it, ``*`` covering everything. See RFC 9110 section 12.5.

    :param values: the pairs in any order; another Accept is taken as it is.
    """

    _readings: list[Any] | None = None

    def __init__(self, values: Iterable[tuple[str, float]] | None = ()) -> None:
        if values is None or isinstance(values, Accept):
            super().__init__(values or ())
        else:
            rank = self._specificity
            # A stable sort, so that the client's order decides between equals.
            super().__init__(sorted(values, key=lambda v: (rank(v[0]), v[1]), reverse=True))

    def _specificity(self, value: str) -> tuple[bool, ...]:
        """Return what ranks a specific value above a general one."""
        return (value != "*",)

    def _read(self, value: str) -> Any:
        """Bring a value into the form in which values are compared."""
        return value.lower()

    def _check(self, wanted: Any, value: str) -> None:
        """Refuse a value that no client could ask for."""

    def _covers(self, entry: Any, wanted: Any) -> bool:
        """Whether an entry stands for a wanted value, both as they were read."""
        return entry in {"*", wanted}

    def _find(self, value: str) -> int | None:
        """Return the position of the first entry that covers a value."""
        if self._readings is None:
            # PERF: entries are read once, not for each value that is compared with them.
            self._readings = [self._read(entry) for entry in self.values()]
        wanted = self._read(value)
        if self._readings:
            self._check(wanted, value)
        covers = self._covers
        for position, entry in enumerate(self._readings):
            if covers(entry, wanted):
                return position
        return None

    @overload
    def __getitem__(self, key: str) -> float: ...

    @overload
    def __getitem__(self, key: SupportsIndex) -> tuple[str, float]: ...

    @overload
    def __getitem__(self, key: slice) -> list[tuple[str, float]]: ...

    def __getitem__(self, key: str | SupportsIndex | slice) -> Any:
        """Return the quality of a value, or the pair at a position."""
        return self.quality(key) if isinstance(key, str) else super().__getitem__(key)

    def quality(self, key: str) -> float:
        """Return how gladly a value is taken; 0 if not at all."""
        position = self._find(key)
        return 0 if position is None else super().__getitem__(position)[1]

    def __contains__(self, value: object) -> bool:
        """Whether an entry covers a value, also one that forbids it with quality 0."""
        if isinstance(value, str):
            return self._find(value) is not None
        return super().__contains__(value)

    def index(self, key: str | tuple[str, float]) -> int:  # type: ignore[override]  # no slices here
        """Return the position of the entry that covers a value, or of a pair.

        :raises ValueError: if there is none.
        """
        if not isinstance(key, str):
            return super().index(key)
        position = self._find(key)
        if position is None:
            raise ValueError(f"{key!r} is not covered by {self.to_header()!r}.")
        return position

    def find(self, key: str | tuple[str, float]) -> int:
        """Return the position of the entry that covers a value, or of a pair; -1 if none does."""
        try:
            return self.index(key)
        except ValueError:
            return -1

    def values(self) -> Iterator[str]:
        """Iterate over the values without their quality."""
        return (value for value, _ in self)

    @property
    def best(self) -> str | None:
        """The first value, or ``None`` if there is none."""
        return super().__getitem__(0)[0] if self else None

    def best_match(self, matches: Iterable[str], default: str | None = None) -> str | None:
        """Choose what the client likes best among what there is.

        Between equals the more specific entry decides, then the order of `matches`.

        :param matches: what there is, the dearest first.
        :param default: what to return where nothing is acceptable.
        """
        best = default
        rank: tuple[float, tuple[bool, ...]] = (0, ())
        for value in matches:
            position = self._find(value)
            if position is None:
                continue
            entry, quality = super().__getitem__(position)
            candidate = (quality, self._specificity(entry))
            if quality > 0 and candidate > rank:
                best, rank = value, candidate
        return best

    def to_header(self) -> str:
        """Write the value of an Accept header."""
        return ",".join(
            value if quality == 1 else f"{value};q={quality}" for value, quality in self
        )

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        return f"{type(self).__name__}([{', '.join(map(repr, self))}])"


class MIMEAccept(Accept):
    """An Accept header: media types, where ``text/*`` and ``*/*`` cover many.

    :raises ValueError: on looking up what is no media type.
    """

    def _specificity(self, value: str) -> tuple[bool, ...]:
        return tuple(part != "*" for part in _TYPE_MARKS.split(value))

    def _read(self, value: str) -> Any:
        """Take a media type apart into type, subtype and sorted parameters."""
        if "/" not in value:
            return None
        main, sub, *parameters = _TYPE_MARKS.split(value.lower())
        if main == "*" != sub:
            return None
        return main, sub, sorted(parameters)

    def _check(self, wanted: Any, value: str) -> None:
        if wanted is None:
            raise ValueError(f"invalid mimetype {value!r}: expected one like 'text/html'.")

    def _covers(self, entry: Any, wanted: Any) -> bool:
        if entry is None:
            return False
        if entry[0] == "*" or wanted[0] == "*":
            return True
        if entry[0] != wanted[0]:
            return False
        return "*" in {entry[1], wanted[1]} or bool(entry[1:] == wanted[1:])

    @property
    def accept_html(self) -> bool:
        """Whether HTML is taken, in either syntax."""
        return self.quality("text/html") > 0 or self.accept_xhtml

    @property
    def accept_xhtml(self) -> bool:
        """Whether XHTML is taken."""
        return self.quality("application/xhtml+xml") > 0 or self.quality("application/xml") > 0

    @property
    def accept_json(self) -> bool:
        """Whether JSON is taken."""
        return self.quality("application/json") > 0


class LanguageAccept(Accept):
    """An Accept-Language header: language tags, with ``-`` or ``_`` between their parts."""

    def _read(self, value: str) -> Any:
        return value.lower().replace("_", "-")

    def best_match(self, matches: Iterable[str], default: str | None = None) -> str | None:
        """Choose what the client likes best among what there is.

        Where no tag is met exactly, ``en-US`` is content with "en", and then ``en`` with "en-US".
        """
        matches = list(matches)
        found = super().best_match(matches)
        if found is not None:
            return found
        # Plain, as the fallbacks of a fallback would go too far.
        primary = Accept([(_primary(value), quality) for value, quality in self])
        found = primary.best_match(matches)
        if found is not None:
            return found
        by_primary: dict[str, str] = {}
        for value in matches:
            by_primary.setdefault(_primary(value), value)
        found = super().best_match(by_primary)
        return default if found is None else by_primary[found]


def _primary(language: str) -> str:
    return _LANGUAGE_MARKS.split(language, 1)[0]


class CharsetAccept(Accept):
    """An Accept-Charset header: names of charsets, which have many spellings."""

    def _read(self, value: str) -> Any:
        # Only names are compared; codecs.lookup() would load and remember whatever a client says.
        name = _NOT_IN_CODEC_NAMES.sub("_", value.lower()).strip("_")
        return aliases.get(name, name) or value


def parse_accept_header(value: str | None, cls: type[Found] | None = None) -> Found:
    """Read an Accept header.

    :param value: the header, or ``None`` where there is none.
    :param cls: what to make of it, :class:`Accept` if not given.
    """
    make = cast("type[Found]", Accept) if cls is None else cls
    if not value:
        return make()
    if len(value) <= _LONGEST_REMEMBERED:
        return cast("Found", _parse_remembered(value, make))
    return _parse(value, make)


# By the headers that have kinds of their own.
parse_mime_accept = partial(parse_accept_header, cls=MIMEAccept)
parse_language_accept = partial(parse_accept_header, cls=LanguageAccept)
parse_charset_accept = partial(parse_accept_header, cls=CharsetAccept)


def _parse(value: str, make: type[Found]) -> Found:
    items = value.split(",") if '"' not in value else parse_list_header(value)
    pairs = map(_parse_item, items[:_MOST_ENTRIES])
    return make([pair for pair in pairs if pair is not None])


# PERF: browsers send one and the same header each time, and what it makes cannot be changed:
# 0.1 µs instead of 8 for what a browser sends.
_parse_remembered = lru_cache(maxsize=128)(_parse)


def _parse_item(item: str) -> tuple[str, float] | None:
    name, semicolon, rest = item.partition(";")
    if not semicolon:
        name = name.strip()
        return (name, 1) if name else None
    found = _ONLY_QUALITY.fullmatch(rest)
    if found is None:
        name, options = parse_options_header(item)
        if "q" in options:
            found = _QUALITY_NUMBER.fullmatch(options.pop("q").strip())
            if found is None:
                return None
        name = dump_options_header(name, options)
    quality = 1 if found is None else float(found[1])
    name = name.strip()
    return (name, quality) if name and quality <= 1 else None
