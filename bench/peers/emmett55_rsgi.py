import material
from emmett55 import App, Pipe, request, response
from emmett55.tools import service

PROTOCOL = "rsgi"
LACKS = {
    "session": "its cookie is encrypted, not signed",
    "errors": "error handlers by status only",
    "static": "the server sends the file",
    "static304": "the server sends the file",
    "stream": "answers twice, of which a server takes the first",
}
PAGE = material.page_template()


def new():
    return App(__name__, root_path=str(material.STATIC.parent))


def make_main():
    app = new()

    @app.route("/")
    async def hello():
        return material.GREETING

    @app.route("/json")
    @service.json
    async def message():
        return material.MESSAGE

    @app.route("/users/<int:user>/posts/<str:post>")
    @service.json
    async def params(user, post):
        query = request.query_params
        return {"user": user, "post": post, "q": query.q, "page": int(query.page)}

    @app.route("/form", methods="post")
    async def form():
        return (await request.body_params).name

    @app.route("/upload", methods="post")
    async def upload():
        return str(len((await request.files).file.read()))

    @app.route("/rows")
    async def rows():
        return PAGE.render(rows=material.ROWS)

    return app


class Hooks(Pipe):
    async def open(self):
        request.user = "grace"

    async def close(self):
        response.headers["x-hook"] = "ran"


def make_hooks():
    app = new()
    app.pipeline = [Hooks()]

    @app.route("/")
    async def user():
        return request.user

    return app


def make_routes():
    app = new()

    def add(path, name, view):
        view.__name__ = name
        app.route(path)(view)

    def fixed(n):
        async def page():
            return str(n)

        return page

    def show():
        async def page(number):
            return str(number)

        return page

    for n in range(material.PAIRS_OF_ROUTES):
        add(f"/page{n}", f"page{n}", fixed(n))
        add(f"/thing{n}/<int:number>/show", f"thing{n}", show())
    return app


APPS = {"main": make_main, "hooks": make_hooks, "routes": make_routes}
