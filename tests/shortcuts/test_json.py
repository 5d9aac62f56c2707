"""JSON by the current app's provider."""

import io
import uuid
from datetime import UTC, datetime

import pytest

from costrel import Flask, json, jsonify
from costrel.parts.json_provider import DefaultJSONProvider


class Shouting(DefaultJSONProvider):
    """A provider that can be told from the default one."""

    def dumps(self, obj, **kwargs):
        return super().dumps(obj, **kwargs).upper()

    def loads(self, s, **kwargs):
        return ["loaded", super().loads(s, **kwargs)]


@pytest.fixture
def app():
    app = Flask("json_app", static_folder=None)
    app.json = Shouting(app)
    return app


def test_within_an_app_its_provider_reads_and_writes(app):
    with app.app_context():
        assert json.dumps({"a": "b"}) == '{"A": "B"}'
        assert json.loads("[1]") == ["loaded", [1]]
        file = io.StringIO()
        json.dump(["a"], file)
        assert file.getvalue() == '["A"]'
        assert json.load(io.StringIO("[1]")) == ["loaded", [1]]


def test_outside_of_an_app_the_default_rules_hold():
    assert json.dumps({"b": 1, "a": "é"}) == '{"b": 1, "a": "\\u00e9"}'
    assert json.dumps({"b": 1, "a": 2}, sort_keys=True) == '{"a": 2, "b": 1}'
    assert json.loads(b"[1]") == [1]
    file = io.StringIO()
    json.dump([uuid.UUID(int=0)], file)
    file.seek(0)
    assert json.load(file) == ["00000000-0000-0000-0000-000000000000"]
    assert json.dumps(datetime(2030, 1, 1, tzinfo=UTC)) == '"Tue, 01 Jan 2030 00:00:00 GMT"'


def test_what_is_no_json_is_a_value_error():
    with pytest.raises(ValueError, match="Expecting"):
        json.loads("{")


@pytest.mark.parametrize(
    ("args", "kwargs", "text"),
    [
        ((), {}, "null"),
        ((1,), {}, "1"),
        ((1, 2), {}, "[1,2]"),
        ((), {"a": 1}, '{"a":1}'),
        (({"a": [None, True]},), {}, '{"a":[null,true]}'),
    ],
)
def test_a_response_is_made_of_values(args, kwargs, text):
    with Flask("plain").app_context():
        response = jsonify(*args, **kwargs)
    assert response.get_data(as_text=True) == f"{text}\n"
    assert response.mimetype == "application/json"


def test_a_response_is_made_of_values_or_of_names():
    with Flask("plain").app_context(), pytest.raises(TypeError):
        jsonify(1, a=2)


def test_a_response_needs_an_app():
    with pytest.raises(RuntimeError, match="outside of application context"):
        jsonify(1)


@pytest.mark.parametrize(("args", "kwargs"), [((), {"a": 1}), ((1,), {}), ((1, 2), {})])
def test_a_provider_that_makes_responses_in_its_own_way_is_given_what_came(args, kwargs):
    class Wrapping(DefaultJSONProvider):
        def response(self, *args, **kwargs):
            return args, kwargs

    app = Flask("app")
    app.json = Wrapping(app)
    with app.app_context():
        assert jsonify(*args, **kwargs) == (args, kwargs)
