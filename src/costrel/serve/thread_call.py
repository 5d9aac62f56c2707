"""ThreadCall: a call that another thread makes, awaited on a loop.

Law: a call that has begun cannot be cancelled, so whoever awaits it is told of a cancelling when
the call has ended: nothing is torn down under it.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import Any, NamedTuple


class Unfinished(NamedTuple):
    """What a function returns that has more to do once its value is on its way."""

    value: Any
    # Called in the same thread.
    rest: Callable[[], None]


def _nobody(call: Any) -> None:
    """Whom the end of a call concerns where there is no pool."""


class ThreadCall(Future[Any]):
    """A function to call in a thread, with a copy of the context variables of now.

    :param interrupt: called when who awaits it is cancelled after it has begun.
    """

    def __init__(
        self,
        loop: AbstractEventLoop,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        interrupt: Callable[[], Any] | None = None,
    ) -> None:
        super().__init__(loop=loop)
        self.context = copy_context()
        self._function = function
        self._args = args
        self._interrupt = interrupt
        # Taken by the thread or by the one who gives up, whoever is first.
        self._turn = [True]

    def cancel(self, msg: Any = None) -> bool:
        """Give up, unless a thread has begun."""
        if self._takes_turn():
            return super().cancel(msg)
        if self._interrupt is not None:
            self._interrupt()
        # What awaits this is cancelled as soon as there is a result.
        return False

    def make(self, ended: Callable[[ThreadCall], None] = _nobody) -> None:
        """Make the call, in the thread.

        :param ended: called when the thread is free again; before anybody hears of the outcome,
            unless there is more to do after that.
        """
        if not self._takes_turn():
            ended(self)
            return
        try:
            value = self.context.run(self._function, *self._args)
        except BaseException as error:
            ended(self)
            self._tell(self.set_exception, settable(error))
            return
        if type(value) is not Unfinished:
            ended(self)
            self._tell(self.set_result, value)
            return
        self._tell(self.set_result, value.value)
        try:
            self.context.run(value.rest)
        finally:
            ended(self)

    def _takes_turn(self) -> bool:
        try:
            return self._turn.pop()
        except IndexError:
            return False

    def _tell(self, setter: Callable[[Any], None], outcome: Any) -> None:
        # Where the loop is closed, nobody waits.
        with suppress(RuntimeError):
            self.get_loop().call_soon_threadsafe(setter, outcome)


def settable(error: BaseException) -> BaseException:
    """The error as a future takes it: `StopIteration` would end whoever awaits it."""
    if not isinstance(error, StopIteration):
        return error
    wrapped = RuntimeError("The function raised StopIteration.")
    wrapped.__cause__ = error
    return wrapped
