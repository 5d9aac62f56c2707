"""Answer: what goes out where nobody gets to see a Response: a head that is kept, and a body.

Law: an answer says nothing but its status, its media type and its length. Whatever has more to
say, or no body, is a Response.
"""

from __future__ import annotations

from functools import lru_cache

from costrel.http.response import BODILESS, CONTENT_TYPES
from costrel.http.status import CODES, STATUS_LINES

# Statuses that need no Response: neither those without a body, nor the one whose request has more
# on the way, nor what HTTP does not have.
ANSWERED = frozenset(CODES) - BODILESS - {413}


class Head:
    """The status and the media type of an answer, as each protocol wants them.

    :param status: the code.
    :param mimetype: the media type.
    :ivar line: the status line.
    :ivar content_type: the header.
    :ivar alone: a list of it alone, for a server that tells the length itself.
    :ivar encoded: the header in bytes, its name in lower case.
    """

    __slots__ = ("alone", "content_type", "encoded", "line", "mimetype", "status")

    def __init__(self, status: int, mimetype: str) -> None:
        self.status = status
        self.mimetype = mimetype
        self.line = STATUS_LINES[status]
        self.content_type = CONTENT_TYPES[mimetype]
        self.alone = [self.content_type]
        self.encoded = b"content-type", self.content_type[1].encode("latin-1")

    def __repr__(self) -> str:
        return f"<Head {self.line} {self.mimetype}>"


Answer = tuple[Head, bytes]
# PERF: made once for each kind (0.6 µs to make, 0.06 to look up).
head_of = lru_cache(maxsize=256)(Head)
