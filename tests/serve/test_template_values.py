"""What every template is given."""

from costrel import Flask, g, render_template_string
from costrel.serve.template_values import default_template_values


def test_the_first_context_processor_of_an_app_gives_g_request_and_session():
    app = Flask("values", static_folder=None)
    app.secret_key = "k"
    (first,) = app.template_context_processors[None]
    assert first is default_template_values
    assert first() == {}
    with app.app_context():
        assert first() == {"g": g._get_current_object()}
    with app.test_request_context("/x") as ctx:
        values = first()
        assert sorted(values) == ["g", "request", "session"]
        assert values["request"] is ctx.request


def test_a_template_is_given_them_once():
    app = Flask("values", static_folder=None)
    app.context_processor(lambda: {"request": "mine"})
    with app.test_request_context("/x"):
        assert render_template_string("{{ request }}{{ g.x }}") == "mine"
        app.template_context_processors.clear()
        assert render_template_string("{{ request.path }}") == "/x"
