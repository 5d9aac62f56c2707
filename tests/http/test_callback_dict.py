"""Tests of the dict that tells when it changes."""

import pytest

from costrel.http.callback_dict import CallbackDict


class Listener:
    count = 0

    def __call__(self, changed):
        self.count += 1


@pytest.fixture
def listener():
    return Listener()


@pytest.fixture
def told(listener):
    return CallbackDict({"a": 1, "b": 2}, listener)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.__setitem__("a", 1),
        lambda d: d.__delitem__("a"),
        lambda d: d.pop("a"),
        lambda d: d.pop("a", None),
        lambda d: d.popitem(),
        lambda d: d.setdefault("c", 3),
        lambda d: d.update([("c", 3)], d=4),
        lambda d: d.update(),
        lambda d: d.__ior__({"c": 3}),
        lambda d: d.clear(),
    ],
)
def test_each_change_is_told_once(told, listener, change):
    change(told)
    assert listener.count == 1


def test_reading_is_not_told(told, listener):
    assert told["a"] == told.get("a") == told.pop("z", 1) == told.setdefault("a", 5)
    assert told.copy() == {"a": 1, "b": 2}
    assert listener.count == 0


@pytest.mark.parametrize(
    "change",
    [lambda d: d.__delitem__("z"), lambda d: d.pop("z"), lambda d: CallbackDict().popitem()],
)
def test_a_failed_change_is_not_told(told, listener, change):
    with pytest.raises(KeyError):
        change(told)
    assert listener.count == 0


def test_a_dict_without_a_listener_is_a_dict():
    plain = CallbackDict()
    plain["a"] = 1
    assert plain == {"a": 1}
    assert plain.pop("a") == 1
    assert repr(plain) == "<CallbackDict {}>"


def test_the_listener_sees_the_dict_after_the_change(told):
    seen = []
    told.on_update = seen.append
    told |= [("c", 3)]
    assert seen == [{"a": 1, "b": 2, "c": 3}]
    assert seen[0] is told
