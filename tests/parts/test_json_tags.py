import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from costrel.parts.json_tags import JSONTag, TaggedJSONSerializer

MOMENT = datetime(2024, 2, 29, 12, 30, 45, tzinfo=UTC)
EXAMPLES = [
    {" t": (1, 2, 3)},
    {" t__": b"a"},
    {" di": " di"},
    {" t": [{" b": b""}]},
    {"": 1},
    {"x": (1, 2, 3), "y": 4},
    (1, 2, 3),
    [(1, 2, 3)],
    b"\xff",
    Markup("<html>"),
    uuid.UUID(int=7),
    MOMENT,
    {"n": None, "b": True, "f": 1.5, "s": "é☃", "i": 2**70, "l": [], "d": {}, "t": ()},
]
KEYS = st.sampled_from([" t", " b", " di", " d", " m", " u", " t__", "__", "", "x"])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.text(max_size=5).map(Markup)
    | st.uuids()
    | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(
        lambda moment: moment.replace(microsecond=0)
    )
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("value", EXAMPLES, ids=repr)
def test_what_is_written_is_read_again(value):
    serializer = TaggedJSONSerializer()
    again = serializer.loads(serializer.dumps(value))
    assert again == value
    assert type(again) is type(value)


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_any_value_is_read_again(value):
    serializer = TaggedJSONSerializer()
    assert serializer.loads(serializer.dumps(value)) == value


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_the_text_is_flasks(value):
    theirs = pytest.importorskip("flask.json.tag").TaggedJSONSerializer()
    text = TaggedJSONSerializer().dumps(value)
    assert text == theirs.dumps(value)
    assert theirs.loads(text) == value


def test_a_value_without_a_tag_is_written_as_json_does_it():
    assert TaggedJSONSerializer().dumps(MOMENT.date()) == '"Thu, 29 Feb 2024 00:00:00 GMT"'


def test_an_unknown_tag_is_an_ordinary_key():
    assert TaggedJSONSerializer().loads('{" zz": 1}') == {" zz": 1}


def test_a_key_is_registered_once_unless_forced():
    class TagDict(JSONTag):
        key = " d"

    serializer = TaggedJSONSerializer()
    with pytest.raises(KeyError, match="force=True"):
        serializer.register(TagDict)
    serializer.register(TagDict, force=True, index=0)
    assert isinstance(serializer.tags[" d"], TagDict)
    assert isinstance(serializer.order[0], TagDict)


def test_a_tag_takes_its_place_in_the_order():
    class First(JSONTag):
        key = " 1"

    class Second(JSONTag):
        key = " 2"

    serializer = TaggedJSONSerializer()
    serializer.register(First, index=-1)
    assert isinstance(serializer.order[-2], First)
    serializer.register(Second)
    assert isinstance(serializer.order[-1], Second)


@pytest.mark.parametrize("kind", [complex, int])
def test_a_tag_of_ones_own_may_be_for_any_value(kind):
    class TagOwn(JSONTag):
        __slots__ = ()
        key = " own"

        def check(self, value):
            return type(value) is kind

        def to_json(self, value):
            return repr(value)

        def to_python(self, value):
            return kind(value)

    serializer = TaggedJSONSerializer()
    serializer.register(TagOwn)
    value = {"a": [kind(7)], "b": "x"}
    assert " own" in serializer.dumps(value)
    assert serializer.loads(serializer.dumps(value)) == value


def test_a_subclass_may_have_other_tags():
    class Plain(TaggedJSONSerializer):
        default_tags = []

    assert Plain().dumps({" t": [1]}) == '{" t":[1]}'


def test_the_interface_itself_does_nothing():
    tag = JSONTag(None)
    for method in (tag.check, tag.to_json, tag.to_python):
        with pytest.raises(NotImplementedError):
            method(None)
