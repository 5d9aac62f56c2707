"""Functions of werkzeug that published code calls and costrel itself has no use for."""

import logging
import re
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from costrel.http.content_policy import PolicyDirective
from costrel.http.response_fields import with_charset

PLAIN_INT = re.compile(r"-?[0-9]+", re.ASCII)


class Missing:
    """The type of the marker for "no value"."""

    def __repr__(self) -> str:
        return "no value"

    def __reduce__(self) -> str:
        return "missing"


missing: Final = Missing()


def log(type: str, message: str, *args: Any, **kwargs: Any) -> None:
    """Log on the logger `werkzeug`, which prints by itself where nobody set logging up.

    Args:
        type: the logger's method: `info`, `error`, …
        message: the text, with `%s` places for `args`.

    """
    logger = logging.getLogger("werkzeug")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    if not has_level_handler(logger):
        logger.addHandler(logging.StreamHandler())
    getattr(logger, type)(message.rstrip(), *args, **kwargs)


def has_level_handler(logger: logging.Logger) -> bool:
    """Whether something in the logger's chain prints at the logger's level."""
    level = logger.getEffectiveLevel()
    link: logging.Logger | None = logger
    while link is not None:
        if any(handler.level <= level for handler in link.handlers):
            return True
        link = link.parent if link.propagate else None
    return False


def get_environ(obj: Any) -> dict[str, Any]:
    """Return a request's environ, or the environ itself."""
    environ: dict[str, Any] = getattr(obj, "environ", obj)
    return environ


def dt_as_utc(dt: datetime | None) -> datetime | None:
    """Turn a datetime into UTC; one without a zone is taken to be UTC."""
    if dt is None:
        return None
    return dt.replace(tzinfo=UTC) if dt.tzinfo is None else dt.astimezone(UTC)


def plain_int(value: str) -> int:
    """Read ASCII digits with an optional minus.

    Raises:
        ValueError: anything else, also what `int` would take: `+1`, `1_000`.

    """
    text = value.strip()
    if PLAIN_INT.fullmatch(text) is None:
        raise ValueError(f"A whole number in ASCII digits was expected, not {value!r}.")
    return int(text)


def wsgi_decoding_dance(text: str) -> str:
    """Turn a WSGI string, bytes in latin-1's clothes, into text."""
    return text.encode("latin-1").decode(errors="replace")


def wsgi_encoding_dance(text: str) -> str:
    """Turn text into a WSGI string."""
    return text.encode().decode("latin-1")


def get_content_type(mimetype: str, charset: str) -> str:
    """Add a charset to a media type that is text."""
    typed = with_charset(mimetype)
    return typed if typed == mimetype else f"{mimetype}; charset={charset}"


class csp_property(PolicyDirective):  # noqa: N801  # Werkzeug's name
    """Make the property that reads and writes the directive `key` of a policy."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __set_name__(self, owner: type, name: str) -> None:
        """Keep the key that was given."""


class UnexpectedUnicodeError(AssertionError, UnicodeError):
    """Raised by Flask on Python 2; some programs still name it in an `except`."""


class SlashRequired(Exception):
    """Werkzeug's matcher tells itself by this that a slash is missing; costrel's has no need."""


class Weighting(NamedTuple):
    """How Werkzeug sorts the parts of rules; costrel sorts its tree when it grows it."""

    number_static_weights: int
    static_weights: list[tuple[int, int]]
    number_argument_weights: int
    argument_weights: list[int]


class RulePart(NamedTuple):
    """One step of Werkzeug's matcher, for annotations; `costrel.routing.segments` has ours."""

    content: str
    final: bool
    static: bool
    suffixed: bool
    weight: Weighting
