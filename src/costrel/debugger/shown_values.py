"""Values as a person reads them: bounded, never failing, secrets left out.

Law: whatever a value's own `repr` does (raise, go on without end, print a key), showing it comes
to an end and tells no secret that can be recognised.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

MASK = "••••••"
LONGEST_TEXT = 300
LONGEST_REPR = 1_000
MOST_ITEMS = 30
DEEPEST = 4

_SECRET_NAME = re.compile(
    r"(passw|passphrase|secret|token|api_?key|apikey|auth(?:orization)?$|credential|private_?key"
    r"|cookie|session_?id|csrf|signature|dsn$|database_ur[il]|connection_?string)",
    re.IGNORECASE,
)
# A secret shorter than this is found in too many other words.
SHORTEST_SECRET = 6
_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}


def is_secret_name(name: object) -> bool:
    """Whether what has this name is likely a secret."""
    return isinstance(name, str | bytes) and bool(_SECRET_NAME.search(str(name)))


class Secrets:
    """The texts that must not be shown: the app's keys, and those of the environment.

    :param app: the application, if one is known.
    :param more: further texts.
    """

    def __init__(self, app: Any = None, *more: str) -> None:
        found = set(more)
        for source in (getattr(app, "config", None), os.environ):
            if isinstance(source, Mapping):
                found |= set(_secrets_in(source))
        usable = sorted((text for text in found if len(text) >= SHORTEST_SECRET), key=len)
        self._pattern = re.compile("|".join(map(re.escape, reversed(usable)))) if usable else None

    def hide(self, text: str) -> str:
        """The text, each secret in it replaced."""
        return text if self._pattern is None else self._pattern.sub(MASK, text)


def _secrets_in(source: Mapping[Any, Any]) -> Iterator[str]:
    for name, value in list(source.items()):
        if name == "SESSION_COOKIE_NAME" or not is_secret_name(name):
            continue
        values = value if isinstance(value, list | tuple) else (value,)
        for one in values:
            if isinstance(one, bytes):
                yield one.decode("latin-1")
            elif isinstance(one, str):
                yield one


def show(value: Any, name: object = None) -> str:
    """A value as text, like its `repr` but bounded.

    :param name: what it is called; a secret's value is left out.
    """
    if name is not None and is_secret_name(name) and not _tells_nothing(value):
        return MASK
    try:
        text = _show(value, 0)
    except Exception as error:
        text = f"<no repr: {type(error).__name__}>"
    return text if len(text) <= LONGEST_REPR else f"{text[:LONGEST_REPR]}…"


def _tells_nothing(value: Any) -> bool:
    return value is None or isinstance(value, bool) or callable(value)


def _show(value: Any, depth: int) -> str:
    kind = type(value)
    if kind is str or kind is bytes:
        return _cut(value)
    if depth >= DEEPEST:
        return f"<{kind.__name__} …>"
    if isinstance(value, Mapping):
        return _show_mapping(value, depth)
    if kind in _BRACKETS:
        start, end = _BRACKETS[kind]
        parts = [_show(item, depth + 1) for item in islice(value, MOST_ITEMS)]
        if len(value) > MOST_ITEMS:
            parts.append(f"… {len(value) - MOST_ITEMS} more")
        comma = "," if kind is tuple and len(value) == 1 else ""
        return f"{start}{', '.join(parts)}{comma}{end}" if value or kind is not set else "set()"
    try:
        text = repr(value)
    except Exception as error:
        return f"<{kind.__name__} whose repr raises {type(error).__name__}>"
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def _cut(value: str | bytes) -> str:
    if len(value) <= LONGEST_TEXT:
        return repr(value)
    return f"{value[:LONGEST_TEXT]!r}… ({len(value)} in all)"


def _show_mapping(value: Mapping[Any, Any], depth: int) -> str:
    parts = []
    for key in islice(value, MOST_ITEMS):
        item = value[key]
        hidden = is_secret_name(key) and not _tells_nothing(item)
        parts.append(f"{_show(key, depth + 1)}: {MASK if hidden else _show(item, depth + 1)}")
    if len(value) > MOST_ITEMS:
        parts.append(f"… {len(value) - MOST_ITEMS} more")
    text = f"{{{', '.join(parts)}}}"
    return text if type(value) is dict else f"{type(value).__name__}({text})"
