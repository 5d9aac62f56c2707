"""One fixture for every store; Redis and PostgreSQL are real, and started once."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import databases  # noqa: E402  the line above is how it is found
import sqlalchemy  # noqa: E402

from costrel.extras.session_stores import (  # noqa: E402
    FileStore,
    MemoryStore,
    RedisStore,
    SQLAlchemyStore,
)


def ask_for(is_there, name):
    """Skip the test where a server is not installed; in CI that is a failure."""
    if is_there:
        return
    reason = f"{name} is not installed (Debian: apt-get install {name})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def redis_url():
    ask_for(databases.has_redis(), "redis-server")
    with databases.redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_url():
    ask_for(databases.has_postgresql(), "postgresql")
    with databases.postgresql_server() as url:
        yield url


def open_redis(url):
    import redis

    client = redis.Redis.from_url(url)
    client.flushall()
    return RedisStore(client)


def open_sql(url):
    store = SQLAlchemyStore(url)
    store.table.metadata.drop_all(store.engine)
    return store


STORES = [
    "memory",
    "file",
    "sqlite",
    pytest.param("redis", marks=pytest.mark.slow),
    pytest.param("postgresql", marks=pytest.mark.slow),
]


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    """An empty store of each kind."""
    kind = request.param
    if kind == "memory":
        yield MemoryStore()
    elif kind == "file":
        yield FileStore(tmp_path / "made" / "sessions")
    elif kind == "redis":
        store = open_redis(request.getfixturevalue("redis_url"))
        yield store
        store.client.close()
    else:
        sqlite = f"sqlite:///{tmp_path}/sessions.db"
        store = open_sql(sqlite if kind == "sqlite" else request.getfixturevalue("postgresql_url"))
        yield store
        store.engine.dispose()


@pytest.fixture
def stored(store):
    """Counts the sessions that the store holds."""
    if isinstance(store, MemoryStore):
        return lambda: len(store._texts)
    if isinstance(store, RedisStore):
        return lambda: store.client.dbsize()
    if isinstance(store, SQLAlchemyStore):
        return lambda: count_rows(store)
    return lambda: len([path for path in store.directory.glob("*") if path.name != ".lock"])


def count_rows(store):
    if not sqlalchemy.inspect(store.engine).has_table(store.table.name):
        return 0
    with store.engine.connect() as connection:
        return connection.scalar(
            sqlalchemy.select(sqlalchemy.func.count()).select_from(store.table)
        )
