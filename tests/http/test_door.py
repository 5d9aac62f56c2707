"""Attributes whose code lives in a file that this one may not import."""

import sys
from types import ModuleType

import pytest

from costrel.http.door import ClassDoor, Door, NamedDoor


@pytest.fixture(autouse=True)
def upstairs(monkeypatch):
    """A module that doors lead to."""
    module = ModuleType("upstairs_of_test_door")
    module.greet = lambda holder, name="you": f"{holder.name} greets {name}"
    module.make = lambda holder: [holder.name]
    module.class_name = lambda owner: owner.__name__
    module.Thing = type("Thing", (), {})
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


class House:
    """Has all kinds of doors."""

    name = "house"
    greet = Door("upstairs_of_test_door:greet")
    made = Door("upstairs_of_test_door:make", made_once=True)
    class_name = ClassDoor("upstairs_of_test_door:class_name")
    thing = NamedDoor("upstairs_of_test_door:Thing")
    nowhere = Door("upstairs_of_test_door:nothing")


@pytest.fixture(autouse=True)
def unopened():
    """Doors remember what they found; each test finds anew."""
    for door in vars(House).values():
        if isinstance(door, Door):
            door.code = None


def test_a_door_is_a_method_whose_code_is_elsewhere():
    assert House().greet() == "house greets you"
    assert House().greet(name="ada") == "house greets ada"


def test_a_door_fetches_at_its_first_use_and_once(upstairs):
    house = House()
    house.greet()
    del upstairs.greet
    assert house.greet() == "house greets you"


def test_a_door_on_the_class_is_the_function(upstairs):
    class Villa(House):
        name = "villa"

        def greet(self):
            return House.greet(self, "guests") + "!"

    assert House.greet is upstairs.greet
    assert Villa().greet() == "villa greets guests!"


def test_what_is_made_once_is_a_door_on_the_class():
    assert isinstance(House.made, Door)


def test_a_door_may_be_overridden_and_called_by_super():
    class Villa(House):
        name = "villa"

        def greet(self):
            return super().greet("guests") + "!"

    assert Villa().greet() == "villa greets guests!"


def test_a_door_may_be_replaced_on_an_instance():
    house = House()
    house.greet = lambda: "mine"
    assert house.greet() == "mine"


def test_what_is_made_once_is_kept_on_its_object():
    first, second = House(), House()
    assert first.made == ["house"]
    assert first.made is first.made
    assert first.made is not second.made
    first.made = "other"
    assert first.made == "other"


def test_a_class_door_is_called_with_the_class():
    class Villa(House):
        pass

    assert (House.class_name(), Villa.class_name(), Villa().class_name()) == (
        "House",
        "Villa",
        "Villa",
    )


def test_a_named_door_is_what_it_leads_to(upstairs):
    assert House.thing is upstairs.Thing
    assert House().thing is upstairs.Thing


def test_a_door_to_nowhere_says_so_when_it_is_used():
    with pytest.raises(AttributeError, match="nothing"):
        House().nowhere()
