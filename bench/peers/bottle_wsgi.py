import bottle
import material
from bottle import Bottle, request, response, static_file

PROTOCOL = "wsgi"
LACKS = {}
PAGE = material.page_template()


def handles_refused(view):
    """A plugin: Bottle has no handlers by the exception's class."""

    def call(**values):
        try:
            return view(**values)
        except material.Refused:
            response.status = 418
            return {"error": "refused"}

    return call


def make_main():
    app = Bottle()
    bottle.BaseRequest.MEMFILE_MAX = 2 * len(material.UPLOAD)
    folder = material.static_folder()

    @app.route("/")
    def hello():
        return material.GREETING

    @app.route("/json")
    def message():
        return material.MESSAGE

    @app.route("/users/<user:int>/posts/<post>")
    def params(user, post):
        query = request.query
        return {"user": user, "post": post, "q": query["q"], "page": int(query["page"])}

    @app.post("/form")
    def form():
        return request.forms["name"]

    @app.post("/upload")
    def upload():
        return str(len(request.files["file"].file.read()))

    @app.route("/rows")
    def rows():
        return PAGE.render(rows=material.ROWS)

    @app.route("/refused", apply=handles_refused)
    def refused():
        raise material.Refused

    @app.route("/static/<name:path>")
    def static(name):
        return static_file(name, root=folder)

    @app.route("/lines")
    def lines():
        response.content_type = "text/plain; charset=UTF-8"
        return (line for line in material.LINES)

    return app


def make_session():
    # A signed cookie; Bottle has no session object.
    app = Bottle()

    @app.route("/count")
    def count():
        n = (request.get_cookie("n", secret=material.SECRET) or 0) + 1
        response.set_cookie("n", n, secret=material.SECRET)
        return str(n)

    return app


def make_hooks():
    app = Bottle()

    @app.hook("before_request")
    def before():
        request.user = "grace"

    @app.hook("after_request")
    def after():
        response.set_header("X-Hook", "ran")

    @app.route("/")
    def user():
        return request.user

    return app


def make_routes():
    app = Bottle()

    def show(number):
        return str(number)

    for n in range(material.PAIRS_OF_ROUTES):
        app.route(f"/page{n}", callback=lambda n=n: str(n))
        app.route(f"/thing{n}/<number:int>/show", callback=show)
    return app


APPS = {"main": make_main, "session": make_session, "hooks": make_hooks, "routes": make_routes}
