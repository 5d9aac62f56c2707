"""Advice on databases."""

from __future__ import annotations

import os
import re
import sqlite3
from typing import Any

from costrel.debugger.advice.rulebook import Advice, rule
from costrel.debugger.advice.situation import Situation

OPERATIONAL = (sqlite3.OperationalError, "sqlalchemy.exc.OperationalError")
PROGRAMMING = (sqlite3.ProgrammingError, "sqlalchemy.exc.ProgrammingError")
INTEGRITY = (sqlite3.IntegrityError, "sqlalchemy.exc.IntegrityError")


@rule("CST901", *OPERATIONAL)
def database_locked(situation: Situation) -> Advice | None:
    """The database file is locked.

    SQLite lets one connection write at a time, and another waits 5 seconds for it. Somewhere a
    transaction stays open: commit soon, close connections in a teardown function, and let readers
    go on with `PRAGMA journal_mode=WAL`.
    """
    if "database is locked" not in situation.message and "table is locked" not in situation.message:
        return None
    return Advice(
        "Another connection is writing to the database file and has not committed.",
        "Commit or roll back soon, and close connections when the request ends.",
        notes=(
            "Another program may hold it too: a shell, a database viewer, a second server.",
            "connection.execute('PRAGMA journal_mode=WAL') lets readers go on meanwhile.",
        ),
        example="@app.teardown_appcontext\ndef close_database(error):\n"
        '    connection = g.pop("database", None)\n    if connection is not None:\n'
        "        connection.close()",
        where=situation.where,
    )


@rule("CST902", *OPERATIONAL, *PROGRAMMING)
def table_missing(situation: Situation) -> Advice | None:
    """A table does not exist.

    The database is new, or another file than you think, or its schema was never made.
    """
    found = re.search(
        r"no such table: ([\w.]+)|relation \"([\w.]+)\" does not exist", situation.message
    )
    if found is None:
        return None
    name = found.group(1) or found.group(2)
    return Advice(
        f"The database has no table {name!r}.",
        "Make the tables: run the schema, db.create_all() in an app context, or the migrations.",
        notes=(f"The current folder is {os.getcwd()}: a relative file name starts there.",),
        where=situation.where,
    )


@rule("CST903", *OPERATIONAL, *PROGRAMMING)
def column_missing(situation: Situation) -> Advice | None:
    """A column does not exist.

    The query has a misspelled name, a text without quotes, or the table was made before the
    column was added: `CREATE TABLE` and `create_all()` leave tables that exist as they are.
    """
    found = re.search(r"no such column: ([\w.\"]+)|has no column named (\w+)", situation.message)
    if found is None:
        return None
    name = found.group(1) or found.group(2)
    return Advice(
        f"The table has no column {name!r}.",
        "Spell it as the schema does. If it is new, add it to the table that exists: ALTER TABLE, "
        "or a migration.",
        notes=("A text needs a placeholder, or single quotes in SQL.",),
        where=situation.where,
    )


@rule("CST904", *PROGRAMMING)
def connection_of_another_thread(situation: Situation) -> Advice | None:
    """A SQLite connection is used in another thread.

    Requests are answered in several threads. Open a connection for each request, kept in `g`.
    """
    if "can only be used in that same thread" not in situation.message:
        return None
    return Advice(
        "The connection was opened in another thread, and SQLite's belong to theirs.",
        "Open one for each request, and keep it in g.",
        example="def database():\n"
        '    if "database" not in g:\n        g.database = sqlite3.connect(PATH)\n'
        "    return g.database",
        where=situation.where,
    )


@rule("CST905", *PROGRAMMING)
def wrong_number_of_bindings(situation: Situation) -> Advice | None:
    """The number of placeholders is not the number of values.

    `("text")` is a text, and each of its letters a value; a tuple of one has a comma:
    `("text",)`.
    """
    found = re.search(r"uses (\d+), and there (?:are|is) (\d+) supplied", situation.message)
    if found is None:
        return None
    wants, got = found.groups()
    return Advice(
        f"The statement has {wants} placeholders, and {got} values came.",
        "Values come as a tuple or list; a tuple of one has a comma."
        if wants == "1"
        else "Give one value for each placeholder.",
        example='execute("... WHERE name = ?", (name,))',
        where=situation.where,
    )


@rule("CST906", *INTEGRITY)
def constraint_failed(situation: Situation) -> Advice | None:
    """A row breaks a constraint of its table.

    A value that must be unique is there already, one that is needed is missing, or a row points
    to one that does not exist. Answer 409 for the first; validate the second.
    """
    found = re.search(
        r"(UNIQUE|NOT NULL|FOREIGN KEY|CHECK) constraint failed(?:: ([\w., ]+))?", situation.message
    )
    if found is None:
        return None
    kind, column = found.groups()
    column = column or "a column"
    fix = {
        "UNIQUE": "Look for it first, or catch the error and answer 409; INSERT ... ON CONFLICT "
        "updates in place.",
        "NOT NULL": "Give it a value: is it missing in the form?",
        "FOREIGN KEY": "Insert the row that it points to first.",
        "CHECK": "Check the value before it is stored.",
    }[kind]
    return Advice(
        f"{column} breaks a {kind} constraint.",
        fix,
        example="except sqlite3.IntegrityError:\n    abort(409)" if kind == "UNIQUE" else "",
        where=situation.where,
    )


@rule("CST907", *OPERATIONAL)
def database_file_not_opened(situation: Situation) -> Advice | None:
    """The database file cannot be opened.

    Its folder does not exist, or may not be written. A relative path starts at the current
    folder, which depends on where the program was started; the instance folder does not.
    """
    if "unable to open database file" not in situation.message:
        return None
    instance: Any = getattr(situation.app, "instance_path", None)
    notes = [f"The current folder is {os.getcwd()}."]
    if instance and not os.path.isdir(instance):
        notes.append(f"The instance folder {instance} does not exist: os.makedirs makes it.")
    return Advice(
        "SQLite cannot open the file: its folder is missing, or may not be written.",
        "Make the folder, and use an absolute path.",
        notes=tuple(notes),
        example='path = os.path.join(app.instance_path, "app.db")\n'
        "os.makedirs(app.instance_path, exist_ok=True)",
        where=situation.where,
    )
