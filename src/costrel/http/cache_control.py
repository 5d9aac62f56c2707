"""Cache-Control, as a request sends it and as a response does.

Law: values are text or ``None``, as in the header; attributes convert them at each touch and never
raise when read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast, overload

from costrel.http.callback_dict import CallbackDict
from costrel.http.header_values import dump_header, parse_dict_header
from costrel.http.immutable import ImmutableDictMixin
from costrel.http.late_pattern import late_pattern

T = TypeVar("T")
Found = TypeVar("Found", bound="CacheControl")

_WHOLE_NUMBER = late_pattern(r"\s*+-?[0-9]{1,19}\s*+")


def _read_number(text: str) -> int | None:
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None


class Directive(Generic[T]):
    """One directive of a Cache-Control header, as an attribute.

    Setting it to ``None`` or ``False`` takes the directive away, ``True`` writes it without value.

    :param key: its name in the header.
    :param empty: what it reads as where it stands without a value.
    :param type: ``bool`` for a flag, ``int`` for a number, ``None`` for text.
    :param doc: what it means.
    """

    def __init__(
        self, key: str, empty: Any = None, type: type[Any] | None = None, doc: str | None = None
    ) -> None:
        self.key = key
        self.empty = empty
        self.type: Callable[[Any], Any] | None = type
        self.__doc__ = doc

    @overload
    def __get__(self, holder: None, owner: Any) -> Directive[T]: ...

    @overload
    def __get__(self, holder: CacheControl, owner: Any) -> T: ...

    def __get__(self, holder: CacheControl | None, owner: Any) -> Any:
        if holder is None:
            return self
        if self.type is bool:
            return self.key in holder
        if self.key not in holder:
            return None
        value = holder[self.key]
        if value is None:
            return self.empty
        return _read_number(str(value)) if self.type is int else value

    def __set__(self, holder: CacheControl, value: Any) -> None:
        if value is None or value is False or (self.type is bool and not value):
            holder.pop(self.key, None)
        elif value is True or self.type is bool:
            holder[self.key] = None
        else:
            holder[self.key] = str(value if self.type is None else self.type(value))

    def __delete__(self, holder: CacheControl) -> None:
        holder.pop(self.key, None)


class CacheControl(CallbackDict[str, Any]):
    """What the Cache-Control headers of requests and responses share.

    See RFC 9111 section 5.2, and RFC 5861 for ``stale_if_error``.
    """

    no_cache: Directive[Any]
    no_store = Directive[bool]("no-store", type=bool, doc="Whether nothing may be stored.")
    max_age = Directive["int | None"]("max-age", type=int, doc="How many seconds it is fresh.")
    no_transform = Directive[bool](
        "no-transform", type=bool, doc="Whether proxies must leave the content as it is."
    )
    stale_if_error = Directive["int | None"](
        "stale-if-error", type=int, doc="For how many seconds a stale one may stand for an error."
    )

    @staticmethod
    def cache_property(
        key: str, empty: Any, type: type[Any] | None, *, doc: str | None = None
    ) -> Any:
        """Make an attribute for a directive of one's own; see :class:`Directive`."""
        return Directive[Any](key, empty, type, doc)

    def to_header(self) -> str:
        """Write the value of a Cache-Control header."""
        return dump_header(self)

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        parts = [f"{key}={value!r}" for key, value in sorted(self.items())]
        return f"<{' '.join([type(self).__name__, *parts])}>"


class RequestCacheControl(ImmutableDictMixin, CacheControl):  # type: ignore[misc]  # it can be hashed
    """The Cache-Control header of a request; it cannot be changed."""

    no_cache = Directive[bool]("no-cache", type=bool, doc="Whether a stored one must be checked.")
    max_stale = Directive["int | bool | None"](
        "max-stale", True, int, "By how many seconds it may be stale; True means by any number."
    )
    min_fresh = Directive["int | None"](
        "min-fresh", type=int, doc="For how many seconds it must still be fresh."
    )
    only_if_cached = Directive[bool](
        "only-if-cached", type=bool, doc="Whether only a stored one is wanted."
    )


class ResponseCacheControl(CacheControl):
    """The Cache-Control header of a response."""

    no_cache = Directive["str | bool | None"](
        "no-cache", True, doc="Whether it must be checked before each use, or which headers of it."
    )
    public = Directive[bool]("public", type=bool, doc="Whether shared caches may store it.")
    private = Directive["str | bool | None"](
        "private", True, doc="Whether shared caches must not store it, or which headers of it."
    )
    must_revalidate = Directive[bool](
        "must-revalidate", type=bool, doc="Whether it must be checked once it is stale."
    )
    proxy_revalidate = Directive[bool](
        "proxy-revalidate", type=bool, doc="The same, for shared caches only."
    )
    s_maxage = Directive["int | None"](
        "s-maxage", type=int, doc="How many seconds it is fresh in shared caches."
    )
    immutable = Directive[bool](
        "immutable", type=bool, doc="Whether it will not change while it is fresh (RFC 8246)."
    )
    must_understand = Directive[bool](
        "must-understand", type=bool, doc="Whether only caches that know its status may store it."
    )
    stale_while_revalidate = Directive["int | None"](
        "stale-while-revalidate",
        type=int,
        doc="For how many seconds a stale one may be used while a new one is fetched (RFC 5861).",
    )


def parse_cache_control_header(
    value: str | None,
    on_update: Callable[[Any], None] | None = None,
    cls: type[Found] | None = None,
) -> Found:
    """Read a Cache-Control header.

    :param value: the header, or ``None`` where there is none.
    :param on_update: called with the result after each change of it.
    :param cls: what to make of it, :class:`RequestCacheControl` if not given.
    """
    make = cast("type[Found]", RequestCacheControl) if cls is None else cls
    # Names of directives are written in any case (RFC 9111 5.2); their values are not.
    found = parse_dict_header(value) if value else {}
    return make({name.lower(): text for name, text in found.items()}, on_update)


def parse_response_cache_control(
    value: str | None, on_update: Callable[[Any], None] | None = None
) -> ResponseCacheControl:
    """Read the Cache-Control header of a response."""
    return parse_cache_control_header(value, on_update, ResponseCacheControl)
