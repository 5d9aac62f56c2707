"""Run a function that may take for ever in a thread of its own.

Law: such a thread never keeps the process from ending, and whoever waits for it can have it
interrupted, by whatever it waits for.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from costrel.serve.drive import take_over
from costrel.serve.thread_call import ThreadCall


async def run_in_own_thread(
    function: Callable[..., Any], *args: Any, interrupt: Callable[[], Any]
) -> None:
    """Run a function in a thread, with the caller's context variables both ways.

    :param interrupt: called when the caller is cancelled; makes the function end soon.
    """
    call = ThreadCall(asyncio.get_running_loop(), function, args, interrupt)
    threading.Thread(target=call.make, name="costrel-websocket", daemon=True).start()
    try:
        await call
    finally:
        take_over(call.context)
