"""orjson, where it is installed: the JSON that the standard library writes, five times as fast.

Law: whether it is installed changes no value that an app sends. What orjson would write in another
way is left to the standard library.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from json.encoder import encode_basestring_ascii
from math import isfinite
from typing import Any

# Writes a value in bytes, with a line break at the end, or leaves it to the standard library.
BodyWriter = Callable[[Any, bool, bool], bytes | None]

_ATOMS = frozenset({str, int, bool, type(None)})
_ESCAPE = "costrel.json"


def _escape(error: UnicodeError) -> tuple[str, int]:
    """Spell what is not ASCII as JSON does; an error handler for ``str.encode``."""
    assert isinstance(error, UnicodeEncodeError)
    wide = error.object[error.start : error.end]
    return encode_basestring_ascii(wide)[1:-1], error.end


codecs.register_error(_ESCAPE, _escape)


def may_hold_nan(value: Any) -> bool:
    """Whether a value may hold a number that JSON has no word for."""
    kind = type(value)
    if kind is float:
        return not isfinite(value)
    if kind is dict:
        value = value.values()
    elif kind is not list and kind is not tuple:
        # What is no atom came from the provider's ``default``, and may be anything.
        return kind not in _ATOMS
    return any(map(may_hold_nan, [each for each in value if type(each) not in _ATOMS]))


def find_writer(default: Callable[[Any], Any]) -> BodyWriter | None:
    """Return what writes responses by orjson; ``None`` where that is not installed.

    :param default: called with each value that JSON has no word for.
    """
    try:
        import orjson  # noqa: PLC0415  # it may not be there
    except ImportError:
        return None
    dumps = orjson.dumps
    # Subclasses may say other things of themselves than what they hold: a MultiDict does.
    options = (
        orjson.OPT_APPEND_NEWLINE
        | orjson.OPT_PASSTHROUGH_DATACLASS
        | orjson.OPT_PASSTHROUGH_DATETIME
        | orjson.OPT_PASSTHROUGH_SUBCLASS
    )
    sorted_options = options | orjson.OPT_SORT_KEYS

    def write(value: Any, sort_keys: bool, ensure_ascii: bool) -> bytes | None:
        try:
            body: bytes = dumps(value, default, sorted_options if sort_keys else options)
        except TypeError:
            # Keys that are no text, large integers, lone surrogates; or it is no JSON at all, and
            # the standard library says why.
            return None
        if body.find(b"null") >= 0 and may_hold_nan(value):
            return None
        if not ensure_ascii:
            return body
        if not body.isascii():
            body = body.decode().encode("ascii", _ESCAPE)
        return body.replace(b"\x7f", rb"\u007f")

    return write
