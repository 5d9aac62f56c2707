"""Names that flask's modules have in passing."""

from importlib import import_module

import click
import pytest

from costrel.flask.finder import ALIAS, targets_of
from costrel.flask.passing_names import PASSING


def read(module, name):
    home, _, attribute = targets_of(ALIAS, module)[name].partition(":")
    found = import_module(home)
    return getattr(found, attribute) if attribute else found


def test_click_is_reached_by_the_command_line():
    assert read("flask.cli", "click") is click


@pytest.mark.parametrize("module", PASSING)
def test_each_name_has_something_behind_it(module):
    for name in targets_of(PASSING, module):
        assert read(module, name) is not None, name
