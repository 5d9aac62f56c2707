import pytest

from costrel.extras.session_stores.memory import MemoryStore


def put(store, key, text, lifetime=60):
    store.update(key, lambda _: text, lifetime)


def test_a_text_is_kept_replaced_and_deleted():
    store = MemoryStore()
    put(store, "a", "one")
    store.update("a", lambda text: f"{text} two", 60)
    assert store.load("a") == "one two"
    store.delete("a")
    store.delete("a")
    assert store.load("a") is None


def test_a_text_ends_with_its_time():
    store = MemoryStore()
    put(store, "a", "x", lifetime=-1)
    assert store.load("a") is None


def test_beyond_the_threshold_expired_ones_go_then_the_oldest():
    store = MemoryStore(threshold=2)
    put(store, "a", "x")
    put(store, "expired", "x", lifetime=-1)
    put(store, "b", "x")
    assert store.load("a") == store.load("b") == "x"
    put(store, "a", "written again")
    put(store, "c", "x")
    assert store.load("b") is None
    assert store.load("a") == "written again"


def test_a_change_that_fails_leaves_the_old_text():
    store = MemoryStore()
    put(store, "a", "old")
    with pytest.raises(ZeroDivisionError):
        store.update("a", lambda _: 1 / 0, 60)
    assert store.load("a") == "old"
