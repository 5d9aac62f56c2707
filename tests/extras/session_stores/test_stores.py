"""What every store keeps to: memory, files, SQLite, and, slow, Redis and PostgreSQL."""

import time

import pytest

PATIENCE = 10  # seconds


def put(store, key, text, lifetime=60):
    store.update(key, lambda _: text, lifetime)


def test_a_text_is_kept_replaced_and_deleted(store, stored):
    put(store, "session:a", "one\nline")
    assert store.load("session:a") == "one\nline"
    put(store, "session:a", "two")
    assert store.load("session:a") == "two"
    assert stored() == 1
    store.delete("session:a")
    assert store.load("session:a") is None
    store.delete("session:a")
    assert stored() == 0


def test_nothing_is_there_before_the_first_text(store, stored):
    assert store.load("session:a") is None
    assert stored() == 0


def test_a_change_gets_the_present_text(store):
    seen = []
    put(store, "a", "one")
    store.update("a", lambda text: seen.append(text) or f"{text}!", 60)
    assert (seen, store.load("a")) == (["one"], "one!")


def test_a_change_of_what_is_not_there_gets_none_and_may_leave_it_so(store, stored):
    seen = []
    store.update("a", seen.append, 60)
    assert (seen, stored()) == ([None], 0)


def test_a_text_ends_with_its_time_and_the_next_begins_anew(store):
    put(store, "a", "x", lifetime=0.001)
    end = time.monotonic() + PATIENCE
    while store.load("a") is not None and time.monotonic() < end:
        time.sleep(0.001)
    seen = []
    store.update("a", lambda text: seen.append(text) or "new", 60)
    assert (seen, store.load("a")) == ([None], "new")


def test_a_change_puts_the_end_off(store):
    put(store, "a", "x", lifetime=0.1)
    put(store, "a", "x", lifetime=60)
    time.sleep(0.15)
    assert store.load("a") == "x"


@pytest.mark.parametrize("key", ["../../etc/passwd", "a" * 5000, "a\0b", "", "CON", "ü", "a:b:c"])
def test_any_key_will_do(store, key):
    put(store, key, "x")
    put(store, f"{key}.", "y")
    assert (store.load(key), store.load(f"{key}.")) == ("x", "y")


@pytest.mark.parametrize("text", ["", "ü\N{SNOWMAN}\N{GRINNING FACE}", "x" * 200_000, "'; --"])
def test_any_text_comes_back_as_it_was(store, text):
    put(store, "a", text)
    assert store.load("a") == text


def test_two_keys_are_two_texts(store):
    put(store, "session:a", "one")
    put(store, "session:b", "two")
    store.delete("session:a")
    assert (store.load("session:a"), store.load("session:b")) == (None, "two")


def test_nobodys_change_is_lost(store, together):
    def count(number):
        for _ in range(10):
            store.update("counter", lambda text: str(int(text or 0) + 1), 60)

    together(8, count)
    assert store.load("counter") == "80"


def test_a_change_that_fails_leaves_what_was_there(store):
    put(store, "a", "x")
    with pytest.raises(ZeroDivisionError):
        store.update("a", lambda text: 1 / 0, 60)
    assert store.load("a") == "x"
    put(store, "a", "y")
    assert store.load("a") == "y"
