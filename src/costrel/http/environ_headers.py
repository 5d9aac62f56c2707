"""Request headers seen through a WSGI environ.

Law: a view, never a copy; and one header has one name: `X_User` does not find `X-User`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NoReturn

from costrel.http.headers import Headers
from costrel.http.immutable import ImmutableHeadersMixin, refuse
from costrel.http.multidict import convert

# The two that CGI spells without HTTP_. Servers send them empty when there is no such header.
_UNPREFIXED = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}


# PERF: the names an application asks for are few; remembered, a look-up saves 0.2 µs.
@lru_cache(maxsize=256)
def environ_key(name: str) -> str:
    """The key of a header in an environ; the empty string for what can be none."""
    if "_" in name:
        # CGI spells "-" as "_". Were both found under one key, one header could pose as another.
        return ""
    key = name.upper().replace("-", "_")
    return key if key in _UNPREFIXED else f"HTTP_{key}"


@lru_cache(maxsize=256)
def header_name(key: str) -> str:
    """The name of the header that an environ has under a key; the empty string if it is none."""
    if key in _UNPREFIXED:
        return _UNPREFIXED[key]
    if not key.startswith("HTTP_") or key[5:] in _UNPREFIXED:
        return ""
    return key[5:].replace("_", "-").title()


class EnvironHeaders(ImmutableHeadersMixin, Headers):
    """The headers in a WSGI environ, as they are now; they cannot be changed here."""

    def __init__(self, environ: dict[str, Any]) -> None:
        """Look into `environ`."""
        self.environ = environ

    @property
    def _list(self) -> list[tuple[str, str]]:  # type: ignore[override]  # nothing writes it
        return [
            (name, value)
            for key, value in self.environ.items()
            if (name := header_name(key)) and (value or key not in _UNPREFIXED)
        ]

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        value = self.get(key)
        if value is None:
            raise self.missing(key)
        return value

    def get(self, key: str, default: Any = None, type: Callable[[str], Any] | None = None) -> Any:
        """The value of a header, converted by `type` if given; else `default`."""
        name = environ_key(key)
        value = self.environ.get(name)
        if value is None or (not value and name in _UNPREFIXED):
            return default
        return value if type is None else convert(value, type, default)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EnvironHeaders):
            return NotImplemented
        return self.environ is other.environ

    __hash__ = None  # the environ may change

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._list)

    def copy(self) -> NoReturn:
        """Not possible; `Headers(these)` makes headers that can be changed."""
        raise TypeError(f"{type(self).__name__} cannot be copied. Use Headers(headers) instead.")

    __or__: Any = refuse
