"""The context as a verb's first argument, as programs for newer versions of Flask have it.

Law: a verb means the current context in either form. `dispatch_request(self)` and
`dispatch_request(self, ctx)` may be mixed in one class and its bases.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar

from costrel.serve.context import AppContext
from costrel.serve.current import CURRENT

F = TypeVar("F", bound=Callable[..., Any])


def drops_context(verb: F) -> F:
    """Let one of the app's own verbs be called with the context in front."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], AppContext):
            args = args[1:]
        return verb(self, *args, **kwargs)

    call.drops_context = True  # type: ignore[attr-defined]  # read below
    return update_wrapper(call, verb)  # type: ignore[return-value]  # of the same signature


def hand_contexts(cls: type, base: type) -> None:
    """Have the verbs that a subclass overrides be handed the context, where they take one.

    :param cls: the subclass.
    :param base: the class with the app's own verbs.
    """
    for name, verb in list(vars(cls).items()):
        if getattr(vars(base).get(name), "drops_context", False) and takes_context(verb):
            setattr(cls, name, _handing(verb))


def takes_context(verb: Any) -> bool:
    """Whether a method's first argument is called ``ctx``."""
    code = getattr(verb, "__code__", None)
    return code is not None and code.co_argcount > 1 and code.co_varnames[1] == "ctx"


def _handing(verb: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not (args and isinstance(args[0], AppContext)):
            ctx = CURRENT.get(None)
            args = (AppContext(self) if ctx is None else ctx, *args)
        return verb(self, *args, **kwargs)

    return update_wrapper(call, verb)
