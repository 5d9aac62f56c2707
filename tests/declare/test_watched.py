"""Containers that say when they were changed, as deep as the table goes."""

import gc
import weakref

import pytest

from costrel.declare.watched import (
    Telling,
    WatchedDict,
    WatchedList,
    handler_table,
    hook_table,
    watched_like,
)


class Count:
    """Counts how often it was told."""

    def __init__(self):
        self.times = 0

    def __call__(self):
        self.times += 1


@pytest.fixture
def told():
    return Count()


def add_in_place(values):
    values += [4]


def repeat_in_place(values):
    values *= 2


def set_slice(values):
    values[1:] = [7]


def delete_first(values):
    del values[0]


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (lambda values: values.append(9), [3, 1, 2, 9]),
        (lambda values: values.extend([8, 9]), [3, 1, 2, 8, 9]),
        (lambda values: values.insert(0, 9), [9, 3, 1, 2]),
        (lambda values: values.remove(1), [3, 2]),
        (lambda values: values.pop(), [3, 1]),
        (lambda values: values.clear(), []),
        (lambda values: values.sort(), [1, 2, 3]),
        (lambda values: values.reverse(), [2, 1, 3]),
        (set_slice, [3, 7]),
        (delete_first, [1, 2]),
        (add_in_place, [3, 1, 2, 4]),
        (repeat_in_place, [3, 1, 2, 3, 1, 2]),
    ],
)
def test_each_change_of_a_list_is_told(told, change, after):
    values = WatchedList(told, [3, 1, 2])
    assert told.times == 0
    change(values)
    assert values == after
    assert told.times == 1


def test_reading_a_list_is_not_told(told):
    values = WatchedList(told, [1, 2])
    assert (values[0], list(values), len(values), 2 in values) == (1, [1, 2], 2, True)
    assert told.times == 0


def test_the_methods_of_a_watched_list_return_what_a_list_returns(told):
    values = WatchedList(told, [1, 2])
    assert values.pop() == 2
    assert values.append.__name__ == "append"


def delete_key(table):
    del table["a"]


def unite(table):
    table |= {"b": 2}


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (lambda table: table.__setitem__("b", 2), {"a": 1, "b": 2}),
        (lambda table: table.update({"b": 2}), {"a": 1, "b": 2}),
        (lambda table: table.update([("b", 2)]), {"a": 1, "b": 2}),
        (lambda table: table.update(b=2), {"a": 1, "b": 2}),
        (lambda table: table.setdefault("b", 2), {"a": 1, "b": 2}),
        (lambda table: table.pop("a"), {}),
        (lambda table: table.popitem(), {}),
        (lambda table: table.clear(), {}),
        (delete_key, {}),
        (unite, {"a": 1, "b": 2}),
    ],
)
def test_each_change_of_a_dict_is_told(told, change, after):
    table = WatchedDict(told)
    table["a"] = 1
    told.times = 0
    change(table)
    assert table == after
    assert told.times == 1


def test_setdefault_on_a_key_that_is_there_changes_nothing(told):
    table = WatchedDict(told)
    table["a"] = 1
    told.times = 0
    assert table.setdefault("a", 2) == 1
    assert told.times == 0


def test_a_missing_key_of_a_plain_watched_dict_is_a_key_error(told):
    with pytest.raises(KeyError, match="nothing"):
        WatchedDict(told)["nothing"]


def test_a_hook_table_makes_a_list_for_a_scope_that_is_missing(told):
    table = hook_table(told)
    table["admin"].append(print)
    assert table == {"admin": [print]}
    assert told.times == 1


def test_asking_a_hook_table_with_get_makes_nothing(told):
    table = hook_table(told)
    assert table.get("admin", ()) == ()
    assert table == {}


@pytest.mark.parametrize(
    "give",
    [
        lambda table: table.__setitem__(None, [print]),
        lambda table: table.setdefault(None, [print]),
        lambda table: table.update({None: [print]}),
    ],
)
def test_a_plain_list_given_to_a_hook_table_is_watched_from_then_on(told, give):
    table = hook_table(told)
    give(table)
    told.times = 0
    table[None].append(len)
    assert table == {None: [print, len]}
    assert told.times == 1


def test_what_is_no_list_stays_what_it_is(told):
    table = hook_table(told)
    table[None] = (print,)
    assert table[None] == (print,)
    assert type(table[None]) is tuple


def test_a_watched_list_is_kept_as_the_same_object(told):
    table = hook_table(told)
    mine = WatchedList(told)
    table[None] = mine
    assert table[None] is mine


def test_a_handler_table_is_watched_three_levels_deep(told):
    table = handler_table(told)
    table[None][404][KeyError] = print
    assert table == {None: {404: {KeyError: print}}}
    assert told.times == 1


def test_plain_dicts_given_to_a_handler_table_are_watched_three_levels_deep(told):
    table = handler_table(told)
    table[None] = {404: {KeyError: print}}
    told.times = 0
    table[None][404][ValueError] = len
    assert told.times == 1
    table[None][500][OSError] = len
    assert told.times == 2


def test_a_list_has_no_place_in_a_handler_table_and_stays_as_it_is(told):
    table = handler_table(told)
    table[None] = [print]
    assert type(table[None]) is list


def test_a_table_that_takes_anothers_place_is_watched_like_it(told):
    made = watched_like(hook_table(told), {None: [print]})
    told.times = 0
    made[None].append(len)
    made["admin"].append(len)
    assert told.times == 2


def test_a_list_that_takes_anothers_place_is_watched_like_it(told):
    made = watched_like(WatchedList(told), [1])
    made.append(2)
    assert made == [1, 2]
    assert told.times == 1


@pytest.mark.parametrize("known", [WatchedList(print), WatchedDict(print), None])
def test_what_cannot_be_watched_stays_what_it_is(known):
    assert watched_like(known, 5) == 5


def test_a_telling_does_not_keep_its_object_alive():
    told = []

    class Owner:
        def changed(self):
            told.append(True)

    owner = Owner()
    gone = weakref.ref(owner)
    telling = Telling(owner.changed)
    telling()
    assert told == [True]
    gc.disable()
    try:
        del owner
        assert gone() is None
    finally:
        gc.enable()
    telling()
    assert told == [True]
