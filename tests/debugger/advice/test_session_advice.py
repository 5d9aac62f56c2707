"""Mistakes with sessions."""

from costrel import session
from costrel.debugger.advice import advise
from costrel.debugger.advice.session_advice import CookieTooBig, sizes_in


def test_a_session_without_a_key_is_told(mistake):
    def view():
        session["user"] = 1

    assert "secret_key" in mistake(view)["CST501"]["example"]


def test_a_value_that_the_session_cannot_keep_is_named(app, mistake):
    app.secret_key = "x" * 20

    class User:
        pass

    def view():
        session["user"] = User()
        return "x"

    told = mistake(view)["CST502"]
    assert told["notes"] == ["session['user'] is a User"]


def test_a_missing_key_of_the_session_is_told_with_those_it_has(app, mistake):
    app.secret_key = "x" * 20

    def view():
        session["user_id"] = 3
        return session["userid"]

    told = mistake(view)["CST506"]
    assert "It has: 'user_id'" in told["says"]
    assert "Did you mean 'user_id'?" in told["fix"]


def test_a_session_too_big_for_a_cookie_is_told_with_the_size_of_each_key(app):
    app.secret_key = "x" * 20
    import secrets

    noise = secrets.token_hex(4000)
    serializer = app.session_interface.get_signing_serializer(app)
    for held in ({"big": noise, "small": 1}, {"big": "a" * 5000, "small": 1}):
        value = serializer.dumps(held)
        assert dict(sizes_in(value)) == {"big": len(held["big"]) + 2, "small": 1}
    error = CookieTooBig("session", serializer.dumps({"big": noise, "small": 1}), 6000)
    (found,) = advise(error, app)
    assert found.code == "CST503"
    assert found.notes[0] == "session['big'] takes 8002 bytes as JSON"


def test_a_cookie_that_is_no_session_has_no_sizes():
    for value in ("", "abc", ".abc", "W10.x", "eyJh"):
        assert sizes_in(value) == []
