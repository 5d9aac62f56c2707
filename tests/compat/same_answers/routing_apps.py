"""Apps about routes and the URLs built from them."""

from small_apps import Ask, case, get, head, post


def show(**values):
    return {name: f"{value!r} {type(value).__name__}" for name, value in values.items()}


@case(
    "/int/12",
    "/int/-12",
    "/int/x",
    "/signed/-12",
    "/two/07",
    "/two/7",
    "/small/9",
    "/small/11",
    "/float/1.5",
    "/float/1",
    "/float/.5",
    "/string/a%20b",
    "/string/a/b",
    "/string/%C3%BC",
    "/string/%FF",
    "/short/abc",
    "/short/abcd",
    "/path/a/b//c",
    "/path/",
    "/any/one",
    "/any/three",
    "/uuid/9a7f2a1e-7b51-4d6d-8a8e-0c8f3b9d1e11",
    "/uuid/9a7f2a1e",
    "/mixed/v1.2/x-7",
)
def converters(fw):
    app = fw.Flask("converters")
    for rule in (
        "/int/<int:v>",
        "/signed/<int(signed=True):v>",
        "/two/<int(fixed_digits=2):v>",
        "/small/<int(max=10):v>",
        "/float/<float:v>",
        "/string/<v>",
        "/short/<string(maxlength=3):v>",
        "/path/<path:v>",
        "/any/<any(one, two):v>",
        "/uuid/<uuid:v>",
        "/mixed/v<int:major>.<int:minor>/x-<v>",
    ):
        app.add_url_rule(rule, rule.replace(".", ","), show)
    return app


@case(
    "/leaf",
    "/leaf/",
    "/branch/",
    "/branch",
    "/branch?a=1&b=%20x",
    "/loose",
    "/loose/",
    "//branch/",
    "/a//b",
    "/a/b",
    "/branch/../leaf",
    Ask("POST", "/branch", body=b"x=1"),
    head("/branch"),
    get("/branch", Host="example.org:8080"),
    Ask("GET", "/branch", SCRIPT_NAME="/app"),
)
def slashes(fw):
    app = fw.Flask("slashes")
    app.add_url_rule("/leaf", "leaf", lambda: "leaf")
    app.add_url_rule("/branch/", "branch", lambda: "branch", methods=["GET", "POST"])
    app.add_url_rule("/loose/", "loose", lambda: "loose", strict_slashes=False)
    app.add_url_rule("/a/b", "ab", lambda: "ab")
    return app


@case(
    *(
        Ask(method, path)
        for path in ("/get", "/post", "/both", "/manual", "/none")
        for method in ("GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE", "BREW")
    ),
)
def methods(fw):
    app = fw.Flask("methods")
    app.get("/get", endpoint="get")(lambda: "get")
    app.post("/post", endpoint="post")(lambda: "post")
    app.route("/both", methods=["get", "Post"])(lambda: fw.request.method)

    @app.route("/manual", methods=["GET", "OPTIONS"])
    def manual():
        return f"my own {fw.request.method}"

    @app.route("/none", provide_automatic_options=False)
    def none():
        return "none"

    return app


@case(
    "/", "/page/2", "/page/1", "/x", "/static-or/7", "/static-or/seven", "/rest/a/b", "/rest/known"
)
def defaults_and_weights(fw):
    app = fw.Flask("weights")

    @app.route("/", defaults={"page": 1})
    @app.route("/page/<int:page>")
    def pages(page):
        return f"page {page}"

    app.add_url_rule("/<word>", "word", lambda word: f"word {word}")
    app.add_url_rule("/static-or/<word>", "either", lambda word: f"word {word}")
    app.add_url_rule("/static-or/seven", "seven", lambda: "seven itself")
    app.add_url_rule("/static-or/<int:n>", "number", lambda n: f"number {n}")
    app.add_url_rule("/rest/<path:rest>", "rest", lambda rest: f"rest {rest}")
    app.add_url_rule("/rest/known", "known", lambda: "known")
    return app


@case("/old/7", "/new/7", "/elsewhere")
def redirecting_rules(fw):
    app = fw.Flask("redirecting")
    app.add_url_rule("/new/<int:n>", "new", lambda n: f"new {n}")
    app.add_url_rule("/old/<int:n>", "old", redirect_to="/new/<n>")
    app.add_url_rule("/elsewhere", "away", redirect_to="https://example.org/")
    return app


@case("/list/1,2,3", "/list/1,x", "/link")
def own_converter(fw):
    class Numbers(fw.BaseConverter):
        regex = r"\d+(?:,\d+)*"

        def to_python(self, value):
            return [int(part) for part in value.split(",")]

        def to_url(self, value):
            return ",".join(str(part) for part in value)

    app = fw.Flask("own")
    app.url_map.converters["numbers"] = Numbers
    app.add_url_rule("/list/<numbers:v>", "numbers", lambda v: {"v": v})
    app.add_url_rule("/link", "link", lambda: fw.url_for("numbers", v=[4, 5]))
    return app


URLS = """
url_for("index")
url_for("item", n=7)
url_for("item", n=7, color="dark red", tag=["a", "b"], none=None)
url_for("word", w="a b/c?d#e&f%g;é")
url_for("path", p="a b/c?d#é")
url_for("item", n=7, _anchor="a b#é")
url_for("item", n=7, _external=True)
url_for("item", n=7, _external=True, _scheme="https")
url_for("item", n=7, _scheme="https")
url_for("item", n=7, _method="POST")
url_for("item", n="7")
url_for("index", q="ü &=+/")
url_for("static", filename="css/a b.css")
url_for("static", filename="a.css", v=3)
url_for(".index")
url_for("float", f=1.5)
url_for("defaults", page=1)
url_for("defaults", page=2)
"""


@case(
    "/",
    Ask("GET", "/", SCRIPT_NAME="/prefix"),
    get("/", Host="example.org:5000"),
    Ask("GET", "/", {"Host": "example.org:443"}, **{"wsgi.url_scheme": "https"}),
)
def building(fw):
    app = fw.Flask("building")

    @app.route("/")
    def index():
        names = {"url_for": fw.url_for}
        return {line: eval(line, names) for line in URLS.strip().splitlines()}  # noqa: S307

    app.add_url_rule("/item/<int:n>", "item", lambda n: "")
    app.add_url_rule("/change/<int:n>", "item", methods=["POST"])
    app.add_url_rule("/word/<w>", "word", lambda w: "")
    app.add_url_rule("/path/<path:p>", "path", lambda p: "")
    app.add_url_rule("/float/<float:f>", "float", lambda f: "")
    app.add_url_rule("/pages/", "defaults", lambda page: "", defaults={"page": 1})
    app.add_url_rule("/pages/<int:page>", "defaults")
    return app


@case("/missing-value", "/missing-endpoint", "/handled")
def building_what_is_not_there(fw):
    app = fw.Flask("not-there")
    app.add_url_rule("/item/<int:n>", "item", lambda n: "")
    app.add_url_rule("/missing-value", "a", lambda: fw.url_for("item"))
    app.add_url_rule("/missing-endpoint", "b", lambda: fw.url_for("nope"))
    app.add_url_rule("/handled", "c", lambda: fw.url_for("special", x=1))
    app.url_build_error_handlers.append(
        lambda error, endpoint, values: "/mine" if endpoint == "special" else None
    )
    return app


@case("/", "/en/", "/en/about", "/de/about", "/xx/yy/zz")
def url_preprocessors(fw):
    app = fw.Flask("pre")

    @app.url_value_preprocessor
    def pull(endpoint, values):
        fw.g.lang = values.pop("lang", "none") if values else "none"

    @app.url_defaults
    def add(endpoint, values):
        if app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values.setdefault("lang", fw.g.lang)

    app.add_url_rule("/", "root", lambda: fw.g.lang)
    app.add_url_rule("/<lang>/", "index", lambda: fw.url_for("about"))
    app.add_url_rule("/<lang>/about", "about", lambda: f"{fw.g.lang} {fw.url_for('index')}")
    return app


@case(
    "/",
    "/api/",
    "/api/v1/items/3",
    "/api/v1/nope",
    "/again/",
    "/api/v1/link",
    post("/api/v1/items/3"),
)
def blueprints(fw):
    app = fw.Flask("blueprints")
    api = fw.Blueprint("api", __name__, url_prefix="/api")
    v1 = fw.Blueprint("v1", __name__, url_prefix="/v1")

    @api.route("/")
    def index():
        return {
            "blueprint": fw.request.blueprint,
            "endpoint": fw.request.endpoint,
            "blueprints": fw.request.blueprints,
        }

    @v1.route("/items/<int:n>")
    def item(n):
        return {
            "blueprint": fw.request.blueprint,
            "blueprints": fw.request.blueprints,
            "here": fw.url_for(".item", n=n),
            "up": fw.url_for("api.index"),
        }

    v1.add_url_rule("/link", "link", lambda: fw.url_for(".item", n=1, _external=True))
    api.register_blueprint(v1)
    app.register_blueprint(api)
    app.register_blueprint(api, url_prefix="/again", name="again")
    app.add_url_rule("/", "index", lambda: fw.url_for("again.index"))
    return app


@case(
    get("/", Host="example.org"),
    get("/", Host="api.example.org"),
    get("/v/3", Host="v3.example.org"),
    get("/", Host="localhost"),
)
def subdomains(fw):
    app = fw.Flask("subdomains", subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.org"
    app.add_url_rule("/", "main", lambda: f"main {fw.url_for('api')}")
    app.add_url_rule("/", "api", lambda: f"api {fw.url_for('main')}", subdomain="api")
    app.add_url_rule("/v/<int:n>", "v", lambda n, sub: f"{sub} {n}", subdomain="<sub>")
    return app


@case(
    "/item",
    post("/item"),
    Ask("DELETE", "/item"),
    Ask("OPTIONS", "/item"),
    "/other/5",
    post("/other/5"),
)
def class_views(fw):
    class Item(fw.views.MethodView):
        def get(self):
            return "got"

        def delete(self):
            return "gone", 202

    class Other(fw.views.View):
        methods = ["GET", "POST"]
        init_every_request = False

        def __init__(self, word):
            self.word = word

        def dispatch_request(self, n):
            return f"{self.word} {n} {fw.request.method}"

    app = fw.Flask("class-views")
    app.add_url_rule("/item", view_func=Item.as_view("item"))
    app.add_url_rule("/other/<int:n>", view_func=Other.as_view("other", "hello"))
    return app
