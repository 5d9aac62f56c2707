"""The syntax inside header values: `token; key="quoted"`, lists, dictionaries and sets, both ways.

Law: reading never raises and takes linear time; what cannot be read is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSet
from typing import Any
from urllib.parse import unquote

from costrel.http.late_pattern import late_pattern

_WORD_CHARS = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_QUOTED = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'

is_token = re.compile(rf"{_WORD_CHARS}+").fullmatch
"""Whether a text is a token of RFC 9110 5.6.2."""

# One parameter, from its semicolon to the next. Every repeat is possessive: no backtracking.
# The last alternative catches a quote that never closes, after which nothing can be trusted.
_PARAMETERS = late_pattern(
    rf"""
    ;[ \t]*+
    (?:
        ({_WORD_CHARS}++)=
        (?: ({_QUOTED}) | ({_WORD_CHARS}++) | (") )
    )?+
    [^;]*+
    """,
    re.VERBOSE | re.DOTALL,
)
_LIST_ITEMS = late_pattern(rf'((?:[^",]++|{_QUOTED})*+)(?:,|\Z)', re.DOTALL)
_EXTENDED_KEY = late_pattern(r"(.*?)(?:\*([0-9]++))?+(\*)?+", re.DOTALL)
_ESCAPED = late_pattern(r"\\(.)", re.DOTALL)

# RFC 8187 asks for UTF-8; the other three are harmless and seen. No other codec is ever looked up.
_EXTENDED_CHARSETS = {
    "": "utf-8",
    "utf-8": "utf-8",
    "ascii": "ascii",
    "us-ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
}


def quote_header_value(value: Any, allow_token: bool = True) -> str:
    """Write a value as it stands if it is a token, else between double quotes.

    `allow_token=False` always quotes.
    """
    text = str(value)
    if allow_token and is_token(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquote_header_value(value: str) -> str:
    """Take off double quotes and backslashes; a value without quotes is returned as it stands."""
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    inner = value[1:-1]
    return _ESCAPED.sub(r"\1", inner) if "\\" in inner else inner


def parse_options_header(value: str | None) -> tuple[str, dict[str, str]]:
    """Split `text/html; charset=utf-8` into the value and its parameters, keys in lower case.

    Reads `key*=charset'lang'%41` (RFC 8187) and `key*0=…; key*1=…` (RFC 2231) too. A malformed
    parameter is dropped; after a quote that never closes the rest is dropped.
    """
    if value is None:
        return "", {}
    head, semicolon, _ = value.partition(";")
    start = len(head)
    head = head.strip()
    if not semicolon or not head:
        return head, {}
    options: dict[str, str] = {}
    extended: dict[str, list[tuple[str, bool]]] | None = None
    for match in _PARAMETERS.finditer(value, start):
        key, quoted, token, unclosed = match.groups()
        if unclosed:
            break
        if key is None:
            continue
        text = token if quoted is None else unquote_header_value(quoted)
        if "*" not in key:
            # Browsers write a quote inside a multipart file name as %22.
            options[key.lower()] = text.replace("%22", '"') if "%22" in text else text
            continue
        if extended is None:
            extended = {}
        _note_extended(key.lower(), text, extended)
    if extended:
        for key, pieces in extended.items():
            options[key] = _join_pieces(pieces)
    return head, options


def _note_extended(key: str, text: str, pieces: dict[str, list[tuple[str, bool]]]) -> None:
    """File one `key*`, `key*0` or `key*0*` under its key."""
    match = _EXTENDED_KEY.fullmatch(key)
    if match is None or not match[1]:
        return
    piece = (text, match[3] is not None)
    if match[2] is None:
        pieces[match[1]] = [piece]
    else:
        pieces.setdefault(match[1], []).append(piece)


def _join_pieces(pieces: list[tuple[str, bool]]) -> str:
    """Decode the pieces of one extended parameter; the first one names the charset."""
    first, first_is_encoded = pieces[0]
    if not first_is_encoded:
        return "".join(text for text, _ in pieces)
    charset, text = _split_charset(first)
    pieces = [(text, True), *pieces[1:]]
    if charset is None:
        return "".join(text for text, _ in pieces)
    # A piece without the star is literal. Joined before decoding: a character may be cut in two.
    joined = "".join(text if coded else text.replace("%", "%25") for text, coded in pieces)
    return unquote(joined, charset, "replace")


def _split_charset(text: str) -> tuple[str | None, str]:
    """Split `charset'language'text`; the codec is None when the charset is not one we decode."""
    charset, quote, rest = text.partition("'")
    _language, second_quote, rest = rest.partition("'")
    if not quote or not second_quote:
        return None, text
    return _EXTENDED_CHARSETS.get(charset.lower()), rest


def dump_options_header(header: str | None, options: Mapping[str, Any]) -> str:
    """Write a value and its parameters; a parameter that is None is left out.

    The value of a key that ends in `*` is written as it stands: it is encoded already.
    """
    segments = [] if header is None else [header]
    for key, value in options.items():
        if value is None:
            continue
        text = str(value) if key.endswith("*") else quote_header_value(value)
        segments.append(f"{key}={text}")
    return "; ".join(segments)


def dump_header(iterable: Mapping[str, Any] | Iterable[Any]) -> str:
    """Write a list as `a, "b c"`, or a mapping as `a=b, c`; a value that is None is only a key."""
    if not isinstance(iterable, Mapping):
        return ", ".join([quote_header_value(item) for item in iterable])
    items = []
    for key, value in iterable.items():
        if value is None:
            items.append(key)
        elif key.endswith("*"):
            items.append(f"{key}={value}")
        else:
            items.append(f"{key}={quote_header_value(value)}")
    return ", ".join(items)


def _split_list(value: str) -> list[str]:
    """Cut at the commas outside of quotes; a quote that never closes makes it all invalid."""
    if '"' not in value:
        parts = value.split(",")
    else:
        parts = []
        position = 0
        while position < len(value):
            match = _LIST_ITEMS.match(value, position)
            if match is None:
                return []
            parts.append(match[1])
            position = match.end()
    return [part for part in map(str.strip, parts) if part]


def parse_list_header(value: str) -> list[str]:
    """Read `a, "b, c"` as a list; quotes around a whole item are taken off.

    An empty list if a quote is never closed.
    """
    items = _split_list(value)
    return [unquote_header_value(item) for item in items] if '"' in value else items


def parse_dict_header(value: str) -> dict[str, str | None]:
    """Read `a=b, c="d e", f` as a dictionary; a key alone has the value None.

    Keys keep their case. `key*=charset'lang'%41` is decoded (RFC 8187). A repeated key: the last
    one wins. Empty if a quote is never closed.
    """
    result: dict[str, str | None] = {}
    for item in _split_list(value):
        key, equals, text = unquote_header_value(item).partition("=")
        key = key.strip()
        if not equals:
            if key:
                result[key] = None
            continue
        text = text.strip()
        if key.endswith("*"):
            key = key[:-1]
            text = _join_pieces([(text, True)])
        if key:
            result[key] = unquote_header_value(text)
    return result


class HeaderSet(MutableSet[str]):
    """A set of words that ignores case, keeps its order, and tells when it changes."""

    on_update: Callable[[HeaderSet], None] | None

    def __init__(
        self,
        headers: Iterable[str] | None = None,
        on_update: Callable[[HeaderSet], None] | None = None,
    ) -> None:
        """Start from `headers`; `on_update` is called with the set after every change."""
        self._words: dict[str, str] = {}
        self.on_update = on_update
        for word in headers or ():
            self._words.setdefault(word.lower(), word)

    def _changed(self) -> None:
        if self.on_update is not None:
            self.on_update(self)

    def add(self, header: str) -> None:
        """Add one word unless it is there in any case."""
        self.update((header,))

    def update(self, iterable: Iterable[str]) -> None:
        """Add several words and tell once."""
        before = len(self._words)
        for word in iterable:
            self._words.setdefault(word.lower(), word)
        if len(self._words) != before:
            self._changed()

    def remove(self, header: str) -> None:
        """Take one word out; KeyError if it is not there."""
        if self._words.pop(header.lower(), None) is None:
            raise KeyError(header)
        self._changed()

    def discard(self, header: str) -> None:
        """Take one word out if it is there."""
        if self._words.pop(header.lower(), None) is not None:
            self._changed()

    def clear(self) -> None:
        """Take every word out."""
        self._words.clear()
        self._changed()

    def find(self, header: str) -> int:
        """The position of a word, or -1."""
        wanted = header.lower()
        return next((at for at, word in enumerate(self._words) if word == wanted), -1)

    def index(self, header: str) -> int:
        """The position of a word; IndexError if it is not there."""
        position = self.find(header)
        if position < 0:
            raise IndexError(header)
        return position

    def as_set(self, preserve_casing: bool = False) -> set[str]:
        """A plain set of the words, in lower case unless `preserve_casing`."""
        return set(self._words.values()) if preserve_casing else set(self._words)

    def to_header(self) -> str:
        """The words as a header value."""
        return ", ".join(map(quote_header_value, self._words.values()))

    def __getitem__(self, idx: int) -> str:
        return list(self._words.values())[idx]

    def __setitem__(self, idx: int, value: str) -> None:
        words = list(self._words.values())
        words[idx] = value
        self._words = {word.lower(): word for word in words}
        self._changed()

    def __delitem__(self, idx: int) -> None:
        del self._words[list(self._words)[idx]]
        self._changed()

    def __contains__(self, header: object) -> bool:
        return isinstance(header, str) and header.lower() in self._words

    def __iter__(self) -> Iterator[str]:
        return iter(self._words.values())

    def __len__(self) -> int:
        return len(self._words)

    def __bool__(self) -> bool:
        return bool(self._words)

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r})"


def parse_set_header(
    value: str | None, on_update: Callable[[HeaderSet], None] | None = None
) -> HeaderSet:
    """Read a list of words as a HeaderSet; `on_update` is called after each later change."""
    return HeaderSet(parse_list_header(value) if value else None, on_update)
