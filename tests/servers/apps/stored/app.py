"""Logs users in and counts, with sessions in the store that STORE names by its URL."""

import os

from costrel import Flask, request, session, websocket
from costrel.extras.session_stores import RedisStore, SQLAlchemyStore, StoreSessionInterface

URL = os.environ["STORE"]

app = Flask(__name__)
app.session_interface = StoreSessionInterface(
    RedisStore(URL) if URL.startswith("redis:") else SQLAlchemyStore(URL)
)


def count():
    session["n"] = session.get("n", 0) + 1
    return {"user": session.get("user"), "n": session["n"]}


@app.route("/sync")
def sync_view():
    return count()


@app.route("/async")
async def async_view():
    return count()


@app.post("/login")
async def login():
    session["user"] = request.form["user"]
    return "in"


@app.post("/logout")
def logout():
    session.clear()
    return "out"


@app.route("/mark/<name>")
async def mark(name):
    session[name] = True
    return "marked"


@app.route("/marks")
def marks():
    return sorted(key for key in session if key.startswith("m"))


@app.websocket("/ws")
async def who():
    await websocket.send(str(session.get("user")))
