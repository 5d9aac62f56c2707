"""`from flask_session import Session`, for programs that know it, where it is not installed.

Reads Flask-Session's settings for sessions in files and in Redis; the sessions are costrel's.
"""

from pathlib import Path
from typing import Any

from costrel.extras.session_stores.file import FileStore
from costrel.extras.session_stores.redis import RedisStore
from costrel.extras.session_stores.session_store import Change, SessionStore, StoreSessionInterface

DEFAULTS: dict[str, Any] = {
    "SESSION_TYPE": "null",
    "SESSION_PERMANENT": True,
    "SESSION_USE_SIGNER": False,
    "SESSION_KEY_PREFIX": "session:",
    "SESSION_ID_LENGTH": 32,
    "SESSION_FILE_DIR": None,
    "SESSION_FILE_THRESHOLD": 500,
    "SESSION_FILE_MODE": 0o600,
    "SESSION_CACHELIB": None,
    "SESSION_REDIS": None,
}


class CacheStore(SessionStore):
    """Keeps texts in a cache that the program brings: anything with get, set and delete.

    Args:
        cache: an object of cachelib's kind.

    """

    def __init__(self, cache: Any) -> None:
        self.cache = cache

    def load(self, key: str) -> str | None:
        """Return the text of a key, `None` if there is none."""
        text = self.cache.get(key)
        return text if isinstance(text, str) else None

    def update(self, key: str, change: Change, lifetime: float) -> None:
        """Replace a key's text by `change(text)`; such a cache has no locks to offer."""
        text = change(self.load(key))
        if text is None:
            self.cache.delete(key)
        else:
            self.cache.set(key, text, timeout=int(lifetime))


def _open_files(config: dict[str, Any]) -> SessionStore:
    return FileStore(
        config["SESSION_FILE_DIR"] or Path.cwd() / "flask_session",
        threshold=config["SESSION_FILE_THRESHOLD"],
        mode=config["SESSION_FILE_MODE"],
    )


def _open_cache(config: dict[str, Any]) -> SessionStore:
    cache = config["SESSION_CACHELIB"]
    return _open_files(config) if cache is None else CacheStore(cache)


def _open_redis(config: dict[str, Any]) -> SessionStore:
    return RedisStore(config["SESSION_REDIS"] or "redis://127.0.0.1:6379/0")


STORES = {"filesystem": _open_files, "cachelib": _open_cache, "redis": _open_redis}


class Session:
    """Gives an app sessions that stay on the server.

    Args:
        app: the app; without one, call `init_app` later.

    """

    def __init__(self, app: Any = None) -> None:
        self.app = app
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Any) -> None:
        """Set the app's session interface as its configuration says.

        Raises:
            RuntimeError: the configuration asks for a store that is not here.

        """
        config = DEFAULTS | {key: app.config[key] for key in DEFAULTS if key in app.config}
        kind = config["SESSION_TYPE"]
        if kind in {None, "null"}:
            return  # The app keeps the sessions it has.
        open_store = STORES.get(kind)
        if open_store is None:
            raise RuntimeError(
                f"SESSION_TYPE is {kind!r}, but costrel's stand-in for flask_session knows "
                f"{', '.join(sorted(STORES))} and null only. Install Flask-Session for the others."
            )
        app.session_interface = StoreSessionInterface(
            open_store(config),
            key_prefix=config["SESSION_KEY_PREFIX"],
            id_bytes=config["SESSION_ID_LENGTH"],
            permanent=config["SESSION_PERMANENT"],
            use_signer=config["SESSION_USE_SIGNER"],
        )
