"""Advice on working outside of a context."""

from __future__ import annotations

import os
import re
import threading
from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR
from typing import Any

from costrel.debugger.advice.rulebook import Advice, quoted, rule
from costrel.debugger.advice.situation import Situation, Step, listed, nearest

THREADING = (f"{os.sep}threading.py", f"{os.sep}thread.py")
OUTSIDE = re.compile(r"Working outside of (\w+) context")


def outside_of(situation: Situation) -> str | None:
    """Which context is missing: ``application``, ``request`` or ``websocket``."""
    found = OUTSIDE.match(situation.message)
    return found.group(1) if found else None


def proxy_name(step: Step | None) -> str:
    """The proxy that was used, as far as the line of code tells."""
    found = re.search(r"\b(current_app|request|session|websocket|g)\b", step.source if step else "")
    return found.group(1) if found else "the proxy"


def _is_generator(step: Step) -> bool:
    return bool(step.code.co_flags & (CO_GENERATOR | CO_ASYNC_GENERATOR))


def _thread_of(situation: Situation) -> bool:
    """Whether the steps begin in a thread that a program started, outside of any request."""
    files = [step.file for step in situation.steps]
    frame = situation.steps[0].frame.f_back if situation.steps else None
    while frame is not None:
        files.append(frame.f_code.co_filename)
        frame = frame.f_back
    return any(file.endswith(THREADING) for file in files) and situation.context is None


@rule("CST401", RuntimeError)
def outside_of_application(situation: Situation) -> Advice | None:
    """current_app or g is used where no app is at work.

    They exist while a request is handled or a command of the app runs. In a script, test or
    shell, enter the context; in a function, hand over what it needs as an argument.
    """
    step = situation.yours
    if outside_of(situation) != "application" or step is None or _thread_of(situation):
        return None
    return Advice(
        f"{proxy_name(step)} is used in {step.function}() at {step.place}, where no app is at "
        "work.",
        "Enter the app's context around it.",
        notes=(f"Thread: {threading.current_thread().name}.",),
        example="with app.app_context():\n    ...",
        where=step.place,
    )


@rule("CST402", RuntimeError)
def outside_of_request(situation: Situation) -> Advice | None:
    """A request or session is used where no request is handled.

    They exist while a view, a hook or a template of one runs. Hand the values to functions that
    run elsewhere; in tests, enter `app.test_request_context()`.
    """
    step = situation.yours
    if outside_of(situation) != "request" or step is None:
        return None
    if step.function == "<module>" or _is_generator(step) or _thread_of(situation):
        return None
    return Advice(
        f"{proxy_name(step)} is used in {step.function}() at {step.place}, where no request is "
        "handled.",
        "Hand the function what it needs as an argument.",
        notes=(f"Thread: {threading.current_thread().name}.",),
        example='with app.test_request_context("/path"):\n    ...   # in tests and shells',
        where=step.place,
    )


@rule("CST403", RuntimeError)
def context_in_a_thread(situation: Situation) -> Advice | None:
    """A thread does not have the request's context.

    A thread starts without a context. Copy what it needs first, or wrap its function in
    `copy_current_request_context`; work that outlives the request gets `app.app_context()`.
    """
    step = situation.yours
    if outside_of(situation) is None or step is None or not _thread_of(situation):
        return None
    name = step.function
    return Advice(
        f"{proxy_name(step)} is used in {name}() at {step.place}, which runs in the thread "
        f"{threading.current_thread().name!r}: a thread starts without a context.",
        "Give it plain values, or wrap the function while the request is handled.",
        example=f"Thread(target=copy_current_request_context({name})).start()",
        where=step.place,
    )


@rule("CST404", AttributeError)
def unset_in_g(situation: Situation) -> Advice | None:
    """The namespace g has no such attribute.

    `g` is new for each request. What it holds must have been set in the same request, as by a
    `before_request` function that runs for this URL too.
    """
    if not situation.message.startswith("g has no attribute"):
        return None
    name = (quoted(situation.message) or [""])[0]
    held: Any = next(
        (
            step.locals.get("self")
            for step in reversed(situation.steps)
            if type(step.locals.get("self")).__name__ == "AppGlobals"
        ),
        None,
    )
    known = list(vars(held)) if held is not None else []
    like = nearest(name, known)
    return Advice(
        f"Nothing has set g.{name} in this request. It has: {listed(known)}.",
        (f"Did you mean g.{like}? " if like else "")
        + "Set it in a before_request function, or read it with "
        f"g.get({name!r}).",
        where=situation.where,
    )


@rule("CST405", AssertionError)
def contexts_left_in_wrong_order(situation: Situation) -> Advice | None:
    """Contexts are left in another order than they were entered.

    Enter them with `with`, which leaves them whatever happens. `push()` without `pop()` in a test
    leaves its context to the next one.
    """
    if "was left while" not in situation.message:
        return None
    return Advice(
        "A context is left while another one, entered later, is still open.",
        "Enter contexts with `with`, not with push() and pop().",
        example="with app.app_context():\n    ...",
        where=situation.where,
    )


@rule("CST406", RuntimeError)
def generator_outlives_the_request(situation: Situation) -> Advice | None:
    """A generator uses the request after the view has returned.

    A streamed response is made after the view. `stream_with_context` keeps the request's context
    open for it.
    """
    step = situation.yours
    if outside_of(situation) is None or step is None or not _is_generator(step):
        return None
    return Advice(
        f"The generator {step.function}() uses {proxy_name(step)} after its view has returned.",
        "Wrap it in stream_with_context, or read the values before.",
        example=f"return Response(stream_with_context({step.function}()))",
        where=step.place,
    )


@rule("CST407", RuntimeError)
def proxy_at_import_time(situation: Situation) -> Advice | None:
    """A proxy is used while a module is imported.

    At import time there is neither an app at work nor a request. Move the line into the view or
    function, or into the app's factory.
    """
    step = situation.yours
    if outside_of(situation) is None or step is None or step.function != "<module>":
        return None
    return Advice(
        f"{proxy_name(step)} is used at {step.place} while the module is imported.",
        "Move the line into the function that needs it, or use the app itself.",
        where=step.place,
    )
