"""The app's logger: named after the app, talkative in debug, with a handler if nobody gave one."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
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
# A traceback has line breaks and tabs of its own; every other control character came from outside.
_CONTROLS = re.compile(r"[^\n\t\x20-\x7e\xa0-\U0010ffff]+|[\ud800-\udfff]+")


class LoggingApp(Protocol):
    """What the logger must know of an app."""

    @property
    def name(self) -> str:
        """What its logger is called."""

    @property
    def debug(self) -> bool:
        """Whether it is in debug mode."""


class TracebackFormatter(logging.Formatter):
    """Write tracebacks without the control characters that an error's text may carry.

    The text of an exception often quotes the request; a terminal would obey an escape sequence
    in it.
    """

    def formatException(  # noqa: N802  # the name is logging's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """The traceback as text, its control characters spelled out."""
        return _CONTROLS.sub(lambda found: escape_log_text(found[0]), super().formatException(ei))


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
