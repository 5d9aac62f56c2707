import ast
import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from itsdangerous import URLSafeTimedSerializer
from markupsafe import Markup

from costrel.http.callback_dict import CallbackDict
from costrel.http.request import Request as HTTPRequest
from costrel.http.response import Response
from costrel.parts import signing
from costrel.parts.config import Config, ConfigAttribute
from costrel.parts.json_provider import DefaultJSONProvider
from costrel.parts.json_tags import TaggedJSONSerializer
from costrel.parts.sessions import (
    NullSession,
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionInterface,
    SessionMixin,
)

DEFAULTS = {
    "SECRET_KEY": "a secret of the tests",
    "SECRET_KEY_FALLBACKS": None,
    "PERMANENT_SESSION_LIFETIME": timedelta(days=31),
    "SESSION_COOKIE_NAME": "session",
    "SESSION_COOKIE_DOMAIN": None,
    "SESSION_COOKIE_PATH": None,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SECURE": False,
    "SESSION_COOKIE_PARTITIONED": False,
    "SESSION_COOKIE_SAMESITE": None,
    "SESSION_REFRESH_EACH_REQUEST": True,
    "APPLICATION_ROOT": "/",
}


class App:
    secret_key = ConfigAttribute("SECRET_KEY")
    permanent_session_lifetime = ConfigAttribute("PERMANENT_SESSION_LIFETIME")
    debug = False
    response_class = Response

    def __init__(self):
        self.config = Config("", DEFAULTS)
        self.json = DefaultJSONProvider(self)


class Visit:
    """Stands for a request of any kind: it has cookies."""

    def __init__(self, **cookies):
        self.cookies = cookies


def Request(**cookies):  # noqa: N802  # makes one
    """A request as a server has it."""
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return HTTPRequest({"HTTP_COOKIE": header})


@pytest.fixture
def app():
    return App()


@pytest.fixture
def interface():
    return SecureCookieSessionInterface()


@pytest.fixture
def flask_app():
    """A real Flask with the same secret key."""
    flask = pytest.importorskip("flask")
    theirs = flask.Flask("theirs")
    theirs.secret_key = DEFAULTS["SECRET_KEY"]
    with theirs.app_context():
        yield theirs


def save(interface, app, session):
    """The response that a session was saved to."""
    response = Response()
    interface.save_session(app, session, response)
    return response


def cookie_of(response):
    return response.headers["Set-Cookie"].partition(";")[0].partition("=")[2]


def touched(initial=None, **attributes):
    session = SecureCookieSession(initial)
    vars(session).update(attributes)
    return session


# The session itself


def test_a_new_session_is_empty_and_untouched():
    session = SecureCookieSession()
    assert (dict(session), session.new, session.modified, session.accessed) == ({}, *[False] * 3)


def test_a_session_is_a_dict_and_a_mapping():
    assert isinstance(SecureCookieSession(), (dict, CallbackDict, SessionMixin))
    assert SecureCookieSession({"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    "change",
    [
        lambda session: session.__setitem__("a", 2),
        lambda session: session.__delitem__("a"),
        lambda session: session.pop("a"),
        lambda session: session.popitem(),
        lambda session: session.clear(),
        lambda session: session.update(b=1),
        lambda session: session.setdefault("b", 1),
        lambda session: session.__ior__({"b": 1}),
        lambda session: setattr(session, "permanent", True),
    ],
)
def test_every_change_is_seen(change):
    session = SecureCookieSession({"a": 1})
    change(session)
    assert session.modified


def test_a_session_is_permanent_if_told():
    session = SecureCookieSession()
    assert session.permanent is False
    session.permanent = 1
    assert session.permanent is True
    assert session == {"_permanent": True}


def test_a_session_that_cannot_tell_counts_as_modified():
    assert SessionMixin.modified
    assert not SessionMixin.accessed
    assert not SessionMixin.new


@pytest.mark.parametrize(
    "write",
    [
        lambda session: session.__setitem__("a", 2),
        lambda session: session.__delitem__("a"),
        lambda session: session.pop("a"),
        lambda session: session.pop("a", None),
        lambda session: session.popitem(),
        lambda session: session.clear(),
        lambda session: session.update(b=1),
        lambda session: session.setdefault("b", 1),
        lambda session: session.__ior__({"b": 1}),
        lambda session: setattr(session, "permanent", True),
    ],
)
def test_s2_without_a_key_every_write_is_refused(write):
    with pytest.raises(RuntimeError, match="session is unavailable.*secret key"):
        write(NullSession())


def test_s2_without_a_key_reading_finds_nothing():
    session = NullSession()
    assert session.get("a") is None
    assert "a" not in session
    assert not session
    assert not session.permanent
    with pytest.raises(KeyError):
        session["a"]


# The interface


def test_the_interface_itself_does_nothing(app):
    for call in (
        lambda: SessionInterface().open_session(app, Request()),
        lambda: SessionInterface().save_session(app, {}, Response()),
    ):
        with pytest.raises(NotImplementedError):
            call()


def test_a_null_session_is_known_as_one(app):
    class Empty(NullSession):
        pass

    interface = SessionInterface()
    assert type(interface.make_null_session(app)) is NullSession
    assert interface.is_null_session(NullSession())
    assert not interface.is_null_session(SecureCookieSession())
    interface.null_session_class = Empty
    assert type(interface.make_null_session(app)) is Empty
    assert not interface.pickle_based


@pytest.mark.parametrize(
    ("method", "key", "value"),
    [
        ("get_cookie_name", "SESSION_COOKIE_NAME", "other"),
        ("get_cookie_domain", "SESSION_COOKIE_DOMAIN", ".example.com"),
        ("get_cookie_path", "SESSION_COOKIE_PATH", "/x"),
        ("get_cookie_path", "APPLICATION_ROOT", "/y"),
        ("get_cookie_httponly", "SESSION_COOKIE_HTTPONLY", False),
        ("get_cookie_secure", "SESSION_COOKIE_SECURE", True),
        ("get_cookie_samesite", "SESSION_COOKIE_SAMESITE", "Lax"),
        ("get_cookie_partitioned", "SESSION_COOKIE_PARTITIONED", True),
    ],
)
def test_the_cookie_is_as_the_config_says(app, interface, method, key, value):
    app.config[key] = value
    assert getattr(interface, method)(app) == value


def test_a_permanent_session_ends_after_its_lifetime(app, interface):
    session = SecureCookieSession()
    assert interface.get_expiration_time(app, session) is None
    session.permanent = True
    left = interface.get_expiration_time(app, session) - datetime.now(UTC)
    assert timedelta(days=30, hours=23) < left <= timedelta(days=31)


@pytest.mark.parametrize(
    ("permanent", "modified", "refresh", "expected"),
    [
        (False, False, True, False),
        (False, True, True, True),
        (True, False, True, True),
        (True, False, False, False),
        (True, True, False, True),
    ],
)
def test_the_cookie_is_set_when_needed(app, interface, permanent, modified, refresh, expected):
    app.config["SESSION_REFRESH_EACH_REQUEST"] = refresh
    session = touched({"_permanent": permanent}, modified=modified)
    assert interface.should_set_cookie(app, session) is expected


# Opening


def test_without_a_cookie_the_session_is_empty(app, interface):
    for request in (Request(), Request(session=""), Request(other="x")):
        session = interface.open_session(app, request)
        assert type(session) is SecureCookieSession
        assert session == {}


def test_without_a_key_there_is_no_session(app, interface):
    for app.secret_key in (None, "", b""):
        assert interface.get_signing_serializer(app) is None
        assert interface.open_session(app, Request(session="x")) is None


def test_what_was_saved_is_opened(app, interface):
    value = {"n": 1, "t": (1, [b"\xff"]), "m": Markup("<b>"), "d": datetime(2020, 1, 1, tzinfo=UTC)}
    saved = save(interface, app, touched(value, modified=True))
    session = interface.open_session(app, Request(session=cookie_of(saved)))
    assert session == value
    assert not session.modified


def test_s1_a_tampered_cookie_gives_an_empty_session(app, interface):
    cookie = cookie_of(save(interface, app, touched({"admin": False}, modified=True)))
    genuine = {cookie}
    tampered = {cookie[:at] + new + cookie[at + 1 :] for at in range(len(cookie)) for new in "A.é"}
    odd = {"", ".", "..", "a.b.c", "\0", "\ud800", "é", cookie * 2, cookie[:-5], "." + cookie}
    for text in (tampered | odd) - genuine:
        session = interface.open_session(app, Request(session=text))
        assert session == {} or text[:-1] == cookie[:-1]


@pytest.mark.parametrize("value", [[1], "text", 5, None, [[1, 2, 3]]])
def test_a_signed_value_that_is_no_dictionary_gives_an_empty_session(app, interface, value):
    cookie = interface.get_signing_serializer(app).dumps(value)
    assert interface.open_session(app, Request(session=cookie)) == {}


def test_a_signed_text_that_cannot_be_read_gives_an_empty_session(app, interface):
    cookie = interface.get_signing_serializer(app).make_signer().sign(b"_w").decode()
    assert interface.open_session(app, Request(session=cookie)) == {}


def test_s3_an_expired_session_is_empty(app, interface, monkeypatch):
    cookie = cookie_of(save(interface, app, touched({"a": 1}, modified=True)))
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(seconds=-1)
    assert interface.open_session(app, Request(session=cookie)) == {}


def test_s4_old_keys_verify_and_the_newest_signs(app, interface):
    app.secret_key, app.config["SECRET_KEY_FALLBACKS"] = "0 key", ["-1 key", "-2 key"]
    cookie = cookie_of(save(interface, app, touched({"a": 1}, modified=True)))
    app.secret_key = "? key"
    assert interface.open_session(app, Request(session=cookie)) == {}
    app.secret_key, app.config["SECRET_KEY_FALLBACKS"] = "+1 key", ["0 key", "-1 key"]
    assert interface.open_session(app, Request(session=cookie)) == {"a": 1}
    app.config["SECRET_KEY_FALLBACKS"] = []
    assert interface.open_session(app, Request(session=cookie)) == {}


def test_s8_a_salt_of_ones_own_separates_signatures(app, interface):
    class Other(SecureCookieSessionInterface):
        salt = "other"

    cookie = cookie_of(save(interface, app, touched({"a": 1}, modified=True)))
    assert Other().open_session(app, Request(session=cookie)) == {}


def test_a_session_class_of_ones_own_is_used(app, interface):
    class Mine(SecureCookieSession):
        pass

    interface.session_class = Mine
    cookie = cookie_of(save(interface, app, touched({"a": 1}, modified=True)))
    assert type(interface.open_session(app, Request())) is Mine
    assert type(interface.open_session(app, Request(session=cookie))) is Mine


# Saving


def test_an_untouched_session_leaves_the_response_alone(app, interface):
    for initial in ({}, {"a": 1}):
        response = save(interface, app, SecureCookieSession(initial))
        assert "Set-Cookie" not in response.headers
        assert "Vary" not in response.headers
        assert "Cache-Control" not in response.headers


@pytest.mark.parametrize("initial", [{}, {"a": 1}])
def test_s5_a_session_that_was_read_varies_by_cookie(app, interface, initial):
    response = save(interface, app, touched(initial, accessed=True))
    assert response.headers["Vary"] == "Cookie"
    assert "Set-Cookie" not in response.headers
    assert "Cache-Control" not in response.headers


def test_s6_a_session_that_is_refreshed_varies_by_cookie(app, interface):
    response = save(interface, app, touched({"_permanent": True}))
    assert response.headers["Vary"] == "Cookie"
    assert "Expires=" in response.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Accept-Encoding", "Accept-Encoding, Cookie"),
        ("Cookie", "Cookie"),
        ("cookie, X", "cookie, X"),
    ],
)
def test_vary_is_added_to_and_not_replaced(app, interface, before, after):
    response = Response(headers={"Vary": before})
    interface.save_session(app, touched({"a": 1}, modified=True), response)
    assert response.headers["Vary"] == after


def test_a_changed_session_sets_its_cookie(app, interface):
    response = save(interface, app, touched({"a": 1}, modified=True))
    header = response.headers["Set-Cookie"]
    assert header.startswith("session=eyJhIjoxfQ.")
    assert header.endswith("; HttpOnly; Path=/")
    assert response.headers["Vary"] == "Cookie"


PLACE = {
    "SESSION_COOKIE_NAME": "sid",
    "SESSION_COOKIE_DOMAIN": "example.com",
    "SESSION_COOKIE_PATH": "/x",
    "SESSION_COOKIE_HTTPONLY": False,
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_PARTITIONED": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
}


@pytest.mark.parametrize("session", [{}, {"a": 1}], ids=["deleted", "set"])
def test_the_cookie_is_placed_by_the_config(app, interface, session):
    app.config.update(PLACE)
    header = save(interface, app, touched(session, modified=True)).headers["Set-Cookie"]
    assert header.startswith("sid=")
    parts = set(header.split("; ")[1:])
    assert {"Domain=example.com", "Secure", "Path=/x", "SameSite=Lax", "Partitioned"} <= parts
    assert "HttpOnly" not in parts


def test_an_emptied_session_deletes_its_cookie(app, interface):
    response = save(interface, app, touched({}, modified=True))
    assert response.headers["Set-Cookie"].startswith("session=; Expires=Thu, 01 Jan 1970")
    assert response.headers["Vary"] == "Cookie"


def test_an_invalid_samesite_is_refused(app, interface):
    app.config["SESSION_COOKIE_SAMESITE"] = "invalid"
    with pytest.raises(ValueError):
        save(interface, app, touched({"a": 1}, modified=True))


@pytest.mark.parametrize("session", [{}, {"a": 1}], ids=["deleted", "set"])
def test_s12_a_response_with_a_session_cookie_is_private(app, interface, session):
    response = save(interface, app, touched(session, modified=True))
    assert response.headers["Cache-Control"] == "private"


def test_s12_what_the_app_says_about_caching_stays(app, interface):
    response = Response(headers={"Cache-Control": "max-age=5"})
    interface.save_session(app, touched({"a": 1}, modified=True), response)
    assert response.headers["Cache-Control"] == "max-age=5"


@pytest.mark.parametrize(("rule", "expected"), [("no-cache", "no-cache"), (None, None)])
def test_s12_the_config_may_say_it_otherwise(app, interface, rule, expected):
    app.config["SESSION_CACHE_CONTROL"] = rule
    response = save(interface, app, touched({"a": 1}, modified=True))
    assert response.headers.get("Cache-Control") == expected


def test_s16_a_value_that_browsers_would_drop_is_warned_of(app, interface):
    session = touched({"a": "".join(map(chr, range(33, 5000)))}, modified=True)
    with pytest.warns(UserWarning, match="session"):
        save(interface, app, session)


def test_without_a_key_saving_is_refused(app, interface):
    app.secret_key = None
    with pytest.raises(RuntimeError, match="session is unavailable"):
        save(interface, app, touched({"a": 1}, modified=True))


def test_a_method_that_is_overridden_is_asked(app):
    class Elsewhere(SecureCookieSessionInterface):
        def get_cookie_path(self, app):
            return "/elsewhere"

        def should_set_cookie(self, app, session):
            return True

    assert "Path=/elsewhere" in save(Elsewhere(), app, touched({"a": 1})).headers["Set-Cookie"]


# The serializer


def test_the_default_serializer_is_found_beside_its_users():
    from costrel.parts import json_tags, sessions
    from costrel.parts.sessions import session_json_serializer

    assert session_json_serializer is json_tags.session_json_serializer
    assert SecureCookieSessionInterface.serializer is session_json_serializer
    assert SecureCookieSessionInterface().serializer is session_json_serializer
    assert "session_json_serializer" in dir(sessions)
    with pytest.raises(AttributeError, match="nothing"):
        sessions.nothing  # noqa: B018  # looked up for its error


def test_an_interface_may_have_a_serializer_of_its_own():
    own = TaggedJSONSerializer()

    class Interface(SecureCookieSessionInterface):
        serializer = own

    plain = SecureCookieSessionInterface()
    plain.serializer = own
    assert Interface().serializer is own
    assert plain.serializer is own


def test_the_serializer_is_made_once_for_a_key(app, interface):
    first = interface.get_signing_serializer(app)
    assert interface.get_signing_serializer(app) is first
    app.config["SECRET_KEY_FALLBACKS"] = ["old"]
    second = interface.get_signing_serializer(app)
    assert second is not first
    assert second.secret_keys == [b"old", app.secret_key.encode()]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("salt", "x"),
        ("key_derivation", "concat"),
        ("digest_method", hashlib.sha256),
        ("serializer", TaggedJSONSerializer()),
    ],
)
def test_a_changed_setting_makes_another_serializer(app, interface, setting, value):
    first = interface.get_signing_serializer(app)
    setattr(interface, setting, value)
    assert interface.get_signing_serializer(app) is not first


def test_apps_with_one_interface_do_not_mix(interface):
    one, two = App(), App()
    two.json.sort_keys = False
    cookies = [
        interface.get_signing_serializer(app).dump_payload({"b": 1, "a": 2}) for app in (one, two)
    ]
    assert cookies[0] != cookies[1]


def test_the_kept_serializers_do_not_grow_without_end(app, interface):
    for number in range(50):
        app.secret_key = f"key {number}"
        interface.get_signing_serializer(app)
    assert 0 < len(interface._kept) <= 16


def test_another_serializer_of_values_may_be_used(app, interface):
    class Reversed:
        def dumps(self, value):
            return repr(value)[::-1]

        def loads(self, text):
            return eval(text[::-1])

    interface.serializer = Reversed()
    cookie = cookie_of(save(interface, app, touched({"a": 1}, modified=True)))
    assert interface.open_session(app, Request(session=cookie)) == {"a": 1}


def test_the_provider_of_the_app_spells_the_values(app, interface):
    app.json.default = lambda value: "spelled"
    cookie = cookie_of(save(interface, app, touched({"a": object()}, modified=True)))
    assert interface.open_session(app, Request(session=cookie)) == {"a": "spelled"}


def test_threads_may_share_an_interface(app, interface):
    results = []

    def work(number):
        for _ in range(50):
            cookie = cookie_of(save(interface, app, touched({"n": number}, modified=True)))
            results.append(interface.open_session(app, Request(session=cookie)) == {"n": number})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [True] * 200


# Beside Flask

VALUES = [
    {"n": 1},
    {"z": 1, "a": {"y": 1, "b": [1, (2, b"3")]}},
    {"_permanent": True, "user": "é☃", "m": Markup("<b>")},
    {" t": 1},
    {"text": "long " * 200},
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_the_cookie_is_flasks_byte_for_byte(app, interface, flask_app, monkeypatch, value):
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.0)
    theirs = flask_app.session_interface.get_signing_serializer(flask_app)
    assert interface.get_signing_serializer(app).dumps(value) == theirs.dumps(value)


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("fallbacks", [None, ["old", "older"]])
def test_cookies_go_from_flask_to_us_and_back(app, interface, flask_app, value, fallbacks):
    flask_app.config["SECRET_KEY_FALLBACKS"] = fallbacks
    app.config["SECRET_KEY_FALLBACKS"] = fallbacks
    theirs = flask_app.session_interface
    cookie = theirs.get_signing_serializer(flask_app).dumps(value)
    assert interface.open_session(app, Request(session=cookie)) == value
    cookie = cookie_of(save(interface, app, touched(value, modified=True)))
    assert theirs.open_session(flask_app, Request(session=cookie)) == value


@pytest.mark.parametrize("config", [{}, PLACE], ids=["defaults", "all"])
@pytest.mark.parametrize("value", [{}, {"a": 1}, {"a": 1, "_permanent": True}], ids=repr)
def test_the_headers_are_flasks_but_for_caching(
    app, interface, flask_app, monkeypatch, config, value
):
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.0)
    app.config.update(config)
    flask_app.config.update(config)
    ours = dict(save(interface, app, touched(value, modified=True, accessed=True)).headers)
    session = flask_app.session_interface.session_class(value)
    session.modified = session.accessed = True
    response = flask_app.response_class()
    flask_app.session_interface.save_session(flask_app, session, response)
    assert ours.pop("Cache-Control") == "private"
    theirs = dict(response.headers)
    for headers in (ours, theirs):
        del headers["Content-Type"]
        # The end of a permanent session is a second later now and then.
        headers["Set-Cookie"] = {
            part for part in headers["Set-Cookie"].split("; ") if not part.startswith("Expires=")
        }
    assert ours == theirs


# Refreshing what nobody touched


class Always(SecureCookieSessionInterface):
    def should_set_cookie(self, app, session):
        return True


class Pickled(SecureCookieSessionInterface):
    serializer = SimpleNamespace(dumps=repr, loads=ast.literal_eval)


class OwnKey(SecureCookieSessionInterface):
    def get_signing_serializer(self, app):
        return URLSafeTimedSerializer("a key that is no setting", serializer=json)


class OwnSession(SecureCookieSession):
    permanent = True


class Sealed(SecureCookieSessionInterface):
    session_class = OwnSession


class OwnJSON(DefaultJSONProvider):
    pass


def own_json(app):
    app.json = OwnJSON(app)


def no_key(app):
    app.config["SECRET_KEY"] = None


def no_refresh(app):
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False


VALUES = [
    {"n": 1},
    {"n": 1, "_permanent": True},
    {"n": 1, "_permanent": False},
    {"_permanent": True, "long": "x" * 500},
    {"long": "x" * 500},
    {"text": 'says "_permanent"'},
]


@pytest.mark.parametrize("change", [lambda app: None, own_json, no_key, no_refresh])
@pytest.mark.parametrize("kind", [SecureCookieSessionInterface, Always, Pickled, OwnKey, Sealed])
@pytest.mark.parametrize("values", VALUES)
def test_what_an_untouched_session_would_set_is_not_missed(app, kind, values, change):
    interface = kind()
    signed = interface.get_signing_serializer(app).dumps(values)
    change(app)
    for cookie in (signed, signed[:-1], f"x{signed}", "", "\u00e9.x", "..", "="):
        request = Request(session=cookie)
        session = interface.open_session(app, request)
        response = Response()
        if session is not None:
            interface.save_session(app, session, response)
        if "Set-Cookie" in response.headers:
            assert interface.may_refresh(app, request)


def test_a_session_that_ends_with_the_browser_is_not_opened_to_be_refreshed(app, interface):
    signed = interface.get_signing_serializer(app).dumps({"user": 42})
    assert interface.may_refresh(app, Request(session=signed)) is False
    assert interface.may_refresh(app, Request(other=signed)) is False
    signed = interface.get_signing_serializer(app).dumps({"user": 42, "_permanent": True})
    assert interface.may_refresh(app, Request(session=signed)) is True
    no_refresh(app)
    assert interface.may_refresh(app, Request(session=signed)) is False


@pytest.mark.parametrize("digest", [hashlib.sha1, hashlib.sha256, hashlib.sha512, hashlib.blake2b])
@pytest.mark.parametrize("size", [0, 1, 20, 64, 65, 128, 129, 1000])
def test_the_signature_is_an_hmac(digest, size):
    key = bytes(range(256)) * 4
    mac = signing._Mac(key[:size], digest)
    for text in (b"", b"a", b"text" * 100):
        assert mac.sign(text) == hmac.new(key[:size], text, digest).digest()
        assert mac.sign(text) == hmac.new(key[:size], text, digest).digest()
