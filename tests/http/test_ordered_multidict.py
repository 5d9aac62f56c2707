"""Tests of the MultiDict that keeps the order across keys."""

import pickle
from copy import copy, deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.http.multidict import MultiDict
from costrel.http.ordered_multidict import ImmutableOrderedMultiDict, OrderedMultiDict

PAIRS = [("a", 1), ("b", 2), ("a", 3)]


def pairs_of(multi):
    return list(multi.items(multi=True))


@pytest.fixture
def ordered():
    return OrderedMultiDict(PAIRS)


def test_pairs_come_in_the_order_in_which_they_were_added(ordered):
    assert pairs_of(ordered) == PAIRS
    assert list(ordered.items()) == [("a", 1), ("b", 2)]
    ordered.add("b", 4)
    assert pairs_of(ordered) == [*PAIRS, ("b", 4)]


def test_what_is_replaced_goes_to_the_end(ordered):
    ordered["a"] = 5
    assert pairs_of(ordered) == [("b", 2), ("a", 5)]
    ordered.setlist("b", [6, 7])
    assert pairs_of(ordered) == [("a", 5), ("b", 6), ("b", 7)]


@pytest.mark.parametrize(
    ("take", "taken"),
    [
        (lambda d: d.pop("a"), 1),
        (lambda d: d.poplist("a"), [1, 3]),
        (lambda d: d.__delitem__("a"), None),
    ],
)
def test_what_is_taken_out_leaves_the_order(ordered, take, taken):
    assert take(ordered) == taken
    assert pairs_of(ordered) == [("b", 2)]
    ordered.add("a", 9)
    assert pairs_of(ordered) == [("b", 2), ("a", 9)]


def test_taking_the_last_key_and_everything(ordered):
    assert ordered.popitem() == ("b", 2)
    assert ordered.popitemlist() == ("a", [1, 3])
    assert pairs_of(ordered) == []
    ordered.update(PAIRS)
    ordered.clear()
    assert pairs_of(ordered) == []
    assert ordered.pop("a", 7) == 7


def test_its_lists_cannot_be_handed_out(ordered):
    with pytest.raises(TypeError, match="setlist"):
        ordered.setlistdefault("a", [1])


def test_order_counts_between_ordered_ones_only(ordered):
    other = OrderedMultiDict([("a", 1), ("a", 3), ("b", 2)])
    assert ordered != other
    assert ordered == OrderedMultiDict(PAIRS)
    assert ordered == MultiDict(PAIRS) == other
    with pytest.raises(TypeError):
        hash(ordered)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("cls", [OrderedMultiDict, ImmutableOrderedMultiDict])
def test_pickles_and_deep_copies_keep_the_order(cls, protocol):
    made = cls(PAIRS)
    assert pairs_of(pickle.loads(pickle.dumps(made, protocol))) == PAIRS
    assert pairs_of(deepcopy(made)) == PAIRS


def test_it_is_made_of_lists_key_after_key():
    assert pairs_of(OrderedMultiDict.wrap({"a": [1, 3], "b": [2]})) == [
        ("a", 1),
        ("a", 3),
        ("b", 2),
    ]


def test_the_immutable_one_refuses_changes_and_hashes_its_order():
    fixed = ImmutableOrderedMultiDict(PAIRS)
    with pytest.raises(TypeError):
        fixed.add("a", 1)
    assert hash(fixed) != hash(ImmutableOrderedMultiDict(sorted(PAIRS)))
    assert copy(fixed) is fixed
    assert type(fixed.copy()) is OrderedMultiDict
    assert fixed.copy() == fixed


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers())), st.sampled_from("abc"))
def test_it_agrees_with_a_list_of_pairs(pairs, key):
    ordered = OrderedMultiDict(pairs)
    assert pairs_of(ordered) == pairs
    ordered.poplist(key)
    assert pairs_of(ordered) == [pair for pair in pairs if pair[0] != key]
