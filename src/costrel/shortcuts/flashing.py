"""flash, get_flashed_messages: a message for the page that the user sees next.

Law: messages travel in the session, as ``(category, message)`` pairs under ``_flashes``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from costrel.parts.signals import LIVE
from costrel.shortcuts.globals import current_context

KEY = "_flashes"


def flash(message: str, category: str = "message") -> None:
    """Keep a message for the next page that asks for messages.

    :param message: the text; ``Markup`` stays markup.
    :param category: free to choose; ``"error"``, ``"info"`` and ``"warning"`` are usual.
    :raises RuntimeError: outside of a request, or without a secret key.
    """
    ctx = current_context()
    session = ctx.session
    # Assigned anew, because a session does not see that a list in it has grown.
    session[KEY] = [*session.get(KEY, ()), (category, message)]
    if LIVE and LIVE["message_flashed"].receivers:
        LIVE["message_flashed"].send(
            ctx.app, _async_wrapper=ctx.app.ensure_sync, message=message, category=category
        )


def get_flashed_messages(
    with_categories: bool = False, category_filter: Iterable[str] = ()
) -> list[Any]:
    """Take the messages out of the session; within one request each call returns the same.

    :param with_categories: return ``(category, message)`` pairs instead of messages.
    :param category_filter: only the messages of these categories.
    :raises RuntimeError: outside of a request.
    """
    ctx = current_context().request_context
    if ctx.flashes is None:
        session = ctx.session
        ctx.flashes = session.pop(KEY) if KEY in session else []
    flashes = ctx.flashes
    if category_filter:
        wanted = tuple(category_filter)
        flashes = [pair for pair in flashes if pair[0] in wanted]
    return list(flashes) if with_categories else [message for _, message in flashes]
