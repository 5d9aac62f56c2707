"""late_pattern: a regular expression that is compiled when it is first used.

Law: for patterns that few requests need. Compiling one takes up to 0.3 ms, which every start of
every program would pay; what hello world itself needs is compiled at once, with `re.compile`.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _LatePattern:
    """A stand-in for a pattern, which it compiles for the first method that is asked for."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        # `re` keeps what it compiled, so that a second method costs a look-up.
        found = getattr(re.compile(self._text, self._flags), name)
        # PERF: as an attribute of its own it is found without coming here again.
        vars(self)[name] = found
        return found


def late_pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Make a pattern that is used as any other and compiled when it is first used.

    :param text: the regular expression; an error in it shows at the first use.
    :param flags: as for `re.compile`.
    """
    return cast("re.Pattern[AnyStr]", _LatePattern(text, flags))
