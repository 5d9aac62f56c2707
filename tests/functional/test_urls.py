"""URLs built from endpoints, on every lane."""

import pytest

from costrel import Blueprint, current_app, url_for
from costrel.routing.outcomes import BuildError

pytestmark = pytest.mark.usefixtures("every_lane")


@pytest.fixture
def app(make_app):
    app = make_app()
    view = lambda **values: "x"
    app.add_url_rule("/", "index", view)
    app.add_url_rule("/user/<name>", "user", view)
    app.add_url_rule("/post/<int:id>/", "post", view)
    app.add_url_rule("/files/<path:path>", "files", view)
    app.add_url_rule("/form", "form_get", view, methods=["GET"])
    app.add_url_rule("/pages/", "pages", view, defaults={"page": 1})
    app.add_url_rule("/pages/<int:page>", "pages", view)
    app.add_url_rule("/both-get", "both", view, methods=["GET"])
    app.add_url_rule("/both-post", "both", view, methods=["POST"])
    return app


@pytest.mark.parametrize(
    ("endpoint", "values", "url"),
    [
        ("index", {}, "/"),
        ("index", {"q": "a b", "x": None}, "/?q=a+b"),
        ("index", {"q": ["a", "b"]}, "/?q=a&q=b"),
        ("user", {"name": "hé x?"}, "/user/h%C3%A9%20x%3F"),
        ("user", {"name": "a", "q": "&="}, "/user/a?q=%26%3D"),
        ("post", {"id": 3}, "/post/3/"),
        ("files", {"path": "a/b c"}, "/files/a/b%20c"),
        ("pages", {"page": 1}, "/pages/"),
        ("pages", {"page": 2}, "/pages/2"),
        ("both", {"_method": "POST"}, "/both-post"),
        ("both", {"_method": "GET"}, "/both-get"),
        ("index", {"_anchor": "a b/?é"}, "/#a%20b/?%C3%A9"),
        ("index", {"_external": True}, "http://localhost/"),
        ("index", {"_scheme": "https"}, "https://localhost/"),
        ("index", {"_scheme": "", "_external": True}, "//localhost/"),
        ("user", {"name": "x", "_external": True, "_anchor": "y"}, "http://localhost/user/x#y"),
    ],
)
def test_a_url_is_built(app, visitor, endpoint, values, url):
    app.add_url_rule("/here", "here", lambda: url_for(endpoint, **values))
    assert visitor.get("/here").text == url


def test_below_a_prefix_a_url_has_the_prefix(app, visitor):
    app.add_url_rule("/here", "here", lambda: f"{url_for('index')} {url_for('index', _external=1)}")
    answer = visitor.get("/here", SCRIPT_NAME="/app")
    assert answer.text == "/app/ http://localhost/app/"


def test_a_url_keeps_the_host_that_was_asked(app, visitor):
    app.add_url_rule("/here", "here", lambda: url_for("index", _external=True))
    answer = visitor.get("/here", HTTP_HOST="x.test:99")
    assert answer.text == "http://x.test:99/"


def test_a_scheme_without_a_whole_url_is_refused(app):
    with app.test_request_context(), pytest.raises(ValueError, match="leave _external out"):
        url_for("index", _scheme="https", _external=False)


@pytest.mark.parametrize(
    ("endpoint", "values"), [("nothing", {}), ("user", {}), ("post", {"x": 1})]
)
def test_what_cannot_be_built_is_an_error(app, endpoint, values):
    with app.test_request_context(), pytest.raises(BuildError, match=endpoint):
        url_for(endpoint, **values)


def test_an_error_in_building_may_be_handled(app):
    asked = []

    def nothing(error, endpoint, values):
        asked.append((type(error), endpoint, dict(values)))

    def instead(error, endpoint, values):
        return f"/instead/{endpoint}?{values['q']}"

    app.url_build_error_handlers.append(nothing)
    with app.test_request_context():
        with pytest.raises(BuildError):
            url_for("nothing", q=1)
        app.url_build_error_handlers.append(instead)
        assert url_for("nothing", q=1, _anchor="a") == "/instead/nothing?1"
    extra = {"_anchor": "a", "_method": None, "_scheme": None, "_external": False}
    assert asked[1] == (BuildError, "nothing", {"q": 1} | extra)


def test_a_handler_of_a_build_error_may_raise_it_again(app):
    second = []

    def reraise(error, endpoint, values):
        raise error

    def note(error, endpoint, values):
        second.append(error)

    app.url_build_error_handlers.extend([reraise, note])
    with app.test_request_context(), pytest.raises(BuildError) as raised:
        url_for("nothing")
    assert second == [raised.value]


def test_url_defaults_fill_in_values(app, visitor):
    app.add_url_rule("/<lang>/x", "localized", lambda lang: url_for("localized"))

    @app.url_defaults
    def lang(endpoint, values):
        if current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values.setdefault("lang", "de")

    assert visitor.get("/en/x").text == "/de/x"


def test_url_defaults_of_blueprints_run_from_outside_in(app):
    order = []
    outer, inner = Blueprint("outer", __name__), Blueprint("inner", __name__)
    inner.add_url_rule("/inner", "x", lambda: "x")
    for name, to in (("inner", inner), ("outer", outer), ("app", app)):
        to.url_defaults(lambda endpoint, values, name=name: order.append(name))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    with app.test_request_context():
        url_for("outer.inner.x")
        assert order == ["app", "outer", "inner"]
        order.clear()
        url_for("index")
        assert order == ["app"]


def test_a_url_for_outside_of_a_request_is_a_whole_one(app):
    app.config.update(SERVER_NAME="x.test", APPLICATION_ROOT="/app", PREFERRED_URL_SCHEME="https")
    with app.app_context():
        assert url_for("user", name="a") == "https://x.test/app/user/a"


def test_the_root_below_a_prefix_has_a_slash(app, visitor):
    assert visitor.ask("GET", "/", SCRIPT_NAME="/mount", PATH_INFO="").status == 308
    assert visitor.ask("GET", "/", SCRIPT_NAME="/mount").status == 200
