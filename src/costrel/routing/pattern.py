"""The text of a rule, read into literals and variables.

`/users/<int(min=1):id>.json` becomes `["/users/", Variable("id", "int", "min=1"), ".json"]`.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple


class Variable(NamedTuple):
    """A `<converter(arguments):name>` as it is written in a rule."""

    name: str
    converter: str
    arguments: str


# `arguments` may hold brackets and colons (a regex, say), so it ends at the first `):` that fits.
VARIABLE = re.compile(
    r"<(?:(?P<converter>[A-Za-z_][A-Za-z0-9_]*)(?:\((?P<arguments>.*?)\))?:)?"
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)>"
)
ARGUMENT = re.compile(
    r"\s*(?:(?P<name>\w+)\s*=\s*)?"
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<word>[\w.+\-]+))\s*(?:,|\Z)"
)
CONSTANTS = {"None": None, "True": True, "False": False}


def read_pattern(text: str) -> list[str | Variable]:
    """Split a rule's text into literals and variables.

    :raises ValueError: on a `<` which opens no well-formed variable.
    """
    pieces: list[str | Variable] = []
    position = 0
    while position < len(text):
        opening = text.find("<", position)
        if opening < 0:
            opening = len(text)
        if opening > position:
            pieces.append(text[position:opening])
        position = opening
        if opening < len(text):
            found = VARIABLE.match(text, opening)
            if found is None:
                raise ValueError(
                    f"malformed url rule: {text!r}: at {text[opening:]!r} expected"
                    " <name>, <converter:name> or <converter(arguments):name>."
                )
            converter = found["converter"] or "default"
            pieces.append(Variable(found["name"], converter, found["arguments"] or ""))
            position = found.end()
    return pieces


def parse_converter_args(text: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Read a converter's arguments: numbers, words, quoted strings, `name=value`, by commas.

    :raises ValueError: on what is none of these.
    """
    values: list[Any] = []
    named: dict[str, Any] = {}
    position = 0
    end = len(text.rstrip())
    while position < end:
        found = ARGUMENT.match(text, position)
        if found is None:
            raise ValueError(
                f"Cannot read converter arguments {text!r} from {text[position:]!r} on:"
                " expected numbers, words or quoted strings, separated by commas."
            )
        value = _read_word(found["word"]) if found["word"] else found["double"] or found["single"]
        value = "" if value is None and not found["word"] else value
        if found["name"]:
            named[found["name"]] = value
        else:
            values.append(value)
        position = found.end()
    return tuple(values), named


def _read_word(word: str) -> Any:
    """Return the constant or number that a bare word spells, or the word."""
    if word in CONSTANTS:
        return CONSTANTS[word]
    for number in (int, float):
        try:
            return number(word)
        except ValueError:
            continue
    return word
