"""Sessions in the memory of one process: for tests and for programs that run once."""

import threading
import time

from costrel.extras.session_stores.session_store import Change, SessionStore


class MemoryStore(SessionStore):
    """Keeps texts in a dict.

    Args:
        threshold: how many are kept; with more, expired ones go, then those written longest ago.

    """

    blocks = False

    def __init__(self, threshold: int = 10_000) -> None:
        self.threshold = threshold
        self._texts: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def load(self, key: str) -> str | None:
        """Return the text of a key, `None` if there is none or its time is over."""
        expires, text = self._texts.get(key, (0.0, ""))
        return text if expires > time.time() else None

    def update(self, key: str, change: Change, lifetime: float) -> None:
        """Replace a key's text by `change(text)`, with nobody else writing in between."""
        with self._lock:
            text = change(self.load(key))
            # Out and in again: the dict's order is the order of writing.
            self._texts.pop(key, None)
            if text is not None:
                self._texts[key] = (time.time() + lifetime, text)
                if len(self._texts) > self.threshold:
                    self._prune()

    def _prune(self) -> None:
        now = time.time()
        self._texts = {key: entry for key, entry in self._texts.items() if entry[0] > now}
        for key in list(self._texts)[: len(self._texts) - self.threshold]:
            del self._texts[key]
