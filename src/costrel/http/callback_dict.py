"""A dict that tells when it is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self, TypeVar

from costrel.http.multidict import NOTHING

K = TypeVar("K")
V = TypeVar("V")


class UpdateDictMixin(dict[K, V]):
    """Calls `on_update` with the dict after each change."""

    on_update: Callable[[Any], None] | None = None

    def _changed(self) -> None:
        if self.on_update is not None:
            self.on_update(self)

    def __setitem__(self, key: K, value: V) -> None:
        # PERF: `super()` and `_changed` take 0.15 of 0.35 µs, each time a session is written to.
        dict.__setitem__(self, key, value)
        if self.on_update is not None:
            self.on_update(self)

    def __delitem__(self, key: K) -> None:
        super().__delitem__(key)
        self._changed()

    def clear(self) -> None:
        """Take everything out."""
        super().clear()
        self._changed()

    def popitem(self) -> tuple[K, V]:
        """Take the last item out and return it."""
        item = super().popitem()
        self._changed()
        return item

    def pop(self, key: K, default: Any = NOTHING) -> Any:
        """Take a key out and return its value, or `default` if it is not there."""
        size = len(self)
        value = super().pop(key) if default is NOTHING else super().pop(key, default)
        if len(self) != size:
            self._changed()
        return value

    def setdefault(self, key: K, default: Any = None) -> Any:
        """The value of a key, after storing `default` if it was not there."""
        size = len(self)
        value = super().setdefault(key, default)
        if len(self) != size:
            self._changed()
        return value

    def update(  # type: ignore[override]  # dict's overloads in one
        self, arg: Mapping[K, V] | Iterable[tuple[K, V]] | None = None, /, **kwargs: V
    ) -> None:
        """Store several items and tell once."""
        super().update(() if arg is None else arg, **kwargs)
        self._changed()

    def __ior__(self, other: Any) -> Self:  # type: ignore[override, misc]  # dict's overloads in one
        self.update(other)
        return self


class CallbackDict(UpdateDictMixin[K, V]):
    """A dict that calls `on_update` with itself after each change."""

    def __init__(
        self,
        initial: Mapping[K, V] | Iterable[tuple[K, V]] | None = None,
        on_update: Callable[[Self], None] | None = None,
    ) -> None:
        """Start from `initial`, without a call."""
        super().__init__(() if initial is None else initial)
        self.on_update = on_update

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {super().__repr__()}>"
