import threading
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from uuid import UUID

import pytest
from markupsafe import Markup

from costrel.extras.session_stores import StoreSessionInterface
from costrel.extras.session_stores.session_store import merge_changes
from costrel.http.cookies import parse_cookie
from costrel.http.response import Response

CONFIG = {
    "SESSION_COOKIE_NAME": "session",
    "SESSION_COOKIE_DOMAIN": None,
    "SESSION_COOKIE_PATH": None,
    "APPLICATION_ROOT": "/",
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SECURE": False,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_COOKIE_PARTITIONED": False,
    "SESSION_REFRESH_EACH_REQUEST": True,
    "SECRET_KEY_FALLBACKS": None,
}


class Browser:
    """One user: keeps the cookie, and opens and saves sessions as an app would."""

    def __init__(self, interface, **config):
        self.interface = interface
        self.app = SimpleNamespace(
            config=CONFIG | config,
            secret_key="a key",
            permanent_session_lifetime=timedelta(days=31),
        )
        self.cookie = None

    def open(self):
        cookies = {"session": self.cookie} if self.cookie is not None else {}
        return self.interface.open_session(self.app, SimpleNamespace(cookies=cookies))

    def save(self, session):
        response = Response("x")
        self.interface.save_session(self.app, session, response)
        self.set_cookie = response.headers.get("Set-Cookie")
        if self.set_cookie:
            value = parse_cookie(self.set_cookie.partition(";")[0])["session"]
            self.cookie = value or None
        return response

    def request(self, change=lambda session: None):
        """One whole request; returns the response."""
        session = self.open()
        session.accessed = True
        change(session)
        return self.save(session)

    def set(self, **values):
        return self.request(lambda session: session.update(values))

    def contents(self):
        return dict(self.open())


@pytest.fixture
def interface(store):
    return StoreSessionInterface(store)


@pytest.fixture
def browser(interface):
    return Browser(interface)


def test_what_a_request_sets_the_next_one_finds(browser):
    browser.set(color="red")
    assert browser.contents() == {"color": "red"}


def test_the_cookie_holds_an_id_and_nothing_else(browser):
    browser.set(color="vermilion")
    assert len(browser.cookie) == 43
    assert "vermilion" not in browser.set_cookie


@pytest.mark.parametrize(
    "value",
    [
        datetime(2024, 5, 6, 7, 8, 9, 123456),
        datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
        datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=-3))),
        date(2024, 5, 6),
        {" d": "no date", "x": [{" d": 1}]},
        (1, ("a", 2)),
        b"\0\xff",
        UUID(int=7),
        Markup("<b>"),
        {"a": [1, None, 1.5, "ü"]},
    ],
)
def test_values_survive_as_what_they_are(browser, value):
    browser.set(value=value)
    found = browser.contents()["value"]
    assert found == value
    assert type(found) is type(value)


def test_nothing_is_pickled(browser, stored):
    with pytest.raises(TypeError):
        browser.set(value=object())
    assert stored() == 0


def test_changes_inside_a_value_are_kept_where_the_session_is_told(browser):
    browser.set(basket=[1])

    def change(session):
        session["basket"].append(2)
        session.modified = True

    browser.request(change)
    assert browser.contents() == {"basket": [1, 2]}


def test_who_only_reads_has_nothing_stored_and_no_cookie(browser, stored):
    response = browser.request(lambda session: session.get("x"))
    assert stored() == 0
    assert browser.set_cookie is None
    assert response.headers["Vary"] == "Cookie"


def test_a_session_that_nobody_touched_leaves_the_response_alone(browser):
    response = browser.save(browser.open())
    assert "Vary" not in response.headers


@pytest.mark.parametrize("permanent", [True, False])
def test_an_id_that_the_client_chose_is_never_adopted(store, permanent):
    browser = Browser(StoreSessionInterface(store, permanent=permanent))
    browser.cookie = chosen = "A" * 43
    browser.set(color="red")
    assert browser.cookie != chosen
    assert store.load(f"session:{chosen}") is None


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "A" * 42, "A" * 44, "../" * 14 + "A", "A" * 42 + "\n", "é" * 43, "A" * 10_000],
)
def test_an_id_of_another_form_does_not_reach_the_store(browser, cookie, monkeypatch):
    def load(key):
        raise AssertionError(key)

    monkeypatch.setattr(browser.interface.store, "load", load)
    browser.cookie = cookie
    assert browser.contents() == {}


def test_ids_have_at_least_256_random_bits(store):
    assert StoreSessionInterface(store, id_bytes=8).id_bytes == 32
    longer = StoreSessionInterface(store, id_bytes=64)
    assert len(longer.make_id()) == 86
    assert longer.make_id() != longer.make_id()


def test_an_emptied_session_is_deleted_with_its_cookie(browser, stored):
    browser.set(color="red")
    response = browser.request(lambda session: session.clear())
    assert stored() == 0
    assert browser.cookie is None
    assert response.headers["Cache-Control"] == "private"


def test_emptying_a_new_session_does_nothing(browser, stored):
    def change(session):
        session["x"] = 1
        session.clear()

    browser.request(change)
    assert browser.set_cookie is None
    assert stored() == 0


def test_a_session_of_the_browser_sets_its_cookie_once(browser):
    browser.set(color="red")
    browser.request(lambda session: session["color"])
    assert browser.set_cookie is None


def test_a_permanent_session_is_put_off_with_each_request(store):
    browser = Browser(StoreSessionInterface(store, permanent=True))
    browser.set(color="red")
    assert "Expires=" in browser.set_cookie
    sid = browser.cookie
    browser.request()
    assert "Expires=" in browser.set_cookie
    assert browser.cookie == sid
    assert browser.contents()["color"] == "red"


def test_a_permanent_session_is_not_put_off_where_that_is_switched_off(store):
    browser = Browser(
        StoreSessionInterface(store, permanent=True), SESSION_REFRESH_EACH_REQUEST=False
    )
    browser.set(color="red")
    browser.request()
    assert browser.set_cookie is None


def test_a_permanent_session_that_was_only_read_is_not_begun(store, stored):
    browser = Browser(StoreSessionInterface(store, permanent=True))
    browser.request()
    assert browser.set_cookie is None
    assert stored() == 0


def test_a_response_with_the_cookie_is_kept_out_of_shared_caches(browser):
    response = browser.set(color="red")
    assert response.headers["Cache-Control"] == "private"
    assert response.headers["Vary"] == "Cookie"


def test_what_the_app_says_of_caches_stays(interface):
    browser = Browser(interface, SESSION_CACHE_CONTROL=None)
    assert "Cache-Control" not in browser.set(color="red").headers


@pytest.mark.parametrize("key", ["user_id", "_user_id", "username", "logged_in", "UID"])
def test_the_id_changes_at_login_and_the_old_one_is_worthless(browser, key, stored):
    browser.set(color="red")
    before = browser.cookie
    browser.set(**{key: "7"})
    assert browser.cookie != before
    assert browser.contents() == {"color": "red", key: "7"}
    assert stored() == 1
    browser.cookie = before
    assert browser.contents() == {}


def test_the_id_stays_while_the_user_stays(browser):
    browser.set(user_id=7)
    before = browser.cookie
    browser.set(user_id=7, color="red")
    assert browser.cookie == before
    browser.request(lambda session: session.pop("user_id"))
    assert browser.cookie == before
    assert browser.contents() == {"color": "red"}


def test_the_id_changes_where_the_program_asks_for_it(browser):
    browser.set(color="red")
    before = browser.cookie
    browser.request(browser.interface.regenerate)
    assert browser.cookie != before
    assert browser.contents() == {"color": "red"}


def test_requests_at_the_same_time_keep_each_others_changes(browser):
    browser.set(start=0, gone=1)
    barrier = threading.Barrier(16)

    def one(number):
        visitor = Browser(browser.interface)
        visitor.cookie = browser.cookie
        session = visitor.open()
        barrier.wait(5)
        session[f"key{number}"] = number
        session.pop("gone")
        visitor.save(session)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert browser.contents() == {"start": 0, **{f"key{number}": number for number in range(16)}}


@pytest.mark.parametrize(
    "logout", [lambda session: session.clear(), lambda session: session.pop("user_id")]
)
def test_a_slow_request_does_not_undo_a_logout(browser, logout):
    browser.set(user_id=7)
    slow = browser.open()
    browser.set(color="red")
    browser.request(logout)
    slow["seen"] = True
    browser.save(slow)
    assert "user_id" not in browser.contents()


def test_a_session_deleted_meanwhile_sets_no_cookie(browser, stored):
    browser.set(user_id=7)
    slow = browser.open()
    browser.request(lambda session: session.clear())
    slow["user_id"] = 8
    browser.save(slow)
    assert browser.set_cookie is None
    assert stored() == 0


def test_a_damaged_text_is_an_empty_session(store, browser):
    browser.set(color="red")
    for text in (
        "{",
        "[1]",
        '{"x": {" d": "no date"}}',
        '{"x": {" d": 1}}',
        '{" t": 1, "x',
        "null",
        "[" * 100_000,
    ):
        store.update(f"session:{browser.cookie}", lambda _, text=text: text, 60)
        assert browser.contents() == {}


def test_a_signed_cookie_is_checked(store):
    browser = Browser(StoreSessionInterface(store, use_signer=True))
    browser.set(color="red")
    sid, _, signature = browser.cookie.partition(".")
    assert len(sid) == 43
    assert signature
    assert browser.contents() == {"color": "red"}
    for forged in (sid, f"{sid}.{signature[::-1]}", browser.cookie + "x", "é"):
        browser.cookie = forged
        assert browser.contents() == {}


def test_a_cookie_signed_with_an_old_key_is_believed(store):
    browser = Browser(StoreSessionInterface(store, use_signer=True))
    browser.set(color="red")
    browser.app.secret_key = "a new key"
    assert browser.contents() == {}
    browser.app.config["SECRET_KEY_FALLBACKS"] = ["a key"]
    assert browser.contents() == {"color": "red"}


def test_without_a_key_nothing_can_be_signed(store):
    browser = Browser(StoreSessionInterface(store, use_signer=True))
    browser.app.secret_key = None
    assert browser.open() is None


def test_a_session_knows_its_id_and_whether_it_is_new(browser):
    session = browser.open()
    assert session.new
    assert not session
    session["x"] = 1
    browser.save(session)
    assert session.sid == browser.cookie
    assert not browser.open().new
    assert browser.open()


@pytest.mark.parametrize(
    ("before", "after", "now", "merged"),
    [
        ({}, {"a": 1}, {}, {"a": 1}),
        ({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": 3}, {"a": 2}, {"a": 3}),
        ({"a": 1}, {}, {"a": 1, "b": 2}, {"b": 2}),
        ({"a": 1}, {"a": 1, "c": 3}, {"b": 2}, {"b": 2, "c": 3}),
    ],
)
def test_one_requests_changes_are_applied_to_what_is_stored_now(before, after, now, merged):
    assert merge_changes(before, after, now) == merged
