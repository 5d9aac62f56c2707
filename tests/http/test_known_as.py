"""Warnings name the module that was used wrongly, and views are named, as programs know them."""

import warnings
from functools import partial

import pytest

from costrel.http import known_as
from costrel.http.known_as import known_view, warn_as


@pytest.fixture
def caught():
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield found


def use_wrongly():
    warn_as(__name__, "careful", DeprecationWarning)


def test_a_warning_stands_at_the_place_in_the_module_that_is_running(caught):
    use_wrongly()
    (warning,) = caught
    assert (str(warning.message), warning.category) == ("careful", DeprecationWarning)
    assert warning.filename == __file__
    assert warning.lineno == use_wrongly.__code__.co_firstlineno + 1


def test_a_warning_is_filtered_by_the_name_that_programs_know(caught, monkeypatch):
    monkeypatch.setitem(known_as.MODULE_NAMES, __name__, "known.elsewhere")
    warnings.filterwarnings("error", module=r"known\.elsewhere")
    with pytest.raises(DeprecationWarning):
        use_wrongly()
    warnings.resetwarnings()
    warnings.filterwarnings("ignore", module=r"known\.elsewhere")
    use_wrongly()
    assert caught == []


def test_a_module_that_is_not_running_warns_at_the_outermost_place(caught):
    warn_as("a.module.that.is.not.there", "careful")
    assert caught[0].category is UserWarning


class Files:
    def send(self):
        """A view."""


@pytest.fixture
def send(monkeypatch):
    # Its name and its module are put back.
    monkeypatch.setattr(Files.send, "__module__", "ours")
    monkeypatch.setattr(Files.send, "__name__", "send")
    monkeypatch.setattr(Files.send, "__qualname__", "Files.send")
    return Files().send


def test_a_view_of_ours_has_the_name_that_programs_know(monkeypatch, send):
    monkeypatch.setitem(known_as.VIEW_NAMES, "ours.send", "known.elsewhere:A.<lambda>")
    for _ in range(2):
        assert known_view(send) is send
        assert (send.__module__, send.__name__) == ("known.elsewhere", "<lambda>")
        assert send.__qualname__ == "A.<lambda>"


def test_any_other_view_keeps_its_name(send):
    assert known_view(send).__name__ == "send"
    nameless = partial(send)
    assert known_view(nameless) is nameless
