"""orjson writes what the standard library does, also where by itself it would not."""

import enum
import json
import math
import sys
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

import costrel
from costrel.http.multidict import MultiDict
from costrel.parts import json_provider
from costrel.parts.json_provider import DefaultJSONProvider

# Where the exponent of a float is small, its text is another (0.00001 for 1e-05).
FLOATS = st.floats(allow_nan=True, allow_infinity=True).filter(
    lambda value: not 0 < abs(value) < 0.001
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=8,
)


class Colour(enum.IntEnum):
    RED = 1


class Name(str):
    __slots__ = ()


@dataclass
class Point:
    y: int
    x: object


class Snippet:
    def __html__(self):
        return "<p>\x7f"


class Pair(NamedTuple):
    a: object
    b: object


def deep(levels):
    value = 1
    for _ in range(levels):
        value = [value]
    return value


ALIKE = {
    "wide": "cé€ \U0001f600 \u2028",
    "wide among plain": ["a", "é", "b", "ß\U0001f600ß"],
    "control": '\x00\x1f\x7f"\\/\b\f\n\r\t',
    "keys in order": {"b": 1, "a": {"z": 1, "é": 2, "y": 3}},
    "numbers": [0, -0.0, 1e16, 1e22, 1.5e300, 5e-324, 0.1, 1e15, 2**63, -(2**63), True],
    "large integers": [2**64, -(2**70)],
    "nan": [1, math.nan],
    "infinity": {"a": [math.inf, -math.inf]},
    "nan deep down": {"a": [{"b": (None, 1.5, math.nan)}]},
    "null": {"a": None, "b": [1.5, None, "x"]},
    "the word null": "null",
    "surrogate": "\ud800",
    "keys that are no text": {1: "a", 10: "b", 2: "c"},
    "a key that is null": {None: 1},
    "dates": [date(1973, 3, 11), datetime(1973, 3, 11, 6, 30, 45, 9, tzinfo=UTC)],
    "others": [Decimal("1.50"), uuid.UUID(int=7), Snippet(), Markup("<b>"), Name("n"), Colour.RED],
    "a dataclass": Point(1, Point(2, [date(1973, 3, 11)])),
    "a dataclass with nothing": Point(1, None),
    "a dataclass with nan": Point(1, math.nan),
    "named tuple": Pair(1, [2]),
    "subclasses": OrderedDict(b=1, a=2),
    "multi dict": MultiDict([("b", "1"), ("a", "2"), ("a", "3")]),
    "deep": deep(300),
    "empty": [{}, [], "", ()],
}
REFUSED = {
    "a set": {1, 2},
    "an object": object(),
    "bytes": b"x",
    "a key of no kind": {(1, 2): 3},
}


@pytest.fixture
def app():
    return costrel.Flask("app")


def body_of(provider, value, monkeypatch, *, quick):
    with monkeypatch.context() as patch:
        if not quick:
            patch.setattr(json_provider, "quick_writer", lambda: None)
        return provider.response(value).get_data()


@pytest.fixture(params=[True, False], ids=["sorted", "unsorted"])
def provider(app, request):
    app.json.sort_keys = request.param
    return app.json


@pytest.fixture(params=[True, False], ids=["ascii", "utf-8"])
def both_charsets(provider, request):
    provider.ensure_ascii = request.param
    return provider


@pytest.mark.parametrize("value", ALIKE.values(), ids=ALIKE)
def test_it_writes_what_the_standard_library_writes(both_charsets, value, monkeypatch):
    written = [body_of(both_charsets, value, monkeypatch, quick=quick) for quick in (True, False)]
    assert written[0] == written[1]


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_it_refuses_what_the_standard_library_refuses(provider, value, monkeypatch):
    told = []
    for quick in (True, False):
        with pytest.raises(TypeError) as caught:
            body_of(provider, value, monkeypatch, quick=quick)
        told.append((type(caught.value), str(caught.value)))
    assert told[0] == told[1]


def test_keys_that_cannot_be_sorted_are_refused(app):
    with pytest.raises(TypeError, match="not supported between"):
        app.json.response({"a": 1, 2: 3})


@given(value=VALUES)
def test_any_value_gives_the_same_text(value):
    app = costrel.Flask("app")
    app.json.sort_keys = False
    with pytest.MonkeyPatch.context() as patch:
        quick, slow = (
            body_of(app.json, {"value": value}, patch, quick=quick) for quick in (True, False)
        )
    assert quick == slow


@pytest.mark.parametrize("value", [1e-05, -2.5e-07, {"a": 0.00012}])
def test_a_small_float_is_the_same_number_in_other_words(app, value):
    assert json.loads(app.json.response(value).get_data()) == value


def test_an_enum_is_written_by_its_value_and_not_refused(app):
    pytest.importorskip("orjson")

    class Shade(enum.Enum):
        RED = "red"

    assert app.json.response(Shade.RED).get_data() == b'"red"\n'


def test_it_is_at_work(app, monkeypatch):
    pytest.importorskip("orjson")
    monkeypatch.setattr(DefaultJSONProvider, "_dumps_compact", None)
    assert app.json.response({"b": [1, "é"], "a": None}).get_data() == (
        b'{"a":null,"b":[1,"\\u00e9"]}\n'
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda provider: setattr(provider, "default", lambda value: value.name),
        lambda provider: setattr(provider, "dumps", lambda value, **options: '"RED"'),
    ],
)
def test_it_stands_back_where_the_app_has_a_way_of_its_own(app, change):
    class Shade(enum.Enum):
        RED = 1

    change(app.json)
    assert app.json.response(Shade.RED).get_data() == b'"RED"\n'


def test_where_it_is_not_installed_the_standard_library_writes(app, monkeypatch):
    monkeypatch.setitem(sys.modules, "orjson", None)
    json_provider.quick_writer.cache_clear()
    try:
        assert json_provider.quick_writer() is None
        assert app.json.response([1]).get_data() == b"[1]\n"
    finally:
        json_provider.quick_writer.cache_clear()


def test_a_response_class_that_looks_at_its_body_gets_text(app):
    class Told(costrel.Response):
        def __init__(self, response=None, *arguments, **names):
            super().__init__(f"<{response.strip()}>", *arguments, **names)

    app.response_class = Told
    assert app.json.response([1]).get_data() == b"<[1]>"
