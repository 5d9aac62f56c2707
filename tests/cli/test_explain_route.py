import pytest

from costrel import Blueprint, Flask, Response
from costrel.cli.explain_route import as_lines, explain_request, name_of
from costrel.cli.list_routes import routes_command
from costrel.cli.locate import ScriptInfo


@pytest.fixture
def app():
    app = Flask("app")
    app.config["MAX_CONTENT_LENGTH"] = 1000
    shop = Blueprint("shop", "shop")

    @app.before_request
    def first():
        pass

    @shop.before_request
    async def second():
        pass

    @shop.get("/items/<int:id>")
    async def show(id):
        return "x"

    @app.after_request
    def stamp(response):
        return response

    @app.teardown_request
    def end(error):
        pass

    @app.errorhandler(404)
    def lost(error):
        return "lost"

    @app.route("/folder/")
    def folder():
        return "x"

    @app.websocket("/ws")
    def talk():
        pass

    app.register_blueprint(shop)
    return app


def told(app, path, method="GET"):
    return list(explain_request(app, path, method))


def under(app, title, path="/items/5"):
    return [text for name, text in told(app, path) if name == title]


def test_rule_values_and_view_are_told_with_their_places(app):
    assert under(app, "Rule")[0].startswith("/items/<int:id>  ")
    assert "test_explain_route.py:" in under(app, "Rule")[0]
    assert under(app, "Endpoint") == ["shop.show"]
    assert under(app, "Values") == ["id = 5  (IntegerConverter)"]
    assert under(app, "View")[0].startswith("async show()  ")
    assert under(app, "Lane")[0].startswith("full: ")


def test_hooks_are_in_the_order_in_which_they_run(app):
    rows = told(app, "/items/5")
    texts = [text.partition("()")[0] for _, text in rows]
    assert [
        texts.index(name) for name in ("first", "async second", "async show", "stamp", "end")
    ] == sorted(
        texts.index(name) for name in ("first", "async second", "async show", "stamp", "end")
    )


def test_handlers_and_limits_are_told(app):
    assert under(app, "Errors")[0].startswith("404 NotFound → lost()")
    assert under(app, "Limits") == ["MAX_CONTENT_LENGTH 1,000"]
    app.config["MAX_CONTENT_LENGTH"] = None
    assert "bodies of any size" in under(app, "Limits")[0]


def test_a_miss_is_told_with_what_handles_it(app):
    assert told(app, "/nope")[0] == ("Answer", "404 Not Found")
    assert under(app, "Handler", "/nope")[0].startswith("lost()")
    assert told(app, "/items/5", "POST")[:2] == [
        ("Answer", "405 Method Not Allowed"),
        ("It takes", "GET, HEAD, OPTIONS"),
    ]
    assert told(app, "/folder") == [("Answer", "308 redirect to http://localhost/folder/")]


def test_a_websocket_is_asked_for_by_its_name(app):
    assert "WEBSOCKET" in told(app, "/ws")[1][1]
    rows = dict(told(app, "/ws", "WEBSOCKET"))
    assert rows["Methods"] == "WEBSOCKET"
    assert rows[""] or rows["View"].startswith("talk()")


def test_functions_of_any_kind_have_a_name():
    assert name_of(Response()).startswith("Response")
    assert name_of(test_functions_of_any_kind_have_a_name).startswith("test_functions")


def test_lines_are_aligned():
    assert list(as_lines(iter([("A", "1"), ("", "2"), ("Long", "3")]))) == [
        "A     1",
        "      2",
        "Long  3",
    ]


def test_the_command_explains_by_path_and_method(runner, app):
    info = ScriptInfo(create_app=lambda: app)
    done = runner.invoke(routes_command, ["--explain", "/items/5", "post"], obj=info)
    assert "405 Method Not Allowed" in done.output
    assert (
        "async show()" in runner.invoke(routes_command, ["--explain", "/items/5"], obj=info).output
    )
    assert "goes with --explain" in runner.invoke(routes_command, ["POST"], obj=info).output
    assert "WebSocket  /ws" in runner.invoke(routes_command, [], obj=info).output
