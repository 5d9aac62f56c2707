import os
import stat
import threading
import time

import pytest

from costrel.extras.session_stores import file
from costrel.extras.session_stores.file import FileStore


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "made" / "sessions")


def put(store, key, text, lifetime=60):
    store.update(key, lambda _: text, lifetime)


def files(store):
    return sorted(path for path in store.directory.iterdir() if path.name != ".lock")


def test_nothing_is_there_before_the_first_text(store):
    assert store.load("a") is None
    assert not store.directory.exists()


def test_a_text_ends_with_its_time(store):
    put(store, "a", "x", lifetime=-1)
    assert store.load("a") is None


@pytest.mark.parametrize("content", [b"", b"no number\nx", b"\xff\xfe", b"nan\nx"])
def test_a_damaged_file_is_as_good_as_none(store, content):
    put(store, "a", "x")
    files(store)[0].write_bytes(content)
    assert store.load("a") is None
    put(store, "a", "new")
    assert store.load("a") == "new"


def test_another_process_sees_the_same_texts(store):
    put(store, "a", "x")
    assert FileStore(store.directory).load("a") == "x"


@pytest.mark.parametrize("key", ["../../etc/passwd", "a" * 5000, "a\0b", "", "CON", "ü"])
def test_a_key_never_becomes_a_path(store, key):
    put(store, key, "x")
    assert store.load(key) == "x"
    (file,) = files(store)
    assert len(file.name) == 64
    assert set(file.name) <= set("0123456789abcdef")


def test_a_file_name_does_not_tell_the_key(store):
    put(store, "session:secret", "x")
    assert "secret" not in files(store)[0].name


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_only_the_owner_can_read(store):
    put(store, "a", "x")
    assert stat.S_IMODE(files(store)[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700


def test_beyond_the_threshold_the_oldest_go(tmp_path):
    store = FileStore(tmp_path, threshold=3)
    for number in range(5):
        put(store, str(number), "x")
        os.utime(store._path(str(number)), (number, number))
    put(store, "new", "x")
    assert len(files(store)) == 3
    assert [store.load(key) for key in ("0", "1", "2")] == [None] * 3
    assert store.load("new") == "x"


def test_beyond_the_threshold_expired_ones_go_first(tmp_path):
    store = FileStore(tmp_path, threshold=2)
    put(store, "old but alive", "x")
    put(store, "expired", "x", lifetime=-1)
    os.utime(store._path("old but alive"), (1, 1))
    put(store, "new", "x")
    assert store.load("old but alive") == store.load("new") == "x"
    assert len(files(store)) == 2


def test_beyond_the_threshold_damaged_ones_go_first(tmp_path):
    store = FileStore(tmp_path, threshold=2)
    for key in ("a", "b"):
        put(store, key, "x")
        os.utime(store._path(key), (1, 1))
    store._path("b").write_bytes(b"\xff")
    put(store, "c", "x")
    assert store.load("a") == store.load("c") == "x"
    assert not store._path("b").exists()


def test_a_file_that_goes_while_others_are_counted_does_no_harm(tmp_path):
    store = FileStore(tmp_path, threshold=1)
    put(store, "a", "x")
    # A link to nothing has a name and cannot be asked for its time.
    (tmp_path / ("0" * 64)).symlink_to(tmp_path / "gone")
    put(store, "b", "x")
    assert store.load("b") == "x"


def test_without_a_threshold_all_are_kept(tmp_path):
    store = FileStore(tmp_path, threshold=0)
    for number in range(10):
        put(store, str(number), "x")
    assert len(files(store)) == 10


def test_what_a_crash_left_behind_is_cleared_away(tmp_path):
    store = FileStore(tmp_path, threshold=10)
    left, fresh = tmp_path / ".new-1", tmp_path / ".new-2"
    left.touch()
    fresh.touch()
    os.utime(left, (1, 1))
    put(store, "a", "x")
    assert not left.exists()
    assert fresh.exists()


def test_a_write_that_fails_leaves_the_old_text(store, monkeypatch):
    put(store, "a", "old")
    with pytest.raises(UnicodeEncodeError):
        put(store, "a", "\ud800")
    assert store.load("a") == "old"
    assert len(files(store)) == 1


def test_updates_of_many_threads_do_not_lose_each_other(store, together):
    put(store, "a", "0")

    def add(number):
        for _ in range(5):
            store.update("a", lambda text: str(int(text) + 1), 60)

    together(8, add)
    assert store.load("a") == "40"


@pytest.mark.skipif(file.fcntl is None, reason="needs locks of files")
def test_updates_of_several_processes_do_not_lose_each_other(store, together):
    put(store, "a", "0")

    def add(number):
        # A store of its own, as each process has one: they share nothing but the files.
        own = FileStore(store.directory)
        for _ in range(5):
            own.update("a", lambda text: time.sleep(0.001) or str(int(text) + 1), 60)

    together(4, add)
    assert store.load("a") == "20"


def test_a_reader_never_sees_half_a_text(store):
    texts = {"a" * 50_000, "b" * 50_000}
    put(store, "k", next(iter(texts)))
    stop = time.monotonic() + 0.2

    def write():
        while time.monotonic() < stop:
            for text in texts:
                put(store, "k", text)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        assert store.load("k") in texts
    writer.join(5)


def test_without_file_locks_threads_still_wait_for_each_other(store, monkeypatch):
    monkeypatch.setattr("costrel.extras.session_stores.file.fcntl", None)
    put(store, "a", "x")
    assert store.load("a") == "x"
