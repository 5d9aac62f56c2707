"""Advice on async code."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from costrel.debugger.advice.response_advice import refused_kind
from costrel.debugger.advice.rulebook import Advice, quoted, rule
from costrel.debugger.advice.situation import Situation, view_place

# What blocks a loop, as it stands in a line of code → what to write in its place.
BLOCKING = {
    "time.sleep": "await asyncio.sleep(...)",
    "requests.": "await httpx.AsyncClient().get(...)",
    "urlopen": "an async HTTP client such as httpx.AsyncClient",
    "subprocess.": "await asyncio.create_subprocess_exec(...)",
    "open(": "await asyncio.to_thread(read_file)",
    "sqlite3": "aiosqlite, or await asyncio.to_thread(query)",
    ".execute(": "the database's async driver, or await asyncio.to_thread(query)",
    "input(": "nothing: a server has no keyboard",
    ".join(": "await asyncio.to_thread(thread.join)",
    ".result(": "await asyncio.wrap_future(future)",
}


class LoopStalled(Exception):
    """The event loop stood still: something in an async function did not let go of it.

    :param seconds: how long it had been standing when it was noticed.
    :param place: ``file:line`` of the user's line that was running.
    :param source: that line.
    :param function: its function.
    """

    def __init__(self, seconds: float, place: str, source: str, function: str) -> None:
        super().__init__(f"The event loop stood still for {seconds * 1000:.0f} ms at {place}.")
        self.seconds = seconds
        self.place = place
        self.source = source
        self.function = function


@rule("CST801", TypeError, AttributeError, RuntimeWarning)
def forgotten_await(situation: Situation) -> Advice | None:
    """An `await` is missing.

    Calling an async function makes a coroutine and runs nothing; `await` runs it.
    """
    message, step = situation.message, situation.yours
    if refused_kind(situation) == "coroutine":
        view = situation.view
        name = getattr(view, "__name__", "the view")
        return Advice(
            f"{name}() returned a coroutine that nobody awaited.",
            f"Make the view async and await it: async def {name}(): return await ...",
            where=view_place(view),
        )
    found = re.search(r"coroutine '([\w.<>]+)' was never awaited", message)
    if found:
        return Advice(
            f"{found.group(1)}() was called and never awaited, so it did not run.",
            "Write await before the call, in an async function.",
            example=f"await {found.group(1)}()",
            where=situation.where,
        )
    if "'coroutine' object" in message or "'async_generator' object" in message:
        return Advice(
            f"A coroutine is used as if it were its result ({message}).",
            "Write await before the call, with brackets: (await load())['name'].",
            notes=(f"The line: {step.source}",) if step and step.source else (),
            where=situation.where,
        )
    return None


@rule("CST802", LoopStalled)
def blocked_loop(situation: Situation) -> Advice | None:
    """Blocking code in an async function stops every request.

    An async view shares one event loop with all others: while it waits in `time.sleep`, a
    `requests.get` or a long computation, nobody is served. In debug mode a loop that stands still
    for over 100 ms is reported with the line that it stands at. Await an async library; hand
    blocking code to a thread with `asyncio.to_thread`; or make the view a plain `def`, which runs
    in a thread.
    """
    error: Any = situation.error
    known = next((fix for word, fix in BLOCKING.items() if word in error.source), None)
    call = error.source.removeprefix("return ").removeprefix("await ").strip()
    return Advice(
        f"The event loop stood still for over {error.seconds * 1000:.0f} ms in {error.function}() "
        f"at {error.place}; no other request was served.",
        (f"Use {known}. " if known else "")
        + "Blocking code goes to a thread: await asyncio.to_thread(function); or make the view a "
        "plain def.",
        notes=(f"The line: {call}",) if call else (),
        where=error.place,
    )


@rule("CST803", RuntimeError, ValueError)
def object_of_another_loop(situation: Situation) -> Advice | None:
    """An object belongs to another event loop, or to one that is closed.

    Connection pools, locks and sessions belong to the loop they were made in. costrel runs all
    async views on one loop; make such objects there, at first use or in a start function, and not
    with `asyncio.run` at import time.
    """
    if not re.search(
        r"(attached to a different loop|Event loop is closed|bound to a different event loop"
        r"|belongs to a different loop)",
        situation.message,
    ):
        return None
    return Advice(
        "Something made in one event loop is used in another, or after its loop was closed.",
        "Make it in the loop that serves: at first use in an async view, not with asyncio.run() "
        "at import time.",
        where=situation.where,
    )


@rule("CST804", RuntimeError)
def run_within_a_loop(situation: Situation) -> Advice | None:
    """asyncio.run() is called where a loop runs already.

    In an async function, await the coroutine.
    """
    if "cannot be called from a running event loop" not in situation.message:
        return None
    return Advice(
        "asyncio.run() starts a loop, and this code runs in one.",
        "Await the coroutine: the function is async already.",
        example="result = await work()",
        where=situation.where,
    )


@rule("CST805", RuntimeError)
def no_loop_here(situation: Situation) -> Advice | None:
    """A sync view uses asyncio.

    A plain `def` view runs without a loop. Make it `async def`, which costrel serves on every
    server, WSGI too.
    """
    if "no running event loop" not in situation.message and (
        "There is no current event loop" not in situation.message
    ):
        return None
    step = situation.yours
    name = step.function if step else "the view"
    return Advice(
        f"{name}() uses asyncio, but is no async function, so no loop runs there.",
        f"Make it async: async def {name}(...).",
        example=f"async def {name}(...):\n    await work()",
        where=situation.where,
    )


@rule("CST806", TypeError)
def await_of_a_value(situation: Situation) -> Advice | None:
    """`await` stands before something that needs none.

    The function is not async: it returned its result at once.
    """
    message = situation.message
    if "can't be used in 'await' expression" in message or (
        "does not support the asynchronous context manager protocol" in message
        or "requires an object with __aiter__ method" in message
    ):
        what = re.search(r"object (\w+) can't", message)
        kind = what.group(1) if what else (quoted(message) or ["value"])[0]
        return Advice(
            f"A {kind} is awaited, which is a plain value.",
            "Take the await (or the async of `async with`, `async for`) away, or call the async "
            "version of the function.",
            where=situation.where,
        )
    return None


@rule("CST807", TimeoutError, asyncio.CancelledError)
def awaited_too_long(situation: Situation) -> Advice | None:
    """Something that was awaited took too long.

    `asyncio.timeout` or `wait_for` gave up on it. Answer 504, or do the work after the response.
    """
    step = situation.yours
    if not isinstance(situation.error, TimeoutError) or step is None:
        return None
    if not any(
        other.file.endswith(("asyncio/timeouts.py", "asyncio/tasks.py"))
        for other in situation.steps
    ):
        return None
    return Advice(
        f"What {step.function}() awaits at {step.place} did not end in time.",
        "Catch TimeoutError and answer 504, or let it run after the response.",
        example="except TimeoutError:\n    abort(504)",
        where=step.place,
    )
