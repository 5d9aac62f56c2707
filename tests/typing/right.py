"""A program that uses the public names as the documentation has them: all of it is right."""

from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Any, NoReturn, TypedDict

import click
from jinja2 import Environment

from costrel import (
    Blueprint,
    EventStream,
    Flask,
    Response,
    ServerSentEvent,
    WebSocket,
    WebSocketDisconnect,
    abort,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    request,
    send_file,
    send_from_directory,
    url_for,
    websocket,
)
from costrel.json import dumps
from costrel.sessions import SecureCookieSessionInterface
from costrel.signals import request_started
from costrel.testing import FlaskClient, FlaskCliRunner
from costrel.typing import ResponseReturnValue, RouteCallable
from costrel.views import MethodView

app = Flask(__name__)
bp = Blueprint("bp", __name__)


@app.get("/one")
def one() -> Response:
    return jsonify(a=1)


@app.get("/two")
def two() -> Response:
    response = make_response("two", 200)
    response.headers["X-Two"] = "2"
    return response


@app.get("/three")
def three() -> Response:
    return send_file("three.txt") if request.args else send_from_directory("files", "three.txt")


@bp.get("/four")
def four() -> Response:
    return redirect(url_for("one"))


@bp.get("/five")
def five() -> Response:
    return app.redirect("/one") if request.args else current_app.make_response("five")


@app.before_request
def load() -> None:
    g.user = "x"
    del g.user


@app.get("/user")
def user() -> str:
    return str(g.user or g.get("name"))


@app.websocket("/echo")
def echo() -> None:
    websocket.accept()
    for message in websocket:
        websocket.send(message)
    websocket.send_json({"left": len(websocket.receive())})
    websocket.close(3000)


@app.websocket("/async-echo")
async def async_echo() -> None:
    await websocket.accept()
    try:
        async for message in websocket:
            await websocket.send(f"{websocket.path}: {message}")
        first: str | bytes = await websocket.receive()
        await websocket.send(first)
    except WebSocketDisconnect:
        await handed(websocket)


async def handed(socket: WebSocket) -> None:
    await socket.send("handed")


@app.cli.command()
def clean() -> None:
    click.echo("clean")


@bp.cli.command("hello")
@click.argument("name")
def hello(name: str) -> None:
    click.echo(name)


@app.cli.group()
def users() -> None:
    """Users."""


@users.command("add")
def add() -> None:
    click.echo("add")


@app.post("/form")
def form() -> dict[str, Any]:
    name: str = request.form["name"]
    maybe: str | None = request.form.get("maybe")
    page: int | None = request.args.get("page", type=int)
    size: int = request.args.get("size", 10, type=int)
    both: str | None = request.values.get("both")
    wide: int = request.values.get("wide", 1, type=int)
    ids: list[int] = request.args.getlist("id", type=int)
    upload = request.files["f"]
    upload.save("f")
    upload.seek(0)
    size = len(upload.read() + upload.stream.read(10))
    file_name: str | None = upload.filename
    cookie: str | None = request.cookies.get("c")
    agent: str | None = request.headers.get("User-Agent")
    route: list[str] = request.access_route
    return {"all": [name, maybe, page, size, both, wide, ids, file_name, cookie, agent, route]}


@app.get("/rows")
async def rows() -> tuple[list[int], int]:
    return [1, 2], 200


environment: Environment = app.jinja_env


def test_one() -> None:
    client = app.test_client()
    assert client.get("/one").get_json() == {"a": 1}
    with app.test_client() as client, client.session_transaction() as session:
        session["a"] = 1
    result = app.test_cli_runner().invoke(args=["clean"])
    assert result.output == "clean\n"
    with app.test_request_context("/one", method="POST"):
        assert request.path == "/one"


class Item(MethodView):
    init_every_request = False

    def get(self, number: int) -> ResponseReturnValue:
        return dumps({"number": number}), 200, {"Content-Type": "application/json"}


class Sessions(SecureCookieSessionInterface):
    salt = "sessions"


def started(sender: Flask, **_: object) -> None:
    sender.logger.info("started")


item: RouteCallable = Item.as_view("item")
app.add_url_rule("/item/<int:number>", view_func=item)
app.session_interface = Sessions()
request_started.connect(started, app)


def client_of(app: Flask) -> FlaskClient:
    return app.test_client()


def runner_of(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@app.get("/made")
def made() -> tuple[Response, int, dict[str, str]]:
    return jsonify([]), HTTPStatus.CREATED, {"X-Made": "1"}


@app.route("/stream", methods=["GET", "POST"])
def stream() -> Iterator[str]:
    yield "streamed"


@bp.route("/stream")
async def async_stream() -> AsyncIterator[bytes]:
    yield b"streamed"


class Row(TypedDict):
    number: int


@app.get("/row")
def row() -> Row | tuple[str, int]:
    return {"number": 1} if request.args else ("none", 404)


@app.get("/refused")
def refused() -> NoReturn:
    abort(403)


@app.get("/events")
def events() -> EventStream:
    return EventStream([ServerSentEvent("now")])


@app.sse("/now")
async def now() -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent("now")


@app.errorhandler(404)
def not_found(error: Exception) -> ResponseReturnValue:
    return str(error), 404
