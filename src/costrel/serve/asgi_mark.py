"""The mark by which servers see that an app speaks ASGI 3.

uvicorn looks at ``app.__call__`` and takes an unmarked one for ASGI 2, which it answers with 500.
The mark is an object of asyncio (3.11) or inspect (3.12 and later), and importing these costs 40
and 10 ms; so it is fetched when somebody looks. Servers of WSGI never do.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class AsgiMark:
    """What a server finds as the app's ``__call__``: it calls the app, and bears the mark.

    Calling the app itself does not come this way: Python looks ``__call__`` up on the class.

    :param app: a weak reference to the application.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the app."""
        return self.app()(*args, **kwargs)

    @property
    def _is_coroutine(self) -> Any:
        """The mark of Python 3.11."""
        return getattr(import_module("asyncio.coroutines"), "_is_coroutine", None)

    @property
    def _is_coroutine_mark(self) -> Any:
        """The mark of Python 3.12 and later."""
        return getattr(import_module("inspect"), "_is_coroutine_mark", None)
