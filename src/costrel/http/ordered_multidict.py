"""A MultiDict that remembers the order of values across its keys, for programs written with it.

A plain MultiDict keeps the order of its keys and of each key's values, which is nearly always
enough. Law: `_sequence` names the key of each value, in order, and always agrees with the lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn, Self, SupportsIndex, TypeVar

from costrel.http.multidict import NOTHING, ImmutableMultiDictMixin, MultiDict, iter_multi_items

K = TypeVar("K")
V = TypeVar("V")


class OrderedMultiDict(MultiDict[K, V]):
    """A MultiDict whose `items(multi=True)` come in the order in which they were added."""

    def __init__(
        self,
        mapping: Mapping[K, V | list[V] | tuple[V, ...] | set[V]]
        | Iterable[tuple[K, V]]
        | None = None,
    ) -> None:
        """Start from a MultiDict, a mapping with single values or lists, or pairs."""
        self._sequence: list[K] = []
        for key, value in iter_multi_items(mapping or ()):
            # Not self.add: an immutable one refuses it.
            OrderedMultiDict.add(self, key, value)

    @classmethod
    def wrap(cls, lists: dict[K, list[V]]) -> Self:
        """Make one from a dict of lists, key after key."""
        return cls(lists)

    def add(self, key: K, value: V) -> None:
        """Add one more value under a key, behind all others."""
        is_new = key not in self
        super().add(key, value)
        if not is_new:  # else _put has noted it
            self._sequence.append(key)

    def _put(self, key: K, values: list[V]) -> None:
        self._forget(key)
        super()._put(key, values)
        self._sequence += [key] * len(values)

    def _forget(self, key: K) -> None:
        if key in self:
            self._sequence = [one for one in self._sequence if one != key]

    def items(  # type: ignore[override]  # no view, as in MultiDict
        self, multi: bool = False
    ) -> Iterator[tuple[K, V]]:
        """Yield pairs of key and first value, or each pair in its order if `multi`."""
        if not multi:
            yield from super().items()
            return
        values = {key: iter(many) for key, many in self._lists()}
        for key in self._sequence:
            yield key, next(values[key])

    def setlistdefault(self, key: K, default_list: Iterable[V] | None = None) -> NoReturn:
        """Not possible: a list in the caller's hands could change without its order."""
        raise TypeError(f"{type(self).__name__} has no setlistdefault. Use setlist instead.")

    def __delitem__(self, key: K) -> None:
        self._forget(key)
        super().__delitem__(key)

    def pop(self, key: K, default: Any = NOTHING) -> Any:
        """Take a key out and return its first value, or `default` if it is not there."""
        self._forget(key)
        return super().pop(key, default)

    def poplist(self, key: K) -> list[V]:
        """Take a key out and return its list; an empty one if it is not there."""
        self._forget(key)
        return super().poplist(key)

    def popitemlist(self) -> tuple[K, list[V]]:
        """Take the last key out and return it with its list."""
        key, values = super().popitemlist()
        self._sequence = [one for one in self._sequence if one != key]
        return key, values

    def clear(self) -> None:
        """Take everything out."""
        super().clear()
        self._sequence.clear()

    def deepcopy(self, memo: Any = None) -> Self:
        """A new one whose values are copies too."""
        made = super().deepcopy(memo)
        assert isinstance(made, type(self))
        made._sequence = list(self._sequence)
        return made

    def __eq__(self, other: object) -> bool:
        if isinstance(other, OrderedMultiDict):
            return list(self.items(multi=True)) == list(other.items(multi=True))
        return dict.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # mutable and compared by content

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return type(self), (list(self.items(multi=True)),)


class ImmutableOrderedMultiDict(ImmutableMultiDictMixin, OrderedMultiDict[K, V]):  # type: ignore[misc]  # gains a hash
    """An OrderedMultiDict that refuses changes."""

    def _hashed_items(self) -> Iterable[Any]:
        return enumerate(self.items(multi=True))

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return OrderedMultiDict.__reduce_ex__(self, protocol)

    def copy(self) -> OrderedMultiDict[K, V]:
        """An OrderedMultiDict with the same values that can be changed."""
        return OrderedMultiDict(self)

    def __copy__(self) -> Self:
        return self
