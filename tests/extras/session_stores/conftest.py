"""One fixture for every store."""

import threading

import pytest
import sqlalchemy

from costrel.extras.session_stores import FileStore, MemoryStore, RedisStore, SQLAlchemyStore

PATIENCE = 10  # seconds


def open_redis(url):
    import redis

    client = redis.Redis.from_url(url)
    client.flushall()
    return RedisStore(client)


def open_sql(url):
    store = SQLAlchemyStore(url)
    store.table.metadata.drop_all(store.engine)
    return store


@pytest.fixture
def together():
    """Calls a function in so many threads at once, with a number each; nobody may fail."""

    def together(count, function):
        errors, barrier = [], threading.Barrier(count)

        def run(number):
            barrier.wait(PATIENCE)
            try:
                function(number)
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(3 * PATIENCE)
        assert errors == []

    return together


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
