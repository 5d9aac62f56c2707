"""Notice an event loop that stands still, and name the line that it stands at.

Law: for debug mode alone. A thread beside the loop looks at it; the loop itself does no more than
note the time, a few times a second.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Any

from costrel.debugger.advice import advise
from costrel.debugger.advice.async_advice import LoopStalled
from costrel.debugger.advice.situation import is_yours, short_path
from costrel.debugger.debug_page import finding_lines

# Seconds that a loop may stand still unnoticed.
STALL = 0.1
BEAT = 0.02
_RUNS_THE_LOOP = tuple(
    os.path.join(*path)
    for path in (
        ("asyncio", "base_events.py"),
        ("asyncio", "events.py"),
        ("asyncio", "runners.py"),
        ("uvicorn", "server.py"),
    )
)
Tell = Callable[[LoopStalled], None]

_watched: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, StallWatch] = (
    weakref.WeakKeyDictionary()
)
_lock = threading.Lock()


def watch_loop(
    loop: asyncio.AbstractEventLoop, *, app: Any = None, tell: Tell | None = None
) -> None:
    """Watch a loop from now on; a second call for it does nothing.

    Gateways and servers call it in debug mode, from any thread.

    :param app: the application, for the advice.
    :param tell: called with what was noticed; unless given, it goes to the terminal.
    """
    if loop in _watched:
        return
    with _lock:
        if loop not in _watched and not loop.is_closed():
            _watched[loop] = StallWatch(loop, tell or _terminal(app))


def _terminal(app: Any) -> Tell:
    def say(stalled: LoopStalled) -> None:
        sys.stderr.write("".join(finding_lines(advise(stalled, app))))
        sys.stderr.flush()

    return say


class StallWatch:
    """Watches one loop until it is closed.

    :param tell: called once for each line, from the watching thread.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, tell: Tell) -> None:
        self.tell = tell
        self.beat_at = time.perf_counter()
        self.thread_id: int | None = None
        self.told: set[str] = set()
        self._loop = weakref.ref(loop)
        loop.call_soon_threadsafe(self._beat)
        threading.Thread(target=self._watch, name="costrel-stall-watch", daemon=True).start()

    def _beat(self) -> None:
        """On the loop: note that it is alive."""
        loop = self._loop()
        self.thread_id = threading.get_ident()
        self.beat_at = time.perf_counter()
        if loop is not None and not loop.is_closed():
            loop.call_later(BEAT, self._beat)

    def _watch(self) -> None:
        """Beside the loop: look at it, and at where it stands if it does."""
        while True:
            time.sleep(BEAT)
            loop = self._loop()
            if loop is None or loop.is_closed():
                return
            stood = time.perf_counter() - self.beat_at
            if stood > STALL + BEAT and self.thread_id is not None and loop.is_running():
                frame = sys._current_frames().get(self.thread_id)
                self._look(frame, stood)
            del loop

    def _look(self, frame: FrameType | None, stood: float) -> None:
        yours = frame
        while yours is not None and not is_yours(yours.f_code.co_filename):
            if yours.f_code.co_filename.endswith(_RUNS_THE_LOOP):
                return  # what stands above has started the loop, and does not block it
            yours = yours.f_back
        if yours is None:
            return
        code = yours.f_code
        place = f"{short_path(code.co_filename)}:{yours.f_lineno}"
        if place in self.told:
            return
        self.told.add(place)
        # Only when something stands still, which is rare.
        import linecache  # noqa: PLC0415

        source = linecache.getline(code.co_filename, yours.f_lineno).strip()
        self.tell(LoopStalled(stood, place, source, code.co_name))
