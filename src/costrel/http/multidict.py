"""Dictionaries with several values per key, and the immutable and combined ones.

Law: a MultiDict is a dict of non-shared lists underneath (`dict.__getitem__` gives the list);
everything public shows the first value unless its name says list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, NoReturn, Self, SupportsIndex, TypeVar, cast, overload

from costrel.http.immutable import ImmutableDictMixin, refuse

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
D = TypeVar("D")


class _Nothing:
    """The mark of an argument that was not given."""

    def __repr__(self) -> str:
        return "no value"


NOTHING: Any = _Nothing()
_MANY = (list, tuple, set)
_raw: Any = dict  # dict's own methods; they see lists where the public ones show values


def iter_multi_items(
    mapping: Mapping[K, V | list[V] | tuple[V, ...] | set[V]] | Iterable[tuple[K, V]],
) -> Iterator[tuple[K, V]]:
    """Yield each pair of key and value, whatever form they are given in.

    A MultiDict, a mapping (its lists, tuples and sets count as many values), or pairs.
    """
    if isinstance(mapping, MultiDict):
        yield from mapping.items(multi=True)
    elif isinstance(mapping, Mapping):
        for key, value in mapping.items():
            if isinstance(value, _MANY):
                for one in value:
                    yield key, one
            else:
                yield key, cast("V", value)
    else:
        yield from mapping


def convert(value: V, type: Callable[[V], T], default: D) -> T | D:
    """The value converted by `type`; `default` if that raises ValueError or TypeError."""
    try:
        return type(value)
    except (ValueError, TypeError):
        return default


def convert_all(values: Iterable[V], type: Callable[[V], T]) -> list[T]:
    """Convert each value; leave out those for which `type` raises ValueError or TypeError."""
    converted = []
    for value in values:
        try:
            converted.append(type(value))
        except (ValueError, TypeError):
            continue
    return converted


class TypeConversionDict(dict[K, V]):
    """A dict whose `get` can convert the value."""

    missing: type[KeyError] = KeyError
    """What is raised for a key that is not there."""

    @overload
    def get(self, key: K, default: None = None, type: None = None) -> V | None: ...
    @overload
    def get(self, key: K, default: D, type: None = None) -> V | D: ...
    @overload
    def get(self, key: K, default: D, type: Callable[[V], T]) -> D | T: ...
    @overload
    def get(self, key: K, default: None = None, *, type: Callable[[V], T]) -> T | None: ...
    def get(self, key: K, default: Any = None, type: Callable[[V], Any] | None = None) -> Any:
        """The value, converted by `type` if given.

        `default` if the key is not there, or if `type` raises ValueError or TypeError.
        """
        # PERF: a key that is not there is seen before an exception is made of it (0.8 µs → 0.1).
        if key not in self and self.__class__.__getitem__ is MultiDict.__getitem__:
            return default
        try:
            value = self[key]
        except KeyError:
            return default
        return value if type is None else convert(value, type, default)


class ImmutableTypeConversionDict(ImmutableDictMixin, TypeConversionDict[K, V]):  # type: ignore[misc]  # gains a hash
    """A TypeConversionDict that refuses changes."""

    def copy(self) -> TypeConversionDict[K, V]:
        """One with the same items that can be changed."""
        return TypeConversionDict(self)

    def __copy__(self) -> Self:
        return self


class MultiDict(TypeConversionDict[K, V]):
    """A dict with several values per key; plain access gives the first one."""

    def __init__(
        self,
        mapping: Mapping[K, V | list[V] | tuple[V, ...] | set[V]]
        | Iterable[tuple[K, V]]
        | None = None,
    ) -> None:
        """Start from a MultiDict, a mapping with single values or lists, or pairs."""
        if mapping is None:
            return
        lists: dict[K, list[V]] = {}
        for key, value in iter_multi_items(mapping):
            if key in lists:
                lists[key].append(value)
            else:
                lists[key] = [value]
        _raw.update(self, lists)

    @classmethod
    def wrap(cls, lists: dict[K, list[V]]) -> Self:
        """Adopt a dict of lists without copying the lists or looking at them."""
        # PERF: 0.2 µs, where __init__ takes 0.2 µs more for each pair.
        made = cls.__new__(cls)
        _raw.update(made, lists)
        return made

    def __getitem__(self, key: K) -> V:
        values: list[V] | None = _raw.get(self, key)
        if values:
            return values[0]
        raise self.missing(key)

    def __setitem__(self, key: K, value: V) -> None:
        self._put(key, [value])

    def _put(self, key: K, values: list[V]) -> None:
        _raw.__setitem__(self, key, values)

    def _lists(self) -> Iterable[tuple[K, list[V]]]:
        """The pairs of key and list as they are stored."""
        stored: Iterable[tuple[K, list[V]]] = _raw.items(self)
        return stored

    def __iter__(self) -> Iterator[K]:
        # Defined only so that dict(self) asks for each item and gets the first value.
        return dict.__iter__(self)

    def add(self, key: K, value: V) -> None:
        """Add one more value under a key."""
        values: list[V] | None = _raw.get(self, key)
        if values is None:
            self._put(key, [value])
        else:
            values.append(value)

    @overload
    def getlist(self, key: K) -> list[V]: ...
    @overload
    def getlist(self, key: K, type: Callable[[V], T]) -> list[T]: ...
    def getlist(self, key: K, type: Callable[[V], Any] | None = None) -> list[Any]:
        """All values of a key as a new list, converted by `type` if given.

        Values for which `type` raises ValueError or TypeError are left out.
        """
        values: Iterable[V] = _raw.get(self, key, ())
        return list(values) if type is None else convert_all(values, type)

    def setlist(self, key: K, new_list: Iterable[V]) -> None:
        """Replace all values of a key."""
        self._put(key, list(new_list))

    @overload
    def setdefault(self, key: K) -> V | None: ...
    @overload
    def setdefault(self, key: K, default: V) -> V: ...
    def setdefault(self, key: K, default: Any = None) -> Any:
        """The first value of a key, after storing `default` if there was no such key."""
        if key not in self:
            self[key] = default
        return self[key]

    def setlistdefault(self, key: K, default_list: Iterable[V] | None = None) -> list[V]:
        """The stored list of a key, after storing a copy of `default_list` if there was none."""
        if key not in self:
            self._put(key, list(default_list or ()))
        stored: list[V] = _raw.__getitem__(self, key)
        return stored

    def items(  # type: ignore[override]  # an iterator, not a view: views would show the lists
        self, multi: bool = False
    ) -> Iterator[tuple[K, V]]:
        """Yield pairs of key and first value, or of key and each value if `multi`."""
        for key, values in self._lists():
            if multi:
                for value in values:
                    yield key, value
            elif values:
                yield key, values[0]

    def values(self) -> Iterator[V]:  # type: ignore[override]  # as for items
        """Yield the first value of each key."""
        for _, values in self._lists():
            if values:
                yield values[0]

    def lists(self) -> Iterator[tuple[K, list[V]]]:
        """Yield pairs of key and a copy of its list."""
        for key, values in self._lists():
            yield key, list(values)

    def listvalues(self) -> Iterator[list[V]]:
        """Yield the stored list of each key."""
        for _, values in self._lists():
            yield values

    @overload
    def to_dict(self) -> dict[K, V]: ...
    @overload
    def to_dict(self, flat: bool) -> dict[K, Any]: ...
    def to_dict(self, flat: bool = True) -> dict[K, Any]:
        """A plain dict of first values, or of lists if not `flat`."""
        return dict(self.items()) if flat else dict(self.lists())

    def update(  # type: ignore[override]  # it adds, and takes no keywords
        self,
        mapping: Mapping[K, V | list[V] | tuple[V, ...] | set[V]] | Iterable[tuple[K, V]],
    ) -> None:
        """Add all values of another one; values that are there stay."""
        for key, value in iter_multi_items(mapping):
            self.add(key, value)

    def __or__(self, other: Any) -> MultiDict[K, V]:  # type: ignore[override]  # adds, as update
        if not isinstance(other, Mapping):
            return NotImplemented
        merged = self.copy()
        merged.update(other)
        return merged

    def __ior__(self, other: Any) -> Self:  # type: ignore[override]  # as update
        if not isinstance(other, (Mapping, Iterable)):
            return NotImplemented
        self.update(other)
        return self

    @overload
    def pop(self, key: K) -> V: ...
    @overload
    def pop(self, key: K, default: D) -> V | D: ...
    def pop(self, key: K, default: Any = NOTHING) -> Any:
        """Take a key out and return its first value, or `default` if it is not there."""
        values: Sequence[V] = _raw.pop(self, key, ())
        if values:
            return values[0]
        if default is NOTHING:
            raise self.missing(key)
        return default

    def popitem(self) -> tuple[K, V]:
        """Take the last key out and return it with its first value."""
        key, values = self.popitemlist()
        if not values:
            raise self.missing(key)
        return key, values[0]

    def poplist(self, key: K) -> list[V]:
        """Take a key out and return its list; an empty one if it is not there."""
        values: list[V] = _raw.pop(self, key, [])
        return values

    def popitemlist(self) -> tuple[K, list[V]]:
        """Take the last key out and return it with its list."""
        try:
            last: tuple[K, list[V]] = _raw.popitem(self)
        except KeyError as error:
            raise self.missing(*error.args) from None
        return last

    def copy(self) -> MultiDict[K, V]:
        """A new one whose lists are copies."""
        return self.__class__(self)

    def deepcopy(self, memo: Any = None) -> MultiDict[K, V]:
        """A new one whose values are copies too."""
        return self.__class__(deepcopy(self.to_dict(flat=False), memo))

    def __copy__(self) -> MultiDict[K, V]:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> MultiDict[K, V]:
        return self.deepcopy(memo)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        # The default would go through items() and lose all but the first values.
        return type(self), (dict(self.lists()),)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self.items(multi=True))!r})"


class ImmutableMultiDictMixin(ImmutableDictMixin):
    """Makes a MultiDict refuse changes and gives it a hash over all of its values."""

    add: Any = refuse
    poplist: Any = refuse
    popitemlist: Any = refuse
    setlist: Any = refuse
    setlistdefault: Any = refuse

    def _hashed_items(self) -> Iterable[Any]:
        return self.items(multi=True)  # type: ignore[attr-defined,no-any-return]  # from beside

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return MultiDict.__reduce_ex__(self, protocol)  # type: ignore[arg-type]  # it is beside


class ImmutableMultiDict(ImmutableMultiDictMixin, MultiDict[K, V]):  # type: ignore[misc]  # gains a hash
    """A MultiDict that refuses changes: what a request's `args` and `form` are."""

    def copy(self) -> MultiDict[K, V]:
        """A MultiDict with the same values that can be changed."""
        return MultiDict(self)

    def __copy__(self) -> Self:
        return self


class CombinedMultiDict(ImmutableMultiDictMixin, MultiDict[K, V]):
    """Several MultiDicts seen as one; the first that has a key decides its plain value."""

    def __init__(self, dicts: Iterable[MultiDict[K, V]] | None = None) -> None:
        """Look through `dicts`, in their order; they are not copied."""
        self.dicts = list(dicts or ())

    @classmethod
    def fromkeys(cls, *_: Any) -> NoReturn:
        """Not possible: there is no single dict to fill."""
        raise TypeError(f"{cls.__name__} combines other dicts. Use MultiDict.fromkeys instead.")

    def __getitem__(self, key: K) -> V:
        for one in self.dicts:
            if key in one:
                return one[key]
        raise self.missing(key)

    @overload
    def get(self, key: K, default: None = None, type: None = None) -> V | None: ...
    @overload
    def get(self, key: K, default: D, type: None = None) -> V | D: ...
    @overload
    def get(self, key: K, default: D, type: Callable[[V], T]) -> D | T: ...
    @overload
    def get(self, key: K, default: None = None, *, type: Callable[[V], T]) -> T | None: ...
    def get(self, key: K, default: Any = None, type: Callable[[V], Any] | None = None) -> Any:
        """The first value, converted by `type` if given; the first that converts wins."""
        for one in self.dicts:
            if key in one:
                if type is None:
                    return one[key]
                try:
                    return type(one[key])
                except (ValueError, TypeError):
                    continue
        return default

    @overload
    def getlist(self, key: K) -> list[V]: ...
    @overload
    def getlist(self, key: K, type: Callable[[V], T]) -> list[T]: ...
    def getlist(self, key: K, type: Callable[[V], Any] | None = None) -> list[Any]:
        """All values of a key from all dicts, in order."""
        found: list[Any] = []
        for one in self.dicts:
            found += one.getlist(key) if type is None else one.getlist(key, type)
        return found

    def _lists(self) -> Iterable[tuple[K, list[V]]]:
        merged: dict[K, list[V]] = {}
        for one in self.dicts:
            for key, values in one.lists():
                merged.setdefault(key, []).extend(values)
        return merged.items()

    def keys(self) -> Any:
        """The keys of all dicts, each once."""
        return dict.fromkeys(key for one in self.dicts for key in one).keys()

    def copy(self) -> MultiDict[K, V]:
        """A MultiDict with the same values that can be changed."""
        return MultiDict(self)

    def __copy__(self) -> MultiDict[K, V]:
        return self.copy()

    def __contains__(self, key: object) -> bool:
        return any(key in one for one in self.dicts)

    def __iter__(self) -> Iterator[K]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __eq__(self, other: object) -> bool:
        # Without this the empty dict underneath would be compared.
        lists = dict(other._lists()) if isinstance(other, MultiDict) else other
        return dict(self._lists()) == lists

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:  # type: ignore[override]  # dict has none
        return hash(frozenset(self.items(multi=True)))  # not kept: the dicts may change

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return type(self), (self.dicts,)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.dicts!r})"
