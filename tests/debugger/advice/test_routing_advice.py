"""URLs that lead nowhere, and views that are called with the wrong values."""

import sys

from costrel import Blueprint, abort, send_from_directory
from costrel.debugger.advice import advise
from costrel.routing.outcomes import RequestRedirect
from costrel.serve.form_redirect import FormDataRoutingRedirect


def test_a_404_tells_the_nearest_rules_and_where_they_are(app, findings):
    app.add_url_rule("/about", view_func=lambda: "x", endpoint="about")
    app.add_url_rule("/user/<name>", view_func=lambda name: "x", endpoint="user")
    told = findings("/abuot")["CST201"]
    assert told["fix"] == "Did you mean '/about'?"
    assert "→ about" in told["notes"][0]
    assert "test_routing_advice.py:" in told["notes"][0]
    assert "/user/<name>" in findings("/usr/anna")["CST201"]["notes"][0]


def test_an_app_without_routes_is_told(findings):
    assert "no routes yet" in findings("/")["CST201"]["fix"]


def test_a_404_far_from_every_rule_proposes_to_declare_it(app, findings):
    app.add_url_rule("/about", view_func=lambda: "x", endpoint="about")
    assert findings("/zzzzzzzz")["CST201"]["fix"] == "Declare it: @app.route('/zzzzzzzz')."


def test_a_slash_too_many_is_told(app, findings):
    app.add_url_rule("/about", view_func=lambda: "x", endpoint="about")
    assert findings("/about/")["CST202"]["example"] == '@app.route("/about/")'
    assert "CST202" not in findings("/other/")


def test_a_value_that_a_converter_refuses_is_told(app, findings):
    app.add_url_rule("/user/<int:id>", view_func=lambda **values: "x", endpoint="user")
    told = findings("/user/anna")["CST203"]
    assert "takes int and not 'anna'" in told["says"]
    assert "CST203" not in findings("/other/anna")


def test_another_case_is_told(app, findings):
    app.add_url_rule("/About", view_func=lambda: "x", endpoint="about")
    assert "case-sensitive" in findings("/about")["CST204"]["says"]


def test_a_404_of_your_own_is_told_from_one_of_the_routing(mistake):
    def view():
        abort(404)

    found = mistake(view)
    assert "CST201" not in found
    assert "its view ran, and raised 404" in found["CST205"]["says"]


def test_a_404_for_a_file_is_one_of_your_own(app, mistake):
    found = mistake(lambda: send_from_directory(app.root_path, "none.txt"))
    assert "CST205" in found


def test_a_static_file_that_is_missing_is_told(app, findings, tmp_path):
    told = findings("/static/style.css")["CST205"]
    assert "no file 'style.css'" in told["says"]
    assert "your code" not in told["title"]


def test_a_405_tells_what_is_accepted_and_the_line_to_change(app, findings):
    app.add_url_rule("/save", view_func=lambda: "x", endpoint="save")
    told = findings("/save", "POST")["CST206"]
    assert told["says"] == "'/save' accepts GET, HEAD, OPTIONS, not POST."
    assert told["example"] == "@app.route(\"/save\", methods=['GET', 'POST'])"
    assert "test_routing_advice.py:" in told["where"]


def test_a_405_of_your_own_is_told_as_well(mistake):
    def view():
        abort(405)

    assert "CST206" in mistake(view)


def test_a_redirect_that_would_lose_a_form_is_told(app):
    class Request:
        url, base_url, path = "http://a/x", "http://a/x", "/x"
        routing_exception = RequestRedirect("http://a/x/")

    (found,) = advise(FormDataRoutingRedirect(Request), app, Request)
    assert found.code == "CST207"
    assert "'http://a/x/'" in found.says


def test_a_view_without_the_rules_variable_is_told(app, findings):
    def user(name):
        return name

    app.add_url_rule("/user/<int:user_id>", view_func=user)
    told = findings("/user/3")["CST214"]
    assert "brings 'user_id'" in told["says"]
    assert "takes 'name'" in told["says"]
    assert told["example"] == "def user(user_id):"


def test_a_blueprint_that_was_never_registered_is_told(findings, monkeypatch):
    module = sys.modules[__name__]
    monkeypatch.setattr(module, "admin", Blueprint("admin", __name__), raising=False)
    assert findings("/admin/")["CST215"]["example"] == "app.register_blueprint(admin)"


def test_a_websockets_url_is_told(app, findings):
    @app.websocket("/live")
    def live(websocket):
        pass

    assert "new WebSocket" in findings("/live")["CST216"]["example"]


def test_methods_that_are_a_text_are_told(app, advice_on):
    found = advice_on(lambda: app.route("/", methods="POST")(lambda: "x"))
    assert found["CST217"]["example"] == 'methods=["POST"]'
