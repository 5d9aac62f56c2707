"""Door: an attribute whose code lives in a file that this one may not import.

Law: a door names its target and fetches it at the first use, never at import. Every door of a
class stands in one table at the top of that class, so that all ways up are seen at one glance.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Door:
    """An attribute whose code lives elsewhere: named here, fetched on first use.

    :param target: where the code is, as ``"package.module:name"``.
    :param made_once: call the code with the owner once and keep what it returns as the attribute,
        instead of binding it as a method.
    """

    def __init__(self, target: str, *, made_once: bool = False) -> None:
        self.module, _, self.name = target.partition(":")
        self.made_once = made_once
        self.code: Any = None

    def __set_name__(self, owner: type, attribute: str) -> None:
        self.attribute = attribute

    def __get__(self, holder: object | None, owner: type) -> Any:
        if holder is None and self.made_once:
            return self
        code = self.code
        if code is None:
            code = self.open()
        if not self.made_once:
            # Of the class it is the function, which subclasses may call with themselves in front.
            return code if holder is None else code.__get__(holder)
        made = vars(holder)[self.attribute] = code(holder)
        return made

    def open(self) -> Any:
        """Fetch the code and keep it."""
        self.code = getattr(import_module(self.module), self.name)
        return self.code


class ClassDoor(Door):
    """A door that opens onto a class method: the code is called with the class."""

    def __get__(self, holder: object | None, owner: type) -> Any:
        return Door.__get__(self, owner, type)


class NamedDoor(Door):
    """A door that is what it leads to: a class or value of another file, as an attribute."""

    def __get__(self, holder: object | None, owner: type) -> Any:
        code = self.code
        return self.open() if code is None else code
