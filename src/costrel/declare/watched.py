"""Dictionaries and lists that say when they were changed.

Law: extensions write into an app's public containers by hand, also late. What was compiled from
them must not miss it, and a request must not pay for asking: so the containers tell.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

Changed = Callable[[], None]


def _telling(names: str, kind: type) -> Callable[[type], type]:
    """Give a class the named methods of its base, each followed by a word that it changed."""

    def make(name: str) -> Any:
        plain = getattr(kind, name)

        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            result = plain(self, *args, **kwargs)
            self.changed()
            return result

        method.__name__ = name
        method.__doc__ = plain.__doc__
        return method

    def decorate(cls: type) -> type:
        for name in names.split():
            setattr(cls, name, make(name))
        return cls

    return decorate


@_telling(
    "append extend insert remove pop clear sort reverse __setitem__ __delitem__ __iadd__ __imul__",
    list,
)
class WatchedList(list[Any]):
    """A list that says when it was changed."""

    def __init__(self, changed: Changed, values: Any = ()) -> None:
        super().__init__(values)
        self.changed = changed


@_telling("pop popitem clear __delitem__", dict)
class WatchedDict(dict[Any, Any]):
    """A dictionary that says when it was changed, and makes its values watched too.

    :param changed: called after each change.
    :param make_missing: makes the value of a missing key, as ``defaultdict`` has it.
    """

    def __init__(
        self, changed: Changed, make_missing: Callable[[Changed], Any] | None = None
    ) -> None:
        super().__init__()
        self.changed = changed
        self.make_missing = make_missing

    def __missing__(self, key: Any) -> Any:
        if self.make_missing is None:
            raise KeyError(key)
        made = self.make_missing(self.changed)
        dict.__setitem__(self, key, made)
        return made

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, self._watched(value))
        self.changed()

    def _watched(self, value: Any) -> Any:
        """A plain list or dict as one that tells, as deep as the table goes."""
        if self.make_missing is None or isinstance(value, (WatchedList, WatchedDict)):
            return value
        made = self.make_missing(self.changed)
        if isinstance(made, list) and isinstance(value, list):
            made.extend(value)
            return made
        if isinstance(made, dict) and isinstance(value, dict):
            made.update(value)
            return made
        return value

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Return the value of a key, after setting it where it was missing."""
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set all the given keys."""
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def __ior__(self, other: Any) -> WatchedDict:  # type: ignore[misc]  # what dict has
        self.update(other)
        return self


def watched_like(known: Any, value: Any) -> Any:
    """A container that takes the place of a watched one, watched as that one was."""
    if type(known) is WatchedDict and isinstance(value, dict):
        table = WatchedDict(known.changed, known.make_missing)
        table.update(value)
        return table
    if type(known) is WatchedList and isinstance(value, list):
        return WatchedList(known.changed, value)
    return value


class Telling:
    """Calls a method of an object, as long as somebody else keeps the object.

    What an app holds must not hold the app: it would only be freed by the garbage collector.
    """

    def __init__(self, bound_method: Any) -> None:
        self.method = weakref.WeakMethod(bound_method)

    def __call__(self) -> None:
        """Call the method."""
        method = self.method()
        if method is not None:
            method()


def hook_table(changed: Changed) -> WatchedDict:
    """A table of hooks: the blueprint's name, or ``None`` for all → functions."""
    return WatchedDict(changed, WatchedList)


def handler_table(changed: Changed) -> WatchedDict:
    """A table of error handlers: blueprint or ``None`` → code or ``None`` → class → function."""
    return WatchedDict(changed, _by_code)


def _by_code(changed: Changed) -> WatchedDict:
    return WatchedDict(changed, WatchedDict)
