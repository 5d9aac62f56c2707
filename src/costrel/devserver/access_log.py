"""One line per request, and errors, on a logger that programs know how to silence.

Law: nothing that a client sent reaches the log with a control character in it.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

from costrel.devserver.banner import wants_colour
from costrel.parts.log_lines import escape_log_text
from costrel.parts.logger import TracebackFormatter, has_level_handler

# Programs written for Flask quieten the development server by this logger's name.
LOGGER_NAME = "werkzeug"

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


# First digit of a status → its colour in a terminal.
_COLOURS = {"3": "36", "4": "33", "5": "31"}


class ColouredLines(TracebackFormatter):
    """Colours lines of requests by their status, where a person reads them."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a line."""
        line = super().format(record)
        colour = _COLOURS.get(str(getattr(record, "status", ""))[:1])
        return f"\x1b[{colour}m{line}\x1b[0m" if colour and wants_colour() else line


class CurrentStderr(logging.StreamHandler[Any]):
    """Write to what is `sys.stderr` at the moment, which programs and tests replace."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(ColouredLines("%(message)s"))

    @property
    def stream(self) -> Any:
        """The stream of this moment."""
        return sys.stderr


_handler = CurrentStderr()


def get_server_logger() -> logging.Logger:
    """Return the server's logger; it prints where nobody set it up otherwise."""
    logger = logging.getLogger(LOGGER_NAME)
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    if not has_level_handler(logger):
        logger.addHandler(_handler)
    return logger


def format_time(now: float | None = None) -> str:
    """The local time as access logs have it, whatever the locale: ``05/Oct/2026 14:03:22``."""
    at = time.localtime(now)
    clock = f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02}"
    return f"{at.tm_mday:02}/{_MONTHS[at.tm_mon - 1]}/{at.tm_year} {clock}"


def format_access(
    client: str, request_line: str, status: int | str, size: int | str | None, seconds: float
) -> str:
    """One request as a line: who, when, what was asked, status, size in bytes, milliseconds."""
    line = escape_log_text(request_line).replace('"', '\\"')
    who = escape_log_text(client)
    took = f"{seconds * 1000:.0f}ms"
    return f'{who} - - [{format_time()}] "{line}" {status} {"-" if size is None else size} {took}'


def log_access(
    client: str, request_line: str, status: int | str, size: int | str | None, seconds: float
) -> None:
    """Log one request, see :func:`format_access`."""
    line = format_access(client, request_line, status, size, seconds)
    get_server_logger().info("%s", line, extra={"status": status})


def log_exception(request_line: str) -> None:
    """Log the exception that is being handled, which a request ended in."""
    get_server_logger().error(
        "The application failed while answering %s", escape_log_text(request_line), exc_info=True
    )
