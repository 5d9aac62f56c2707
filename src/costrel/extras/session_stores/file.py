"""Sessions in files, for several processes of one machine.

Law: a reader sees an old text or a new one, never half of one; and a file's name does not tell
the id of the session in it.
"""

import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from costrel.extras.session_stores.session_store import Change, SessionStore, hash_of

try:
    import fcntl
except ImportError:  # Windows: one process at a time, which is what its servers run.
    fcntl = None  # type: ignore[assignment]  # stands for "not there"

LOCK = ".lock"
UNFINISHED = ".new-"
UNFINISHED_FOR = 600  # Seconds after which a temporary file was left behind by a crash.


class FileStore(SessionStore):
    """Keeps each text in a file of a directory.

    A file holds the time it expires (seconds since 1970), a line feed, and the text.

    Args:
        directory: made if it is not there.
        threshold: how many files are kept; with more, expired ones go, then those written
            longest ago. 0 keeps all.
        mode: the files' permissions.

    """

    def __init__(
        self, directory: str | os.PathLike[str], threshold: int = 500, mode: int = 0o600
    ) -> None:
        self.directory = Path(directory)
        self.threshold = threshold
        self.mode = mode
        self._threads = threading.Lock()

    def load(self, key: str) -> str | None:
        """Return the text of a key, `None` if there is none or its time is over."""
        try:
            expires, _, text = self._path(key).read_text(encoding="utf-8").partition("\n")
            return text if float(expires) > time.time() else None
        except (OSError, ValueError):
            return None  # Not there, or damaged, which is as good.

    def update(self, key: str, change: Change, lifetime: float) -> None:
        """Replace a key's text by `change(text)`, with nobody else writing in between."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked():
            path = self._path(key)
            text = change(self.load(key))
            if text is None:
                path.unlink(missing_ok=True)
                return
            is_new = not path.exists()
            self._write(path, f"{time.time() + lifetime:.3f}\n{text}")
            if is_new and self.threshold:
                self._prune()

    def _path(self, key: str) -> Path:
        return self.directory / hash_of(key)

    def _write(self, path: Path, content: str) -> None:
        temporary = path.with_name(UNFINISHED + secrets.token_hex(8))
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        try:
            with os.fdopen(os.open(temporary, flags, self.mode), "w", encoding="utf-8") as file:
                file.write(content)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other threads and processes from writing; a lock dies with its process."""
        with self._threads, (self.directory / LOCK).open("ab") as lock:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _prune(self) -> None:
        now = time.time()
        kept: list[tuple[float, str]] = []
        for entry in os.scandir(self.directory):
            if entry.name == LOCK:
                continue
            try:
                changed = entry.stat().st_mtime
            except FileNotFoundError:
                continue
            if not entry.name.startswith(UNFINISHED):
                kept.append((changed, entry.path))
            elif changed < now - UNFINISHED_FOR:
                Path(entry.path).unlink(missing_ok=True)
        if len(kept) <= self.threshold:
            return
        alive = [pair for pair in kept if not self._is_over(pair[1], now)]
        alive.sort()
        for _, path in alive[: max(0, len(alive) - self.threshold)]:
            Path(path).unlink(missing_ok=True)

    def _is_over(self, path: str, now: float) -> bool:
        """Delete a file whose time is over; tell whether it was."""
        try:
            with Path(path).open(encoding="utf-8") as file:
                over = float(file.readline()) <= now
        except (OSError, ValueError):
            over = True
        if over:
            Path(path).unlink(missing_ok=True)
        return over
