"""The apps for Flask and for whatever has its API: made with the module that is handed in."""

import material


def make_main(framework):
    app = framework.Flask(
        "bench", template_folder=str(material.TEMPLATES), static_folder=material.static_folder()
    )

    @app.route("/")
    def hello():
        return material.GREETING

    @app.route("/json")
    def message():
        return material.MESSAGE

    @app.route("/users/<int:user>/posts/<post>")
    def params(user, post):
        args = framework.request.args
        return framework.jsonify(user=user, post=post, q=args["q"], page=args.get("page", type=int))

    @app.post("/form")
    def form():
        return framework.request.form["name"]

    @app.post("/upload")
    def upload():
        return str(len(framework.request.files["file"].read()))

    @app.route("/rows")
    def rows():
        return framework.render_template("rows.html", rows=material.ROWS)

    @app.route("/refused")
    def refused():
        raise material.Refused

    @app.errorhandler(material.Refused)
    def answer_refused(error):
        return framework.jsonify(error="refused"), 418

    @app.route("/lines")
    def lines():
        return framework.Response((line for line in material.LINES), mimetype="text/plain")

    return app


def make_session(framework):
    app = framework.Flask("bench", static_folder=None)
    app.secret_key = material.SECRET

    @app.route("/count")
    def count():
        session = framework.session
        session["n"] = session.get("n", 0) + 1
        return str(session["n"])

    return app


def make_hooks(framework):
    app = framework.Flask("bench", static_folder=None)

    @app.before_request
    def before():
        framework.g.user = "grace"

    @app.after_request
    def after(response):
        response.headers["X-Hook"] = "ran"
        return response

    @app.route("/")
    def user():
        return framework.g.user

    return app


def make_routes(framework):
    app = framework.Flask("bench", static_folder=None)

    def show(number):
        return str(number)

    for n in range(material.PAIRS_OF_ROUTES):
        app.add_url_rule(f"/page{n}", f"page{n}", lambda n=n: str(n))
        app.add_url_rule(f"/thing{n}/<int:number>/show", f"thing{n}", show)
    return app


def make_apps(framework):
    """Return how to make each app with a framework of Flask's API."""
    return {
        "main": lambda: make_main(framework),
        "session": lambda: make_session(framework),
        "hooks": lambda: make_hooks(framework),
        "routes": lambda: make_routes(framework),
    }
