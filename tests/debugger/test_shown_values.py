"""Values as the page shows them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costrel.debugger.shown_values import LONGEST_REPR, MASK, Secrets, is_secret_name, show


class Broken:
    def __repr__(self):
        raise RuntimeError


class Endless(dict):
    def __getitem__(self, key):
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        ("a'b", '"a\'b"'),
        ([1, (2,)], "[1, (2,)]"),
        (set(), "set()"),
        (frozenset({1}), "frozenset({1})"),
        ({"a": 1, "password": "x"}, "{'a': 1, 'password': " + MASK + "}"),
        ({"token": None}, "{'token': None}"),
        (Broken(), "<Broken whose repr raises RuntimeError>"),
        (Endless(a=1), "<no repr: RuntimeError>"),
        ("x" * 400, repr("x" * 300) + "… (400 in all)"),
        (list(range(40)), f"[{', '.join(map(str, range(30)))}, … 10 more]"),
        (
            {n: n for n in range(31)},
            "{" + ", ".join(f"{n}: {n}" for n in range(30)) + ", … 1 more}",
        ),
    ],
)
def test_a_value_is_shown(value, text):
    assert show(value) == text


def test_a_value_within_itself_comes_to_an_end():
    ring = []
    ring.append(ring)
    assert show(ring) == "[[[[<list …>]]]]"


@pytest.mark.parametrize("name", ["password", "SECRET_KEY", "api_key", "Authorization", "db_dsn"])
def test_a_secret_is_masked_by_its_name(name):
    assert is_secret_name(name)
    assert show("letmein", name) == MASK
    assert show(None, name) == "None"


@pytest.mark.parametrize("name", ["name", "keys", "author", "compass", "pass_count"])
def test_a_plain_name_is_no_secret(name):
    assert not is_secret_name(name)


def test_the_apps_keys_are_hidden_wherever_they_stand(monkeypatch):
    class App:
        config = {
            "SECRET_KEY": "the-secret-key",
            "SECRET_KEY_FALLBACKS": ["older-key", b"bytes-key"],
        }

    monkeypatch.setenv("SHOP_API_KEY", "from-the-environment")
    hidden = Secrets(App, "one-more-secret")
    text = "the-secret-key older-key bytes-key from-the-environment one-more-secret plain"
    assert hidden.hide(text) == " ".join([MASK] * 5) + " plain"


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.text() | st.binary() | st.floats() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
        max_leaves=40,
    )
)
def test_any_value_is_shown_within_bounds(value):
    assert len(show(value)) <= LONGEST_REPR + 1
