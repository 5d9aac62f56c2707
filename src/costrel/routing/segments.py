"""Segments: what stands between two slashes of a rule, and the linear-time test for it.

Law: the test of a segment made of stock converters never tries a split of the text twice, so that
long paths cannot make it slow, however many variables the segment has.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from costrel.routing.converters import STOCK, is_plain_int, is_plain_path, is_plain_text

if TYPE_CHECKING:
    from costrel.routing.converters import BaseConverter


class Field(NamedTuple):
    """A variable with the converter made for it."""

    name: str
    converter: BaseConverter


Piece = str | Field
# Text in, the texts of its fields out; None if it does not fit.
Test = Callable[[str], tuple[str, ...] | None]


class Segment(NamedTuple):
    """A part of a rule that is matched as one.

    `to_end` marks one that may hold slashes: it takes the whole rest of the path, apart from the
    slash at the end if `then_slash` is set.
    """

    pieces: tuple[Piece, ...]
    to_end: bool = False
    then_slash: bool = False

    @property
    def fields(self) -> list[Field]:
        """Its variables, in order."""
        return [piece for piece in self.pieces if not isinstance(piece, str)]

    @property
    def literal(self) -> str | None:
        """Its text if it has no variables."""
        return None if self.fields else "".join(map(str, self.pieces))

    @property
    def rank(self) -> tuple[int, list[tuple[int, int]], int, list[int]]:
        """Order among segments at one place: more and longer literals first, then weights."""
        texts = [
            text for piece in self.pieces if isinstance(piece, str) for text in piece.split("/")
        ]
        lengths = [(index, -len(text)) for index, text in enumerate(filter(None, texts))]
        weights = [field.converter.weight for field in self.fields]
        return -len(lengths), lengths, -len(weights), weights

    @property
    def pattern(self) -> str:
        """What the segment takes, as a regex without groups: equal patterns share a branch."""
        return "".join(
            re.escape(piece) if isinstance(piece, str) else f"({piece.converter.regex})"
            for piece in self.pieces
        )


def split_segments(pieces: list[Piece]) -> list[Segment]:
    """Cut a rule's pieces at its slashes; a converter that takes slashes ends the cutting."""
    segments: list[Segment] = []
    current: list[Piece] = []
    to_end = False
    for piece in pieces:
        if not isinstance(piece, str):
            current.append(piece)
            to_end = to_end or not piece.converter.part_isolating
        elif to_end:
            current.append(piece)
        else:
            first, *others = piece.split("/")
            current += [first] if first else []
            for text in others:
                segments.append(Segment(tuple(current)))
                current = [text] if text else []
    if to_end and isinstance(current[-1], str) and current[-1].endswith("/"):
        body = [*current[:-1], current[-1][:-1]]
        segments.append(Segment(tuple(filter(None, body)), to_end=True, then_slash=True))
    else:
        segments.append(Segment(tuple(current), to_end=to_end))
    return segments


def compile_test(segment: Segment) -> Test:
    """Make the test of a segment with fields."""
    texts = [field for field in segment.fields if is_plain_text(field.converter)]
    paths = [field for field in segment.fields if is_plain_path(field.converter)]
    if len(texts) > 1 and not segment.to_end and _is_plain_sequence(segment):
        return _compile_backwards(segment)
    guard = "(?<!/)" if segment.then_slash else ""
    if len(paths) > 1 and _connectors_are_plain(segment):
        return _compile_forwards(_pattern_of_paths(segment) + guard, segment)
    pattern = "".join(_named(index, piece) for index, piece in enumerate(segment.pieces))
    return _compile_forwards(pattern + guard, segment)


def _named(index: int, piece: Piece) -> str:
    """Return a piece's regex; a field's is a group named after its place."""
    # Names, because a converter's own regex may contain groups.
    return re.escape(piece) if isinstance(piece, str) else f"(?P<_{index}>{piece.converter.regex})"


def _compile_forwards(pattern: str, segment: Segment) -> Test:
    compiled = re.compile(pattern)
    fullmatch = compiled.fullmatch
    if compiled.groups == len(segment.fields):

        def test_all(text: str) -> tuple[str, ...] | None:
            found = fullmatch(text)
            return None if found is None else found.groups()

        return test_all
    names = [f"_{i}" for i, piece in enumerate(segment.pieces) if not isinstance(piece, str)]

    def test_named(text: str) -> tuple[str, ...] | None:
        found = fullmatch(text)
        return None if found is None else tuple(found[name] for name in names)

    return test_named


# --- Several text fields in one segment: from the end backwards --------------------------------
#
# In `<a>-<b>-<c>` the first field takes as much as it can, so the last hyphen separates b from c,
# the one before it a from b. Read backwards, each field ends at the first place where what
# separates it fits, and no other place need ever be tried: a place further on would only leave
# less for the rest. Atomic groups say exactly that.


def _is_plain_sequence(segment: Segment) -> bool:
    """Whether all fields are plain text or plain numbers that stand between non-digits."""
    pieces = ("/", *segment.pieces, "/")
    for before, piece, after in zip(pieces, pieces[1:], pieces[2:], strict=False):
        if isinstance(piece, str) or is_plain_text(piece.converter):
            continue
        if not is_plain_int(piece.converter):
            return False
        if not isinstance(before, str) or not isinstance(after, str):
            return False
        if before[-1].isdigit() or after[0].isdigit():
            return False
    return True


def _compile_backwards(segment: Segment) -> Test:
    parts: list[str] = []
    is_open = False
    for piece in reversed(segment.pieces):
        if isinstance(piece, str):
            parts.append(re.escape(piece[::-1]))
        elif is_plain_int(piece.converter):
            parts.append("([0-9]+)")
        else:
            parts.append(")" * is_open + "(?>([^/]+?)")
            is_open = True
    # The last text field runs up to what the segment begins with.
    pattern = "".join(parts) + r"\Z)"
    match = re.compile(pattern).match

    def test_backwards(text: str) -> tuple[str, ...] | None:
        found = match(text[::-1])
        return None if found is None else tuple(value[::-1] for value in found.groups()[::-1])

    return test_backwards


# --- Several path fields in one rule -----------------------------------------------------------
#
# A path field takes as little as it can. Once what separates it from the next path field fits,
# the next one can take all that a later place would have left to the first, so the first place
# is the only one to be tried.


def _connectors_are_plain(segment: Segment) -> bool:
    """Whether what separates path fields is literals and numbers, or whole parts of the path."""
    if any(type(field.converter) not in STOCK for field in segment.fields):
        return False
    connector: list[Piece] = []
    is_between = False
    for piece in segment.pieces:
        if isinstance(piece, str) or not is_plain_path(piece.converter):
            connector.append(piece)
            continue
        if is_between and not _is_plain_connector(connector):
            return False
        is_between, connector = True, []
    return True


def _is_plain_connector(connector: list[Piece]) -> bool:
    if not connector:
        return True
    first, last = connector[0], connector[-1]
    if isinstance(first, str) and isinstance(last, str) and first[0] == last[-1] == "/":
        return True
    return all(isinstance(piece, str) for piece in connector)


def _pattern_of_paths(segment: Segment) -> str:
    parts: list[str] = []
    is_open = False
    for index, piece in enumerate(segment.pieces):
        if isinstance(piece, str) or not is_plain_path(piece.converter):
            parts.append(_named(index, piece))
            continue
        # The place found must leave room for this field, which never begins with a slash.
        parts.append("(?=[^/]))" if is_open else "")
        parts.append(f"(?>{_named(index, piece)}")
        is_open = True
    return "".join(parts) + r"\Z)"
