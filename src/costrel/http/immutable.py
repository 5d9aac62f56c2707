"""Dictionaries and lists that refuse every change and can be hashed.

Law: a mixin here comes first among the bases, so that its refusals hide the writing methods.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from typing import Any, NoReturn, SupportsIndex, TypeVar

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


def refuse(self: object, *args: object, **kwargs: object) -> NoReturn:
    """Stand in for a method that would change an immutable object; TypeError."""
    name = type(self).__name__
    raise TypeError(f"{name} objects are immutable. Change a copy() of this one instead.")


class ImmutableDictMixin:
    """Makes a dict refuse changes and gives it a hash over its items."""

    _hash: int | None = None

    # Any, because these stand in front of methods with many different signatures.
    __setitem__: Any = refuse
    __delitem__: Any = refuse
    __ior__: Any = refuse
    clear: Any = refuse
    pop: Any = refuse
    popitem: Any = refuse
    setdefault: Any = refuse
    update: Any = refuse

    @classmethod
    def fromkeys(cls, keys: Iterable[Any], value: Any = None) -> Any:
        """Make one with the same value under every key."""
        # dict.fromkeys would write the items one by one, into something that refuses.
        return cls(zip(keys, repeat(value)))  # type: ignore[call-arg]  # the dict beside it takes it

    def _hashed_items(self) -> Iterable[Any]:
        return self.items()  # type: ignore[attr-defined,no-any-return]  # from the dict beside it

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._hashed_items()))
        return self._hash

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        # The default would fill the copy item by item.
        return type(self), (dict(self),)  # type: ignore[call-overload]  # a dict is beside it


class ImmutableListMixin:
    """Makes a list refuse changes and gives it the hash of a tuple."""

    _hash: int | None = None

    __setitem__: Any = refuse
    __delitem__: Any = refuse
    __iadd__: Any = refuse
    __imul__: Any = refuse
    append: Any = refuse
    clear: Any = refuse
    extend: Any = refuse
    insert: Any = refuse
    pop: Any = refuse
    remove: Any = refuse
    reverse: Any = refuse
    sort: Any = refuse

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(tuple(self))  # type: ignore[arg-type]  # a list is beside it
        return self._hash

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return type(self), (list(self),)  # type: ignore[call-overload]  # a list is beside it


class ImmutableHeadersMixin:
    """Makes Headers refuse changes."""

    __setitem__: Any = refuse
    __delitem__: Any = refuse
    __ior__: Any = refuse
    add: Any = refuse
    add_header: Any = refuse
    clear: Any = refuse
    extend: Any = refuse
    insert: Any = refuse
    pop: Any = refuse
    popitem: Any = refuse
    remove: Any = refuse
    set: Any = refuse
    setdefault: Any = refuse
    setlist: Any = refuse
    setlistdefault: Any = refuse
    update: Any = refuse


class ImmutableDict(ImmutableDictMixin, dict[K, V]):  # type: ignore[misc]  # gains a hash
    """A dict that refuses changes; `copy()` is a plain dict."""

    def copy(self) -> dict[K, V]:
        """A plain dict with the same items."""
        return dict(self)

    def __copy__(self) -> ImmutableDict[K, V]:
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict.__repr__(self)})"


class ImmutableList(ImmutableListMixin, list[T]):  # type: ignore[misc]  # gains a hash
    """A list that refuses changes."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list.__repr__(self)})"
