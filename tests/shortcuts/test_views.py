"""Classes as views."""

import pytest

from costrel import Flask, request
from costrel.shortcuts.views import MethodView, View


@pytest.fixture
def app():
    app = Flask("class_views", static_folder=None)
    app.testing = True
    return app


@pytest.fixture
def client(app):
    return app.test_client()


def test_a_view_has_to_say_how_it_answers():
    with pytest.raises(NotImplementedError):
        View().dispatch_request()


def test_a_view_function_says_what_it_is():
    class Page(View):
        """A page."""

        methods = ["GET", "PUT"]
        provide_automatic_options = False

    view = Page.as_view("page")
    assert (view.__name__, view.__doc__, view.__module__) == ("page", "A page.", __name__)
    assert (view.view_class, view.methods) == (Page, ["GET", "PUT"])
    assert view.provide_automatic_options is False


def test_an_instance_is_made_for_each_request_with_what_was_given(app, client):
    class Page(View):
        made = 0

        def __init__(self, name, *, sign="!"):
            Page.made += 1
            self.text = f"{name}{sign}"

        def dispatch_request(self):
            return f"{self.text} {Page.made}"

    app.add_url_rule("/", view_func=Page.as_view("page", "ada", sign="?"))
    assert [client.get("/").text for _ in range(2)] == ["ada? 1", "ada? 2"]


def test_one_instance_may_answer_all_requests_even_if_it_is_false(app, client):
    class Page(View):
        init_every_request = False
        made = 0

        def __init__(self):
            Page.made += 1

        def __bool__(self):
            return False

        def dispatch_request(self):
            return str(Page.made)

    app.add_url_rule("/", view_func=Page.as_view("page"))
    assert [client.get("/").text for _ in range(2)] == ["1", "1"]


def test_another_class_may_be_put_into_the_view(app, client):
    class Page(View):
        def dispatch_request(self):
            return type(self).__name__

    class Other(Page):
        pass

    view = Page.as_view("page")
    view.view_class = Other
    app.add_url_rule("/", view_func=view)
    assert client.get("/").text == "Other"


def test_decorators_are_applied_in_order(app, client):
    def around(sign):
        def decorate(view):
            def decorated(**values):
                return f"{sign}{view(**values)}{sign}"

            return decorated

        return decorate

    class Page(View):
        """A page."""

        decorators = [around("a"), around("b")]

        def dispatch_request(self, name):
            return name

    view = Page.as_view("page")
    assert (view.__name__, view.__doc__) == ("page", "A page.")
    app.add_url_rule("/<name>", view_func=view)
    assert client.get("/x").text == "baxab"


@pytest.mark.parametrize("decorated", [True, False])
@pytest.mark.parametrize("kind", [View, MethodView])
def test_an_async_class_is_waited_for(app, client, decorated, kind):
    def shout(view):
        return lambda **values: view(**values).upper()

    async def answer(self, name):
        return f"{name} {request.path}"

    name = "dispatch_request" if kind is View else "get"
    body = {name: answer, "decorators": [shout] if decorated else []}
    page = type("Page", (kind,), body)
    app.add_url_rule("/<name>", view_func=page.as_view("page"))
    text = client.get("/ada").text
    assert text == ("ADA /ADA" if decorated else "ada /ada")


# MethodView


def test_the_methods_are_those_that_are_written(app, client):
    class Item(MethodView):
        def get(self, id):
            return f"get {id}"

        def post(self, id):
            return f"post {id}"

    assert Item.methods == {"GET", "POST"}
    app.add_url_rule("/<int:id>", view_func=Item.as_view("item"))
    assert client.get("/1").text == "get 1"
    assert client.post("/1").text == "post 1"
    assert client.put("/1").status_code == 405


def test_head_is_answered_by_get_unless_it_is_written(app, client):
    class Plain(MethodView):
        def get(self):
            return "", 200, {"X-By": "get"}

    class Own(MethodView):
        def get(self):
            return "", 200, {"X-By": "get"}

        def head(self):
            return "", 200, {"X-By": "head"}

    app.add_url_rule("/plain", view_func=Plain.as_view("plain"))
    app.add_url_rule("/own", view_func=Own.as_view("own"))
    assert client.head("/plain").headers["X-By"] == "get"
    assert client.head("/own").headers["X-By"] == "head"


def test_methods_are_inherited():
    class First(MethodView):
        def get(self):
            """Answer."""

    class Second(MethodView):
        def delete(self):
            """Answer."""

    class Both(First, Second):
        def put(self):
            """Answer."""

    assert Both.methods == {"GET", "DELETE", "PUT"}


def test_methods_that_are_said_outright_stay():
    class Item(MethodView):
        methods = ["PROPFIND"]

        def get(self):
            """Answer."""

    assert Item.methods == ["PROPFIND"]


def test_a_class_without_methods_says_nothing():
    class Base(MethodView):
        """To inherit from."""

    assert Base.methods is None


def test_a_method_that_is_registered_and_not_written_is_said_so(app, client):
    class Item(MethodView):
        def get(self):
            """Answer."""

    app.add_url_rule("/", view_func=Item.as_view("item"), methods=["GET", "PATCH"])
    with pytest.raises(AssertionError, match=r"Item is registered for PATCH .* patch\(\)"):
        client.patch("/")


def test_options_may_be_written(app, client):
    class Item(MethodView):
        def get(self):
            """Answer."""

        def options(self):
            return "own options"

    app.add_url_rule("/", view_func=Item.as_view("item"))
    assert client.options("/").text == "own options"
