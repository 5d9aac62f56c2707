"""Mistakes with databases."""

import sqlite3
from contextlib import closing
from threading import Event, Thread

import pytest


@pytest.fixture
def database(tmp_path):
    """A connection that is closed at the end."""
    opened = []

    def database(**options):
        opened.append(sqlite3.connect(tmp_path / "x.db", **options))
        return opened[-1]

    first = database()
    first.execute("CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL)")
    first.commit()
    yield database
    for connection in opened:
        connection.close()


def test_a_locked_file_is_told(mistake, database):
    database().execute("INSERT INTO user (name) VALUES ('a')")
    other = database(timeout=0)
    found = mistake(lambda: other.execute("INSERT INTO user (name) VALUES ('b')"))
    assert "Commit or roll back" in found["CST901"]["fix"]


def test_a_missing_table_is_told(mistake, database):
    connection = database(check_same_thread=False)
    assert "'usr'" in mistake(lambda: connection.execute("SELECT * FROM usr"))["CST902"]["says"]


def test_a_missing_column_is_told(mistake, database):
    connection = database(check_same_thread=False)
    found = mistake(lambda: connection.execute("SELECT nme FROM user"))
    assert "'nme'" in found["CST903"]["says"]
    found = mistake(lambda: connection.execute("INSERT INTO user (nme) VALUES (1)"))
    assert "'nme'" in found["CST903"]["says"]


def test_a_connection_of_another_thread_is_told(mistake, tmp_path):
    made, opened, done = [], Event(), Event()

    def hold():
        with closing(sqlite3.connect(tmp_path / "y.db")) as connection:
            made.append(connection)
            opened.set()
            done.wait(10)

    thread = Thread(target=hold)
    thread.start()
    opened.wait(10)
    found = mistake(lambda: made[0].execute("SELECT 1"))
    done.set()
    thread.join()
    assert "g.database" in found["CST904"]["example"]


def test_a_wrong_number_of_values_is_told(mistake, database):
    connection = database(check_same_thread=False)
    found = mistake(lambda: connection.execute("SELECT * FROM user WHERE name = ?", ("text")))
    assert "1 placeholders, and 4 values" in found["CST905"]["says"]
    assert "(name,)" in found["CST905"]["example"]


@pytest.mark.parametrize(
    ("statement", "fix"),
    [
        ("INSERT INTO user (name) VALUES ('a')", "409"),
        ("INSERT INTO user (id) VALUES (7)", "value"),
    ],
)
def test_a_broken_constraint_is_told(mistake, database, statement, fix):
    connection = database(check_same_thread=False)
    connection.execute("INSERT INTO user (name) VALUES ('a')")
    found = mistake(lambda: connection.execute(statement))
    assert fix in found["CST906"]["fix"]
    assert "user.name" in found["CST906"]["says"]


def test_a_file_that_cannot_be_opened_is_told(mistake, tmp_path):
    found = mistake(lambda: sqlite3.connect(tmp_path / "none" / "x.db"))
    assert "instance folder" in found["CST907"]["notes"][1]
