"""Run something at the end of the process while its threads can be used, or in what it forks."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from typing import Any


def at_exit(function: Callable[..., Any], *args: Any) -> None:
    """Call a function when the process ends, while executors still take work."""
    # `atexit` comes too late: executors have shut down by then, and a database driver that closes
    # its pool by one fails. Their own hook for this is not public, so there is a way without it.
    import concurrent.futures.thread  # noqa: F401, PLC0415  # its hook comes first, so runs last

    register = getattr(threading, "_register_atexit", atexit.register)
    register(function, *args)


def in_forked_children(function: Callable[[], Any]) -> None:
    """Call a function in each process that is forked from this one; Windows cannot fork."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=function)
