from types import SimpleNamespace

import pytest
import redis

from costrel.extras.session_stores import FileStore, RedisStore, StoreSessionInterface
from costrel.extras.session_stores.flask_session import CacheStore, Session


def make_app(**config):
    return SimpleNamespace(config=config, session_interface="the app's own")


def test_sessions_in_files_are_set_up_as_the_configuration_says(tmp_path):
    app = make_app(
        SESSION_TYPE="filesystem",
        SESSION_FILE_DIR=str(tmp_path / "s"),
        SESSION_FILE_THRESHOLD=7,
        SESSION_FILE_MODE=0o640,
        SESSION_PERMANENT=False,
        SESSION_USE_SIGNER=True,
        SESSION_KEY_PREFIX="mine:",
        SESSION_ID_LENGTH=48,
    )
    assert Session(app).app is app
    interface = app.session_interface
    assert isinstance(interface, StoreSessionInterface)
    assert isinstance(interface.store, FileStore)
    assert interface.store.directory == tmp_path / "s"
    assert (interface.store.threshold, interface.store.mode) == (7, 0o640)
    assert (interface.permanent, interface.use_signer) == (False, True)
    assert (interface.key_prefix, interface.id_bytes) == ("mine:", 48)


def test_without_settings_files_lie_in_the_current_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = make_app(SESSION_TYPE="filesystem")
    Session(app)
    assert app.session_interface.store.directory == tmp_path / "flask_session"
    assert app.session_interface.store.threshold == 500
    assert app.session_interface.permanent


@pytest.mark.parametrize("config", [{}, {"SESSION_TYPE": None}, {"SESSION_TYPE": "null"}])
def test_without_a_type_the_app_keeps_its_sessions(config):
    app = make_app(**config)
    session = Session()
    session.init_app(app)
    assert app.session_interface == "the app's own"


def test_a_store_that_is_not_here_says_what_is():
    with pytest.raises(RuntimeError, match="'mongodb'.*cachelib, filesystem, redis and null"):
        Session(make_app(SESSION_TYPE="mongodb"))


def test_sessions_in_redis_are_set_up_as_the_configuration_says():
    client = redis.Redis(port=1)
    app = make_app(SESSION_TYPE="redis", SESSION_REDIS=client)
    Session(app)
    assert isinstance(app.session_interface.store, RedisStore)
    assert app.session_interface.store.client is client


def test_without_a_client_redis_is_the_one_of_this_machine():
    app = make_app(SESSION_TYPE="redis")
    Session(app)
    place = app.session_interface.store.client.connection_pool.connection_kwargs
    assert (place["host"], place["port"], place["db"]) == ("127.0.0.1", 6379, 0)


class Cache(dict):
    def set(self, key, value, timeout):
        self[key] = value
        self.timeout = timeout

    def delete(self, key):
        self.pop(key, None)


def test_a_programs_own_cache_keeps_texts():
    cache = Cache()
    app = make_app(SESSION_TYPE="cachelib", SESSION_CACHELIB=cache)
    Session(app)
    store = app.session_interface.store
    assert isinstance(store, CacheStore)
    store.update("a", lambda text: f"{text}!", 12.5)
    assert (store.load("a"), cache.timeout) == ("None!", 12)
    store.delete("a")
    assert store.load("a") is None


def test_what_another_program_put_into_a_cache_is_no_session():
    assert CacheStore(Cache(a={"pickled": 1})).load("a") is None


def test_a_cache_that_was_not_given_is_files(tmp_path):
    app = make_app(SESSION_TYPE="cachelib", SESSION_FILE_DIR=tmp_path)
    Session(app)
    assert isinstance(app.session_interface.store, FileStore)
