"""Run a function that may take for ever in a thread of its own.

Law: such a thread never keeps the process from ending, and whoever waits for it can have it
interrupted, by whatever it waits for.
"""

from __future__ import annotations

import threading
from asyncio import CancelledError, wrap_future
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import Any

from costrel.serve.drive import take_over
from costrel.serve.workers import until_done


async def run_in_own_thread(
    function: Callable[..., Any], *args: Any, interrupt: Callable[[], Any]
) -> None:
    """Run a function in a thread, with the caller's context variables both ways.

    :param interrupt: called when the caller is cancelled; makes the function end soon.
    """
    context = copy_context()
    running: Future[None] = Future()

    def run() -> None:
        try:
            context.run(function, *args)
        except BaseException as error:
            running.set_exception(error)
        else:
            running.set_result(None)

    running.set_running_or_notify_cancel()
    threading.Thread(target=run, name="costrel-websocket", daemon=True).start()
    try:
        await wrap_future(running)
    except CancelledError:
        interrupt()
        await until_done(running)
        raise
    finally:
        take_over(context)
