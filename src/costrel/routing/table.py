"""Table: how several fields share one text, found in linear time.

A regex for `<a>-<b>-<c>.html` tries all ways to share out the hyphens before it gives up. Here a
table says from the end on where each piece can begin, and where it ends then.

Law: the table's answer is the regex's answer. Each field takes as much (a path: as little) as
leaves a way for what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from costrel.routing.converters import (
    BaseConverter,
    is_plain_int,
    is_plain_path,
    is_plain_text,
)

# The length up to which a regex is quick whatever the text, by the number of fields.
SHORT = {2: 200, 3: 50}


class Span(NamedTuple):
    """What a field takes: a run of characters up to one that stops it.

    :param stops: which characters do not belong to it, apart from its first.
    :param stops_first: which may not be its first.
    :param takes_least: end at the first possible place, not at the last.
    """

    stops: Callable[[str], bool]
    stops_first: Callable[[str], bool]
    takes_least: bool = False


def _is_no_digit(character: str) -> bool:
    return not "0" <= character <= "9"


TEXT_SPAN = Span("/".__eq__, "/".__eq__)
INT_SPAN = Span(_is_no_digit, _is_no_digit)
PATH_SPAN = Span("\n".__eq__, "/".__eq__, takes_least=True)


def span_of(converter: BaseConverter) -> Span | None:
    """Return what a converter takes, if that is a run of characters of any length."""
    if is_plain_text(converter):
        return TEXT_SPAN
    if is_plain_int(converter):
        return INT_SPAN
    return PATH_SPAN if is_plain_path(converter) else None


def share_out(text: str, pieces: Sequence[str | Span]) -> tuple[str, ...] | None:
    """Return the texts of the fields, or None if the pieces do not make up the text."""
    size = len(text)
    can_begin = bytearray(size + 1)
    can_begin[size] = 1
    rows: list[list[int]] = []
    for piece in reversed(pieces):
        row = (
            _ends_of_literal(text, piece, can_begin)
            if isinstance(piece, str)
            else _ends_of_field(text, piece, can_begin)
        )
        can_begin = bytearray([end >= 0 for end in row])
        rows.append(row)
    values: list[str] = []
    place = 0
    for piece, row in zip(pieces, reversed(rows), strict=True):
        end = row[place]
        if end < 0:
            return None
        if not isinstance(piece, str):
            values.append(text[place:end])
        place = end
    return tuple(values)


def _ends_of_literal(text: str, literal: str, can_begin: bytearray) -> list[int]:
    """Return by place where the literal ends if it begins there and the rest can follow, or -1."""
    row = [-1] * (len(text) + 1)
    place = text.find(literal)
    while place >= 0:
        end = place + len(literal)
        if can_begin[end]:
            row[place] = end
        place = text.find(literal, place + 1)
    return row


def _ends_of_field(text: str, span: Span, can_begin: bytearray) -> list[int]:
    """Return by place where the field ends if it begins there and the rest can follow, or -1."""
    row = [-1] * (len(text) + 1)
    end = -1
    # From the end on, `end` is the chosen one of the places within reach.
    for place in range(len(text) - 1, -1, -1):
        if can_begin[place + 1] and (end < 0 or span.takes_least):
            end = place + 1
        if not span.stops_first(text[place]):
            row[place] = end
        if span.stops(text[place]):
            end = -1
    return row
