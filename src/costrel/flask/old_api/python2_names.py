"""What programs for Python 2 and 3 imported from `flask._compat` and `werkzeug._compat`."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")

PY2 = False
WIN = False
json_available = signals_available = True
text_type = str
range_type = range
string_types = (str,)
integer_types = (int,)


def implements_to_string(cls: T) -> T:
    """Return a class whose `__str__` is Python 3's, as it is."""
    return cls


def iterkeys(mapping: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
    """Iterate over a dictionary's keys."""
    return iter(mapping.keys(*args, **kwargs))


def itervalues(mapping: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
    """Iterate over a dictionary's values."""
    return iter(mapping.values(*args, **kwargs))


def iteritems(mapping: Any, *args: Any, **kwargs: Any) -> Iterator[tuple[Any, Any]]:
    """Iterate over a dictionary's items."""
    return iter(mapping.items(*args, **kwargs))


def reraise(
    kind: type[BaseException], value: BaseException, traceback: TracebackType | None = None
) -> None:
    """Raise an error with another one's traceback."""
    raise value.with_traceback(traceback) if traceback is not None else value


def with_metaclass(meta: type, *bases: type) -> type:
    """Make a class to derive from, so that what derives has a metaclass and these bases."""

    class Deferred(type):
        """Puts the wanted metaclass and bases in the place of the temporary class."""

        def __new__(cls, name: str, _: Any, body: dict[str, Any]) -> Any:
            return meta(name, bases, body)

    return type.__new__(Deferred, "temporary_class", (), {})


def to_bytes(value: Any, charset: str = "utf-8", errors: str = "strict") -> bytes | None:
    """Encode text; bytes and `None` stay as they are.

    Raises:
        TypeError: it is neither.

    """
    if value is None:
        return None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, str):
        return value.encode(charset, errors)
    raise TypeError(f"Text or bytes were expected, not {type(value).__name__}.")


def to_unicode(value: Any, charset: str | None = "utf-8", errors: str = "strict") -> Any:
    """Decode bytes; `None` stays, all else becomes text. Without a charset bytes stay, too."""
    if isinstance(value, bytes):
        return value if charset is None else value.decode(charset, errors)
    return None if value is None else str(value)


def to_native(value: Any, charset: str = "utf-8", errors: str = "strict") -> str | None:
    """Decode bytes; text and `None` stay as they are."""
    return value if value is None or isinstance(value, str) else value.decode(charset, errors)


def wsgi_to_bytes(text: str | bytes) -> bytes:
    """Turn a WSGI string into its bytes."""
    return text if isinstance(text, bytes) else text.encode("latin-1")


def bytes_to_wsgi(data: bytes | str) -> str:
    """Turn bytes into a WSGI string."""
    return data if isinstance(data, str) else data.decode("latin-1")
