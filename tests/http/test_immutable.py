"""Tests of dicts and lists that refuse changes."""

import pickle
from copy import copy

import pytest

from costrel.http.immutable import ImmutableDict, ImmutableList

DICT_CHANGES = {
    "set": lambda d: d.__setitem__("a", 1),
    "delete": lambda d: d.__delitem__("a"),
    "clear": lambda d: d.clear(),
    "pop": lambda d: d.pop("a"),
    "popitem": lambda d: d.popitem(),
    "setdefault": lambda d: d.setdefault("b", 1),
    "update": lambda d: d.update(b=1),
    "or": lambda d: d.__ior__({"b": 1}),
}
LIST_CHANGES = {
    "set": lambda x: x.__setitem__(0, 1),
    "delete": lambda x: x.__delitem__(0),
    "append": lambda x: x.append(1),
    "clear": lambda x: x.clear(),
    "extend": lambda x: x.extend([1]),
    "insert": lambda x: x.insert(0, 1),
    "pop": lambda x: x.pop(),
    "remove": lambda x: x.remove(1),
    "reverse": lambda x: x.reverse(),
    "sort": lambda x: x.sort(key=str),
    "add": lambda x: x.__iadd__([1]),
    "multiply": lambda x: x.__imul__(2),
}


@pytest.mark.parametrize("change", DICT_CHANGES.values(), ids=DICT_CHANGES)
def test_an_immutable_dict_refuses_every_change(change):
    fixed = ImmutableDict(a=1)
    with pytest.raises(TypeError, match="ImmutableDict objects are immutable"):
        change(fixed)
    assert fixed == {"a": 1}


@pytest.mark.parametrize("change", LIST_CHANGES.values(), ids=LIST_CHANGES)
def test_an_immutable_list_refuses_every_change(change):
    fixed = ImmutableList([1, 2])
    with pytest.raises(TypeError, match="ImmutableList objects are immutable"):
        change(fixed)
    assert fixed == [1, 2]


def test_equal_immutables_have_equal_hashes():
    one, same, other = ImmutableDict(a=1), ImmutableDict(a=1), ImmutableDict(a=2)
    assert {one, same, other} == {one, other}
    assert hash(one) == hash(one)
    assert hash(ImmutableList([1, 2])) == hash((1, 2))
    fixed = ImmutableList([1])
    assert hash(fixed) == hash(fixed)


def test_a_dict_with_changing_values_has_no_hash():
    with pytest.raises(TypeError, match="unhashable"):
        hash(ImmutableDict(a=[]))


def test_copy_gives_a_dict_that_can_be_changed():
    fixed = ImmutableDict(a=1)
    assert type(fixed.copy()) is dict
    assert copy(fixed) is fixed


def test_fromkeys_fills_an_immutable_dict():
    assert ImmutableDict.fromkeys("ab", 1) == ImmutableDict(a=1, b=1)
    assert isinstance(ImmutableDict.fromkeys("ab"), ImmutableDict)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("fixed", [ImmutableDict(a=1), ImmutableList([1])])
def test_immutables_can_be_pickled(fixed, protocol):
    hash(fixed)
    again = pickle.loads(pickle.dumps(fixed, protocol))
    assert again == fixed
    assert type(again) is type(fixed)


def test_immutables_show_their_class():
    assert repr(ImmutableDict(a=1)) == "ImmutableDict({'a': 1})"
    assert repr(ImmutableList([1])) == "ImmutableList([1])"
