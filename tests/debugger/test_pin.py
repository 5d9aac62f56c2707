import re

from costrel import Flask
from costrel.debugger.pin import get_machine_id, get_pin_and_cookie_name, hash_pin


def test_a_pin_is_random_and_stays_for_the_process(monkeypatch):
    monkeypatch.delenv("WERKZEUG_DEBUG_PIN", raising=False)
    pin, cookie = get_pin_and_cookie_name(Flask("a"))
    assert re.fullmatch(r"\d{3}-\d{3}-\d{3}", pin)
    assert get_pin_and_cookie_name(Flask("b")) == (pin, cookie)
    assert get_machine_id() is None


def test_a_pin_may_be_chosen_or_turned_off(monkeypatch):
    monkeypatch.setenv("WERKZEUG_DEBUG_PIN", "123")
    assert get_pin_and_cookie_name(None)[0] == "123"
    monkeypatch.setenv("WERKZEUG_DEBUG_PIN", "off")
    assert get_pin_and_cookie_name(None) == (None, None)


def test_a_hash_does_not_show_the_pin():
    assert "123" not in hash_pin("123-456-789")
    assert hash_pin("1") != hash_pin("2")
