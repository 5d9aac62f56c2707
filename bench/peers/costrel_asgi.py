import material

from costrel import Flask, Response, g, jsonify, render_template, request, session

PROTOCOL = "asgi"
LACKS = {}


def make_main():
    app = Flask(
        "bench", template_folder=str(material.TEMPLATES), static_folder=material.static_folder()
    )

    @app.route("/")
    async def hello():
        return material.GREETING

    @app.route("/json")
    async def message():
        return material.MESSAGE

    @app.route("/users/<int:user>/posts/<post>")
    async def params(user, post):
        args = request.args
        return jsonify(user=user, post=post, q=args["q"], page=args.get("page", type=int))

    @app.post("/form")
    async def form():
        return request.form["name"]

    @app.post("/upload")
    async def upload():
        return str(len(request.files["file"].read()))

    @app.route("/rows")
    async def rows():
        return render_template("rows.html", rows=material.ROWS)

    @app.route("/refused")
    async def refused():
        raise material.Refused

    @app.errorhandler(material.Refused)
    async def answer_refused(error):
        return jsonify(error="refused"), 418

    @app.route("/lines")
    async def lines():
        async def chunks():
            for line in material.LINES:
                yield line

        return Response(chunks(), mimetype="text/plain")

    return app


def make_session():
    app = Flask("bench", static_folder=None)
    app.secret_key = material.SECRET

    @app.route("/count")
    async def count():
        session["n"] = session.get("n", 0) + 1
        return str(session["n"])

    return app


def make_hooks():
    app = Flask("bench", static_folder=None)

    @app.before_request
    async def before():
        g.user = "grace"

    @app.after_request
    async def after(response):
        response.headers["X-Hook"] = "ran"
        return response

    @app.route("/")
    async def user():
        return g.user

    return app


def make_routes():
    app = Flask("bench", static_folder=None)

    async def show(number):
        return str(number)

    def fixed(n):
        async def page():
            return str(n)

        return page

    for n in range(material.PAIRS_OF_ROUTES):
        app.add_url_rule(f"/page{n}", f"page{n}", fixed(n))
        app.add_url_rule(f"/thing{n}/<int:number>/show", f"thing{n}", show)
    return app


APPS = {"main": make_main, "session": make_session, "hooks": make_hooks, "routes": make_routes}
