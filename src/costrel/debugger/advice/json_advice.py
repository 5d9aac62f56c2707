"""Advice on JSON bodies."""

from __future__ import annotations

import json
from typing import Any

from costrel.debugger.advice.rulebook import Advice, rule
from costrel.debugger.advice.situation import Situation, listed, nearest
from costrel.http.exceptions import BadRequest, UnsupportedMediaType

LONGEST_EXCERPT = 60


@rule("CST108", UnsupportedMediaType)
def json_without_content_type(situation: Situation) -> Advice | None:
    """JSON is expected, and the content type says otherwise.

    `request.json` answers 415 unless the request says `Content-Type: application/json`. The
    client has to say it; `request.get_json(force=True)` reads the body whatever it says.
    """
    request = situation.request
    if request is None or request.is_json:
        return None
    came = repr(request.mimetype) if request.mimetype else "no content type"
    return Advice(
        f"The view reads JSON, but the request came with {came}.",
        "Send the header. Where clients cannot, read the body with request.get_json(force=True).",
        notes=(
            """curl: curl --json '{"name": 1}' URL""",
            (
                "JavaScript: fetch(url, {method: 'POST', headers: {'Content-Type': "
                "'application/json'}, body: JSON.stringify(value)})"
            ),
        ),
        where=situation.where,
    )


@rule("CST109", BadRequest)
def malformed_json(situation: Situation) -> Advice | None:
    """The body is no JSON.

    The finding shows where it stops being JSON. Usual reasons: single quotes, a comma before a
    closing bracket, a Python `repr` sent in place of `json.dumps`, an empty body.
    """
    cause = situation.error.__cause__ or situation.error.__context__
    if not isinstance(cause, json.JSONDecodeError):
        return None
    text = str(cause.doc)
    start = max(0, cause.pos - LONGEST_EXCERPT // 2)
    excerpt = text[start : start + LONGEST_EXCERPT]
    return Advice(
        f"The body is no JSON from line {cause.lineno}, column {cause.colno} on: {cause.msg}.",
        _likely_reason(text, cause.pos),
        notes=(f"There: {excerpt!r}",) if text else (),
        where=situation.where,
    )


def _likely_reason(text: str, position: int) -> str:
    here, before = text[position : position + 1], text[:position].rstrip()[-1:]
    if text.isspace() or not text:
        return "The body is empty: send the value, as in body: JSON.stringify(value)."
    if here == "'":
        return "JSON has double quotes only. In Python, send json.dumps(value), not str(value)."
    if here == ",":
        # From Python 3.13 on the position is that of the comma itself.
        before, here = here, text[position + 1 :].lstrip()[:1]
    if before == "," and here in {"}", "]", ""}:
        return "Take out the comma before the closing bracket."
    if text.lstrip()[:1] == "<":
        return "This is HTML or XML. Is it the wrong URL, or the wrong body?"
    if "=" in text and "{" not in text:
        return "This looks like a form: read request.form, or send JSON."
    return "Make the body with JSON.stringify(value) or json.dumps(value)."


def body_as_json(request: Any) -> Any:
    """The JSON that the view has read; ``None`` where it did not."""
    value = getattr(request, "_json", None)
    return value if isinstance(value, dict | list) else None


@rule("CST110", KeyError)
def missing_json_key(situation: Situation) -> Advice | None:
    """The JSON lacks a key that the view reads.

    `request.json["name"]` raises KeyError, so the client sees 500, where the key is missing. Read
    what may be missing with `.get`, and answer 400 for what may not.
    """
    sent = body_as_json(situation.request)
    if not isinstance(sent, dict) or not situation.error.args or situation.yours is None:
        return None
    key = situation.error.args[0]
    if situation.innermost is not situation.yours or key in sent:
        return None
    like = nearest(str(key), map(str, sent))
    return Advice(
        f"The JSON has no {key!r}. The keys that came: {listed(sent)}.",
        (f"Did you mean {like!r}? " if like else "")
        + f"What may be missing is read with request.json.get({key!r}).",
        where=situation.where,
    )


@rule("CST111", TypeError, AttributeError)
def json_is_something_else(situation: Situation) -> Advice | None:
    """The JSON is a list, or nothing, where an object is read.

    A client may send any JSON. Check with `isinstance(data, dict)` before its keys are read, and
    answer 400 otherwise. `get_json(silent=True)` gives `None` where the body is no JSON.
    """
    request = situation.request
    step = situation.yours
    if request is None or step is None or "json" not in step.source + _lines_above(situation):
        return None
    if isinstance(body_as_json(request), list) and (
        "list indices must be integers" in situation.message
        or "'list' object has no attribute" in situation.message
    ):
        came = "a list"
    elif "'NoneType' object" in situation.message and not request.is_json:
        came = "nothing, as the content type is not JSON (get_json(silent=True) gives None)"
    else:
        return None
    return Advice(
        f"The view reads the JSON as an object, but it is {came}.",
        "Check it first, and answer 400 for what you do not expect.",
        example='data = request.get_json()\nif not isinstance(data, dict):\n    abort(400, "...")',
        where=situation.where,
    )


def _lines_above(situation: Situation) -> str:
    step = situation.yours
    if step is None:
        return ""
    names = [name for name in step.code.co_names if "json" in name]
    return " ".join(names)
