"""Where in the user's own files something was declared."""

from costrel import Blueprint, Flask
from costrel.declare.declared_at import declared_at


def line_of(place):
    file, _, line = place.rpartition(":")
    assert file == __file__
    with open(__file__) as source:
        return source.read().splitlines()[int(line) - 1].strip()


def test_the_nearest_line_outside_of_the_package_is_named():
    place = declared_at()
    assert line_of(place) == "place = declared_at()"


def test_a_rule_knows_where_it_was_declared():
    app = Flask("where", static_folder=None)
    app.add_url_rule("/a", "a")
    (rule,) = app.url_map.iter_rules()
    assert line_of(rule.declared_at) == 'app.add_url_rule("/a", "a")'


def test_a_rule_of_a_blueprint_is_declared_where_the_blueprint_declares_it():
    app, bp = Flask("where", static_folder=None), Blueprint("bp", __name__)
    bp.add_url_rule("/a", "a")
    app.register_blueprint(bp)
    app.register_blueprint(bp, name="again", url_prefix="/again")
    first, second = app.url_map.iter_rules()
    assert line_of(first.declared_at) == 'bp.add_url_rule("/a", "a")'
    assert second.declared_at == first.declared_at


def test_code_without_a_caller_outside_was_declared_nowhere(monkeypatch):
    monkeypatch.setattr("costrel.declare.declared_at._OURS", "")
    assert declared_at() is None
