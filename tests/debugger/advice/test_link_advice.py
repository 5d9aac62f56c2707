"""URLs that cannot be built."""

from costrel import Blueprint, render_template_string, url_for


def test_an_unknown_endpoint_is_told_with_the_nearest(app, mistake):
    app.add_url_rule("/profile", endpoint="profile", view_func=lambda: "x")
    told = mistake(lambda: url_for("porfile"))["CST208"]
    assert told["fix"] == "Did you mean 'profile'?"
    assert "'static'" not in told["says"]


def test_missing_values_are_told(app, mistake):
    app.add_url_rule("/user/<int:id>", endpoint="user", view_func=lambda **values: "x")
    assert mistake(lambda: url_for("user"))["CST209"]["example"] == "url_for('user', id=...)"


def test_a_value_that_is_none_is_told(app, mistake):
    app.add_url_rule("/user/<int:id>", endpoint="user", view_func=lambda **values: "x")
    assert "'id' is None" in mistake(lambda: url_for("user", id=None))["CST209"]["says"]


def test_a_static_link_without_its_file_is_told_in_a_template(mistake):
    found = mistake(lambda: render_template_string("{{ url_for('static', file='a.css') }}"))
    assert "filename=..." in found["CST209"]["example"]


def test_the_name_of_a_blueprint_is_told(app, mistake):
    blog = Blueprint("blog", __name__)
    blog.add_url_rule("/posts", endpoint="posts", view_func=lambda: "x")
    app.register_blueprint(blog)
    found = mistake(lambda: url_for("posts"))
    assert found["CST210"]["example"] == "url_for('blog.posts')"
    assert "CST208" not in found


def test_a_url_outside_of_requests_needs_the_server_name(app, advice_on):
    def script():
        with app.app_context():
            url_for("static", filename="x")

    assert "SERVER_NAME" in advice_on(script, app)["CST213"]["example"]
