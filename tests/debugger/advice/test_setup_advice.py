"""Mistakes in setting an app up."""

import pytest

from costrel import Blueprint


def test_a_route_after_the_first_request_is_told(app, mistake):
    def view():
        app.add_url_rule("/late", view_func=lambda: "x", endpoint="late")

    told = mistake(view)["CST701"]
    assert "in view() at " in told["says"]


def test_two_views_of_one_name_are_told_with_both_places(app, advice_on):
    def home():
        return "x"

    def other():
        return "y"

    other.__name__ = "home"
    app.add_url_rule("/", view_func=home)
    told = advice_on(lambda: app.add_url_rule("/b", view_func=other))["CST702"]
    assert told["says"].count("test_setup_advice.py") == 2
    assert told["fix"] == "Give one of them another name."


def test_a_decorator_without_wraps_is_told(app, advice_on):
    def logged(view):
        def wrapper():
            return view()

        return wrapper

    app.route("/a")(logged(lambda: "a"))
    told = advice_on(lambda: app.route("/b")(logged(lambda: "b")))["CST702"]
    assert "functools.wraps" in told["fix"]


def test_a_blueprints_name_that_is_taken_is_told(app, advice_on):
    app.register_blueprint(Blueprint("shop", __name__))
    found = advice_on(lambda: app.register_blueprint(Blueprint("shop", __name__)))
    assert 'name="shop_2"' in found["CST706"]["example"]


def test_a_rule_without_its_slash_is_told(app, advice_on):
    found = advice_on(lambda: app.route("about")(lambda: "x"))
    assert found["CST710"]["example"] == '@app.route("/about")'


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("before_first_request", "when the app is made"),
        ("add_url_rul", "'add_url_rule'"),
        ("include_router", "register_blueprint"),
    ],
)
def test_an_attribute_that_is_gone_is_told(app, advice_on, name, fix):
    assert fix in advice_on(lambda: getattr(app, name))["CST716"]["fix"]


def test_a_missing_setting_is_told_with_the_nearest(app, mistake):
    app.config["MAIL_SERVER"] = "x"
    told = mistake(lambda: app.config["MAIL_SERVR"])["CST717"]
    assert "It has: 'MAIL_SERVER'" in told["says"]
    assert "Did you mean 'MAIL_SERVER'?" in told["fix"]


def test_a_missing_setting_in_a_script_is_told(app, advice_on):
    found = advice_on(lambda: app.config["mail_server"])
    assert found["CST717"]["notes"] == ["Names of settings are in upper case."]


def test_a_handler_for_nothing_is_told(app, advice_on):
    assert "CST718" in advice_on(lambda: app.errorhandler(KeyError())(lambda e: "x"))
    assert "CST718" in advice_on(lambda: app.register_error_handler(999, lambda e: "x"))


def test_a_handler_without_a_parameter_for_the_error_is_told(app, findings):
    @app.errorhandler(404)
    def not_found():
        return "no"

    told = findings("/nowhere")["CST720"]
    assert (
        told["says"]
        == "An error handler is given one argument, the error; not_found() takes others."
    )
    assert told["example"] == "def not_found(error):"
    assert "test_setup_advice.py:" in told["where"]


def test_a_hook_with_a_parameter_that_nobody_gives_is_told(app, mistake):
    @app.before_request
    def load_user(request):
        pass

    assert mistake(lambda: "x")["CST720"]["example"] == "def load_user():"


def test_a_handler_that_calls_something_wrongly_is_not_accused(app, findings):
    @app.errorhandler(404)
    def not_found(error):
        return render()

    def render(name):
        return name

    assert "CST720" not in findings("/nowhere")
