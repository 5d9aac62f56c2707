"""Converters: what a variable part of a URL may look like, and its Python value, both ways.

Law: a stock converter's regex is linear and takes ASCII digits only, so that a number has one URL.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

if TYPE_CHECKING:
    from uuid import UUID

    from costrel.routing.url_map import Map

# What a path may hold unquoted (RFC 3986 section 3.3: `pchar` and the slash).
PATH_SAFE = "!$&'()*+,/:;=@"
# Python refuses to read longer numbers (its reading takes quadratic time); here the limit also
# holds where a program has lifted Python's own.
MAX_DIGITS = 4300


def quote_path(text: str) -> str:
    """Percent-encode text for the path of a URL."""
    # PERF: most values are plain words, and `quote` takes 0.9 µs to find that out.
    if text.isalnum() and text.isascii():
        return text
    return quote(text, safe=PATH_SAFE)


class ValidationError(ValueError):
    """Raised by `to_python`: this rule does not match after all, the next one is tried."""


class BaseConverter:
    """One kind of variable: override `regex`, `to_python` and `to_url` to make another.

    A lower `weight` is tried first. A converter whose values may hold slashes is not
    `part_isolating`; this is concluded from a class's `regex` where it does not say so itself.
    """

    regex = "[^/]+"
    weight = 100
    part_isolating = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "regex" in cls.__dict__ and "part_isolating" not in cls.__dict__:
            cls.part_isolating = "/" not in cls.regex

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:
        self.map = map

    def to_python(self, value: str) -> Any:
        """Turn a decoded part of the path into a value for the view; may raise ValidationError."""
        return value

    def to_url(self, value: Any) -> str:
        """Turn a value into percent-encoded text."""
        return quote_path(str(value))


class UnicodeConverter(BaseConverter):
    """Any text without a slash: `<name>`, `<string(minlength=2):name>`.

    :param minlength: fewest characters.
    :param maxlength: most characters.
    :param length: exactly so many characters.
    """

    def __init__(
        self, map: Map, minlength: int = 1, maxlength: int | None = None, length: int | None = None
    ) -> None:
        super().__init__(map)
        if length is not None:
            count = f"{int(length)}"
        else:
            count = f"{int(minlength)},{'' if maxlength is None else int(maxlength)}"
        self.regex = f"[^/]{{{count}}}"
        self.is_plain = count == "1,"


class AnyConverter(BaseConverter):
    """One of the given words: `<any(about, help):page>`."""

    def __init__(self, map: Map, *items: str) -> None:
        super().__init__(map)
        self.items = set(items)
        self.regex = f"(?:{'|'.join(re.escape(item) for item in items)})"

    def to_url(self, value: Any) -> str:
        """Return the value if it is one of the words, else raise ValueError."""
        if value not in self.items:
            valid = ", ".join(repr(item) for item in sorted(self.items))
            raise ValueError(f"{value!r} is not one of {valid}")
        return str(value)


class PathConverter(BaseConverter):
    """Any text, slashes included, which does not begin with one: `<path:file>`."""

    regex = "[^/].*?"
    weight = 200
    part_isolating = False


class NumberConverter(BaseConverter):
    """What the numbers share.

    :param fixed_digits: exactly so many characters, padded with zeros in built URLs.
    :param min: the lowest value.
    :param max: the highest value.
    :param signed: take a leading minus.
    """

    weight = 50
    num_convert: ClassVar[type[Any]] = int

    def __init__(
        self,
        map: Map,
        fixed_digits: int = 0,
        min: float | None = None,
        max: float | None = None,
        signed: bool = False,
    ) -> None:
        super().__init__(map)
        if signed:
            self.regex = self.signed_regex
        self.fixed_digits = fixed_digits
        self.min = min
        self.max = max
        self.signed = signed
        self.is_plain = not (signed or fixed_digits) and min is None and max is None

    def to_python(self, value: str) -> Any:
        """Return the number, or raise ValidationError outside the given bounds."""
        if (self.fixed_digits and len(value) != self.fixed_digits) or len(value) > MAX_DIGITS:
            raise ValidationError
        try:
            number = self.num_convert(value)
        except ValueError as error:
            raise ValidationError from error
        if (self.min is not None and number < self.min) or (
            self.max is not None and number > self.max
        ):
            raise ValidationError
        return number

    def to_url(self, value: Any) -> str:
        """Return the digits, padded with zeros to `fixed_digits`."""
        text = str(self.num_convert(value))
        return text.zfill(self.fixed_digits) if self.fixed_digits else text

    @property
    def signed_regex(self) -> str:
        """The regex with an optional minus."""
        return f"-?{self.regex}"


class IntegerConverter(NumberConverter):
    """ASCII digits: `<int:id>`; `<int(signed=True):offset>` takes a minus as well."""

    regex = "[0-9]+"


class FloatConverter(NumberConverter):
    """Digits, a point, digits: `<float:price>`. Too large for a finite float is no match."""

    regex = r"[0-9]+\.[0-9]+"
    num_convert = float

    def __init__(
        self,
        map: Map,
        min: float | None = None,
        max: float | None = None,
        signed: bool = False,
    ) -> None:
        super().__init__(map, min=min, max=max, signed=signed)

    def to_python(self, value: str) -> float:
        """Return the number, or raise ValidationError if it is out of bounds or not finite."""
        number: float = super().to_python(value)
        if not math.isfinite(number):
            raise ValidationError
        return number


class UUIDConverter(BaseConverter):
    """A UUID with its hyphens: `<uuid:key>`."""

    regex = "[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}"

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(map, *args, **kwargs)
        # `uuid` takes 2 ms to import, which is for those to pay who have such rules.
        from uuid import UUID  # noqa: PLC0415

        self.make = UUID

    def to_python(self, value: str) -> UUID:
        """Return the UUID."""
        return self.make(value)

    def to_url(self, value: Any) -> str:
        """Return the UUID's text."""
        return str(value)


DEFAULT_CONVERTERS: dict[str, type[BaseConverter]] = {
    "default": UnicodeConverter,
    "string": UnicodeConverter,
    "any": AnyConverter,
    "path": PathConverter,
    "int": IntegerConverter,
    "float": FloatConverter,
    "uuid": UUIDConverter,
}
# Converters that run no code of the user's.
STOCK = frozenset(DEFAULT_CONVERTERS.values())


def is_plain_text(converter: BaseConverter) -> bool:
    """Whether it takes any text without a slash and returns it as it is."""
    return type(converter) is UnicodeConverter and converter.is_plain


def is_plain_int(converter: BaseConverter) -> bool:
    """Whether it takes any ASCII digits and returns them as an int."""
    return type(converter) is IntegerConverter and converter.is_plain


def is_plain_path(converter: BaseConverter) -> bool:
    """Whether it is the stock path converter."""
    return type(converter) is PathConverter
