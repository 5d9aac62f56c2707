import inspect

import pytest

from costrel.http.cached import cached_property, lazy


class Counted:
    calls = 0

    @cached_property
    def value(self):
        """What it is."""
        self.calls += 1
        return [self.calls]

    @lazy
    def cheap(self):
        """The same."""
        self.calls += 1
        return [self.calls]


class Slotted:
    __slots__ = ("_cache_value", "calls")

    def __init__(self):
        self.calls = 0

    @cached_property
    def value(self):
        self.calls += 1
        return self.calls


@pytest.mark.parametrize("name", ["value", "cheap"])
def test_a_value_is_computed_at_the_first_touch_alone(name):
    holder = Counted()
    assert holder.calls == 0
    assert getattr(holder, name) is getattr(holder, name)
    assert holder.calls == 1
    assert getattr(Counted(), name) is not getattr(holder, name)


@pytest.mark.parametrize("name", ["value", "cheap"])
def test_a_value_can_be_set_and_deleted(name):
    holder = Counted()
    setattr(holder, name, "own")
    assert getattr(holder, name) == "own"
    assert holder.calls == 0
    delattr(holder, name)
    assert getattr(holder, name) == [1]


def test_a_value_that_is_not_there_can_be_deleted():
    holder = Counted()
    del holder.value
    assert holder.value == [1]


def test_a_slot_keeps_the_value_too():
    holder = Slotted()
    assert (holder.value, holder.value, holder.calls) == (1, 1, 1)
    holder.value = 16
    assert holder.value == 16
    del holder.value
    assert (holder.value, holder.calls) == (2, 2)


def test_an_error_in_computing_is_not_kept():
    class Failing:
        __slots__ = ("_cache_value", "ready")

        @cached_property
        def value(self):
            return self.ready

    holder = Failing()
    with pytest.raises(AttributeError, match="ready"):
        holder.value
    holder.ready = 1
    assert holder.value == 1


def test_another_name_can_be_given():
    class Named:
        def _compute(self):
            return object()

        value = cached_property(_compute, name="value", doc="Another.")

    holder = Named()
    assert holder.value is holder.value
    assert vars(holder) == {"value": holder.value}
    assert Named.value.__doc__ == "Another."


def test_the_class_gives_the_property_itself():
    assert isinstance(Counted.value, cached_property)
    assert isinstance(Counted.value, property)
    assert Counted.value.__doc__ == "What it is."
    assert Counted.value.__name__ == "value"
    assert Counted.value.__module__ == __name__
    assert isinstance(Counted.cheap, lazy)
    assert Counted.cheap.__doc__ == "The same."


def test_tools_see_a_property():
    kinds = {found.name: found.kind for found in inspect.classify_class_attrs(Counted)}
    assert kinds["value"] == "property"
