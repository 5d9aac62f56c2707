"""What a store in a database does beside what every store does."""

import time

import pytest
import sqlalchemy

from costrel.extras.session_stores import SQLAlchemyStore
from costrel.extras.session_stores import sql as module


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/sessions.db"


@pytest.fixture
def store(url):
    store = SQLAlchemyStore(url)
    yield store
    store.engine.dispose()


def put(store, key, text, lifetime=60):
    store.update(key, lambda _: text, lifetime)


def rows(store):
    with store.engine.connect() as connection:
        return connection.execute(store.table.select()).all()


def test_an_engine_of_the_programs_own_is_used(url):
    engine = sqlalchemy.create_engine(url)
    assert SQLAlchemyStore(engine).engine is engine


def test_nothing_is_connected_before_it_is_needed(store):
    assert store.engine.pool.checkedin() == 0
    store.load("a")
    assert store.engine.pool.checkedin() == 1


def test_the_database_does_not_tell_the_key(store):
    put(store, "session:secret", "x")
    ((name, *_),) = rows(store)
    assert len(name) == 64
    assert "secret" not in name


def test_a_table_of_another_name_that_a_migration_made_is_used(url):
    store = SQLAlchemyStore(url, table="kept")
    store.table.metadata.create_all(store.engine)
    put(store, "a", "x")
    assert sqlalchemy.inspect(store.engine).get_table_names() == ["kept"]
    store.engine.dispose()


def test_rows_whose_time_is_over_go_when_new_ones_come(store, monkeypatch):
    monkeypatch.setattr(module, "CLEAN_EVERY", 0)
    put(store, "old", "x", lifetime=-1)
    put(store, "alive", "x")
    put(store, "new", "x")
    assert len(rows(store)) == 2
    assert store.load("alive") == "x"


def test_they_are_not_looked_for_each_time(store):
    put(store, "first", "x")
    put(store, "old", "x", lifetime=-1)
    put(store, "new", "x")
    assert len(rows(store)) == 3


def test_a_table_that_another_process_makes_meanwhile_will_do(store, url, monkeypatch):
    metadata, other = store.table.metadata, SQLAlchemyStore(url)

    def create_all(engine, create=metadata.create_all):
        put(other, "a", "x")
        create(engine, checkfirst=False)

    monkeypatch.setattr(metadata, "create_all", create_all)
    assert store.load("a") == "x"
    other.engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_many_make_the_table_at_once(url, kind, request, together):
    url = url if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    stores = [SQLAlchemyStore(url, table="many") for _ in range(8)]
    together(8, lambda number: put(stores[number], "a", "x"))
    assert len(rows(stores[0])) == 1
    stores[0].table.metadata.drop_all(stores[0].engine)
    for store in stores:
        store.engine.dispose()


def test_a_table_that_cannot_be_made_is_told(tmp_path):
    store = SQLAlchemyStore(f"sqlite:///{tmp_path}/missing/sessions.db")
    with pytest.raises(sqlalchemy.exc.OperationalError, match="unable to open"):
        store.load("a")


def test_a_row_that_others_always_change_is_given_up_in_words(store, monkeypatch):
    put(store, "a", "x")
    monkeypatch.setattr(module, "MOST_TRIES", 3)
    seen = []

    def change(text):
        seen.append(text)
        if len(seen) < 10:
            with store.engine.begin() as connection:
                connection.execute(store.table.update().values(version=store.table.c.version + 1))
        return "mine"

    with pytest.raises(RuntimeError, match="each of 3 times"):
        store.update("a", change, 60)
    assert seen == ["x"] * 3
    assert store.load("a") == "x"


def test_a_row_that_others_delete_is_seen_to_be_gone(store):
    put(store, "a", "x")
    seen = []

    def change(text):
        seen.append(text)
        if text is not None:
            store.delete("a")
        return text

    store.update("a", change, 60)
    assert seen == ["x", None]
    assert rows(store) == []


def test_a_session_lives_as_long_as_it_is_told(store):
    put(store, "a", "x", lifetime=100)
    ((_, version, expires, _),) = rows(store)
    assert version == 1
    assert 95 < expires - time.time() <= 100
