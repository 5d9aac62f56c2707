"""Apps about what lasts: sessions, flashed messages, hooks, contexts, templates, configuration."""

import datetime as dt
import uuid

from small_apps import case, get, head, post


@case(
    "/read",
    "/set?k=a&v=1",
    "/read",
    "/set?k=b&v=%C3%A9",
    "/read",
    "/pop?k=a",
    "/read",
    "/same",
    "/nested",
    "/nested",
    "/nested-modified",
    "/read",
    "/permanent",
    "/read",
    "/clear",
    "/read",
    get("/read", Cookie="session=garbage"),
    get("/read", Cookie="session=eyJhIjoxfQ.aaaa.bbbb"),
    "/types",
    "/read",
    "/contains",
    "/untouched",
    "/big",
)
def sessions(fw):
    app = fw.Flask("sessions")
    app.secret_key = "a secret"
    session, args = fw.session, lambda name: fw.request.args[name]

    def done(action):
        return lambda: [repr(action()), sorted(session)][:1]

    def nested():
        session.setdefault("list", []).append(1)
        return repr(session["list"])

    def nested_modified():
        session["list"].append(2)
        session.modified = True
        return repr(session["list"])

    def types():
        session["kinds"] = {
            "tuple": (1, "two"),
            "bytes": b"\x00\xff",
            "when": dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
            "id": uuid.UUID(int=7),
            "html": fw.Markup("<b>"),
            " t": [1],
        }
        return "stored"

    def permanent():
        session.permanent = True
        return "permanent"

    views = {
        "read": lambda: repr(sorted(session.items(), key=str)),
        "set": lambda: str(session.__setitem__(args("k"), args("v"))),
        "pop": lambda: str(session.pop(args("k"))),
        "same": lambda: str(session.get("b")),
        "clear": lambda: str(session.clear()),
        "nested": nested,
        "nested-modified": nested_modified,
        "permanent": permanent,
        "types": types,
        "contains": lambda: str("kinds" in session),
        "untouched": lambda: "nothing asked",
        "big": lambda: str(session.update(big="x" * 2000)),
    }
    for path, view in views.items():
        app.add_url_rule(f"/{path}", path, view)
    return app


@case("/set", "/read", "/set", "/read")
def session_settings(fw):
    app = fw.Flask("session-settings")
    app.config.update(
        SECRET_KEY=b"bytes",
        SESSION_COOKIE_NAME="mine",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_DOMAIN="example.org",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=False,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PARTITIONED=True,
        PERMANENT_SESSION_LIFETIME=600,
        SESSION_REFRESH_EACH_REQUEST=False,
    )

    @app.route("/set")
    def set_it():
        fw.session.permanent = True
        fw.session["a"] = 1
        return "set"

    app.add_url_rule("/read", "read", lambda: str(fw.session.get("a")))
    return app


@case("/read", "/write")
def no_secret_key(fw):
    app = fw.Flask("no-key")
    app.add_url_rule("/read", "read", lambda: str(fw.session.get("a")))
    app.add_url_rule("/write", "write", lambda: str(fw.session.update(a=1)))
    return app


@case("/flash", "/flash", "/show", "/show", "/flash", "/filtered", "/show")
def flashes(fw):
    app = fw.Flask("flashes")
    app.secret_key = "k"

    @app.route("/flash")
    def flash():
        fw.flash("plain <b>")
        fw.flash(fw.Markup("<b>marked</b>"), "warning")
        return "flashed"

    page = (
        "{% for c, m in get_flashed_messages(with_categories=true) %}{{ c }}={{ m }};{% endfor %}"
        "{{ get_flashed_messages() | length }}"
    )
    app.add_url_rule("/show", "show", lambda: fw.render_template_string(page))
    app.add_url_rule(
        "/filtered", "filtered", lambda: repr(fw.get_flashed_messages(category_filter=["warning"]))
    )
    return app


@case(
    "/", "/bp/", "/early", "/bp/error", "/error", "/abort", "/none", head("/"), post("/"), "/after"
)
def hooks(fw):
    app = fw.Flask("hooks")
    bp = fw.Blueprint("bp", __name__, url_prefix="/bp")
    log = []

    def hook(owner, kind, name):
        def before():
            log.append(f"{kind} {name}")
            if kind == "before_request" and name == "app 2" and fw.request.path == "/early":
                return "early answer"

        def after(response):
            log.append(f"{kind} {name} {response.status_code}")
            return response

        def teardown(error):
            log.append(f"{kind} {name} {type(error).__name__}")

        functions = {"before": before, "after_": after, "teardo": teardown}
        getattr(owner, kind)(functions[kind[:6]])

    for kind in ("before_request", "after_request", "teardown_request"):
        for name in ("app 1", "app 2"):
            hook(app, kind, name)
        hook(bp, kind, "bp")
        hook(bp, kind.replace("_request", "_app_request"), "bp for app")
    hook(app, "teardown_appcontext", "app")

    @app.after_request
    def tell(response):
        response.headers["X-Log"] = ", ".join(log)
        log.clear()
        return response

    def after_this():
        @fw.after_this_request
        def add(response):
            response.headers["X-This"] = "yes"
            log.append("after_this_request")
            return response

        return "after"

    app.register_error_handler(ZeroDivisionError, lambda error: ("divided", 500))
    app.add_url_rule("/", "index", lambda: "index")
    app.add_url_rule("/early", "early", lambda: "never")
    app.add_url_rule("/error", "error", lambda: 1 / 0)
    app.add_url_rule("/abort", "abort", lambda: fw.abort(409))
    app.add_url_rule("/after", "after", after_this)
    bp.add_url_rule("/", "index", lambda: "bp index")
    bp.add_url_rule("/error", "error", lambda: 1 / 0)
    app.register_blueprint(bp)
    return app


@case("/", "/g", "/second", "/url", "/test-context", "/logger")
def contexts(fw):
    app = fw.Flask("contexts")
    app.config["COLOR"] = "blue"

    @app.before_request
    def start():
        fw.g.user = "ada"

    @app.route("/g")
    def with_g():
        fw.g.setdefault("n", 1)
        return {
            "user": fw.g.user,
            "get": fw.g.get("none", "default"),
            "in": "user" in fw.g,
            "pop": fw.g.pop("n"),
            "left": sorted(fw.g),
            "bool": bool(fw.request),
        }

    def in_test():
        with app.test_request_context("/other?x=1", method="POST", data={"a": "1"}):
            inner = [fw.request.path, fw.request.args["x"], fw.request.form["a"]]
        return [*inner, fw.request.path]

    app.add_url_rule(
        "/", "index", lambda: f"{fw.current_app.name} {fw.current_app.config['COLOR']}"
    )
    app.add_url_rule("/second", "second", lambda: str("n" in fw.g))
    app.add_url_rule("/url", "url", lambda: f"{fw.has_request_context()} {fw.has_app_context()}")
    app.add_url_rule("/test-context", "test", in_test)
    app.add_url_rule("/logger", "logger", lambda: app.logger.name)
    return app


TEMPLATES = {
    "escape": "{{ text }} {{ text | safe }} {{ html }}",
    "request": "{{ request.path }} {{ request.args.x }} {{ session.a }} {{ g.n }}",
    "config": "{{ config.COLOR }} {{ config['DEBUG'] }}",
    "url": "{{ url_for('page', name='url', q='<&>') }}",
    "tojson": "<script>{{ data | tojson }}</script><a b='{{ data | tojson }}'>",
    "filter": "{{ text | shout }} {{ 5 is odder }} {{ double(4) }}",
    "processor": "{{ injected }} {{ maker(3) }}",
    "undefined": "[{{ nothing }}]",
    "broken": "{{ nothing.attribute }}",
    "syntax": "{% if %}",
    "macro": "{% macro m(x) %}<i>{{ x }}</i>{% endmacro %}{{ m(text) }}",
    "loop": "{% for n in [1, 2, 3] -%} {{ loop.index }}{{ n }}, {%- endfor %}\n",
    "auto": "{% autoescape false %}{{ text }}{% endautoescape %}{{ text }}",
    "unicode": "é☃ {{ 'ü' }}",
}


@case(*(f"/{name}?x=%3Ci%3E" for name in TEMPLATES))
def templates(fw):
    app = fw.Flask("templates")
    app.secret_key = "k"
    app.config["COLOR"] = "blue"
    app.template_filter("shout")(lambda text: text.upper() + "!")
    app.template_test("odder")(lambda number: number % 2 == 1)
    app.template_global("double")(lambda number: number * 2)
    app.context_processor(lambda: {"injected": "from a processor", "maker": lambda n: "x" * n})

    @app.route("/<name>")
    def page(name):
        fw.g.n = 7
        data = {"b": "</script>'&", "a": [1, None]}
        values = {"text": "<b>&\"'", "html": fw.Markup("<b>"), "data": data}
        return fw.render_template_string(TEMPLATES[name], **values)

    return app


@case("/", get("/", X_Forwarded_Proto="https"), "/mounted/here")
def middleware(fw):
    app = fw.Flask("middleware")
    app.add_url_rule("/", "index", lambda: f"{fw.request.scheme} {fw.request.environ['my.key']}")
    app.add_url_rule("/here", "here", lambda: fw.url_for("here", _external=True))
    inner = app.wsgi_app

    def outer(environ, start_response):
        environ["my.key"] = "my value"
        if environ.get("HTTP_X_FORWARDED_PROTO"):
            environ["wsgi.url_scheme"] = environ["HTTP_X_FORWARDED_PROTO"]
        if environ["PATH_INFO"].startswith("/mounted"):
            environ["SCRIPT_NAME"] = "/mounted"
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/mounted")

        def start(status, headers, exc_info=None):
            return start_response(status, [*headers, ("X-Outer", "was here")], exc_info)

        return inner(environ, start)

    app.wsgi_app = outer
    return app


@case("/", "/nope")
def subclasses(fw):
    class Request(fw.Request):
        @property
        def shouted(self):
            return self.path.upper()

    class Response(fw.Response):
        default_mimetype = "text/x-mine"

    class App(fw.Flask):
        request_class = Request
        response_class = Response

        def preprocess_request(self):
            fw.g.pre = "pre"
            return super().preprocess_request()

        def process_response(self, response):
            response.headers["X-Pre"] = fw.g.pre
            return super().process_response(response)

    app = App("subclasses")
    app.add_url_rule("/", "index", lambda: f"{fw.request.shouted} {fw.g.pre}")
    return app


@case("/", "/both", "/error")
def async_views(fw):
    app = fw.Flask("async")

    @app.before_request
    async def before():
        fw.g.before = "async before"

    @app.route("/")
    async def index():
        return f"{fw.g.before} {fw.request.path}"

    @app.route("/both")
    def both():
        return f"sync after {fw.g.before}"

    @app.route("/error")
    async def error():
        raise ValueError("async")

    @app.errorhandler(ValueError)
    async def handle(error):
        return f"handled {error}", 400

    return app
