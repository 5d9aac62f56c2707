"""Which steps of a request are an app's own."""

import pytest

from costrel import Flask
from costrel.compile.overrides import STEPS, is_faithful, is_replaced


@pytest.fixture
def app():
    return Flask("overriding", static_folder=None)


def test_an_app_as_it_is_replaced_nothing(app):
    assert not is_faithful(app)
    assert not any(is_replaced(app, step) for step in STEPS)
    assert not is_faithful(type("Plain", (Flask,), {"extra": print})("plain"))


@pytest.mark.parametrize("step", STEPS)
def test_a_subclass_or_an_instance_may_replace_each_step(app, step):
    mine = type("Mine", (Flask,), {step: lambda self, *args: None})("mine")
    assert is_replaced(mine, step)
    assert is_faithful(mine)
    setattr(app, step, lambda *args: None)
    assert is_replaced(app, step)
    assert is_faithful(app)


@pytest.mark.parametrize("step", ["handle_user_exception", "log_exception", "url_for"])
def test_what_every_lane_calls_makes_no_difference(step):
    mine = type("Mine", (Flask,), {step: lambda self, *args: None})("mine")
    assert is_replaced(mine, step)
    assert not is_faithful(mine)
