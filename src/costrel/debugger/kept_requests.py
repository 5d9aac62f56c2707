"""Requests that failed, kept so that they can be run again, also by the program's next start.

Law: bounded in number and size, readable by this user alone, and only ever written in debug mode.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import tempfile
import time
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_KEPT = 20
LARGEST_BODY = 1_000_000
# Seconds; what other programs have left behind is older.
OLDEST = 24 * 3600
_ID = re.compile(r"[A-Za-z0-9_-]{8,40}")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class KeptRequest:
    """A request, as plain values.

    :ivar root: the path that the app is mounted at, bytes as latin-1, as WSGI has it.
    :ivar path: the rest of the path, in the same way.
    :ivar peer: the client's address.
    :ivar body: the body; ``None`` where it was over the limit, or not read to its end.
    :ivar error: what it failed with, as one line.
    """

    method: str
    root: str
    path: str
    query: str
    scheme: str
    headers: list[tuple[str, str]]
    peer: str | None = None
    server: tuple[str, str] = ("localhost", "80")
    body: bytes | None = b""
    error: str = ""
    place: str = ""
    id: str = ""
    session: dict[str, Any] = field(default_factory=dict)

    @property
    def header_map(self) -> dict[str, str]:
        """The headers by name in lower case; of several, the last."""
        return {name.lower(): value for name, value in self.headers}

    @property
    def target(self) -> str:
        """Path and query, as text to be shown."""
        path = (self.root + self.path).encode("latin-1", "replace").decode("utf-8", "replace")
        return f"{path}?{self.query}" if self.query else path


class RequestShelf:
    """Keeps the last failed requests, in files.

    :param owner: names the program; only who knows it finds its requests again.
    """

    def __init__(self, owner: str) -> None:
        self.mark = hashlib.sha256(f"shelf {owner}".encode()).hexdigest()[:16]
        self._folder: str | None = None

    def keep(self, request: KeptRequest) -> bool:
        """Keep a request; whether that could be done."""
        if request.body is None or len(request.body) > LARGEST_BODY:
            return False
        told = asdict(request)
        told["body"] = base64.b64encode(request.body).decode()
        try:
            text = json.dumps(told)
            path = self._path(request.id)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            self._clear_up()
        except (OSError, TypeError, ValueError):
            return False
        return True

    def find(self, id: str) -> KeptRequest | None:
        """The request of this id; ``None`` where it is not kept any more."""
        if not _ID.fullmatch(id):
            return None
        try:
            with open(self._path(id), encoding="utf-8") as file:
                told = json.load(file)
            told["body"] = base64.b64decode(told["body"])
            told["headers"] = [(name, value) for name, value in told["headers"]]
            told["server"] = tuple(told["server"])
            return KeptRequest(**told)
        except (OSError, TypeError, ValueError, KeyError):
            return None

    def _path(self, id: str) -> str:
        if self._folder is None:
            self._folder = _own_folder()
        return os.path.join(self._folder, f"{self.mark}-{id}.json")

    def _clear_up(self) -> None:
        """Take away the oldest over the number, and what others have forgotten."""
        folder = self._folder or _own_folder()
        found = sorted(((os.stat(path).st_mtime, path) for path in _files_in(folder)), reverse=True)
        own = [path for _, path in found if os.path.basename(path).startswith(self.mark)]
        old = [path for at, path in found if at < time.time() - OLDEST]
        for path in {*own[MOST_KEPT:], *old}:
            os.unlink(path)


def _files_in(folder: str) -> list[str]:
    return [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".json")]


def _own_folder() -> str:
    """A folder of this user alone.

    :raises OSError: where another user has made one of that name.
    """
    user = os.getuid() if hasattr(os, "getuid") else "user"
    folder = os.path.join(tempfile.gettempdir(), f"costrel-debug-{user}")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    found = os.lstat(folder)
    is_ours = not hasattr(os, "getuid") or (
        found.st_uid == os.getuid() and not found.st_mode & 0o077
    )
    if os.path.islink(folder) or not is_ours:
        raise OSError(f"{folder} is not this user's alone.")
    return folder
