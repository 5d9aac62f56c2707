"""What a store in Redis does beside what every store does."""

import sys

import pytest

from costrel.extras.session_stores import RedisStore


@pytest.fixture
def empty_url(redis_url):
    """Of a Redis that holds nothing; other tests leave their sessions."""
    import redis

    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        yield redis_url


def put(store, key, text, lifetime=60):
    store.update(key, lambda _: text, lifetime)


@pytest.mark.slow
def test_redis_forgets_a_text_by_itself(empty_url):
    store = RedisStore(empty_url)
    put(store, "session:a", "x", lifetime=100)
    (name,) = store.client.keys("session:*")
    assert 95_000 < store.client.pttl(name) <= 100_000
    store.client.close()


@pytest.mark.slow
def test_redis_knows_whose_a_text_is_and_not_its_id(empty_url):
    store = RedisStore(empty_url)
    put(store, "shop:session:secret", "x")
    (name,) = store.client.keys()
    assert name.startswith(b"shop:session:")
    assert b"secret" not in name
    store.client.close()


@pytest.mark.slow
def test_a_client_that_decodes_what_it_reads_will_do(empty_url):
    import redis

    client = redis.Redis.from_url(empty_url, decode_responses=True)
    store = RedisStore(client)
    put(store, "a", "ü")
    assert store.load("a") == "ü"
    client.close()


@pytest.mark.slow
def test_what_another_program_left_there_is_no_session(empty_url):
    store = RedisStore(empty_url)
    put(store, "a", "x")
    (name,) = store.client.keys()
    store.client.set(name, b"\x81\xa1packed")
    assert store.load("a") is None
    seen = []
    store.update("a", lambda text: seen.append(text) or "new", 60)
    assert (seen, store.load("a")) == ([None], "new")
    store.client.close()


def test_an_async_client_is_refused_in_words():
    import redis.asyncio

    with pytest.raises(TypeError, match="for sync code"):
        RedisStore(redis.asyncio.Redis())


def test_without_the_package_a_url_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(RuntimeError, match=r"pip install 'costrel\[redis\]'"):
        RedisStore("redis://localhost/0")
