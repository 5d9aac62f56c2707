"""Routes, methods and class views, on every lane."""

import pytest

from costrel import Flask, Response, request, views

pytestmark = pytest.mark.usefixtures("every_lane")


def test_hello_world(app, visitor):
    @app.route("/")
    def hello():
        return "Hello World!"

    answer = visitor.get("/")
    assert answer.line == "200 OK"
    assert answer.pairs == [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", "12"),
    ]
    assert answer.data == b"Hello World!"


def test_values_of_the_url_are_arguments(app, visitor):
    @app.route("/<int:a>/<float:b>/<path:c>/<string(length=2):d>/<any(x, y):e>/<uuid:f>")
    def view(**values):
        return repr(sorted(values.items()))

    answer = visitor.get("/1/2.5/p/q/ab/x/12345678-1234-5678-1234-567812345678")
    assert answer.text == (
        "[('a', 1), ('b', 2.5), ('c', 'p/q'), ('d', 'ab'), ('e', 'x'), "
        "('f', UUID('12345678-1234-5678-1234-567812345678'))]"
    )


def test_a_value_is_decoded_text(app, visitor):
    app.route("/<name>")(lambda name: name)
    assert visitor.get("/h%C3%A9%20%3C").text == "hé <"


def test_several_rules_lead_to_one_view(app, visitor):
    @app.route("/users/", defaults={"page": 1})
    @app.route("/users/page/<int:page>")
    def users(page):
        return f"page {page}"

    assert visitor.get("/users/").text == "page 1"
    assert visitor.get("/users/page/3").text == "page 3"
    redirect = visitor.get("/users/page/1")
    assert (redirect.status, redirect.headers["Location"]) == (308, "http://localhost/users/")


@pytest.mark.parametrize("query", ["", "?a=b&c=d"])
def test_a_rule_that_ends_in_a_slash_redirects_to_it(app, visitor, query):
    app.route("/folder/")(lambda: "inside")
    answer = visitor.get(f"/folder{query}")
    assert answer.status == 308
    assert answer.headers["Location"] == f"http://localhost/folder/{query}"
    assert visitor.get("/folder/").text == "inside"


def test_a_rule_without_a_slash_is_not_found_with_one(app, visitor):
    app.route("/file")(lambda: "file")
    assert visitor.get("/file/").status == 404


def test_head_is_get_without_a_body(app, visitor):
    app.route("/")(lambda: f"{request.method}!")
    answer = visitor.ask("HEAD", "/")
    assert answer.line == "200 OK"
    assert answer.headers["Content-Length"] == "5"
    assert answer.data == b""


def test_options_says_what_is_allowed(app, visitor):
    app.get("/x", endpoint="a")(lambda: "a")
    app.post("/x", endpoint="b")(lambda: "b")
    answer = visitor.ask("OPTIONS", "/x")
    assert (answer.status, answer.data) == (200, b"")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_options_of_a_views_own(app, visitor):
    @app.route("/x", methods=["GET", "OPTIONS"])
    def view():
        return f"own {request.method}"

    assert visitor.ask("OPTIONS", "/x").text == "own OPTIONS"


def test_options_may_be_switched_off(app, visitor):
    app.route("/x", provide_automatic_options=False)(lambda: "x")
    answer = visitor.ask("OPTIONS", "/x")
    assert answer.status == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}


def test_a_wrong_method_is_405_with_those_that_are_right(app, visitor):
    app.post("/x")(lambda: "x")
    answer = visitor.get("/x")
    assert answer.line == "405 METHOD NOT ALLOWED"
    assert set(answer.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_nothing_is_404(visitor):
    answer = visitor.get("/nowhere")
    assert answer.line == "404 NOT FOUND"
    assert "<h1>Not Found</h1>" in answer.text


def test_each_method_may_have_a_view(app, visitor):
    for method in ("get", "post", "put", "patch", "delete"):
        getattr(app, method)("/x", endpoint=method)(lambda m=method: f"{m} {request.endpoint}")
    for method in ("get", "post", "put", "patch", "delete"):
        assert visitor.ask(method.upper(), "/x").text == f"{method} {method}"


def test_a_rule_without_a_view_is_an_error_of_the_server(app, visitor):
    app.add_url_rule("/x", endpoint="missing")
    assert visitor.get("/x").status == 500


def test_the_view_of_an_endpoint_is_that_of_all_its_rules(app, visitor):
    app.add_url_rule("/x", endpoint="e")
    app.add_url_rule("/y", endpoint="e")
    app.endpoint("e")(lambda: request.url_rule.rule)
    assert (visitor.get("/x").text, visitor.get("/y").text) == ("/x", "/y")


def test_a_converter_of_ones_own(app, visitor):
    from costrel.routing.converters import BaseConverter

    class Doubled(BaseConverter):
        def to_python(self, value):
            return int(value) * 2

    app.url_map.converters["doubled"] = Doubled
    app.route("/<doubled:n>")(lambda n: str(n))
    assert visitor.get("/21").text == "42"


def test_a_host_may_choose_the_view(make_app, visit):
    app = make_app(host_matching=True)
    app.route("/", host="a.test", endpoint="a")(lambda: "a")
    app.route("/", host="<name>.b.test", endpoint="b")(lambda name: f"b {name}")
    ask = visit(app).get
    assert ask("/", HTTP_HOST="a.test").text == "a"
    assert ask("/", HTTP_HOST="x.b.test").text == "b x"
    assert ask("/", HTTP_HOST="c.test").status == 404


def test_a_subdomain_may_choose_the_view(make_app, visit):
    app = make_app(subdomain_matching=True)
    app.config["SERVER_NAME"] = "x.test"
    app.route("/", subdomain="<user>")(lambda user: user)
    app.route("/", endpoint="top")(lambda: "top")
    ask = visit(app).get
    assert ask("/", HTTP_HOST="ada.x.test").text == "ada"
    assert ask("/", HTTP_HOST="x.test").text == "top"


def test_an_app_below_a_prefix_sees_its_own_paths(app, visitor):
    @app.route("/here/")
    def here():
        return f"{request.script_root} {request.path} {request.url}"

    answer = visitor.get("/here/", SCRIPT_NAME="/mount")
    assert answer.text == "/mount /here/ http://localhost/mount/here/"
    answer = visitor.get("/here", SCRIPT_NAME="/mount")
    assert answer.headers["Location"] == "http://localhost/mount/here/"


# Class views


def test_a_view_class_answers_by_dispatch_request(app, visitor):
    class Hello(views.View):
        methods = ["GET", "POST"]

        def __init__(self, greeting):
            self.greeting = greeting

        def dispatch_request(self, name):
            return f"{self.greeting}, {name}: {request.method}"

    app.add_url_rule("/<name>", view_func=Hello.as_view("hello", "Moin"))
    assert visitor.get("/ada").text == "Moin, ada: GET"
    assert visitor.post("/ada").text == "Moin, ada: POST"


def test_a_method_view_answers_by_methods_of_those_names(app, visitor):
    class Item(views.MethodView):
        def get(self):
            return f"got {request.method}"

        def delete(self):
            return "", 204, {"Content-Type": ""}

    app.add_url_rule("/", view_func=Item.as_view("item"))
    assert visitor.get("/").text == "got GET"
    assert visitor.ask("HEAD", "/").status == 200
    assert visitor.ask("DELETE", "/", validated=False).status == 204
    assert visitor.post("/").status == 405


def test_async_views_and_hooks_are_waited_for(app, visitor):
    log = []

    @app.before_request
    async def before():
        log.append("before")

    @app.after_request
    async def after(response):
        log.append("after")
        return response

    @app.teardown_request
    async def teardown(error):
        log.append("teardown")

    @app.errorhandler(KeyError)
    async def broken(error):
        return f"no {error}", 500

    @app.route("/<name>")
    async def view(name):
        return {"name": {"ada": request.path}[name]}

    assert visitor.get("/ada").json == {"name": "/ada"}
    assert log == ["before", "after", "teardown"]
    assert visitor.get("/bob").text == "no 'bob'"


def test_middleware_wraps_the_app(app, visitor):
    class Shouting:
        def __init__(self, inner):
            self.inner = inner

        def __call__(self, environ, start_response):
            environ["PATH_INFO"] = environ["PATH_INFO"].lower()
            return self.inner(environ, start_response)

    app.route("/quiet")(lambda: "heard")
    app.wsgi_app = Shouting(app.wsgi_app)
    assert visitor.get("/QUIET").text == "heard"


def test_a_response_class_of_the_apps_own(make_app, visit):
    class Plain(Response):
        default_mimetype = "text/plain"

    class MyFlask(Flask):
        response_class = Plain

    app = make_app(MyFlask)
    app.route("/")(lambda: "x")
    assert visit(app).get("/").headers["Content-Type"] == "text/plain; charset=utf-8"
