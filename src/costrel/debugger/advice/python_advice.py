"""Advice on slips of Python itself that views are full of."""

from __future__ import annotations

import builtins
import re

import costrel
from costrel.debugger.advice.rulebook import Advice, quoted, rule
from costrel.debugger.advice.situation import Situation, Step, listed, nearest


def running_code(step: Step) -> str:
    """The part of the line that was being run."""
    span = step.span
    if span is None or span[0] != span[1]:
        return ""
    # The columns count bytes of the whole line.
    import linecache  # noqa: PLC0415  # the one use

    line = linecache.getline(step.file, span[0], step.frame.f_globals).encode()
    return line[span[2] : span[3]].decode("utf-8", "replace")


@rule("CST920", AttributeError, TypeError)
def none_is_used(situation: Situation) -> Advice | None:
    """Something is None that is used as an object.

    The finding names the expression. Usual reasons: a query that found no row, `.get()` of a key
    that is missing, a function that forgot to return.
    """
    step = situation.yours
    if (
        step is None
        or step is not situation.innermost
        or "'NoneType' object" not in situation.message
    ):
        return None
    code = running_code(step)
    owner = re.sub(r"(\.\w+|\[[^\[\]]*\])$", "", code)
    what = f"{owner} is None" if owner and owner != code else "Something is None"
    reason = ""
    for word, told in (
        ("fetchone", "fetchone() gives None where no row was found."),
        (".first(", "first() gives None where no row was found."),
        (".get(", "get() gives None where the key is missing."),
        ("re.match", "match() gives None where the text does not match."),
    ):
        if word in (owner + _origin_of(step, owner)):
            reason = told
    return Advice(
        f"{what} at {step.place}. {reason}".strip(),
        "Ask before it is used: if it is None, abort(404) or take a default.",
        example=f"if {owner} is None:\n    abort(404)" if re.fullmatch(r"[\w.]+", owner) else "",
        where=step.place,
    )


def _origin_of(step: Step, name: str) -> str:
    """The line above in which a name was set, if it is near."""
    if not name.isidentifier():
        return ""
    import linecache  # noqa: PLC0415  # as above

    for number in range(step.line - 1, max(step.code.co_firstlineno - 1, step.line - 30), -1):
        line = linecache.getline(step.file, number, step.frame.f_globals)
        if re.match(rf"\s*{name}\b.*=", line):
            return line
    return ""


@rule("CST921", NameError)
def name_not_defined(situation: Situation) -> Advice | None:
    """A name is not defined.

    It is misspelled, or not imported. What costrel has under that name is said.
    """
    name = getattr(situation.error, "name", None) or (quoted(situation.message) or [""])[0]
    step = situation.yours
    if not name or step is None:
        return None
    if name in costrel.__all__:
        return Advice(
            f"{name!r} is not imported.",
            "Import it.",
            example=f"from costrel import {name}",
            where=step.place,
        )
    known = [*step.locals, *step.frame.f_globals, *dir(builtins)]
    like = nearest(name, known)
    if isinstance(situation.error, UnboundLocalError):
        return Advice(
            f"{name!r} is used before {step.function}() gives it a value.",
            f"Set it in every branch before, or say `global {name}` if the module's is meant.",
            where=step.place,
        )
    return Advice(
        f"There is no {name!r} at {step.place}.",
        f"Did you mean {like!r}?" if like else "Import or define it.",
        where=step.place,
    )


@rule("CST922", KeyError)
def key_of_a_dict(situation: Situation) -> Advice | None:
    """A dict has no such key.

    The finding lists the keys of the dict that was asked, if it can tell which one that was.
    """
    step = situation.yours
    if step is None or step is not situation.innermost or not situation.error.args:
        return None
    key = situation.error.args[0]
    found = re.match(r"([A-Za-z_]\w*)\[", running_code(step) or step.source)
    owner = found.group(1) if found else ""
    held = step.locals.get(owner, step.frame.f_globals.get(owner))
    if not isinstance(held, dict) or key in held:
        return None
    like = nearest(str(key), map(str, held))
    return Advice(
        f"{owner} has no key {key!r}. Its keys: {listed(held)}.",
        (f"Did you mean {like!r}? " if like else "") + f"Or {owner}.get({key!r}).",
        where=step.place,
    )
