"""AppGlobals: the namespace behind ``g``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from costrel.serve.current import CURRENT

_MISSING = object()


class AppGlobals:
    """A place for values of one context: attributes, with some of a dict's methods."""

    def __getattr__(self, name: str) -> Any:
        # Reached only for names that are not there; declared so that type checkers allow any.
        raise AttributeError(f"g has no attribute {name!r}: nothing set it in this context.")

    if TYPE_CHECKING:
        # As any object does it, declared so that type checkers allow any name.
        def __setattr__(self, name: str, value: Any) -> None: ...
        def __delattr__(self, name: str) -> None: ...

    def get(self, name: str, default: Any = None) -> Any:
        """Return an attribute, or the default."""
        return self.__dict__.get(name, default)

    def pop(self, name: str, default: Any = _MISSING) -> Any:
        """Remove an attribute and return it, or the default.

        :raises KeyError: where it is not there and no default is given.
        """
        if default is _MISSING:
            return self.__dict__.pop(name)
        return self.__dict__.pop(name, default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return an attribute, after setting it to the default where it is not there."""
        return self.__dict__.setdefault(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __repr__(self) -> str:
        context = CURRENT.get(None)
        if context is None:
            return object.__repr__(self)
        return f"<flask.g of {context.app.name!r}>"
