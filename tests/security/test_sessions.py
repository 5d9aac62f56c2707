"""S: sessions in the signed cookie. Those in a store are in test_stored_sessions.py."""

import hmac
import pickle
import secrets
import string
import time
from types import SimpleNamespace

import pytest

from costrel import Flask, flash, get_flashed_messages, session
from costrel.extras.session_stores import FileStore, MemoryStore, StoreSessionInterface
from costrel.parts import passwords, sessions, signing

KEY = "a key of at least sixteen bytes"
BASE64 = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


def make_app():
    app = Flask(__name__)
    app.secret_key = KEY
    app.get("/get", endpoint="get")(lambda: dict(session))
    app.get("/set/<key>/<value>", endpoint="set")(lambda key, value: put(key, value))
    app.get("/clear", endpoint="clear")(lambda: session.clear() or "cleared")
    app.get("/nothing", endpoint="nothing")(lambda: "nothing")
    return app


def put(key, value):
    session[key] = value
    return "put"


@pytest.fixture
def app():
    return make_app()


def make_stored_app(kind, folder):
    app = make_app()
    store = MemoryStore() if kind == "memory" else FileStore(folder / "sessions")
    app.session_interface = StoreSessionInterface(store)
    return app


@pytest.fixture(params=["cookie", "memory", "file"])
def any_app(request, tmp_path):
    return make_app() if request.param == "cookie" else make_stored_app(request.param, tmp_path)


def cookie_of(answer):
    return answer.header("Set-Cookie", "").partition(";")[0]


def attributes_of(answer):
    return answer.header("Set-Cookie").split("; ")[1:]


TAMPERED = [
    *("", ".", "..", "...", "a", "a.b", "a.b.c", ".a.b.c", "a" * 5000, "\xff", "\0", "=", "é.b.c"),
    *("eyJ1IjoxfQ", "eyJ1IjoxfQ..", "eyJ1IjoxfQ.Zz.Zz", ".eJw.Zz.Zz", "null.Zz.Zz", "[].{}.()"),
    *("." + "A" * 4000 + ".Zz.Zz", "%00.%00.%00", "gASVAAAA.Zz.Zz"),
]


@pytest.mark.parametrize("value", TAMPERED)
def test_s1_a_cookie_that_nobody_signed_is_an_empty_session(app, send, value):
    assert len(TAMPERED) >= 18
    answer = send(app, target="/get", headers={"Cookie": f"session={value}"})
    assert (answer.status, answer.json) == (200, {})


def test_s1_a_cookie_with_any_byte_changed_is_an_empty_session(app, send):
    good = cookie_of(send(app, target="/set/user/1"))
    assert send(app, target="/get", headers={"Cookie": good}).json == {"user": "1"}
    for at in range(len("session="), len(good)):
        place = BASE64.find(good[at])
        # The other half of the alphabet, as the last bits of a text in base64 mean nothing.
        other = "A" if place < 0 else BASE64[(place + 32) % 64]
        for changed in (other, "", ".", "\xff"):
            if changed == good[at]:
                continue
            bad = good[:at] + changed + good[at + 1 :]
            answer = send(app, target="/get", headers={"Cookie": bad})
            assert (answer.status, answer.json) == (200, {}), bad


def test_s1_a_signed_cookie_that_is_no_dictionary_is_an_empty_session(app, send):
    signer = app.session_interface.get_signing_serializer(app)
    for value in ([1], "text", 1, None, [["a", 1, 2]]):
        cookie = f"session={signer.dumps(value)}"
        assert send(app, target="/get", headers={"Cookie": cookie}).json == {}


def test_s2_without_a_key_reading_is_empty_and_writing_is_logged(app, send, caplog):
    app.secret_key = None
    app.logger.propagate = True
    assert send(app, target="/get", headers={"Cookie": "session=a.b.c"}).json == {}
    answer = send(app, target="/set/a/b")
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert answer.header("Set-Cookie") is None
    assert "secret key" in caplog.text


def test_s3_an_expired_session_is_empty(app, send, monkeypatch):
    good = cookie_of(send(app, target="/set/a/b"))
    then = time.time()
    lifetime = app.permanent_session_lifetime.total_seconds()
    monkeypatch.setattr(time, "time", lambda: then + lifetime - 5)
    assert send(app, target="/get", headers={"Cookie": good}).json == {"a": "b"}
    monkeypatch.setattr(time, "time", lambda: then + lifetime + 5)
    assert send(app, target="/get", headers={"Cookie": good}).json == {}


def test_s4_the_newest_key_signs_and_old_ones_are_believed(app, send):
    old = cookie_of(send(app, target="/set/a/b"))
    app.secret_key = "the newest key, which signs"
    assert send(app, target="/get", headers={"Cookie": old}).json == {}
    app.config["SECRET_KEY_FALLBACKS"] = [KEY]
    assert send(app, target="/get", headers={"Cookie": old}).json == {"a": "b"}
    new = cookie_of(send(app, target="/set/a/b", headers={"Cookie": old}))
    app.config["SECRET_KEY_FALLBACKS"] = None
    assert send(app, target="/get", headers={"Cookie": new}).json == {"a": "b"}
    assert send(app, target="/get", headers={"Cookie": old}).json == {}


LOOKS = {
    "in": lambda: "a" in session,
    "len": lambda: len(session),
    "bool": lambda: bool(session),
    "iter": lambda: list(session),
    "get": lambda: session.get("a"),
    "keys": lambda: list(session.keys()),
    "items": lambda: list(session.items()),
    "values": lambda: list(session.values()),
    "pop": lambda: session.pop("a", None),
    "set": lambda: session.update(a=1),
    "setdefault": lambda: session.setdefault("a", 1),
    "dict": lambda: dict(session),
    "repr": lambda: repr(session),
    "eq": lambda: session == {},
    "copy": lambda: session.copy(),
    "or": lambda: session | {},
    "permanent": lambda: session.permanent,
    "unpack": lambda: {**session},
}


@pytest.mark.parametrize("look", LOOKS)
def test_s5_any_look_at_the_session_varies_on_the_cookie(any_app, send, look):
    app = any_app
    app.get("/look", endpoint="look")(lambda: repr(LOOKS[look]()))
    good = cookie_of(send(app, target="/set/a/b"))
    for headers in ({}, {"Cookie": good}):
        answer = send(app, target="/look", headers=headers)
        assert "Cookie" in answer.header("Vary", "")
    assert send(app, target="/nothing", headers={"Cookie": good}).header("Vary") is None


def test_s6_a_session_that_is_only_refreshed_varies_on_the_cookie(app, send):
    app.get("/last", endpoint="last")(lambda: setattr(session, "permanent", True) or "permanent")
    good = cookie_of(send(app, target="/last"))
    answer = send(app, target="/nothing", headers={"Cookie": good})
    assert cookie_of(answer)
    assert answer.header("Vary") == "Cookie"


def test_s8_the_salt_separates_sessions_from_other_signatures(app, send):
    other = Flask(__name__)
    other.secret_key = KEY
    other.session_interface = sessions.SecureCookieSessionInterface()
    other.session_interface.salt = "tokens"
    token = other.session_interface.get_signing_serializer(other).dumps({"user": 1})
    assert send(app, target="/get", headers={"Cookie": f"session={token}"}).json == {}


def test_s8_d11_secrets_are_compared_in_constant_time(app, send, monkeypatch):
    compared = []

    def compare(first, second):
        compared.append((first, second))
        return hmac.compare_digest(first, second)

    good = cookie_of(send(app, target="/set/a/b"))
    monkeypatch.setattr(signing, "compare_digest", compare)
    for cookie in (good, good[:-1] + ("A" if good[-1] != "A" else "B")):
        send(app, target="/get", headers={"Cookie": cookie})
        assert good.rpartition(".")[2].encode() == compared.pop()[0]
    digest = passwords.generate_password_hash("right")
    monkeypatch.setattr(passwords, "hmac", SimpleNamespace(compare_digest=compare))
    assert passwords.check_password_hash(digest, "right")
    assert not passwords.check_password_hash(digest, "wrong")
    assert len(compared) == 2


def test_s11_nothing_is_unpickled(any_app, send, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("something was unpickled")

    monkeypatch.setattr(pickle, "loads", refuse)
    monkeypatch.setattr(pickle, "load", refuse)
    monkeypatch.setattr(pickle, "Unpickler", refuse)
    good = cookie_of(send(any_app, target="/set/a/b"))
    assert send(any_app, target="/get", headers={"Cookie": good}).json == {"a": "b"}


def test_s12_an_answer_with_the_cookie_is_kept_out_of_shared_caches(any_app, send):
    app = any_app

    @app.get("/own", endpoint="own")
    def own():
        session["a"] = "b"
        return "own", {"Cache-Control": "no-store"}

    answer = send(app, target="/set/a/b")
    assert answer.header("Cache-Control") == "private"
    gone = send(app, target="/clear", headers={"Cookie": cookie_of(answer)})
    assert gone.header("Cache-Control") == "private"
    assert send(app, target="/own").header_list("Cache-Control") == ["no-store"]
    assert send(app, target="/nothing").header("Cache-Control") is None


def test_s16_a_session_too_large_for_browsers_is_warned_about(app, send):
    app.get("/large", endpoint="large")(lambda: put("a", secrets.token_hex(5000)))
    with pytest.warns(UserWarning, match="too large"):
        send(app, target="/large")


def test_d1_the_cookie_is_out_of_reach_of_scripts(any_app, send):
    assert "HttpOnly" in attributes_of(send(any_app, target="/set/a/b"))


def test_d1_secure_and_same_site_as_the_config_says(any_app, send):
    any_app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax")
    said = attributes_of(send(any_app, target="/set/a/b"))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(said)


def test_flashed_messages_are_data(app, send):
    app.get("/flash", endpoint="flash")(lambda: flash("<b>", "a\0b") or "flashed")
    app.get("/read", endpoint="read")(lambda: get_flashed_messages(with_categories=True))
    good = cookie_of(send(app, target="/flash"))
    assert send(app, target="/read", headers={"Cookie": good}).json == [["a\0b", "<b>"]]


def test_d2_a_short_key_is_warned_about_once_where_others_are_served(caplog, send):
    app = make_app()
    app.secret_key = "fifteen letters"
    for _ in range(3):
        assert send(app, target="/set/a/b").status == 200
    (record,) = caplog.records
    assert "15 characters" in record.getMessage()
    assert app.secret_key not in record.getMessage()


@pytest.mark.parametrize(
    "setting", [{"DEBUG": True}, {"TESTING": True}, {"SECRET_KEY": "sixteen letters."}]
)
def test_d2_nobody_is_warned_while_developing_or_of_a_long_key(caplog, send, setting):
    app = make_app()
    app.config.update({"SECRET_KEY": "short", **setting})
    assert send(app, target="/set/a/b").status == 200
    assert not caplog.records
