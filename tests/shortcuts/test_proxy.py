"""A proxy behaves as the object that is current, for every operator, and says so when none is."""

import asyncio
import copy
import inspect
import math
import operator
import pickle
from contextvars import Context, ContextVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costrel.shortcuts.local import Local
from costrel.shortcuts.proxy import ARITHMETIC, UNBOUND, LocalProxy, make_proxy


class Holder:
    """What a context variable may hold: an object with attributes to stand for."""

    def __init__(self, value=None):
        self.value = value


VALUE = ContextVar("value")
HOLDER = ContextVar("holder")


def bound(value):
    """One plain and one specialised proxy for `value`."""
    HOLDER.set(Holder(value))
    return [LocalProxy(HOLDER, "value"), make_proxy(HOLDER, "value", "nothing here")]


def run(function, *args):
    """Run in a context of its own, so that nothing set stays."""
    return Context().run(function, *args)


SOURCES = {
    "context variable": lambda: LocalProxy(VALUE, unbound_message="nothing here"),
    "its attribute": lambda: LocalProxy(HOLDER, "value", unbound_message="nothing here"),
    "specialised": lambda: make_proxy(HOLDER, "value", "nothing here"),
    "local": lambda: LocalProxy(Local(), "value", unbound_message="nothing here"),
}


@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES)
def test_an_unbound_proxy_keeps_what_scanners_ask_for_and_refuses_the_rest(make):
    def check():
        proxy = make()
        assert repr(proxy) == "<LocalProxy unbound>"
        assert not proxy
        assert dir(proxy) == []
        assert isinstance(proxy, LocalProxy)
        assert issubclass(proxy.__class__, LocalProxy)
        assert "LocalProxy" in proxy.__doc__
        assert proxy.__module__
        assert proxy == proxy
        assert proxy != 1
        assert callable(proxy)
        with pytest.raises(TypeError, match="no hash. nothing here"):
            hash(proxy)
        for use in (
            len,
            str,
            iter,
            lambda p: p + 1,
            lambda p: p.attribute,
            lambda p: p.__dict__,
            lambda p: p._resolver,
            lambda p: p(),
            lambda p: p._get_current_object(),
            lambda p: f"{p}",
            lambda p: setattr(p, "x", 1),
            lambda p: delattr(p, "x"),
        ):
            with pytest.raises(RuntimeError, match="nothing here"):
                use(proxy)

    run(check)


def test_an_unbound_proxy_shows_its_source_as_wrapped_but_the_class_shows_nothing():
    assert run(lambda: LocalProxy(VALUE).__wrapped__) is VALUE
    assert not hasattr(LocalProxy, "__wrapped__")
    assert inspect.unwrap(LocalProxy) is LocalProxy


def test_a_bound_proxy_has_the_wrapped_of_its_object_only():
    class Wrapper:
        __wrapped__ = "inner"

    assert LocalProxy(Wrapper).__wrapped__ == "inner"
    with pytest.raises(AttributeError, match="__wrapped__"):
        LocalProxy(lambda: 42).__wrapped__  # noqa: B018


def test_the_default_message_says_what_to_do():
    with pytest.raises(RuntimeError) as caught:
        run(LocalProxy(VALUE)._get_current_object)
    assert str(caught.value) == UNBOUND


@pytest.mark.parametrize("stranger", [3, [], "name"])
def test_only_something_that_can_be_asked_is_proxied(stranger):
    with pytest.raises(TypeError, match="cannot be proxied"):
        LocalProxy(stranger)


def test_a_callable_is_asked_at_each_access_and_a_name_may_be_dotted():
    values = iter([1, 2, 3])
    proxy = LocalProxy(lambda: next(values))
    assert [proxy + 0, proxy + 0] == [1, 2]
    assert LocalProxy(lambda: Holder(Holder(5)), "value.value") == 5


def test_a_lookup_error_of_the_object_is_not_mistaken_for_an_unbound_proxy():
    class Holder:
        @property
        def value(self):
            raise KeyError("mine")

    def check():
        HOLDER.set(Holder())
        for proxy in (LocalProxy(HOLDER, "value"), make_proxy(HOLDER, "value", "nothing here")):
            with pytest.raises(KeyError, match="mine"):
                proxy.anything  # noqa: B018

    run(check)


def test_a_runtime_error_of_an_attribute_passes_through():
    class Broken:
        @property
        def value(self):
            raise RuntimeError("mine")

    def check():
        for proxy in bound(Broken()):
            with pytest.raises(RuntimeError, match="mine"):
                proxy.value  # noqa: B018
            with pytest.raises(AttributeError, match="'Broken' object has no attribute 'other'"):
                proxy.other  # noqa: B018

    run(check)


def test_a_holder_that_raises_runtime_error_leaves_the_proxy_unbound():
    class NoRequest:
        @property
        def value(self):
            raise RuntimeError("no request here")

    def check():
        HOLDER.set(NoRequest())
        proxy = make_proxy(HOLDER, "value", "nothing here")
        assert repr(proxy) == "<LocalProxy unbound>"
        assert issubclass(proxy.__class__, LocalProxy)
        with pytest.raises(RuntimeError, match="no request here"):
            proxy.anything  # noqa: B018

    run(check)


def test_an_attribute_of_none_leaves_a_specialised_proxy_unbound():
    def check():
        HOLDER.set(Holder(None))
        proxy = make_proxy(HOLDER, "value", "nothing here")
        assert not proxy
        assert issubclass(proxy.__class__, LocalProxy)
        with pytest.raises(RuntimeError, match="nothing here"):
            proxy.anything  # noqa: B018
        with pytest.raises(RuntimeError, match="nothing here"):
            len(proxy)

    run(check)


def test_the_current_object_is_the_very_object_even_if_it_answers_every_name():
    class Yes:
        def __getattr__(self, name):
            return name

    def check():
        value = Yes()
        for proxy in bound(value):
            assert proxy._get_current_object() is value
            assert proxy._resolver == "_resolver"

    run(check)


def test_a_subclass_keeps_the_methods_it_adds():
    class Named(LocalProxy):
        __slots__ = ()

        def shout(self):
            return str(self).upper()

    assert Named(lambda: "quiet").shout() == "QUIET"
    assert Named(lambda: "quiet").lower() == "quiet"
    with pytest.raises(AttributeError):
        Named(lambda: "quiet").whisper  # noqa: B018


def test_a_bound_proxy_passes_for_its_object():
    def check():
        for proxy in bound([1, 2]):
            assert isinstance(proxy, list)
            assert proxy.__class__ is list
            assert proxy.__doc__ == list.__doc__
            assert dir(proxy) == dir([])
            assert repr(proxy) == str(proxy) == "[1, 2]"
            assert pickle.loads(pickle.dumps(proxy)) == [1, 2]

    run(check)


def test_attributes_are_set_and_deleted_on_the_object():
    def check():
        for proxy in bound(holder := Holder()):
            proxy.value = 5
            assert (holder.value, proxy.value) == (5, 5)
            del proxy.value
            assert not hasattr(holder, "value")
            holder.value = None

    run(check)


BINARY_INT = {stem: action for stem, action in ARITHMETIC.items() if stem not in {"matmul", "pow"}}


@pytest.mark.parametrize("stem", BINARY_INT)
@given(left=st.integers(0, 60), right=st.integers(1, 60))
def test_arithmetic_is_the_same_from_either_side(stem, left, right):
    action = BINARY_INT[stem]
    expected = action(left, right)
    assert action(LocalProxy(lambda: left), right) == expected
    assert action(left, LocalProxy(lambda: right)) == expected
    assert action(LocalProxy(lambda: left), LocalProxy(lambda: right)) == expected


def test_powers_take_a_modulus():
    two = LocalProxy(lambda: 2)
    assert (two**5, 5**two, pow(two, 5, 7)) == (32, 25, 4)


@pytest.mark.parametrize(
    "compare", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
)
@pytest.mark.parametrize("other", [1, 2, 3])
def test_comparisons_are_those_of_the_object(compare, other):
    assert compare(LocalProxy(lambda: 2), other) is compare(2, other)


@pytest.mark.parametrize(
    "action",
    [
        operator.neg,
        operator.pos,
        abs,
        operator.invert,
        int,
        float,
        complex,
        operator.index,
        hash,
        math.trunc,
        math.floor,
        math.ceil,
        round,
        str,
        bool,
        format,
    ],
)
def test_unary_operators_are_those_of_the_object(action):
    assert action(LocalProxy(lambda: -7)) == action(-7)


def test_numbers_are_formatted_and_rounded_with_arguments():
    proxy = LocalProxy(lambda: 2.345)
    assert f"{proxy:.1f}" == "2.3"
    assert round(proxy, 2) == round(2.345, 2)


def test_in_place_operators_change_the_object_and_leave_the_proxy():
    items = [1]
    proxy = same = LocalProxy(lambda: items)
    proxy += [2]
    proxy *= 2
    assert proxy is same
    assert items == [1, 2, 1, 2]


def test_containers_pass_everything_on():
    items = [3, 1, 2]
    proxy = LocalProxy(lambda: items)
    proxy[0] = 9
    del proxy[1]
    assert items == [9, 2]
    assert (len(proxy), proxy[1], 9 in proxy, 3 in proxy) == (2, 2, True, False)
    assert (list(proxy), list(reversed(proxy)), operator.length_hint(proxy)) == ([9, 2], [2, 9], 2)
    assert bytes(LocalProxy(lambda: b"x")) == b"x"
    assert next(LocalProxy(lambda: iter("ab"))) in "ab"


def test_copies_are_copies_of_the_object():
    inner = []
    proxy = LocalProxy(lambda: [inner])
    assert copy.copy(proxy)[0] is inner
    assert copy.deepcopy(proxy)[0] is not inner
    assert type(copy.copy(proxy)) is list


def test_classes_are_called_and_checked_through_a_proxy():
    proxy = LocalProxy(lambda: int)
    assert proxy("5") == 5
    assert isinstance(5, proxy)
    assert issubclass(bool, proxy)


def test_with_blocks_enter_and_leave_the_object():
    class Door:
        log = ""

        def __enter__(self):
            self.log += "in "
            return self

        def __exit__(self, kind, value, traceback):
            self.log += kind.__name__
            return True

        async def __aenter__(self):
            return self.__enter__()

        async def __aexit__(self, kind, value, traceback):
            return self.__exit__(kind, value, traceback)

    door, async_door = Door(), Door()
    with LocalProxy(lambda: door) as entered:
        raise ValueError
    assert (entered is door, door.log) == (True, "in ValueError")

    async def main():
        async with LocalProxy(lambda: async_door):
            raise KeyError

    asyncio.run(main())
    assert async_door.log == "in KeyError"


def test_awaiting_and_async_iterating_reach_the_object():
    async def answer():
        return 42

    async def numbers():
        yield 1
        yield 2

    async def main():
        coroutine, stream, single = answer(), numbers(), numbers()
        first = await anext(LocalProxy(lambda: single))
        await single.aclose()
        seen = [n async for n in LocalProxy(lambda: stream)]
        return await LocalProxy(lambda: coroutine), seen, first

    assert asyncio.run(main()) == (42, [1, 2], 1)
