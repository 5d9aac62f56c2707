"""A program with mistakes: each line that has one ends with the code of mypy's error."""

from costrel import Blueprint, Flask, jsonify, request, websocket

app = Flask(__name__)
bp = Blueprint("bp", __name__)


@app.get("/answer")
def answer() -> str:
    return jsonify(a=1)  # mypy: return-value


@app.websocket("/echo")
def echo() -> None:
    for message in websocket:
        websocket.send(1)  # mypy: arg-type


app.test_client().gett("/")  # mypy: attr-defined
app.test_cli_runner().invok()  # mypy: attr-defined
app.cli.comand()  # mypy: attr-defined
app.redirect(302)  # mypy: arg-type
app.test_request_context("/").psuh()  # mypy: attr-defined
bp.send_static_file(1)  # mypy: arg-type
app.jinja_env.from_strnig("")  # mypy: attr-defined


@app.post("/upload")
def upload() -> str:
    request.files["f"].svae("f")  # mypy: attr-defined
    number: int = request.args.get("number", type=int)  # mypy: assignment
    cookie: str = request.cookies.get("cookie")  # mypy: assignment
    name: int = request.values["name"]  # mypy: assignment
    return f"{number} {cookie} {name} {request.form['name'] + 1}"  # mypy: operator


@app.get("/number")  # mypy: type-var
def number() -> int:
    return 1


@app.route("/nothing")  # mypy: type-var
async def nothing() -> None:
    pass
