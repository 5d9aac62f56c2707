"""Attributes that read and write one header or one environ key of their object.

Law: a value that cannot be parsed reads as the default; it never raises on what a client sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, overload

from costrel.http.dates import dump_age, http_date, parse_age, parse_date
from costrel.http.door import Door
from costrel.http.header_values import HeaderSet, dump_header, parse_set_header

T = TypeVar("T")


class _StoredField(Generic[T]):
    """An attribute kept as text under a name in some mapping of its object.

    :param name: the header's or the environ key's name.
    :param default: what the attribute is while the name is absent or its text is malformed.
    :param load_func: turns the text into the value.
    :param dump_func: turns a value into text.
    :param read_only: refuse to set or delete.
    :param doc: the attribute's docstring.
    """

    read_only = False

    def __init__(
        self,
        name: str,
        default: T | None = None,
        load_func: Callable[[str], T | None] | None = None,
        dump_func: Callable[[T], str | None] | None = None,
        read_only: bool | None = None,
        doc: str | None = None,
    ) -> None:
        self.name = name
        self.default = default
        self.load_func = load_func
        self.dump_func = dump_func
        if read_only is not None:
            self.read_only = read_only
        self.__doc__ = doc

    def lookup(self, holder: Any) -> Any:
        raise NotImplementedError

    @overload
    def __get__(self, holder: None, owner: type) -> _StoredField[T]: ...

    @overload
    def __get__(self, holder: object, owner: type) -> T | None: ...

    def __get__(self, holder: object | None, owner: type) -> Any:
        if holder is None:
            return self
        text = self.lookup(holder).get(self.name)
        if text is None:
            return self.default
        if self.load_func is None:
            return text
        try:
            return self.load_func(text)
        except (ValueError, TypeError):
            return self.default

    def __set__(self, holder: object, value: T | None) -> None:
        if self.read_only:
            raise AttributeError(f"{self.name!r} is read only.")
        store = self.lookup(holder)
        if value is None:
            store.pop(self.name, None)
        elif self.dump_func is None:
            store[self.name] = value
        else:
            store[self.name] = self.dump_func(value)

    def __delete__(self, holder: object) -> None:
        if self.read_only:
            raise AttributeError(f"{self.name!r} is read only.")
        self.lookup(holder).pop(self.name, None)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class header_property(_StoredField[T]):  # noqa: N801  # used like ``property``
    """An attribute that stands for one header of ``self.headers``."""

    def lookup(self, holder: Any) -> Any:
        """Where the text is kept: the object's headers."""
        return holder.headers


class environ_property(_StoredField[T]):  # noqa: N801  # used like ``property``
    """An attribute that stands for one key of ``self.environ``; read-only unless said otherwise."""

    read_only = True

    def lookup(self, holder: Any) -> Any:
        """Where the text is kept: the object's WSGI environ."""
        return holder.environ


class ParsedHeader(Generic[T]):
    """A header as what a file that few requests need makes of it, once per object.

    :param name: the header's name.
    :param parse: leads to what makes the value of the header's text, or of ``None``.
    :param doc: the attribute's docstring.
    """

    def __init__(self, name: str, parse: Door, doc: str) -> None:
        self.name = name
        self.parse = parse
        self.__doc__ = doc

    def __set_name__(self, owner: type, attribute: str) -> None:
        self.attribute = attribute

    @overload
    def __get__(self, holder: None, owner: type) -> ParsedHeader[T]: ...

    @overload
    def __get__(self, holder: object, owner: type) -> T: ...

    def __get__(self, holder: Any, owner: type) -> Any:
        if holder is None:
            return self
        parse = self.parse.code or self.parse.open()
        # Without ``__set__`` here, every touch but the first is a plain dict look-up.
        value = vars(holder)[self.attribute] = parse(holder.headers.get(self.name))
        return value


class ViewedHeader(Generic[T]):
    """A header seen as an object: changing the object writes the header.

    :param name: the header's name.
    :param load: makes the object from the header's text (or ``None``) and a callback that the
        object calls with itself when it was changed; or the door to it.
    :param dump: turns what was assigned to the attribute into the header's text; or the door to it.
    :param doc: the attribute's docstring.
    """

    def __init__(
        self,
        name: str,
        load: Callable[[str | None, Callable[[Any], None]], T] | Door,
        dump: Callable[[Any], str] | Door,
        doc: str,
    ) -> None:
        self.name = name
        self.load = load
        self.dump = dump
        self.__doc__ = doc

    @overload
    def __get__(self, holder: None, owner: type) -> ViewedHeader[T]: ...

    @overload
    def __get__(self, holder: object, owner: type) -> T: ...

    def __get__(self, holder: Any, owner: type) -> Any:
        if holder is None:
            return self

        def write_back(changed: Any) -> None:
            if changed:
                holder.headers[self.name] = changed.to_header()
            else:
                holder.headers.pop(self.name, None)

        load = self.load
        if isinstance(load, Door):
            load = self.load = load.open()
        return load(holder.headers.get(self.name), write_back)

    def __set__(self, holder: Any, value: Any) -> None:
        if not value:
            holder.headers.pop(self.name, None)
            return
        dump = self.dump
        if isinstance(dump, Door):
            dump = self.dump = dump.open()
        holder.headers[self.name] = dump(value)


def dump_any(value: Any) -> str:
    """The header text of a string, an iterable, or an object with ``to_header``."""
    if isinstance(value, str):
        return value
    if hasattr(value, "to_header"):
        return str(value.to_header())
    return dump_header(value)


def set_header(name: str, doc: str) -> ViewedHeader[HeaderSet]:
    """An attribute that sees a comma-separated header as a :class:`HeaderSet`."""
    return ViewedHeader(name, parse_set_header, dump_any, doc)


def date_header(name: str, doc: str) -> header_property[datetime]:
    """An attribute that sees a header as a timezone-aware datetime (RFC 9110, 5.6.7)."""
    return header_property(name, None, parse_date, http_date, doc=doc)


def age_header(name: str, doc: str) -> header_property[timedelta]:
    """An attribute that sees a header of seconds as a timedelta."""
    return header_property(name, None, parse_age, dump_age, doc=doc)
