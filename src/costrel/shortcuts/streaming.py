"""stream_with_context, copy_current_request_context: take the context along.

Law: what is taken along is entered where it is used and left there, step by step, so that no
thread is left with somebody's context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import update_wrapper
from typing import Any, TypeVar

from costrel.serve.current import CURRENT
from costrel.shortcuts.globals import current_context

F = TypeVar("F", bound=Callable[..., Any])


def copy_current_request_context(f: F) -> F:
    """Make a function run in a copy of the current request's context, in whatever thread.

    :raises RuntimeError: outside of a request.
    """
    ctx = current_context().request_context.copy()

    def call(*args: Any, **kwargs: Any) -> Any:
        with ctx:
            return ctx.app.ensure_sync(f)(*args, **kwargs)

    return update_wrapper(call, f)  # type: ignore[return-value]  # of the same signature


def stream_with_context(generator_or_function: Any) -> Any:
    """Keep the current request's context for a generator, until it is used up or closed.

    :param generator_or_function: a generator, or a generator function to decorate.
    :raises RuntimeError: outside of a request.
    """
    if not hasattr(generator_or_function, "__next__") and callable(generator_or_function):
        function = generator_or_function

        def call(*args: Any, **kwargs: Any) -> Any:
            return stream_with_context(function(*args, **kwargs))

        return update_wrapper(call, function)
    ctx = current_context().request_context
    return ContextIterator(ctx, iter(generator_or_function))


class ContextIterator:
    """An iterator each of whose steps runs in a context.

    :param ctx: the context; its teardown runs once, when the iterator ends or is closed.
    :param inner: the iterator.
    """

    def __init__(self, ctx: Any, inner: Iterator[Any]) -> None:
        self.ctx = ctx
        self.inner = inner
        self.close_inner = getattr(inner, "close", None)

    def __iter__(self) -> ContextIterator:
        return self

    def __next__(self) -> Any:
        token = CURRENT.set(self.ctx)
        try:
            return next(self.inner)
        except BaseException:
            # Used up, or failed: what the iterator holds is freed now, not when somebody asks.
            self._close_once()
            raise
        finally:
            CURRENT.reset(token)

    def close(self) -> None:
        """Close the iterator, in the context."""
        token = CURRENT.set(self.ctx)
        try:
            self._close_once()
        finally:
            CURRENT.reset(token)

    def _close_once(self) -> None:
        close, self.close_inner = self.close_inner, None
        if close is not None:
            close()
