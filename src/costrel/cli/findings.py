"""What `costrel check` finds."""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Found:
    """One mistake.

    :ivar level: ``error`` or ``warning``.
    :ivar text: what is wrong.
    :ivar fix: what to do.
    """

    level: str
    text: str
    fix: str
