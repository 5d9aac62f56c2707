"""Advice on what views and hooks return."""

from __future__ import annotations

import re
from typing import Any

from costrel.debugger.advice.rulebook import Advice, quoted, rule
from costrel.debugger.advice.situation import Situation, short_path, view_place, with_article

# What a view returned → what to return instead.
IN_PLACE_OF = {
    "int": "str(value), or a status with a body: return '', 204",
    "float": "str(value)",
    "bool": "jsonify(value)",
    "set": "a list: return sorted(value)",
    "frozenset": "a list: return sorted(value)",
    "Decimal": "str(value)",
    "datetime": "jsonify(value), or value.isoformat()",
    "date": "jsonify(value), or value.isoformat()",
    "UUID": "str(value)",
    "Row": "a dict: return dict(value)",
    "type": "an object of the class, not the class",
}
# What JSON cannot hold → how to write it.
JSON_IN_PLACE_OF = {
    "set": "Make it a list: sorted(value).",
    "frozenset": "Make it a list: sorted(value).",
    "bytes": "Decode it: value.decode(), or base64 for what is no text.",
    "coroutine": "Await it: await value.",
    "time": "Write it as text: value.isoformat().",
    "timedelta": "Write it as seconds: value.total_seconds().",
}
NUMPY_KINDS = frozenset(
    (
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "bool", "bool_", "ndarray"),
    )
)


def refused_kind(situation: Situation) -> str | None:
    """The type of what a view returned, if that was refused."""
    if "did not return a valid response" not in situation.message:
        return None
    found = re.search(r"it was an? (\w+)\.", situation.message)
    return found.group(1) if found else "NoneType"


@rule("CST601", TypeError)
def view_returned_none(situation: Situation) -> Advice | None:
    """A view returned None.

    It ended without `return`, or in a branch that has none; or a decorator around it forgot to
    return what the view returned.
    """
    if refused_kind(situation) != "NoneType" or situation.view is None:
        return None
    view = situation.view
    code = getattr(view, "__code__", None)
    name = getattr(view, "__name__", "the view")
    fix = "Return something in every branch; an if needs its else, or a return after it."
    if code is not None and code.co_freevars and re.search(r"wrap|inner|decorat", code.co_name):
        fix = "It is a decorator's inner function: return what the view returns."
    return Advice(
        f"{name}() at {view_place(view)} returned None.",
        fix,
        example='return render_template("page.html")   # or return "", 204 for nothing',
        where=view_place(view),
    )


@rule("CST602", TypeError)
def view_returned_something_else(situation: Situation) -> Advice | None:
    """A view returned what is no response.

    It may return text, bytes, a dict, a list, a response, a generator, or a tuple of one of them
    with status and headers.
    """
    kind = refused_kind(situation)
    if kind is None or kind in {"NoneType", "coroutine"}:
        return None
    if _status_first(situation) is not None:
        return None
    hook = _hook_that_answered(situation)
    if hook is not None:
        return Advice(
            f"The before_request function {hook.__name__}() returned {with_article(kind)}, which "
            "is no response.",
            "What it returns is the answer, and the view is not asked: return nothing to go on.",
            where=view_place(hook),
        )
    fix = IN_PLACE_OF.get(kind, "a dict of what the client needs, or a rendered template")
    return Advice(
        f"The view returned {with_article(kind)}, which is no response.",
        f"Return {fix}.",
        where=view_place(situation.view),
    )


def _hook_that_answered(situation: Situation) -> Any:
    """The before_request function that gave the answer; ``None`` where the view did."""
    step = situation.passed("full_lane")
    hook: Any = None if step is None else step.locals.get("hook")
    # Async variants of a hook are wrapped, and some callables have no name.
    while hasattr(hook, "__wrapped__"):
        hook = hook.__wrapped__
    return hook if hasattr(hook, "__name__") else None


def _status_first(situation: Situation) -> Any:
    step = situation.passed("_from_tuple")
    value = None if step is None else step.locals.get("value")
    return value if type(value) is int and 100 <= value < 600 else None


@rule("CST603", TypeError)
def tuple_in_wrong_order(situation: Situation) -> Advice | None:
    """A view returned a tuple that is not (body, status, headers).

    The body comes first: `return "created", 201, {"Location": url}`.
    """
    status = _status_first(situation)
    if status is not None and refused_kind(situation):
        says = f"The view returned the status {status} before the body."
    elif "returned a tuple of" in situation.message:
        says = situation.message.partition(". ")[0] + "."
    else:
        return None
    return Advice(
        says,
        "The order is body, status, headers. A list of values needs [brackets] or jsonify.",
        example=f'return "text", {status or 201}',
        where=view_place(situation.view),
    )


@rule("CST604", TypeError)
def value_is_no_json(situation: Situation) -> Advice | None:
    """A value cannot be written as JSON.

    JSON holds dicts with text keys, lists, text, numbers, true, false and null; besides these
    dates, UUIDs, Decimals and dataclasses are written. Turn others into one of them, or teach
    the app's JSON provider.
    """
    if "not JSON serializable" not in situation.message or situation.passed("save_session"):
        return None
    found = re.search(r"type (\w+) is", situation.message)
    kind = found.group(1) if found else "this type"
    fix = JSON_IN_PLACE_OF.get(kind)
    if fix is None and kind in NUMPY_KINDS:
        fix = "Make it Python's own: value.item() for one number, value.tolist() for an array."
    return Advice(
        f"A{with_article(kind)[1:]} cannot be written as JSON.",
        fix or "Make a dict of what the client needs.",
        example="" if fix else f"return {{...}}   # plain values of the {kind}",
        where=situation.where or view_place(situation.view),
    )


@rule("CST606", ValueError)
def line_break_in_header(situation: Situation) -> Advice | None:
    """A header's value has a line break or another character that headers cannot have.

    It would end the header, and let whoever wrote the value add headers of their own. Quote what
    comes from a client, as `urllib.parse.quote` does.
    """
    if "value of the header" not in situation.message:
        return None
    name = (quoted(situation.message) or ["?"])[0]
    return Advice(
        f"The value of the header {name!r} has a character that no header may have.",
        "Take it out, or percent-encode the value.",
        example="from urllib.parse import quote\nquote(value)",
        where=situation.where or view_place(situation.view),
    )


@rule("CST607", FileNotFoundError)
def file_to_send_not_found(situation: Situation) -> Advice | None:
    """send_file does not find the file.

    A relative path is looked for in the app's `root_path`, the folder of the file that makes the
    app, and not in the current folder. `send_from_directory` answers 404 in place of failing.
    """
    if situation.passed("send_file") is None or situation.app is None:
        return None
    error: Any = situation.error
    return Advice(
        f"There is no file {short_path(str(error.filename))}.",
        f"Relative paths start at {short_path(situation.app.root_path)}. Use an absolute path, or "
        "send_from_directory.",
        example="send_from_directory(app.instance_path, name)",
        where=situation.where,
    )


@rule("CST608", AttributeError, TypeError)
def after_hook_returned_none(situation: Situation) -> Advice | None:
    """An after_request function returned nothing.

    It gets the response, and returns the response to send.
    """
    if "'NoneType' object" not in situation.message or situation.app is None:
        return None
    step = situation.innermost
    if step is None or step.is_yours or step.locals.get("response", 0) is not None:
        return None
    app = situation.app
    hooks = [hook for scope in app.after_request_funcs.values() for hook in scope]
    places = tuple(f"{hook.__name__}() at {view_place(hook)}" for hook in hooks)
    return Advice(
        "An after_request function returned None in place of a response.",
        "End each of them with: return response",
        notes=places,
        example="@app.after_request\ndef add_header(response):\n    ...\n    return response",
    )


@rule("CST610", TypeError, ValueError)
def status_is_none(situation: Situation) -> Advice | None:
    """A status is no number.

    The second part of the tuple that a view returns is the status, as 201, or the headers, as a
    dict.
    """
    found = re.match(r"A status is a code", situation.message)
    if found is None:
        return None
    return Advice(
        situation.message,
        "Return (body, status) or (body, headers).",
        example='return "created", 201',
        where=situation.where or view_place(situation.view),
    )
