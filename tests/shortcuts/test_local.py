"""Locals and stacks show each thread and task its own values, and are released together."""

import asyncio
from contextvars import ContextVar, copy_context
from threading import Thread

import pytest

from costrel.shortcuts.local import Local, LocalManager, LocalStack, release_local


def test_a_local_keeps_its_attributes_per_thread():
    local = Local()
    local.name = "outer"
    seen = []

    def work():
        seen.append(hasattr(local, "name"))
        local.name = "inner"
        seen.append(local.name)

    thread = Thread(target=work)
    thread.start()
    thread.join(5)
    assert seen == [False, "inner"]
    assert dict(local) == {"name": "outer"}


def test_a_task_changes_its_own_copy_only():
    local, stack = Local(), LocalStack()
    local.name = "outer"
    stack.push(1)

    async def work():
        local.name = "inner"
        return stack.push(2)

    async def main():
        return await asyncio.gather(work(), work())

    assert asyncio.run(main()) == [[1, 2], [1, 2]]
    assert (local.name, stack.top) == ("outer", 1)


def test_a_missing_attribute_is_an_attribute_error_for_reading_and_deleting():
    local = Local()
    local.name = 1
    del local.name
    with pytest.raises(AttributeError, match="holds no 'name'"):
        local.name  # noqa: B018
    with pytest.raises(AttributeError, match="holds no 'name'"):
        del local.name


def test_the_storage_may_be_given():
    names, items = ContextVar("names"), ContextVar("items")
    Local(names).x = 1
    LocalStack(items).push("a")
    assert (names.get(), items.get()) == ({"x": 1}, ["a"])


def test_a_proxy_of_a_local_needs_a_name():
    with pytest.raises(TypeError, match="needs the name"):
        Local()("")


def test_a_stack_gives_back_in_reverse_and_none_when_empty():
    stack = LocalStack()
    assert (stack.top, stack.pop()) == (None, None)
    stack.push("a")
    assert stack.push("b") == ["a", "b"]
    assert (stack.top, stack.pop(), stack.pop(), stack.pop()) == ("b", "b", "a", None)


def test_a_proxy_follows_the_top_of_its_stack():
    stack = LocalStack()
    top, real = stack(unbound_message="empty"), stack("real")
    with pytest.raises(RuntimeError, match="empty"):
        top.real  # noqa: B018
    stack.push(1)
    stack.push(2)
    assert (top, real) == (2, 2)
    stack.pop()
    assert (top, real) == (1, 1)


def test_a_proxy_of_a_local_gives_its_message_when_the_attribute_is_missing():
    with pytest.raises(RuntimeError, match="log in first"):
        Local()("user", unbound_message="log in first").name  # noqa: B018


def test_a_manager_takes_one_several_or_none():
    local, stack = Local(), LocalStack()
    assert LocalManager().locals == []
    assert LocalManager(local).locals == [local]
    assert LocalManager((local, stack)).locals == [local, stack]
    assert repr(LocalManager([local, stack])) == "<LocalManager storages: 2>"


def test_released_locals_are_empty():
    local, stack = Local(), LocalStack()
    local.name = 1
    stack.push(1)
    LocalManager([local, stack]).cleanup()
    assert (dict(local), stack.top) == ({}, None)
    stack.push(2)
    release_local(stack)
    assert stack.top is None


def test_the_middleware_releases_when_the_answer_is_closed():
    local = Local()
    manager = LocalManager(local)

    @manager.middleware
    def app(environ, start_response):
        """An app."""
        local.name = "set"
        return [b"body"]

    def check():
        answer = app({}, None)
        assert list(answer) == [b"body"]
        assert local.name == "set"
        answer.close()
        assert dict(local) == {}

    copy_context().run(check)
    assert (app.__name__, app.__doc__) == ("app", "An app.")
