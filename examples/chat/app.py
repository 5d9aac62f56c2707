"""A chat for everybody on one page: a table in SQLite, and a question asked every second."""

import os
import sqlite3
import time
from pathlib import Path

from costrel import Flask, abort, g, render_template, request

app = Flask(__name__)
app.config.update(
    DATABASE=str(Path(app.instance_path) / "chat.sqlite"),
    MAX_CONTENT_LENGTH=16 * 1024,
)
app.config.from_prefixed_env("CHAT")  # CHAT_DATABASE=/elsewhere.sqlite

KEPT = 50
LONGEST_NAME = 30
LONGEST_TEXT = 500

TABLE = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    sent_at REAL NOT NULL
)
"""


def database():
    """The connection of this request, opened at its first use."""
    if "database" not in g:
        path = Path(app.config["DATABASE"])
        path.parent.mkdir(parents=True, exist_ok=True)
        g.database = sqlite3.connect(path)
        g.database.row_factory = sqlite3.Row
        g.database.execute(TABLE)
    return g.database


@app.teardown_appcontext
def close_database(error):
    connection = g.pop("database", None)
    if connection is not None:
        connection.close()


def message_id(text):
    """A number that SQLite can hold; anything else counts as not given."""
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number


def said(message, field, longest):
    """One field of a message as clean text, or a 400 that says what is wrong with it."""
    text = message.get(field)
    if not isinstance(text, str) or not text.strip():
        abort(400, f"Please fill in your {field}.")
    text = text.strip()
    if len(text) > longest:
        abort(400, f"Your {field} has {len(text)} characters; {longest} is the most.")
    return text


@app.get("/")
def page():
    return render_template("chat.html", longest_name=LONGEST_NAME)


@app.get("/messages")
def messages():
    after = request.args.get("after", 0, type=message_id)
    rows = database().execute("SELECT * FROM message WHERE id > ? ORDER BY id", (after,))
    return [dict(row) for row in rows]


@app.post("/messages")
def send():
    message = request.get_json()
    if not isinstance(message, dict):
        abort(400, "A message is an object with a name and a message.")
    name = said(message, "name", LONGEST_NAME)
    text = said(message, "message", LONGEST_TEXT)
    with database() as connection:
        row = (name, text, time.time())
        sent = connection.execute("INSERT INTO message (name, text, sent_at) VALUES (?, ?, ?)", row)
        connection.execute("DELETE FROM message WHERE id <= ?", (sent.lastrowid - KEPT,))
    return {"id": sent.lastrowid}, 201


@app.errorhandler(400)
@app.errorhandler(413)
@app.errorhandler(415)
def refused(error):
    return {"error": error.description}, error.code


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "5000")))
