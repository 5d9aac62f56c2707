"""Sessions kept on the server: an interface, and stores in memory, files, Redis and databases."""

from typing import TYPE_CHECKING, Any

from costrel.extras.session_stores.file import FileStore
from costrel.extras.session_stores.memory import MemoryStore
from costrel.extras.session_stores.redis import RedisStore
from costrel.extras.session_stores.session_store import (
    SessionStore,
    StoredSession,
    StoreSessionInterface,
)

if TYPE_CHECKING:
    from costrel.extras.session_stores.sql import SQLAlchemyStore

__all__ = [
    "FileStore",
    "MemoryStore",
    "RedisStore",
    "SQLAlchemyStore",
    "SessionStore",
    "StoreSessionInterface",
    "StoredSession",
]


def __getattr__(name: str) -> Any:
    # SQLAlchemy is heavy, and not everybody has it.
    if name == "SQLAlchemyStore":
        from costrel.extras.session_stores.sql import SQLAlchemyStore  # noqa: PLC0415

        return SQLAlchemyStore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
