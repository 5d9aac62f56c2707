"""Headers: ordered, blind to case, many values per name.

Law: nothing gets in that could break out of its line: names are tokens, values hold no control
character but the tab and no code point above 255. And `_list` is changed in place, never replaced,
because a Response shares it. EnvironHeaders are a view: one header has one name there, so
`X_User` does not find `X-User`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NoReturn, Self, TypeVar, overload

from costrel.http.header_values import dump_options_header, is_token
from costrel.http.immutable import ImmutableHeadersMixin, refuse
from costrel.http.multidict import NOTHING, convert, convert_all, iter_multi_items
from costrel.http.urls import iri_to_uri

T = TypeVar("T")
D = TypeVar("D")

_forbidden = re.compile(r"[^\t\x20-\x7e\x80-\xff]").search
_control = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]").search

_MOST_KNOWN = 512
# Names that are tokens: the usual ones, and such others as an app sets.
# PERF: a name that is known skips the check: 0.03 µs instead of 0.25.
_known_names = set(
    """
    Accept-Ranges Access-Control-Allow-Credentials Access-Control-Allow-Headers
    Access-Control-Allow-Methods Access-Control-Allow-Origin Access-Control-Expose-Headers
    Access-Control-Max-Age Age Allow Cache-Control Connection Content-Disposition
    Content-Encoding Content-Language Content-Length Content-Location Content-Range
    Content-Security-Policy Content-Type Date ETag Expires Last-Modified Link Location
    Referrer-Policy Retry-After Server Set-Cookie Strict-Transport-Security Transfer-Encoding
    Vary WWW-Authenticate X-Content-Type-Options X-Frame-Options content-length content-type
    """.split()  # noqa: SIM905  # as a list it fills forty lines
)
# Their values are URLs, so there is a right way to write any character in them.
_URL_NAMES = frozenset({"location", "content-location"})


def check_pair(name: str, value: Any) -> tuple[str, str]:
    """The pair as it may be stored: bytes are decoded, other values become text.

    ValueError if the name is not a token or the value holds a forbidden character. RFC 9110 5.5.
    """
    if value.__class__ is not str:
        value = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    if name not in _known_names:
        if not is_token(name):
            raise ValueError(
                f"The header name {name!r} is not a token. "
                "Use only ASCII letters, digits and !#$%&'*+-.^_`|~ in names."
            )
        if len(_known_names) < _MOST_KNOWN:
            _known_names.add(name)
    # PERF: printable ASCII is what values nearly always are, and 0.1 µs cheaper to see.
    if not (value.isascii() and value.isprintable()) and _forbidden(value):
        value = _mend_value(name, value)
    return name, value


def _mend_value(name: str, value: str) -> str:
    """A URL with wide characters in ASCII; ValueError for everything else forbidden."""
    if name.lower() in _URL_NAMES and not _control(value):
        return iri_to_uri(value)
    bad = _forbidden(value)
    assert bad is not None  # that is why we are here
    raise ValueError(
        f"The value of the header {name!r} holds {bad[0]!r} at position {bad.start()}. "
        "Values must not hold line breaks, other control characters (but tabs) or code points "
        "above 255; percent-encode or strip them first."
    )


def _with_options(value: Any, options: Mapping[str, Any]) -> str:
    """`value; key=option`; a `_` in a key stands for `-`."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    named = {key.replace("_", "-"): option for key, option in options.items()}
    return dump_options_header(text, named)


class Headers:
    """Header pairs in order; looked up without regard to case."""

    missing: type[KeyError] = KeyError
    """What is raised for a name that is not there."""

    _list: list[tuple[str, str]]

    def __init__(
        self, defaults: Headers | Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None
    ) -> None:
        """Start from other headers, a mapping with single values or lists, or pairs."""
        self._list = []
        if defaults is not None:
            self.extend(defaults)

    @classmethod
    def wrap(cls, raw_list: list[tuple[str, str]]) -> Self:
        """Adopt a list of pairs without copying or checking it."""
        made = cls.__new__(cls)
        made._list = raw_list
        return made

    # --- reading ---

    @overload
    def __getitem__(self, key: str) -> str: ...
    @overload
    def __getitem__(self, key: int) -> tuple[str, str]: ...
    @overload
    def __getitem__(self, key: slice) -> Headers: ...
    def __getitem__(self, key: str | int | slice) -> str | tuple[str, str] | Headers:
        if isinstance(key, str):
            wanted = key.lower()
            for name, value in self._list:
                if name.lower() == wanted:
                    return value
            raise self.missing(key)
        if isinstance(key, int):
            return self._list[key]
        return self.__class__.wrap(self._list[key])

    @overload
    def get(self, key: str, default: None = None, type: None = None) -> str | None: ...
    @overload
    def get(self, key: str, default: D, type: None = None) -> str | D: ...
    @overload
    def get(self, key: str, default: D, type: Callable[[str], T]) -> D | T: ...
    @overload
    def get(self, key: str, default: None = None, *, type: Callable[[str], T]) -> T | None: ...
    def get(self, key: str, default: Any = None, type: Callable[[str], Any] | None = None) -> Any:
        """The first value of a name, converted by `type` if given.

        `default` if there is none, or if `type` raises ValueError or TypeError.
        """
        wanted = key.lower()
        for name, value in self._list:
            if name.lower() == wanted:
                return value if type is None else convert(value, type, default)
        return default

    @overload
    def getlist(self, key: str) -> list[str]: ...
    @overload
    def getlist(self, key: str, type: Callable[[str], T]) -> list[T]: ...
    def getlist(self, key: str, type: Callable[[str], Any] | None = None) -> list[Any]:
        """All values of a name, converted by `type` if given.

        Values for which `type` raises ValueError or TypeError are left out.
        """
        wanted = key.lower()
        values = [value for name, value in self._list if name.lower() == wanted]
        return values if type is None else convert_all(values, type)

    def get_all(self, name: str) -> list[str]:
        """All values of a name; the standard library's word for `getlist`."""
        return self.getlist(name)

    def items(self, lower: bool = False) -> Iterator[tuple[str, str]]:
        """Yield the pairs, names in lower case if `lower`."""
        for name, value in self._list:
            yield (name.lower() if lower else name), value

    def keys(self, lower: bool = False) -> Iterator[str]:
        """Yield the name of each pair, in lower case if `lower`."""
        for name, _ in self.items(lower):
            yield name

    def values(self) -> Iterator[str]:
        """Yield the value of each pair."""
        for _, value in self._list:
            yield value

    def to_wsgi_list(self) -> list[tuple[str, str]]:
        """The pairs as a new list."""
        return list(self._list)

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str):
            return False
        wanted = key.lower()
        for name, _ in self._list:  # noqa: SIM110  # any() takes twice the time
            if name.lower() == wanted:
                return True
        return False

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._list)

    def __len__(self) -> int:
        return len(self._list)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        # The order of different names means nothing, the order of equal names does.
        return _by_name(self._list) == _by_name(other._list)

    __hash__ = None  # type: ignore[assignment]  # mutable and compared by content

    # --- writing ---

    def add(self, key: str, value: Any, /, **kwargs: Any) -> None:
        """Add one more pair; keyword arguments become `; name=value` behind the value.

        ValueError if the name or value could break out of its line.
        """
        self._list.append(check_pair(key, _with_options(value, kwargs) if kwargs else value))

    def add_header(self, key: str, value: Any, /, **kwargs: Any) -> None:
        """Add one more pair; the standard library's word for `add`."""
        self.add(key, value, **kwargs)

    def set(self, key: str, value: Any, /, **kwargs: Any) -> None:
        """Replace all pairs of a name by one, at the place of the first.

        Keyword arguments become `; name=value` behind the value. ValueError if the name or value
        could break out of its line.
        """
        pair = check_pair(key, _with_options(value, kwargs) if kwargs else value)
        wanted = key.lower()
        pairs = self._list
        found = -1
        for at, (name, _) in enumerate(pairs):
            if name.lower() == wanted:
                if found >= 0:
                    _drop(pairs, wanted, at)
                    break
                found = at
        if found < 0:
            pairs.append(pair)
        else:
            pairs[found] = pair

    def setlist(self, key: str, values: Iterable[Any]) -> None:
        """Replace all pairs of a name: the first in its place, the others at the end."""
        pairs = [check_pair(key, value) for value in values]
        if not pairs:
            self.remove(key)
            return
        self.set(*pairs[0])
        self._list.extend(pairs[1:])

    def setdefault(self, key: str, default: Any) -> str:
        """The first value of a name, after adding `default` if there was none."""
        if key not in self:
            self.add(key, default)
        return self[key]

    def setlistdefault(self, key: str, default: Iterable[Any]) -> list[str]:
        """All values of a name, after adding those in `default` if there were none."""
        if key not in self:
            self.setlist(key, default)
        return self.getlist(key)

    def extend(
        self,
        arg: Headers | Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
        /,
        **kwargs: Any,
    ) -> None:
        """Add all pairs of `arg` and of the keyword arguments; what is there stays."""
        # All are checked before the first goes in.
        if arg is not None:
            self._list += [check_pair(name, value) for name, value in _pairs(arg)]
        if kwargs:
            self._list += [check_pair(name, value) for name, value in _pairs(kwargs)]

    def update(
        self,
        arg: Headers | Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
        /,
        **kwargs: Any,
    ) -> None:
        """Replace each name that `arg` or the keyword arguments have, by all values given."""
        given: dict[str, tuple[str, list[Any]]] = {}
        for source in (arg or (), kwargs):
            once: dict[str, tuple[str, list[Any]]] = {}
            for name, value in _pairs(source):
                once.setdefault(name.lower(), (name, []))[1].append(value)
            given |= once
        for name, values in given.values():
            self.setlist(name, values)

    def __setitem__(self, key: str | int | slice, value: Any) -> None:
        if key.__class__ is str:
            # PERF: `set` without its options, for the assignment of every day (0.35 µs to 0.25).
            pair = check_pair(key, value)
            wanted = key.lower()
            for name, _ in self._list:
                if name is key or name.lower() == wanted:
                    self.set(key, value)
                    return
            self._list.append(pair)
        elif isinstance(key, str):
            self.set(key, value)
        elif isinstance(key, int):
            self._list[key] = check_pair(*value)
        else:
            self._list[key] = [check_pair(*pair) for pair in value]

    def __or__(self, other: Any) -> Self:
        if not isinstance(other, Mapping):
            return NotImplemented
        merged = self.copy()
        merged.update(other)
        return merged

    def __ior__(self, other: Any) -> Self:
        if not isinstance(other, Iterable):
            return NotImplemented
        self.update(other)
        return self

    # --- taking out ---

    def remove(self, key: str) -> None:
        """Take out all pairs of a name, if there are any."""
        _drop(self._list, key.lower(), 0)

    def __delitem__(self, key: str | int | slice) -> None:
        if isinstance(key, str):
            self.remove(key)
        else:
            del self._list[key]

    def pop(self, key: str | int | None = None, default: Any = NOTHING) -> Any:
        """Take out a name and return its first value; `default` if there is none.

        With a number the pair at that place, without any argument the last pair.
        """
        if key is None:
            return self._list.pop()
        if isinstance(key, int):
            return self._list.pop(key)
        value = self.get(key, NOTHING)
        if value is not NOTHING:
            self.remove(key)
            return value
        if default is NOTHING:
            raise self.missing(key)
        return default

    def popitem(self) -> tuple[str, str]:
        """Take out the last pair and return it."""
        return self._list.pop()

    def clear(self) -> None:
        """Take out everything."""
        self._list.clear()

    # --- copies and text ---

    def copy(self) -> Self:
        """New headers with the same pairs."""
        return self.__class__.wrap(list(self._list))

    def __copy__(self) -> Self:
        return self.copy()

    def __str__(self) -> str:
        return "".join([f"{name}: {value}\r\n" for name, value in self._list]) + "\r\n"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r})"


def _by_name(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name.lower(), []).append(value)
    return grouped


def _drop(pairs: list[tuple[str, str]], wanted: str, start: int) -> None:
    """Take out the pairs of a name (in lower case) from `start` on, in place."""
    pairs[start:] = [pair for pair in pairs[start:] if pair[0].lower() != wanted]


def _pairs(
    source: Headers | Mapping[str, Any] | Iterable[tuple[str, Any]],
) -> Iterable[tuple[str, Any]]:
    """The pairs of whatever headers may be given as."""
    if isinstance(source, (list, tuple)):
        return source
    # A copy: headers may be added to themselves.
    return list(source._list) if isinstance(source, Headers) else iter_multi_items(source)


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
        # By way of __iter__, which programs override to give names a spelling of their own.
        return list(iter(self))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(
            [
                (name, value)
                for key, value in self.environ.items()
                if (name := header_name(key)) and (value or key not in _UNPREFIXED)
            ]
        )

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

    def getlist(self, key: str, type: Callable[[str], Any] | None = None) -> list[Any]:
        """The value of a header, converted by `type` if given, as a list; empty if it has none."""
        value = self.get(key)
        if value is None:
            return []
        return [value] if type is None else convert_all([value], type)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def copy(self) -> NoReturn:
        """Not possible; `Headers(these)` makes headers that can be changed."""
        raise TypeError(f"{type(self).__name__} cannot be copied. Use Headers(headers) instead.")

    __or__: Any = refuse
