"""Apps about what happens when something goes wrong."""

from small_apps import Ask, case, get, post

CODES = [
    400,
    401,
    403,
    404,
    405,
    406,
    408,
    409,
    410,
    411,
    412,
    413,
    414,
    415,
    416,
    417,
    418,
    421,
    422,
    423,
    424,
    428,
    429,
    431,
    451,
    500,
    501,
    502,
    503,
    504,
    505,
]


@case(*(f"/abort/{code}" for code in CODES), "/crash", "/nowhere")
def default_pages(fw):
    app = fw.Flask("default-pages")
    app.add_url_rule("/abort/<int:code>", "code", lambda code: fw.abort(code))
    app.add_url_rule("/crash", "crash", lambda: 1 / 0)
    return app


class Mine(Exception):
    code = 499


class MineToo(Mine):
    pass


@case(
    "/404",
    "/mine",
    "/mine-too",
    "/key",
    "/value",
    "/http",
    "/teapot",
    "/crash",
    "/handler-crash",
    post("/404"),
    "/nowhere",
    "/returns-none",
    "/reraises",
)
def handlers(fw):
    app = fw.Flask("handlers")
    HTTPException = fw.exceptions.HTTPException
    app.register_error_handler(404, lambda e: (f"my 404: {e.code} {e.name}", 404))
    app.register_error_handler(Mine, lambda e: ({"mine": type(e).__name__}, 477))
    app.register_error_handler(LookupError, lambda e: (f"lookup {type(e).__name__}", 400))
    app.register_error_handler(HTTPException, lambda e: (f"http {e.code}", e.code, {"X-Http": "1"}))
    app.register_error_handler(
        500, lambda e: (f"my 500 {type(e.original_exception).__name__}", 500)
    )

    @app.errorhandler(OSError)
    def crash(error):
        raise RuntimeError("in the handler")

    @app.errorhandler(ArithmeticError)
    def again(error):
        raise error

    def raises(error):
        def view():
            raise error

        return view

    errors = {
        "404": fw.exceptions.NotFound(),
        "mine": Mine(),
        "mine-too": MineToo(),
        "key": KeyError("k"),
        "value": ValueError("v"),
        "http": fw.exceptions.Conflict(),
        "teapot": fw.exceptions.ImATeapot("short"),
        "crash": TypeError(),
        "handler-crash": OSError(),
        "reraises": ZeroDivisionError(),
    }
    for path, error in errors.items():
        app.add_url_rule(f"/{path}", path, raises(error), methods=["GET"])
    app.add_url_rule("/returns-none", "none", lambda: None)
    return app


@case("/bp/404", "/bp/crash", "/bp/nowhere", "/404", "/crash", "/bp/inner/404", "/bp/inner/crash")
def blueprint_handlers(fw):
    app = fw.Flask("blueprint-handlers")
    bp = fw.Blueprint("bp", __name__, url_prefix="/bp")
    inner = fw.Blueprint("inner", __name__, url_prefix="/inner")
    bp.register_error_handler(404, lambda e: ("bp 404", 404))
    bp.register_error_handler(ZeroDivisionError, lambda e: ("bp division", 500))
    bp.app_errorhandler(403)(lambda e: ("bp for app 403", 403))
    inner.register_error_handler(ArithmeticError, lambda e: ("inner arithmetic", 500))
    app.register_error_handler(ArithmeticError, lambda e: ("app arithmetic", 500))
    for owner in (app, bp, inner):
        owner.add_url_rule("/404", "e404", lambda: fw.abort(404))
        owner.add_url_rule("/crash", "crash", lambda: 1 / 0)
    bp.register_blueprint(inner)
    app.register_blueprint(bp)
    return app


@case("/before", "/after", "/teardown", "/view")
def errors_in_hooks(fw):
    app = fw.Flask("hook-errors")

    @app.before_request
    def before():
        if fw.request.path == "/before":
            raise ValueError("before")

    @app.after_request
    def after(response):
        if fw.request.path == "/after":
            raise ValueError("after")
        response.headers["X-After"] = "1"
        return response

    app.register_error_handler(ValueError, lambda e: (f"handled {e}", 400))
    for path in ("before", "after", "teardown", "view"):
        app.add_url_rule(f"/{path}", path, lambda: "fine")
    return app


@case(
    "/%FF",
    "/?a=%FF%zz%",
    "/%00",
    "/../../etc/passwd",
    "//evil.example/%2e%2e",
    "/" + "a/" * 200,
    "/?" + "a=1&" * 300,
    get("/", Host="a b"),
    get("/", Host="evil.example/path"),
    get("/", Host="[::1]:80"),
    get("/", Host="[::1"),
    get("/", Host="\xff.example"),
    get("/", Cookie="\xff\x80=\xfe; a=b"),
    get("/", Accept="," * 500),
    get("/", Range="bytes=" + ",".join(["0-"] * 100)),
    get("/", If_None_Match='"' + "a" * 300),
    get("/", Authorization="Basic \xff"),
    Ask("GET", "/", {"Content-Length": "999999999999999999999999"}),
    Ask("GE T", "/"),
    Ask("get", "/"),
    Ask("", "/"),
)
def bad_input(fw):
    app = fw.Flask("bad-input")

    @app.route("/")
    @app.route("/<path:rest>")
    def index(rest=""):
        r = fw.request
        return {
            "rest": rest,
            "args": len(r.args),
            "cookies": len(r.cookies),
            "accepts": len(r.accept_mimetypes),
            "auth": str(r.authorization),
        }

    return app


@case("/", "/nope", "/slash", post("/"))
def everything_caught(fw):
    app = fw.Flask("caught")
    app.add_url_rule("/", "index", lambda: {}["missing"])
    app.add_url_rule("/slash/", "slash", lambda: "slash")
    app.register_error_handler(Exception, lambda e: (type(e).__name__, getattr(e, "code", 500)))
    return app


@case("/key?x=1", "/key?y=1", "/http")
def trapping(fw):
    app = fw.Flask("trapping")
    app.config.update(TRAP_HTTP_EXCEPTIONS=True)
    app.add_url_rule("/key", "key", lambda: fw.request.args["x"])
    app.add_url_rule("/http", "http", lambda: fw.abort(404))
    return app


@case("/", "/key")
def propagating(fw):
    app = fw.Flask("propagating")
    app.config.update(TESTING=True)
    app.add_url_rule("/", "index", lambda: 1 / 0)
    app.add_url_rule("/key", "key", lambda: fw.request.args["x"])
    return app
