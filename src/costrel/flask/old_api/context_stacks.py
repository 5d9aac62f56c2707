"""`_app_ctx_stack` and `_request_ctx_stack`: where contexts were before Flask 2.2."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from costrel.serve.current import CURRENT


class ContextStack:
    """The contexts of one kind that are entered here, of which the top one can be seen.

    Args:
        find: returns the context of this kind that another one stands for, or `None`.

    """

    def __init__(self, find: Callable[[Any], Any]) -> None:
        self._find = find

    @property
    def top(self) -> Any:
        """The context; `None` outside of one. Programs keep things of their own on it."""
        ctx = CURRENT.get(None)
        return None if ctx is None else self._find(ctx)

    @staticmethod
    def __ident_func__() -> int:
        """What tells apart where contexts are entered: the thread, or gevent's greenlet."""
        # Asked of the module at each call, as gevent puts its own there.
        return threading.get_ident()

    def push(self, ctx: Any) -> None:
        """Enter a context."""
        ctx.push()

    def pop(self) -> Any:
        """Leave the top context, and return it; `None` outside of one."""
        ctx = self.top
        if ctx is not None:
            ctx.pop()
        return ctx


_app_ctx_stack = ContextStack(lambda ctx: ctx.app_context)
_request_ctx_stack = ContextStack(lambda ctx: ctx.found_request)
