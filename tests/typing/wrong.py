"""A program with mistakes: each line that has one ends with the code of mypy's error."""

from costrel import Flask, jsonify, websocket

app = Flask(__name__)


@app.get("/answer")
def answer() -> str:
    return jsonify(a=1)  # mypy: return-value


@app.websocket("/echo")
def echo() -> None:
    for message in websocket:
        websocket.send(1)  # mypy: arg-type
