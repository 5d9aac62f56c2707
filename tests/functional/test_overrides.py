"""Steps of a request that a subclass or an instance replaces are called, each at its place."""

import pytest

from costrel import Flask, Response, abort, g, session
from costrel.serve.verbs import Verbs


@pytest.fixture
def log():
    return []


def watching(verb, log):
    """An app class that notes each call of one of its steps."""
    plain = getattr(Flask, verb)

    def replaced(self, *args, **kwargs):
        log.append(verb)
        return plain(self, *args, **kwargs)

    return type("Watching", (Flask,), {verb: replaced})


CALLED_FOR_A_VIEW = {
    "full_dispatch_request": 1,
    "preprocess_request": 1,
    "dispatch_request": 1,
    "finalize_request": 1,
    "make_response": 1,
    "process_response": 1,
    "do_teardown_request": 1,
    "do_teardown_appcontext": 1,
    "request_context": 1,
    "create_url_adapter": 1,
    "should_ignore_error": 0,
    "handle_user_exception": 0,
    "handle_exception": 0,
    "raise_routing_exception": 0,
}


def declare(app):
    app.before_request(lambda: setattr(g, "seen", True))
    app.after_request(lambda response: response)
    app.teardown_request(lambda error: None)
    app.route("/")(lambda: f"seen {g.seen}")
    app.route("/error", endpoint="error")(lambda: abort(404))
    app.route("/crash", endpoint="crash")(lambda: 1 / 0)
    return app


@pytest.mark.parametrize(("verb", "times"), CALLED_FOR_A_VIEW.items())
def test_a_step_replaced_by_a_subclass_is_called(make_app, visit, log, verb, times):
    app = declare(make_app(watching(verb, log)))
    assert visit(app).get("/").text == "seen True"
    assert log == [verb] * times


@pytest.mark.parametrize(
    ("verb", "path", "times"),
    [
        ("raise_routing_exception", "/nowhere", 1),
        ("handle_user_exception", "/nowhere", 1),
        ("handle_http_exception", "/nowhere", 1),
        ("handle_user_exception", "/error", 1),
        ("handle_http_exception", "/error", 1),
        ("trap_http_exception", "/error", 1),
        ("finalize_request", "/error", 1),
        ("handle_exception", "/crash", 1),
        ("log_exception", "/crash", 1),
        ("finalize_request", "/crash", 1),
        ("process_response", "/crash", 1),
        ("should_ignore_error", "/crash", 1),
        ("make_response", "/crash", 1),
    ],
)
def test_a_step_replaced_by_a_subclass_is_called_for_errors(
    make_app, visit, log, verb, path, times
):
    app = declare(make_app(watching(verb, log)))
    assert visit(app).get(path).status in {404, 500}
    assert log == [verb] * times


@pytest.mark.parametrize(
    "verb", ["full_dispatch_request", "dispatch_request", "process_response", "make_response"]
)
def test_a_step_replaced_on_an_instance_is_called(make_app, visit, log, verb):
    app = declare(make_app())
    plain = getattr(app, verb)
    setattr(app, verb, lambda *args: log.append(verb) or plain(*args))
    assert visit(app).get("/").text == "seen True"
    assert log == [verb]
    assert getattr(make_app(), verb).__func__ is getattr(Verbs, verb)


def test_the_options_of_an_apps_own(make_app, visit):
    class Mine(Flask):
        def make_default_options_response(self):
            return self.response_class("mine", 203)

    app = declare(make_app(Mine))
    assert visit(app).ask("OPTIONS", "/").text == "mine"


def test_a_dispatch_of_an_apps_own_answers_instead_of_the_view(make_app, visit):
    class Mine(Flask):
        def dispatch_request(self):
            return {"instead": True}

    assert visit(declare(make_app(Mine))).get("/").json == {"instead": True}


def test_a_dispatch_of_an_apps_own_may_raise(make_app, visit):
    class Mine(Flask):
        def dispatch_request(self):
            abort(403)

    assert visit(declare(make_app(Mine))).get("/").status == 403


def test_a_finished_response_may_be_changed(make_app, visit):
    class Mine(Flask):
        def process_response(self, response):
            response = super().process_response(response)
            response.headers["X-Mine"] = "yes"
            return response

    app = declare(make_app(Mine))
    visitor = visit(app)
    assert visitor.get("/").headers["X-Mine"] == "yes"
    assert visitor.get("/crash").headers["X-Mine"] == "yes"


def test_a_process_response_of_an_apps_own_decides_about_the_session(make_app, visit):
    class Sessionless(Flask):
        def process_response(self, response):
            return response

    app = make_app(Sessionless)
    app.route("/")(lambda: str(session.setdefault("n", 1)))
    assert visit(app).get("/").cookies == []


def test_an_adapter_of_an_apps_own_chooses_the_rules(make_app, visit):
    class Mine(Flask):
        def create_url_adapter(self, request):
            if request is not None:
                request.environ["PATH_INFO"] = "/"
            return super().create_url_adapter(request)

    assert visit(declare(make_app(Mine))).get("/anything").text == "seen True"


def test_each_function_goes_through_an_ensure_sync_of_the_apps_own(make_app, visit, log):
    class Mine(Flask):
        def ensure_sync(self, func):
            log.append(func.__name__)
            return super().ensure_sync(func)

    app = make_app(Mine)

    @app.before_request
    def before():
        pass

    @app.after_request
    async def after(response):
        return response

    @app.teardown_request
    def teardown(error):
        pass

    @app.errorhandler(KeyError)
    def handler(error):
        return "handled"

    @app.route("/")
    async def view():
        return {}["x"]

    assert visit(app).get("/").text == "handled"
    assert {"before", "after", "teardown", "handler", "view"} <= set(log)


def test_async_functions_run_by_an_async_to_sync_of_the_apps_own(make_app, visit, log):
    class Mine(Flask):
        def async_to_sync(self, func):
            def call(*args, **kwargs):
                log.append(func.__name__)
                try:
                    func(*args, **kwargs).send(None)
                except StopIteration as done:
                    return done.value

            return call

    app = make_app(Mine)

    @app.route("/<name>")
    async def view(name):
        return name

    assert visit(app).get("/ada").text == "ada"
    assert log == ["view"]


def test_a_response_class_with_a_way_out_of_its_own_is_asked(make_app, visit):
    class Framed(Response):
        def iter_encoded(self):
            return (b"<" + chunk + b">" for chunk in super().iter_encoded())

    class Marked(Response):
        def get_wsgi_headers(self, environ):
            headers = super().get_wsgi_headers(environ)
            headers["X-Out"] = "yes"
            return headers

    app = declare(make_app())
    app.response_class = Framed
    assert visit(app).get("/", validated=False).text == "<seen True>"
    app.response_class = Marked
    assert visit(app).get("/").headers["X-Out"] == "yes"


def test_a_redirect_of_an_apps_own(make_app, visit):
    from costrel import redirect

    class Mine(Flask):
        def redirect(self, location, code=302):
            return super().redirect("/mine" + location, 303)

    app = make_app(Mine)
    app.route("/")(lambda: redirect("/x"))
    answer = visit(app).get("/")
    assert (answer.status, answer.headers["Location"]) == (303, "/mine/x")


def test_an_aborter_of_an_apps_own(make_app, visit):
    from costrel.http.aborter import Aborter

    class Mine(Flask):
        class aborter_class(Aborter):
            def __call__(self, code, *args, **kwargs):
                super().__call__(code, "said by mine")

    assert "said by mine" in visit(declare(make_app(Mine))).get("/error").text
