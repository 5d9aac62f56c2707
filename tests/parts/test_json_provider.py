import io
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import costrel
from costrel.parts import json_provider
from costrel.parts.json_provider import DefaultJSONProvider, JSONProvider

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


class Answer:
    def __init__(self, text, mimetype):
        self.text = text
        self.mimetype = mimetype


class App:
    debug = False
    response_class = Answer


@dataclass
class Point:
    x: int
    y: int


class Snippet:
    def __html__(self):
        return "<p>"


@pytest.fixture
def app():
    return App()


@pytest.fixture
def provider(app):
    return DefaultJSONProvider(app)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(1973, 3, 11, 6, 30, 45), '"Sun, 11 Mar 1973 06:30:45 GMT"'),
        (datetime(1973, 3, 11, 6, tzinfo=UTC), '"Sun, 11 Mar 1973 06:00:00 GMT"'),
        (
            datetime(2017, 1, 1, 12, tzinfo=timezone(timedelta(hours=-8))),
            '"Sun, 01 Jan 2017 20:00:00 GMT"',
        ),
        (date(1975, 1, 5), '"Sun, 05 Jan 1975 00:00:00 GMT"'),
        (Decimal("0.003"), '"0.003"'),
        (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Point(1, 2), '{"x": 1, "y": 2}'),
        (Snippet(), '"<p>"'),
        ({"b": 1, "a": (2, None)}, '{"a": [2, null], "b": 1}'),
        ("\N{SNOWMAN}", '"\\u2603"'),
    ],
)
def test_values_are_written(provider, value, expected):
    assert provider.dumps(value) == expected


def test_other_values_are_refused(provider):
    with pytest.raises(TypeError, match="type object is not JSON serializable"):
        provider.dumps(object())
    with pytest.raises(TypeError):
        provider.dumps(Point)


def test_subclasses_are_written_as_their_parents(provider):
    assert provider.dumps(type("Money", (Decimal,), {})("1.5")) == '"1.5"'


@pytest.mark.parametrize(
    ("ascii", "expected"), [(True, '"\\u2603"'), (False, '"\u2603"')], ids=["ascii", "utf-8"]
)
def test_text_is_ascii_if_wanted(provider, ascii, expected):
    provider.ensure_ascii = ascii
    assert provider.dumps("\N{SNOWMAN}") == expected


def test_settings_count_when_they_change(provider):
    assert provider.dumps({"b": 1, "a": 2}) == '{"a": 2, "b": 1}'
    provider.sort_keys = False
    assert provider.dumps({"b": 1, "a": 2}) == '{"b": 1, "a": 2}'
    provider.default = lambda value: "custom"
    assert provider.dumps([object()]) == '["custom"]'


def test_a_subclass_may_bring_a_method_as_default(app):
    class Provider(DefaultJSONProvider):
        def default(self, value):
            return type(self).__name__

    provider = Provider(app)
    assert provider.dumps(object()) == '"Provider"'
    assert provider.dumps(object()) == '"Provider"'
    assert len(provider._writers) == 1


def test_arguments_come_before_the_attributes(provider):
    assert provider.dumps({"b": 1, "a": 2}, sort_keys=False) == '{"b": 1, "a": 2}'
    assert provider.dumps([1], indent=1) == "[\n 1\n]"
    assert provider.dumps([object()], default=lambda value: 7) == "[7]"


def test_a_circle_is_a_value_error(provider):
    circle = []
    circle.append(circle)
    with pytest.raises(ValueError, match="Circular"):
        provider.dumps(circle)


def test_a_value_nested_too_deep_is_a_recursion_error(provider):
    value = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(RecursionError):
        provider.dumps(value)


def test_it_works_without_the_c_encoder(provider, monkeypatch):
    monkeypatch.setattr(json_provider, "_make_c_encoder", None)
    assert provider.dumps({"b": "é", "a": Decimal(1)}) == '{"a": "1", "b": "\\u00e9"}'


def test_threads_may_share_a_provider(provider):
    shared = [{"a": [1, {"b": "é"}]}] * 50
    expected = json.dumps(shared, sort_keys=True)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: provider.dumps(shared), range(100))) == {expected}


def test_an_encoder_may_be_given(provider):
    class Shout(json.JSONEncoder):
        def encode(self, value):
            return super().encode(value).upper()

    assert provider.dumps("abc", cls=Shout) == '"ABC"'


def test_arguments_that_cannot_be_a_key_are_taken_all_the_same(provider):
    class Unhashable(list):
        def __call__(self, value):
            return 1

    assert provider.dumps([object()], default=Unhashable()) == "[1]"


def test_an_encoder_is_made_once_per_settings(provider, monkeypatch):
    made = []

    class Counted(json.JSONEncoder):
        def __init__(self, **kwargs):
            made.append(kwargs)
            super().__init__(**kwargs)

    monkeypatch.setattr(json_provider, "JSONEncoder", Counted)
    for _ in range(3):
        provider.dumps(1)
        provider.dumps(1, indent=2)
    assert len(made) == 2


def test_the_kept_writers_do_not_grow_without_end(provider):
    for number in range(100):
        provider.dumps(1, default=lambda value, number=number: number)
    assert 0 < len(provider._writers) <= 32


@settings(max_examples=60, deadline=None)
@given(VALUES, st.booleans())
def test_what_is_written_is_read_again(value, ascii):
    provider = DefaultJSONProvider(app := App())
    provider.ensure_ascii = ascii
    assert provider.loads(provider.dumps(value)) == value
    assert provider.loads(provider.dumps(value).encode()) == value
    assert app


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_the_text_is_that_of_the_standard_library(value):
    provider = DefaultJSONProvider(app := App())
    assert provider.dumps(value) == json.dumps(value, sort_keys=True)
    assert app


def test_files_are_written_and_read(provider):
    file = io.StringIO()
    provider.dump({"a": "é"}, file)
    file.seek(0)
    assert provider.load(file) == {"a": "é"}
    assert provider.load(io.BytesIO(b"[1]")) == [1]


@pytest.mark.parametrize("text", ["[", '{"a":', '[[{"b":', '[{"":'])
@pytest.mark.parametrize("kind", [str, str.encode], ids=["text", "bytes"])
def test_b10_a_value_nested_too_deep_is_a_value_error(provider, text, kind):
    with pytest.raises(ValueError, match="too deep"):
        provider.loads(kind(text * 100_000))


def test_j2_a_number_of_too_many_digits_is_a_value_error(provider):
    with pytest.raises(ValueError, match="digits"):
        provider.loads("9" * 5000)


@pytest.mark.parametrize(
    "text",
    [
        b"\xff",
        b'"\xed\xa0\x80"',
        b'"\xc0\xaf"',
        b"\xef\xbb\xbf{}",
        b"[1]\0",
        b"[1] x",
        b"",
        '"é"'.encode("latin-1"),
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-32"),
    ],
)
def test_j3_j6_what_is_not_json_in_utf_8_is_a_value_error(provider, text):
    with pytest.raises(ValueError):
        provider.loads(text)


def test_j3_nan_is_read_as_it_is_written(provider):
    assert provider.dumps(float("nan")) == "NaN"
    assert str(provider.loads("[NaN, -Infinity]")) == "[nan, -inf]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r'"\ud800"', "\ufffd"),
        (r'"\uD83D"', "\ufffd"),
        (r'"\ude00\ud83d"', "\ufffd\ufffd"),
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"\ud83d\ud83d\ude00x"', "\ufffd\U0001f600x"),
        (r'"\\ud800"', r"\ud800"),
        (r'"\\\ud800"', "\\\ufffd"),
        (r'"\"\ud800\n"', '"\ufffd\n'),
        (r'{"\ud800": 1}', {"\ufffd": 1}),
    ],
)
def test_b11_half_a_pair_is_replaced(provider, text, expected):
    value = provider.loads(text)
    assert value == expected
    provider.ensure_ascii = False
    provider.dumps(value).encode()


@pytest.mark.parametrize("ascii", [True, False])
def test_b11_half_a_pair_is_written_so_that_it_can_be_sent(provider, ascii):
    provider.ensure_ascii = ascii
    text = provider.dumps({"é\ud800": "\udfff"})
    text.encode()
    assert json.loads(text) == {"é\ud800": "\udfff"}


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(categories=["Cs", "Ll", "Po", "So"]), max_size=20))
def test_b11_text_that_was_read_can_always_be_sent(text):
    provider = DefaultJSONProvider(app := App())
    provider.loads(json.dumps(text)).encode()
    assert app


def test_replacing_takes_linear_time(provider):
    assert provider.loads('"' + "\\ud800" * 50_000 + '"') == "\ufffd" * 50_000
    with pytest.raises(ValueError):
        provider.loads("\\" * 100_000 + "\\ud")


def test_a_reader_may_be_customised(provider):
    assert provider.loads('{"a": 1}', object_hook=len) == 1


@pytest.mark.parametrize(
    ("arguments", "names", "expected"),
    [
        ((), {}, "null"),
        ((1,), {}, "1"),
        (({},), {}, "{}"),
        (([],), {}, "[]"),
        ((1, 2), {}, "[1,2]"),
        ((), {"a": 1}, '{"a":1}'),
    ],
)
def test_a_response_holds_its_arguments(provider, arguments, names, expected):
    answer = provider.response(*arguments, **names)
    assert answer.text == f"{expected}\n"
    assert answer.mimetype == "application/json"


def test_a_response_takes_values_or_names(provider):
    with pytest.raises(TypeError, match="both"):
        provider.response(1, a=2)


@pytest.mark.parametrize(
    ("compact", "debug", "expected"),
    [
        (None, False, "[1]\n"),
        (None, True, "[\n  1\n]\n"),
        (True, True, "[1]\n"),
        (False, False, "[\n  1\n]\n"),
    ],
)
def test_a_response_is_spaced_in_debug(app, provider, compact, debug, expected):
    provider.compact = compact
    app.debug = debug
    assert provider.response([1]).text == expected


def test_a_response_has_the_media_type_of_the_provider(provider):
    provider.mimetype = "application/problem+json"
    assert provider.response(1).mimetype == "application/problem+json"


def test_a_provider_of_ones_own_needs_two_methods(app):
    class Provider(JSONProvider):
        def dumps(self, value, **kwargs):
            return repr(value)

        def loads(self, text, **kwargs):
            return len(text)

    provider = Provider(app)
    assert provider.response(a=1).text == "{'a': 1}"
    assert provider.response(1).mimetype == "application/json"
    assert provider.load(io.StringIO("abc")) == 3


def test_the_interface_itself_does_nothing(app):
    for method in (JSONProvider(app).dumps, JSONProvider(app).loads):
        with pytest.raises(NotImplementedError):
            method("1")


@pytest.mark.parametrize("value", [{"b": [1, "é", None]}, Point(1, 2), datetime(2020, 1, 1)])
def test_responses_are_flasks(app, value):
    flask = pytest.importorskip("flask")
    theirs = flask.Flask("x")
    with theirs.app_context():
        for theirs.debug in (False, True):
            app.debug = theirs.debug
            answer = DefaultJSONProvider(app).response(value)
            assert answer.text.encode() == theirs.json.response(value).data
            assert DefaultJSONProvider(app).dumps(value) == theirs.json.dumps(value)


class Made(costrel.Response):
    """A class that adds nothing to what a response is made of."""

    charm = 3


class Created(costrel.Response):
    default_status = 201


class Unmeasured(costrel.Response):
    automatically_set_content_length = False


class Marked(costrel.Response):
    def __new__(cls, *arguments, **names):
        made = super().__new__(cls)
        made.mark = len(arguments)
        return made


class Signed(costrel.Response):
    def __init__(self, *arguments, **names):
        super().__init__(*arguments, **names)
        self.headers["X-Signed"] = "1"


@pytest.mark.parametrize("kind", [costrel.Response, Made, Created, Unmeasured, Marked, Signed])
def test_a_response_is_what_its_class_makes_of_the_text(kind):
    app = costrel.Flask("app")
    app.response_class = kind
    made, expected = app.json.response(a=1), kind('{"a":1}\n', mimetype="application/json")
    assert type(made) is kind
    for told in ("status", "status_code", "headers", "data", "mimetype", "is_sequence"):
        assert getattr(made, told) == getattr(expected, told), told
    assert getattr(made, "mark", 0) == getattr(expected, "mark", 0)
    made.headers["X-More"] = "1"
    assert app.json.response(a=1).headers == expected.headers


def test_a_default_that_is_a_method_has_its_writer_made_once(app, monkeypatch):
    class Own(DefaultJSONProvider):
        def default(self, value):
            return "own"

    own, made = Own(app), []
    monkeypatch.setattr(Own, "_make_writer", lambda self, options: made.append(options) or repr)
    for _ in range(3):
        own.dumps_compact(object)
    assert len(made) == 1


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("sort_keys", False, '{"b":"\\u00e9","a":1}'),
        ("ensure_ascii", False, '{"a":1,"b":"é"}'),
        ("default", lambda value: "spelled", '{"a":1,"b":"\\u00e9"}'),
    ],
)
def test_an_attribute_set_between_two_texts_counts_for_the_second(provider, name, value, expected):
    provider.dumps_compact({})
    setattr(provider, name, value)
    assert provider.dumps_compact({"b": "é", "a": 1}) == expected
    if name == "default":
        assert provider.dumps_compact(object()) == '"spelled"'


def test_texts_without_blanks_go_by_a_dumps_of_ones_own(app):
    class Own(DefaultJSONProvider):
        def dumps(self, obj, **kwargs):
            return f"own {sorted(kwargs)}"

    assert Own(app).dumps_compact(1) == "own ['separators']"
