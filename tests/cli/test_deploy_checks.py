import secrets

import pytest

from costrel import Flask
from costrel.cli.deploy_checks import check_deployment

SAFE = {
    "SECRET_KEY": "c1f5a0b2d97e4c3388aa77f0e1d2c3b4",
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "TRUSTED_HOSTS": ["example.org"],
    "MAX_CONTENT_LENGTH": 1000,
}


def found(**settings):
    app = Flask("app")
    app.config.update({**SAFE, **settings})
    return [each.text for each in check_deployment(app)]


def test_safe_settings_have_nothing():
    assert found() == []
    assert found(SECRET_KEY=secrets.token_bytes(32)) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"SECRET_KEY": None}, "no SECRET_KEY"),
        ({"SECRET_KEY": "dev"}, "can be guessed"),
        ({"SECRET_KEY": "my-secret-key-for-the-shop"}, "can be guessed"),
        ({"SECRET_KEY": "abababababababababab"}, "can be guessed"),
        ({"SECRET_KEY_FALLBACKS": ["short"]}, "can be guessed"),
        ({"DEBUG": True}, "Debug mode is on"),
        ({"TESTING": True}, "TESTING is on"),
        ({"PROPAGATE_EXCEPTIONS": True}, "PROPAGATE_EXCEPTIONS is on"),
        ({"SESSION_COOKIE_SECURE": False}, "over HTTP"),
        ({"SESSION_COOKIE_HTTPONLY": False}, "Scripts can read"),
        ({"SESSION_COOKIE_SAMESITE": None}, "Other sites' forms"),
        ({"TRUSTED_HOSTS": None}, "Any Host header"),
        ({"MAX_CONTENT_LENGTH": None}, "any size"),
        ({"TEMPLATES_AUTO_RELOAD": True}, "looked at for changes"),
    ],
)
def test_d6_each_unsafe_setting_is_found(settings, words):
    (text,) = found(**settings)
    assert words in text


def test_debug_in_the_environment_is_found(monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    app = Flask("app")
    app.config.update(SAFE)
    app.debug = False
    assert [each.text for each in check_deployment(app)] == [
        "FLASK_DEBUG is set in this environment."
    ]
