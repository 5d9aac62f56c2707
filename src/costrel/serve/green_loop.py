"""GreenLoop: an event loop in a greenlet, where gevent has put greenlets in the place of threads.

Law: all greenlets of a thread share what asyncio keeps by thread, the running loop and the hooks of
async generators. While this loop waits, the others find there what they have put there themselves.
"""

from __future__ import annotations

import asyncio
import selectors
import sys
from typing import Any, NamedTuple


class _Kept(NamedTuple):
    """What asyncio keeps by thread."""

    loop: asyncio.AbstractEventLoop | None = None
    hooks: Any = (None, None)


def _put(kept: _Kept) -> _Kept:
    """Put this in place; returns what was there."""
    before = _Kept(asyncio._get_running_loop(), sys.get_asyncgen_hooks())
    asyncio._set_running_loop(kept.loop)
    sys.set_asyncgen_hooks(*kept.hooks)
    return before


class GreenLoop(asyncio.SelectorEventLoop):
    """Python's own loop, on the selector that lets other greenlets run."""

    _others = _Kept()

    def __init__(self) -> None:
        # Made now: gevent has put a selector of its own into the module.
        selector: Any = selectors.DefaultSelector()
        self._wait, selector.select = selector.select, self._select
        super().__init__(selector)

    def run_forever(self) -> None:
        """Run beside the loops of other greenlets, of which one may wait just now."""
        self._others = _put(_Kept())
        try:
            super().run_forever()
        finally:
            _put(self._others)

    def _select(self, timeout: float | None = None) -> Any:
        mine = _put(self._others)
        try:
            return self._wait(timeout)
        finally:
            self._others = _put(mine)
