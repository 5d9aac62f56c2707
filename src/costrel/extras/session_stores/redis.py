"""Sessions in Redis, for several machines.

Law: Redis holds no id that a browser could be sent with, only its hash; and a text that somebody
else has written in between is never overwritten unread.
"""

from typing import Any

from costrel.extras.session_stores.session_store import Change, SessionStore, hash_of

ASYNC = (
    "RedisStore takes a client for sync code, and got an async one: {client!r}. It keeps no event "
    "loop waiting: around async views a thread asks it."
)
MISSING = (
    "RedisStore needs the redis package to open {url!r}: pip install 'costrel[redis]'. A client of "
    "another package may be given instead."
)


class RedisStore(SessionStore):
    """Keeps each text in a key of Redis, which forgets it when its time is over.

    Args:
        client: a client of the package `redis`, or one of its kind (Valkey's); or a server's URL
            (`redis://localhost:6379/0`, `rediss://…`, `unix://…`), which needs that package.

    Raises:
        RuntimeError: a URL was given, and the package is not installed.
        TypeError: the client is one for async code.

    """

    def __init__(self, client: Any) -> None:
        self.client = _connect(client) if isinstance(client, str) else client
        if hasattr(self.client, "__aenter__"):
            raise TypeError(ASYNC.format(client=self.client))

    def load(self, key: str) -> str | None:
        """Return the text of a key, `None` if there is none or its time is over."""
        return _text(self.client.get(_name(key)))

    def update(self, key: str, change: Change, lifetime: float) -> None:
        """Replace a key's text by `change(text)`, with nobody else writing in between."""
        name = _name(key)

        def replace(pipeline: Any) -> None:
            text = change(_text(pipeline.get(name)))
            pipeline.multi()
            if text is None:
                pipeline.delete(name)
            else:
                pipeline.set(name, text, px=max(1, int(lifetime * 1000)))

        # WATCH and MULTI: done anew for as long as somebody else has written in between.
        self.client.transaction(replace, name)


def _connect(url: str) -> Any:
    try:
        from redis import Redis  # noqa: PLC0415  # an optional dependency
    except ImportError:
        raise RuntimeError(MISSING.format(url=url)) from None
    return Redis.from_url(url)


def _name(key: str) -> str:
    """The key's name in Redis: its prefix, which tells whose it is, and the hash of its id."""
    prefix, colon, _ = key.rpartition(":")
    return f"{prefix}{colon}{hash_of(key)}"


def _text(found: Any) -> str | None:
    """What Redis holds, as text; something else's bytes are as good as nothing."""
    if isinstance(found, bytes):
        try:
            return found.decode()
        except UnicodeDecodeError:
            return None
    return found if isinstance(found, str) else None
