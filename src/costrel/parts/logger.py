"""The app's logger: named after the app, talkative in debug, with a handler if nobody gave one."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from costrel.parts.log_lines import escape_log_text, wsgi_errors_stream

if TYPE_CHECKING:
    from types import TracebackType

__all__ = [
    "TracebackFormatter",
    "create_logger",
    "default_handler",
    "escape_log_text",
    "has_level_handler",
    "wsgi_errors_stream",
]

LINE = "[%(asctime)s] %(levelname)s in %(module)s: %(message)s"
# A traceback has line breaks and tabs of its own; everything else that is unsafe in a line came
# from outside.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+"
)


class LoggingApp(Protocol):
    """What the logger must know of an app."""

    @property
    def name(self) -> str:
        """What its logger is called."""

    @property
    def debug(self) -> bool:
        """Whether it is in debug mode."""


class TracebackFormatter(logging.Formatter):
    """Write tracebacks in which the text of an error cannot pass for a line of the log.

    The text of an exception often quotes the request. Its further lines are indented, and its
    control characters spelled out, as a terminal would obey an escape sequence.
    """

    def formatException(  # noqa: N802  # the name is logging's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """The traceback as text, fit to stand in a log."""
        text = super().formatException(ei)
        for message in _messages(ei[1]):
            if "\n" in message:
                text = text.replace(message, message.replace("\n", "\n    "))
        return _UNSAFE.sub(lambda found: escape_log_text(found[0]), text)


def _messages(error: BaseException | None) -> Iterator[str]:
    """The texts of an error, of its notes, and of the errors it came from."""
    waiting = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        # An error whose text cannot be made is printed without it.
        with suppress(Exception):
            yield str(each)
        yield from map(str, getattr(each, "__notes__", ()))
        waiting += (each.__cause__, each.__context__, *getattr(each, "exceptions", ()))


def _make_default_handler() -> logging.Handler:
    handler = logging.StreamHandler(wsgi_errors_stream)
    handler.setFormatter(TracebackFormatter(LINE))
    return handler


default_handler = _make_default_handler()


def _reached_loggers(logger: logging.Logger) -> Iterator[logging.Logger]:
    """The loggers whose handlers see what this one logs, this one first."""
    step: logging.Logger | None = logger
    while step is not None:
        yield step
        step = step.parent if step.propagate else None


def has_level_handler(logger: logging.Logger) -> bool:
    """Whether some handler would write a message of this logger's own level."""
    level = logger.getEffectiveLevel()
    return any(
        handler.level <= level for step in _reached_loggers(logger) for handler in step.handlers
    )


def create_logger(app: LoggingApp) -> logging.Logger:
    """Fetch the logger named like the app and fit it with what is missing.

    In debug a logger without a level of its own is set to ``DEBUG``. Where no handler would write
    its messages, ``default_handler`` is added.
    """
    logger = logging.getLogger(app.name)
    if app.debug and not logger.level:
        logger.setLevel(logging.DEBUG)
    if not has_level_handler(logger):
        logger.addHandler(default_handler)
    return logger
