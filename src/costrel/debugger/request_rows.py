"""What the debug page tells of the request, by section.

Law: only what was read already is shown of a body; nothing is parsed for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from costrel.debugger.kept_requests import KeptRequest
from costrel.debugger.shown_values import Secrets, show
from costrel.parts.sessions import SecureCookieSessionInterface

MOST_ROWS = 60
LARGEST_SESSION = 20_000
Rows = list[tuple[str, str]]


def describe_request(request: Any, kept: KeptRequest, hidden: Secrets) -> dict[str, Rows]:
    """The sections, each as rows of name and value."""
    sections = {"Headers": _rows(kept.headers, hidden)}
    if request is None:
        return sections
    read = vars(request)
    found: dict[str, Rows] = {"Route": _rows(_route(request), hidden)}
    found["Query"] = _rows(_pairs(request.args), hidden)
    for title, name in (("Form", "form"), ("Files", "files")):
        if read.get(name):
            found[title] = _rows(_pairs(read[name]), hidden)
    value = getattr(request, "_json", None)
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        found["JSON"] = _rows(((str(key), one) for key, one in pairs), hidden)
    found["Cookies"] = _rows(((name, "masked") for name in request.cookies), hidden)
    return {title: rows for title, rows in {**found, **sections}.items() if rows}


def _route(request: Any) -> Iterator[tuple[str, Any]]:
    if request.url_rule is not None:
        yield "rule", str(request.url_rule)
        yield "endpoint", request.endpoint
        if request.url_rule.declared_at:
            yield "declared at", request.url_rule.declared_at
        for name, value in (request.view_args or {}).items():
            yield f"value {name!r}", value


def _pairs(multi: Any) -> Iterator[tuple[str, Any]]:
    for key in multi:
        for value in multi.getlist(key):
            yield str(key), value


def _rows(pairs: Iterable[tuple[str, Any]], hidden: Secrets) -> Rows:
    found: Rows = []
    for name, value in pairs:
        if len(found) >= MOST_ROWS:
            break
        text = show(value, name)
        if isinstance(value, str) and text[:1] in "'\"":
            text = text[1:-1] if text[-1:] in "'\"" else text
        found.append((hidden.hide(str(name)[:200]), hidden.hide(text)))
    return found


def plain_session(context: Any) -> dict[str, Any]:
    """What the request's session held and JSON can keep.

    One in a cookie is read from there, as the request brought it: what the view has put into it
    may be what keeps the next request from failing.
    """
    session = None if context is None else _in_cookie(context)
    if session is None and context is not None:
        session = vars(context).get("_session")
    found: dict[str, Any] = {}
    for key, value in dict(session or {}).items():
        try:
            text = json.dumps({key: value})
        except (TypeError, ValueError):
            continue
        if len(text) <= LARGEST_SESSION:
            found[str(key)] = value
    return found


def _in_cookie(context: Any) -> Any:
    interface = context.app.session_interface
    if type(interface) is not SecureCookieSessionInterface:
        return None
    with suppress(Exception):  # whatever a cookie or a key is like
        return interface.open_session(context.app, context.request)
    return None
