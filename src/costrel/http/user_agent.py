"""UserAgent: what a client says it is."""

from __future__ import annotations


class UserAgent:
    """The ``User-Agent`` header. A subclass may fill the other attributes from the text.

    :param string: the header's text.
    """

    platform: str | None = None
    browser: str | None = None
    version: str | None = None
    language: str | None = None

    def __init__(self, string: str) -> None:
        self.string = string

    def to_header(self) -> str:
        """Return the header's text."""
        return self.string

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.browser}/{self.version}>"

    def __str__(self) -> str:
        return self.string

    def __bool__(self) -> bool:
        return bool(self.string)
