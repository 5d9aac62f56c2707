"""What is kept of a session's cookie is what asking again would say."""

import copy
import gc
import hashlib
import pickle
import weakref
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costrel import Flask, Request, Response
from costrel.http.multidict import ImmutableMultiDict
from costrel.parts.config import Config
from costrel.parts.json_provider import DefaultJSONProvider
from costrel.parts.json_tags import TaggedJSONSerializer
from costrel.parts.sessions import (
    _ASKED,
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionInterface,
)


def make_app(**settings):
    app = Flask("cookies", static_folder=None)
    app.secret_key = "a key of more than sixteen bytes"
    app.config.update(settings)
    app.session_interface = SecureCookieSessionInterface()
    return app


@pytest.fixture
def app():
    return make_app()


def changed(values=None):
    session = SecureCookieSession(values)
    session.accessed = session.modified = True
    return session


def save(app, values=None, response=None, interface=None):
    """The headers of a response that a changed session was saved to."""
    response = response or app.response_class("x")
    interface = interface or app.session_interface
    with app.app_context():
        interface.save_session(app, changed(values), response)
    return response.headers


def request_with(cookies):
    return Request({"HTTP_COOKIE": cookies})


# What is kept, and how long


def found(app):
    return app.session_interface._find_cookie(app)


def test_it_is_asked_once(app):
    assert found(app) is found(app)


SETTINGS = {
    "SECRET_KEY": "another key",
    "SECRET_KEY_FALLBACKS": ["an old key"],
    "PERMANENT_SESSION_LIFETIME": timedelta(days=1),
    "SESSION_COOKIE_NAME": "other",
    "SESSION_COOKIE_DOMAIN": "example.com",
    "SESSION_COOKIE_PATH": "/there",
    "APPLICATION_ROOT": "/root",
    "SESSION_COOKIE_HTTPONLY": False,
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_SAMESITE": "Strict",
    "SESSION_COOKIE_PARTITIONED": True,
    "SESSION_CACHE_CONTROL": "no-store",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_changes_while_the_app_is_served_is_seen(app, monkeypatch, name):
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.0)
    save(app, {"a": 1})
    app.config[name] = SETTINGS[name]
    fresh = make_app(**{name: SETTINGS[name]})
    assert list(save(app, {"a": 1})) == list(save(fresh, {"a": 1}))
    assert list(save(app)) == list(save(fresh))
    assert found(app).max_age == found(fresh).max_age


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("salt", "other"),
        ("key_derivation", "concat"),
        ("digest_method", hashlib.sha256),
        ("serializer", TaggedJSONSerializer()),
        ("get_cookie_name", lambda app: "by hand"),
    ],
)
def test_an_attribute_of_the_interface_that_changes_is_seen(app, name, value):
    before = found(app)
    setattr(app.session_interface, name, value)
    assert found(app) is not before
    assert found(app).name == ("by hand" if name == "get_cookie_name" else "session")


def test_another_json_provider_is_seen(app):
    before = found(app)
    app.json = DefaultJSONProvider(app)
    assert found(app) is not before


def test_an_old_key_that_is_added_in_place_is_believed(app):
    cookie = save(app, {"a": 1})["Set-Cookie"].partition(";")[0]
    app.config["SECRET_KEY_FALLBACKS"] = []
    app.secret_key, old = "the newest key of all", app.secret_key
    opened = app.session_interface.open_session
    assert opened(app, request_with(cookie)) == {}
    app.config["SECRET_KEY_FALLBACKS"].append(old)
    assert opened(app, request_with(cookie)) == {"a": 1}


def test_apps_with_one_interface_have_a_cookie_each(app):
    other = make_app(SESSION_COOKIE_NAME="other")
    other.session_interface = app.session_interface
    assert [found(each).name for each in (app, other, app)] == ["session", "other", "session"]


def test_interfaces_of_one_app_have_a_cookie_each(app):
    class Other(SecureCookieSessionInterface):
        salt = "other"

    first, second = SecureCookieSessionInterface(), Other()
    cookie = save(app, {"a": 1}, interface=first)["Set-Cookie"].partition(";")[0]
    assert second.open_session(app, request_with(cookie)) == {}
    assert first.open_session(app, request_with(cookie)) == {"a": 1}


def test_what_is_kept_does_not_keep_the_app():
    app = make_app()
    save(app, {"a": 1})
    gone = weakref.ref(app.config)
    gc.collect()
    gc.disable()
    try:
        config = app.config
        cookie = config.derived["session cookie"]
        assert app not in gc.get_referents(cookie, vars(cookie))
        del app, config, cookie
    finally:
        gc.enable()
    gc.collect()
    assert gone() is None


# What is not kept


@pytest.mark.parametrize("name", _ASKED)
def test_a_method_of_ones_own_is_asked_each_time(app, name):
    asked = []

    def method(self, app):
        asked.append(name)
        return getattr(SecureCookieSessionInterface, name)(self, app)

    own = type("Own", (SecureCookieSessionInterface,), {name: method})()
    app.session_interface = own
    for _ in range(2):
        asked.clear()
        save(app, {"a": 1})
        assert asked


def test_a_key_of_ones_own_is_asked_each_time():
    class Keyed(Flask):
        keys = iter(["one key", "another key"])

        @property
        def secret_key(self):
            return next(self.keys)

    app = Keyed("keyed", static_folder=None)
    interface = app.session_interface
    assert [interface._find_cookie(app).serializer.secret_keys for _ in range(2)] == [
        [b"one key"],
        [b"another key"],
    ]


def test_a_config_of_ones_own_is_asked_each_time():
    class Elsewhere(Config):
        def __getitem__(self, name):
            return next(names) if name == "SESSION_COOKIE_NAME" else super().__getitem__(name)

    class Distant(Flask):
        config_class = Elsewhere

    names = iter(["one", "two"])
    app = Distant("distant", static_folder=None)
    app.secret_key = "a key of more than sixteen bytes"
    assert [found(app).name for _ in range(2)] == ["one", "two"]


def test_a_plain_dictionary_will_do_for_a_config(app):
    class Plain:
        secret_key = "a key"
        permanent_session_lifetime = timedelta(days=1)
        json = app.json
        config = dict(app.config)

    assert app.session_interface._find_cookie(Plain).name == "session"


# What is kept and what is asked say the same


class Asked(SecureCookieSessionInterface):
    def get_cookie_name(self, app):
        return super().get_cookie_name(app)


BORN = {
    "text": lambda: Response("x"),
    "touched": lambda: Response("x", headers={"X-A": "1"}),
    "vary": lambda: Response("x", headers={"Vary": "Accept"}),
    "vary on all": lambda: Response("x", headers={"vary": "*"}),
    "varies": lambda: Response("x", headers={"VARY": "cookie"}),
    "cached": lambda: Response("x", headers={"cache-control": "max-age=5"}),
    "bare": lambda: Response(mimetype=""),
    "stream": lambda: Response(iter("x")),
}


@pytest.mark.parametrize("born", BORN)
@pytest.mark.parametrize("values", [{}, {"a": 1}, {"a": 1, "_permanent": True}], ids=repr)
@pytest.mark.parametrize("settings", [{}, SETTINGS], ids=["defaults", "all"])
def test_kept_or_asked_the_headers_are_the_same(monkeypatch, born, values, settings):
    class Usual(Response):
        def set_cookie(self, *args, **options):
            super().set_cookie(*args, **options)

    monkeypatch.setattr("time.time", lambda: 1_700_000_000.0)
    app = make_app(**settings)
    asked = make_app(**settings)
    asked.session_interface = Asked()
    slow = BORN[born]()
    slow.__class__ = Usual
    rows = [
        list(save(app, values, BORN[born]())),
        list(save(asked, values, BORN[born]())),
        list(save(app, values, slow)),
    ]
    # Permanent ones end now and a month; the second may have gone on.
    assert rows[0][:1] == rows[1][:1]
    assert [sorted(map(str, without_end(row))) for row in rows] == [
        sorted(map(str, without_end(rows[0])))
    ] * 3


def without_end(pairs):
    for name, value in pairs:
        yield name, [part for part in value.split("; ") if not part.startswith("Expires")]


def test_saving_twice_says_nothing_twice(app):
    response = app.response_class("x")
    save(app, {"a": 1}, response)
    headers = save(app, {"a": 2}, response)
    assert headers.getlist("Vary") == ["Cookie"]
    assert headers.getlist("Cache-Control") == ["private"]
    assert len(headers.getlist("Set-Cookie")) == 2


def test_a_response_class_that_sets_cookies_its_own_way_is_asked(app):
    class Strict(Response):
        def set_cookie(self, key, value="", **options):
            super().set_cookie(key, value, **{**options, "samesite": "Strict"})

    app.response_class = Strict
    assert save(app, {"a": 1})["Set-Cookie"].endswith("; SameSite=Strict")


def test_a_response_class_with_headers_of_its_own_is_asked(app):
    class Noting(Response):
        @property
        def headers(self):
            noted.append(self)
            return super().headers

    noted = []
    app.response_class = Noting
    response = Noting("x")
    noted.clear()
    with app.app_context():
        app.session_interface.save_session(app, changed({"a": 1}), response)
    assert noted
    assert "Set-Cookie" in Response.headers.__get__(response)


def test_the_size_that_is_warned_of_is_the_settings(app):
    with app.test_request_context():
        save(app, {"a": 1})
        app.config["MAX_COOKIE_SIZE"] = 20
        with pytest.warns(UserWarning, match="too large"):
            app.session_interface.save_session(app, changed({"a": 1}), app.response_class("x"))


def test_a_cache_rule_that_is_no_header_is_refused_and_not_kept(app):
    app.config["SESSION_CACHE_CONTROL"] = "private\r\nX-Evil: 1"
    for _ in range(2):
        with pytest.raises(ValueError, match="Cache-Control"):
            save(app, {"a": 1})


# Where its value comes from


def test_a_request_class_that_finds_its_cookies_elsewhere_is_asked(app):
    value = save(app, {"a": 1, "_permanent": True})["Set-Cookie"].partition(";")[0][8:]

    class Elsewhere(Request):
        cookies = {"session": value}  # noqa: RUF012  # as somebody would write it

    request = Elsewhere({})
    assert app.session_interface.open_session(app, request) == {"a": 1, "_permanent": True}
    assert app.session_interface.may_refresh(app, request)


def test_a_request_class_with_a_dictionary_of_its_own_is_asked(app):
    class LastOne(ImmutableMultiDict):
        def get(self, name, default=None):
            return self.getlist(name)[-1]

    class Asking(Request):
        dict_storage_class = LastOne

    value = save(app, {"a": 1})["Set-Cookie"].partition(";")[0]
    request = Asking({"HTTP_COOKIE": f"session=first; {value}"})
    assert app.session_interface.open_session(app, request) == {"a": 1}


def test_a_lifetime_that_is_none_harms_no_request_without_a_session(app):
    app.config["PERMANENT_SESSION_LIFETIME"] = "a month"
    interface = app.session_interface
    assert interface.may_refresh(app, request_with("a=1")) is False
    assert interface.open_session(app, request_with("a=1")) == {}
    with pytest.raises(AttributeError):
        interface.open_session(app, request_with("session=x"))


@pytest.mark.parametrize("how", ["cookies", "headers"])
def test_cookies_that_somebody_set_on_the_request_count(app, how):
    value = save(app, {"a": 1})["Set-Cookie"].partition(";")[0][8:]
    request = request_with("session=other")
    if how == "cookies":
        request.cookies = {"session": value}
    else:
        request.headers = Response(headers={"Cookie": f"session={value}"}).headers
    assert app.session_interface.open_session(app, request) == {"a": 1}


# Whether it may be permanent

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.dictionaries(TEXTS, TEXTS, max_size=3), st.booleans(), TEXTS)
def test_a_permanent_session_is_known_by_its_cookie(values, sorts, last):
    app = make_app()
    app.json.sort_keys = sorts
    headers = save(app, {**values, "_permanent": True, "~": last})
    cookie = headers["Set-Cookie"].partition(";")[0]
    assert app.session_interface.may_refresh(app, request_with(f"a=1; {cookie}; b=2"))


@pytest.mark.parametrize("before", range(1, 7))
def test_it_is_known_wherever_in_its_base64_it_says_so(app, before):
    app.json.sort_keys = False
    cookie = save(app, {"k" * before: 1, "_permanent": True})["Set-Cookie"].partition(";")[0]
    assert not cookie.startswith("session=.")
    assert app.session_interface.may_refresh(app, request_with(cookie))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", False),
        ("a=1; b=2", False),
        ("session=eyJuIjoxfQ.x.y", False),
        ("session=.eJyrVkrOz03NzFOyUipKTAYAJJ0FKw.x.y", True),
        ('session="eyJuIjoxfQ.x.y"', True),
        ("session=\xe9", True),
    ],
)
def test_what_may_be_permanent(app, header, expected):
    assert app.session_interface.may_refresh(app, request_with(header)) is expected


def test_without_a_key_nothing_is_permanent():
    app = make_app(SECRET_KEY=None)
    assert app.session_interface.may_refresh(app, request_with("session=.x")) is False


def test_an_interface_that_cannot_tell_is_asked_always(app):
    assert SessionInterface().may_refresh(app, request_with("")) is True


# Copies of the settings


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, copy.copy, lambda config: pickle.loads(pickle.dumps(config))]
)
def test_a_config_can_be_copied_while_something_is_kept(app, copied):
    save(app, {"a": 1})
    assert app.config.derived
    made = copied(app.config)
    assert made == app.config
    assert made["SECRET_KEY"] == app.secret_key
    if copied is not copy.copy:
        assert made.derived == {}
