"""`before_first_request`: functions that run once a process, within its first request.

Law: they run once, whichever thread comes first, and the others wait; one that raises answers that
request with its error, and all run again at the next.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[[], Any])


class FirstRequest:
    """A hook that stands before all others of an app, runs the functions and takes itself out.

    Args:
        app: the app.

    """

    def __init__(self, app: Any) -> None:
        self._app = weakref.ref(app)
        self.functions: list[Callable[[], Any]] = []
        # One that a function of its own enters again, by a request to the same app, goes on.
        self._lock = threading.RLock()
        self._is_done = False

    def __call__(self) -> None:
        """Run the functions, if nobody has."""
        app = self._app()
        with self._lock:
            if self._is_done or app is None:
                return
            self._is_done = True
            try:
                for function in self.functions:
                    app.ensure_sync(function)()
            except BaseException:
                self._is_done = False
                raise
            app.before_request_funcs[None].remove(self)


def before_first_request(self: Any, f: F) -> F:
    """Run a function once, before the first request that this process handles.

    Args:
        self: the app.
        f: the function; what it returns is of no matter.

    Raises:
        AssertionError: requests are being served already.

    """
    self._check_setup_finished("before_first_request")
    self.before_first_request_funcs.append(f)
    return f


def before_first_request_funcs(self: Any) -> list[Callable[[], Any]]:
    """The functions of `before_first_request`, in their order."""
    hook: FirstRequest | None = vars(self).get("_first_request")
    if hook is None:
        hook = vars(self)["_first_request"] = FirstRequest(self)
        self.before_request_funcs[None].insert(0, hook)
    return hook.functions


def before_app_first_request(self: Any, f: F) -> F:
    """Run a function once, before the first request of the app that a blueprint is registered on.

    Args:
        self: the blueprint.
        f: the function; what it returns is of no matter.

    """
    self.record_once(lambda state: state.app.before_first_request(f))
    return f
