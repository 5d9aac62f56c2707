"""Tests of dictionaries with several values per key."""

import json
import pickle
from copy import copy, deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.multidict import (
    NOTHING,
    CombinedMultiDict,
    ImmutableMultiDict,
    ImmutableTypeConversionDict,
    MultiDict,
    TypeConversionDict,
    iter_multi_items,
)

PAIRS = [("a", 1), ("b", 2), ("a", 3)]


class Missing(KeyError):
    pass


class Strict(MultiDict):
    missing = Missing


@pytest.fixture
def multi():
    return MultiDict(PAIRS)


@pytest.mark.parametrize(
    "source",
    [
        PAIRS,
        iter(PAIRS),
        {"a": [1, 3], "b": 2},
        {"a": (1, 3), "b": [2]},
        MultiDict(PAIRS),
        CombinedMultiDict([MultiDict(PAIRS)]),
    ],
    ids=["pairs", "iterator", "lists", "tuples", "multidict", "combined"],
)
def test_it_is_made_from_whatever_holds_pairs(source):
    made = MultiDict(source)
    assert made == MultiDict(PAIRS)
    assert dict.__getitem__(made, "a") == [1, 3]


def test_plain_access_gives_the_first_value(multi):
    assert multi["a"] == multi.get("a") == 1
    assert multi.get("z") is None
    assert multi.get("z", 5) == 5
    assert "a" in multi
    assert len(multi) == 2
    assert list(multi) == list(multi.keys()) == ["a", "b"]
    assert list(multi.values()) == [1, 2]
    assert list(multi.items()) == [("a", 1), ("b", 2)]


def test_lists_are_shown_by_what_says_list(multi):
    assert multi.getlist("a") == [1, 3]
    assert multi.getlist("z") == []
    assert list(multi.items(multi=True)) == [("a", 1), ("a", 3), ("b", 2)]
    assert list(multi.lists()) == [("a", [1, 3]), ("b", [2])]
    assert list(multi.listvalues()) == [[1, 3], [2]]
    assert multi.to_dict() == {"a": 1, "b": 2}
    assert multi.to_dict(flat=False) == {"a": [1, 3], "b": [2]}


def test_lists_handed_out_are_copies(multi):
    multi.getlist("a").append(9)
    dict(multi.lists())["a"].append(9)
    multi.to_dict(flat=False)["a"].append(9)
    assert multi.getlist("a") == [1, 3]


def test_wrap_adopts_lists():
    lists = {"a": [1, 3]}
    wrapped = ImmutableMultiDict.wrap(lists)
    assert wrapped == MultiDict([("a", 1), ("a", 3)])
    assert type(wrapped) is ImmutableMultiDict
    assert dict.__getitem__(wrapped, "a") is lists["a"]


def test_values_are_converted_or_left_out():
    numbers = MultiDict([("a", "1"), ("a", "x"), ("a", "2"), ("b", "x")])
    assert numbers.get("a", type=int) == 1
    assert numbers.get("b", -1, int) == -1
    assert numbers.getlist("a", int) == [1, 2]
    assert numbers.getlist("z", int) == []


def test_get_asks_a_subclass_for_what_is_not_there():
    class Named(MultiDict):
        def __getitem__(self, key):
            return super().__getitem__(key) if key in self else f"no {key}"

    assert Named().get("b") == "no b"
    assert Named([("a", "1")]).get("a", type=int) == 1
    assert MultiDict([("a", "1")]).get("b", 7, type=int) == 7


def test_only_value_and_type_errors_count_as_not_convertible():
    with pytest.raises(ZeroDivisionError):
        MultiDict(PAIRS).get("a", type=lambda value: 1 / 0)


@pytest.mark.parametrize(
    "access",
    [
        lambda d: d["z"],
        lambda d: d["empty"],
        lambda d: d.pop("z"),
        lambda d: d.pop("empty"),
        lambda d: d.popitem(),
        lambda d: Strict().popitem(),
        lambda d: Strict().popitemlist(),
    ],
)
def test_a_missing_key_raises_what_the_class_says(access):
    strict = Strict()
    strict.setlistdefault("empty")
    with pytest.raises(Missing):
        access(strict)


def test_a_plain_multidict_raises_a_key_error_that_answers_400(multi):
    with pytest.raises(KeyError) as raised:
        multi["z"]
    assert raised.value.args == ("z",)
    assert raised.value.code == 400


def test_setting_replaces_and_adding_adds(multi):
    multi["a"] = 5
    multi.add("a", 6)
    multi.add("c", 7)
    multi.setlist("b", (8, 9))
    assert multi.to_dict(flat=False) == {"a": [5, 6], "b": [8, 9], "c": [7]}


def test_defaults_are_stored_only_when_missing(multi):
    assert multi.setdefault("a", 9) == 1
    assert multi.setdefault("c", 9) == 9
    assert multi.setlistdefault("a", [9]) == [1, 3]
    assert multi.setlistdefault("d", [4]) == [4]
    multi.setlistdefault("d").append(5)
    assert multi.getlist("d") == [4, 5]
    assert multi.getlist("c") == [9]


def test_taking_out(multi):
    assert multi.pop("a") == 1
    assert multi.pop("a", None) is None
    assert multi.popitem() == ("b", 2)
    assert multi.poplist("a") == []
    assert not multi
    multi.update({"x": [1, 2], "y": 3})
    assert multi.poplist("x") == [1, 2]
    assert multi.popitemlist() == ("y", [3])


def test_updating_adds(multi):
    multi.update({"a": 4, "c": [5, 6]})
    multi |= [("b", 7)]
    assert multi.to_dict(flat=False) == {"a": [1, 3, 4], "b": [2, 7], "c": [5, 6]}
    assert (multi | {"b": 8}).getlist("b") == [2, 7, 8]
    assert multi.getlist("b") == [2, 7]


def test_joining_with_what_holds_no_pairs_is_a_type_error(multi):
    with pytest.raises(TypeError):
        multi | 3
    with pytest.raises(TypeError):
        multi |= 3


@pytest.mark.parametrize("duplicate", [copy, deepcopy, MultiDict.copy, MultiDict.deepcopy])
def test_copies_share_no_lists(multi, duplicate):
    made = duplicate(multi)
    made.add("a", 9)
    assert type(made) is MultiDict
    assert multi.getlist("a") == [1, 3]
    assert made.getlist("a") == [1, 3, 9]


def test_only_deep_copies_copy_values():
    value = []
    multi = MultiDict([("a", value)])
    assert copy(multi)["a"] is value
    assert deepcopy(multi)["a"] is not value


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("cls", [MultiDict, ImmutableMultiDict, Strict])
def test_pickles_keep_all_values(cls, protocol):
    again = pickle.loads(pickle.dumps(cls(PAIRS), protocol))
    assert type(again) is cls
    assert again == cls(PAIRS)


def test_as_a_plain_dict_it_has_first_values(multi):
    assert dict(multi) == {**multi} == {"a": 1, "b": 2}
    assert json.loads(json.dumps(multi)) == {"a": 1, "b": 2}


def test_equality_compares_all_values_in_order(multi):
    assert multi == MultiDict([("b", 2), ("a", 1), ("a", 3)])
    assert multi != MultiDict([("a", 3), ("b", 2), ("a", 1)])


def test_it_shows_all_pairs(multi):
    assert repr(multi) == "MultiDict([('a', 1), ('a', 3), ('b', 2)])"
    assert repr(NOTHING) == "no value"


def test_keys_without_values_are_passed_over():
    multi = MultiDict({"a": 1})
    multi.setlist("empty", [])
    assert list(multi.items()) == [("a", 1)]
    assert list(multi.values()) == [1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers())))
def test_it_agrees_with_a_list_of_pairs(pairs):
    multi = MultiDict(pairs)
    for key in "abc":
        assert multi.getlist(key) == [value for name, value in pairs if name == key]
    assert sorted(multi.items(multi=True)) == sorted(pairs)


def test_pairs_are_taken_from_every_form():
    assert list(iter_multi_items({"a": [1, 2], "b": "xy", "c": b"z"})) == [
        ("a", 1),
        ("a", 2),
        ("b", "xy"),
        ("c", b"z"),
    ]
    assert list(iter_multi_items([("a", [1])])) == [("a", [1])]


CHANGES = [
    lambda d: d.add("a", 1),
    lambda d: d.setlist("a", [1]),
    lambda d: d.setlistdefault("a", [1]),
    lambda d: d.poplist("a"),
    lambda d: d.popitemlist(),
    lambda d: d.pop("a"),
    lambda d: d.update({"a": 1}),
    lambda d: d.__setitem__("a", 1),
    lambda d: d.__ior__({"a": 1}),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "fixed", [ImmutableMultiDict(PAIRS), CombinedMultiDict([MultiDict(PAIRS)])]
)
def test_immutable_ones_refuse_changes(fixed, change):
    with pytest.raises(TypeError, match="immutable"):
        change(fixed)
    assert fixed.getlist("a") == [1, 3]


def test_immutable_ones_have_a_hash_and_copies_that_can_be_changed():
    fixed = ImmutableMultiDict(PAIRS)
    assert {fixed, ImmutableMultiDict(PAIRS), ImmutableMultiDict()} == {
        fixed,
        ImmutableMultiDict(),
    }
    assert copy(fixed) is fixed
    loose = fixed.copy()
    loose.add("a", 9)
    assert type(loose) is MultiDict
    assert type(fixed | {"z": 1}) is MultiDict
    assert fixed.getlist("a") == [1, 3]


def test_a_type_conversion_dict_converts_or_falls_back():
    plain = TypeConversionDict(a="1", b="x", c=None)
    assert plain.get("a", type=int) == 1
    assert plain.get("b", -1, type=int) == -1
    assert plain.get("c", -1, type=int) == -1
    assert plain.get("z", -1, type=int) == -1


def test_an_immutable_type_conversion_dict_has_a_loose_copy():
    fixed = ImmutableTypeConversionDict(a="1")
    assert fixed.get("a", type=int) == 1
    assert copy(fixed) is fixed
    assert type(fixed.copy()) is TypeConversionDict
    with pytest.raises(TypeError):
        fixed["a"] = "2"


@pytest.fixture
def combined():
    return CombinedMultiDict(
        [MultiDict([("a", "1"), ("a", "2")]), MultiDict([("b", "x"), ("a", "3")]), MultiDict()]
    )


def test_several_dicts_are_seen_as_one(combined):
    assert combined["a"] == combined.get("a") == "1"
    assert combined["b"] == "x"
    assert combined.getlist("a") == ["1", "2", "3"]
    assert list(combined) == list(combined.keys()) == ["a", "b"]
    assert len(combined) == 2
    assert "b" in combined
    assert "z" not in combined
    assert list(combined.items()) == [("a", "1"), ("b", "x")]
    assert list(combined.values()) == ["1", "x"]
    assert list(combined.lists()) == [("a", ["1", "2", "3"]), ("b", ["x"])]
    assert list(combined.listvalues()) == [["1", "2", "3"], ["x"]]
    assert combined.to_dict(flat=False) == dict(combined.lists())
    assert dict(combined) == {"a": "1", "b": "x"}


def test_combined_dicts_take_the_first_value_that_converts():
    combined = CombinedMultiDict([MultiDict({"a": "x"}), MultiDict({"a": "1"})])
    assert combined.get("a", type=int) == 1
    assert combined.get("a", -1, type=float) == 1.0
    assert combined.get("z", -1, type=int) == -1
    assert combined.getlist("a", int) == [1]


def test_a_key_that_no_dict_has_is_missing(combined):
    with pytest.raises(KeyError):
        combined["z"]
    assert combined.get("z") is None


def test_combined_dicts_are_views():
    first = MultiDict({"a": 1})
    combined = CombinedMultiDict([first])
    first.clear()
    assert not combined


def test_combined_dicts_compare_copy_and_pickle_by_what_they_show(combined):
    shown = MultiDict([("a", "1"), ("a", "2"), ("a", "3"), ("b", "x")])
    assert combined == shown
    assert combined != MultiDict()
    assert combined != {}
    assert hash(combined) == hash(ImmutableMultiDict(shown))
    assert combined.copy() == copy(combined) == shown
    assert type(combined.copy()) is MultiDict
    assert pickle.loads(pickle.dumps(combined)) == combined
    assert repr(CombinedMultiDict([MultiDict({"a": 1})])) == (
        "CombinedMultiDict([MultiDict([('a', 1)])])"
    )


def test_combined_dicts_cannot_be_made_from_keys():
    with pytest.raises(TypeError, match="MultiDict.fromkeys"):
        CombinedMultiDict.fromkeys("ab")
