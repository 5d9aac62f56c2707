"""Segments: what stands between two slashes of a rule, and the linear-time test for it.

Law: long paths cannot make the test of text, int and path variables slow, however many of them the
segment has. (A regex is used where it is quick, and for the other converters.)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from costrel.routing.table import SHORT, share_out, span_of

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
    by_regex = _compile_regex(segment)
    spans = [
        piece if isinstance(piece, str) else span_of(piece.converter) for piece in segment.pieces
    ]
    runs = [piece for piece in spans if piece is not None]
    count = len(segment.fields)
    if count < 2 or len(runs) < len(spans):
        # One field leaves nothing to share out; of other converters only the regex is known.
        return by_regex
    short = SHORT.get(count, 0)
    has_slash = segment.then_slash

    def test(text: str) -> tuple[str, ...] | None:
        if len(text) <= short:
            return by_regex(text)
        return None if has_slash and text.endswith("/") else share_out(text, runs)

    return test


def _compile_regex(segment: Segment) -> Test:
    # Groups have names, because a converter's own regex may contain groups.
    names = [f"_{index}" for index in range(len(segment.fields))]
    waiting = iter(names)
    pattern = "".join(
        re.escape(piece)
        if isinstance(piece, str)
        else f"(?P<{next(waiting)}>{piece.converter.regex})"
        for piece in segment.pieces
    )
    # One slash at the end is the rule's own, and no second one belongs to the last field.
    compiled = re.compile(pattern + "(?<!/)" * segment.then_slash)
    fullmatch = compiled.fullmatch
    if compiled.groups == len(names):

        def test_all(text: str) -> tuple[str, ...] | None:
            found = fullmatch(text)
            return None if found is None else found.groups()

        return test_all

    def test(text: str) -> tuple[str, ...] | None:
        found = fullmatch(text)
        return None if found is None else tuple([found[name] for name in names])

    return test
