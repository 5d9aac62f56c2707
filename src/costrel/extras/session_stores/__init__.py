"""Sessions kept on the server: an interface, and stores in memory and in files."""

from costrel.extras.session_stores.file import FileStore
from costrel.extras.session_stores.memory import MemoryStore
from costrel.extras.session_stores.session_store import (
    SessionStore,
    StoredSession,
    StoreSessionInterface,
)

__all__ = ["FileStore", "MemoryStore", "SessionStore", "StoreSessionInterface", "StoredSession"]
