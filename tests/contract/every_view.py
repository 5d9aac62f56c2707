"""One app with a view of each kind, all of them sync or all of them async."""

import asyncio
import io
from functools import update_wrapper

import costrel
from costrel import (
    EventStream,
    ServerSentEvent,
    abort,
    after_this_request,
    flash,
    g,
    get_flashed_messages,
    jsonify,
    make_response,
    redirect,
    render_template_string,
    request,
    send_file,
    session,
    stream_with_context,
    url_for,
)


def asynchronous(function):
    """The same function as a coroutine function, which does wait for something."""

    async def call(*args, **kwargs):
        await asyncio.sleep(0)
        return function(*args, **kwargs)

    return update_wrapper(call, function)


def make_app(colour):
    """Make the app.

    `colour`: "sync"; "async"; "mixed" for async views with sync hooks; "inline" for sync views
    that run on the event loop.
    """
    app = costrel.Flask("contract", static_folder=None)
    app.secret_key = "a key of more than sixteen bytes"
    app.config.update(MAX_CONTENT_LENGTH=100_000)
    app.torn_down = []
    view_dye = asynchronous if colour in {"async", "mixed"} else lambda function: function
    hook_dye = asynchronous if colour == "async" else lambda function: function

    def route(rule, **options):
        if colour == "inline":
            options["inline"] = True

        def decorate(function):
            app.route(rule, **options)(view_dye(function))
            return function

        return decorate

    declare_values(route)
    declare_bodies(route)
    declare_answers(app, route)
    declare_streams(app, route, colour)
    declare_hooks(app, hook_dye)
    return app


def declare_values(route):
    @route("/")
    def index():
        return "Hello, World!"

    @route("/json")
    def some_json():
        return {"b": [1, 2.5, None], "a": "é"}

    @route("/items/<int:id>/<path:rest>")
    def items(id, rest):
        return jsonify(id=id, rest=rest, args=request.args.to_dict(flat=False))

    @route("/branch/")
    def branch():
        return "branch"

    @route("/urls")
    def urls():
        there = url_for("items", id=1, rest="a/b c", q="é")
        return jsonify(there, url_for("index", _external=True), request.url, request.base_url)

    @route("/headers")
    def headers():
        request_headers = request.headers
        return jsonify(
            accept=request.accept_mimetypes.best,
            many=request_headers.get("X-Many"),
            latin=request_headers.get("X-Latin"),
            host=request.host,
            agent=request.user_agent.string,
            addr=request.remote_addr,
            secure=request.is_secure,
            path=request.path,
            full=request.full_path,
            root=request.script_root,
            endpoint=request.endpoint,
        )

    @route("/cookies")
    def cookies():
        response = make_response(request.cookies.to_dict())
        response.set_cookie("a", "1", httponly=True)
        response.set_cookie("b", "é;", path="/x")
        return response

    @route("/session")
    def sessions():
        session["n"] = session.get("n", 0) + 1
        flash("hi")
        return jsonify(session["n"], get_flashed_messages())


def declare_bodies(route):
    @route("/form", methods=["POST"])
    def form():
        files = {name: (f.filename, f.mimetype, len(f.read())) for name, f in request.files.items()}
        return jsonify(form=request.form.to_dict(flat=False), files=files)

    @route("/data", methods=["POST", "PUT"])
    def data():
        return request.get_data()

    @route("/take-json", methods=["POST"])
    def take_json():
        return jsonify(request.get_json())

    @route("/length", methods=["POST"])
    def length():
        return str(request.content_length)

    @route("/unread", methods=["POST"])
    def unread():
        return "never looked"


def declare_answers(app, route):
    @route("/status")
    def status():
        return "made", 201, {"Location": "/items", "X-One": "1"}

    @route("/empty")
    def empty():
        return "", 204

    @route("/bytes")
    def some_bytes():
        return b"\x00\xff"

    @route("/redirect")
    def somewhere():
        return redirect("/é")

    @route("/abort/<int:code>")
    def aborted(code):
        abort(code)

    @route("/abort-response")
    def abort_response():
        abort(make_response("stop", 418))

    @route("/boom")
    def boom():
        raise ZeroDivisionError("inside")

    @route("/lookup")
    def lookup():
        raise LookupError("handled")

    @route("/none")
    def nothing():
        return None

    @route("/template")
    def template():
        return render_template_string("{{ request.path }} {{ x }}", x="<b>")

    @route("/file")
    def file():
        file = io.BytesIO(b"0123456789" * 100)
        return send_file(file, mimetype="text/plain", etag="abc", conditional=True)

    @route("/etag")
    def etag():
        response = make_response("etag")
        response.set_etag("abc")
        return response.make_conditional(request)

    @route("/after-this")
    def after_this():
        @after_this_request
        def mark(response):
            response.headers["X-This"] = "1"
            return response

        return "x"


def declare_streams(app, route, colour):
    def chunks():
        for number in range(3):
            yield f"{request.path} {number}\n"

    async def later():
        for number in range(3):
            await asyncio.sleep(0)
            yield f"{request.path} {number}\n"

    made = later if colour in {"async", "mixed"} else chunks

    @route("/stream")
    def stream():
        return made()

    @route("/stream-response")
    def stream_response():
        return app.response_class(chunks(), mimetype="text/csv", headers={"X-A": "b"})

    @route("/stream-with-context")
    def with_context():
        return stream_with_context(chunks())

    @route("/events")
    def events():
        return EventStream(made(), retry=10)

    @app.sse("/sse")
    def sse():
        yield ServerSentEvent("hi", id=request.last_event_id)

    @app.route("/live-sync", methods=["POST"], stream_body=True)
    def live_sync():
        parts = []
        while part := request.stream.read(1000):
            parts.append(len(part))
        return str(sum(parts))

    @app.route("/live-async", methods=["POST"], stream_body=True)
    async def live_async():
        return str(sum([len(part) async for part in request.stream]))


def declare_hooks(app, dye):
    @app.before_request
    @dye
    def before():
        g.seen = request.args.get("seen")
        if request.args.get("stop"):
            return f"stopped {request.path}"
        return None

    @app.after_request
    @dye
    def after(response):
        response.headers["X-Seen"] = g.pop("seen", None) or "no"
        return response

    @app.teardown_request
    @dye
    def end(error):
        app.torn_down.append((request.path, type(error).__name__))

    @app.errorhandler(LookupError)
    @dye
    def handled(error):
        return f"handled {error}", 409

    @app.errorhandler(404)
    @dye
    def missing(error):
        return f"nothing at {request.path}", 404
