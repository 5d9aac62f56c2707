"""The namespace behind g."""

import pytest

from costrel import Flask, g
from costrel.serve.app_globals import AppGlobals


@pytest.fixture
def space():
    return AppGlobals()


def test_attributes_are_set_and_deleted(space):
    space.x = 1
    assert (space.x, "x" in space, list(space)) == (1, True, ["x"])
    del space.x
    assert ("x" in space, list(space)) == (False, [])


def test_what_nobody_set_is_an_attribute_error(space):
    with pytest.raises(AttributeError, match="g has no attribute 'x': nothing set it"):
        _ = space.x
    assert not hasattr(space, "x")


def test_it_has_some_of_a_dicts_methods(space):
    assert (space.get("x"), space.get("x", 5)) == (None, 5)
    assert space.setdefault("x", 1) == 1
    assert (space.setdefault("x", 2), space.get("x")) == (1, 1)
    assert space.setdefault("none") is None
    assert space.pop("x") == 1
    assert space.pop("x", 7) == 7
    with pytest.raises(KeyError):
        space.pop("x")


def test_it_says_whose_it_is(space):
    assert repr(space).startswith("<costrel.serve.app_globals.AppGlobals object")
    with Flask("globals_app").app_context():
        assert repr(g) == "<flask.g of 'globals_app'>"
