"""Advice on sessions."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any

from costrel.debugger.advice.rulebook import Advice, rule
from costrel.debugger.advice.situation import Situation, listed, nearest, with_article
from costrel.parts.sessions import SecureCookieSession

# What browsers keep of one cookie, name and attributes included.
COOKIE_LIMIT = 4093
LARGEST_SESSION = 1_000_000


class CookieTooBig(Exception):
    """A response sets a cookie that browsers will drop.

    :param name: the cookie's name.
    :param value: its value.
    :param size: of the whole header, in bytes.
    """

    def __init__(self, name: str, value: str, size: int) -> None:
        super().__init__(f"The cookie {name!r} is {size} bytes large.")
        self.name = name
        self.value = value
        self.size = size


@rule("CST501", RuntimeError)
def no_secret_key(situation: Situation) -> Advice | None:
    """The session needs a secret key.

    The session is a cookie that is signed with `app.secret_key`. Make a key once, keep it out of
    the repository, and use the same one in every process and after every start.
    """
    if "no secret key was set" not in situation.message:
        return None
    return Advice(
        "The session was written to, and the app has no secret key to sign it with.",
        "Set one, made once with: python -c 'import secrets; print(secrets.token_hex())'",
        example='app.secret_key = os.environ["SECRET_KEY"]',
        where=situation.where,
    )


@rule("CST502", TypeError)
def session_value_is_no_json(situation: Situation) -> Advice | None:
    """The session holds a value that a cookie cannot keep.

    The session is kept as JSON, with tuples, bytes, Markup, UUIDs and datetimes. Keep an id in
    it, and load the object by its id.
    """
    if "not JSON serializable" not in situation.message:
        return None
    step = situation.passed("save_session")
    session = None if step is None else step.locals.get("session")
    if session is None:
        return None
    bad = [
        f"session[{key!r}] is {with_article(type(value).__name__)}"
        for key, value in dict(session).items()
        if not isinstance(value, str | int | float | bool | list | dict | tuple | None)
    ]
    return Advice(
        f"The session cannot be saved: {situation.message}.",
        "Keep an id or a text in the session, and load the object in each request.",
        notes=tuple(bad),
        example='session["user_id"] = user.id',
    )


@rule("CST503", CookieTooBig)
def session_too_big(situation: Situation) -> Advice | None:
    """The session is too big for a cookie.

    Browsers drop a cookie of more than about 4 kB, silently: flash messages and logins vanish.
    The finding says how much each key takes. Keep ids in the session, or keep the session on the
    server: docs/sessions.md.
    """
    error: Any = situation.error
    sizes = sizes_in(error.value)
    return Advice(
        f"The cookie {error.name!r} takes {error.size} bytes, and browsers keep {COOKIE_LIMIT}: "
        "they will drop it.",
        "Keep ids in the session and the rest in a database, or keep the session on the server.",
        notes=tuple(f"session[{key!r}] takes {size} bytes as JSON" for key, size in sizes),
    )


def sizes_in(value: str) -> list[tuple[str, int]]:
    """What each key of a signed session takes as JSON, the largest first."""
    payload = value.strip('"')
    is_compressed = payload.startswith(".")
    payload = payload.lstrip(".").partition(".")[0]
    try:
        raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        if is_compressed:
            raw = zlib.decompressobj().decompress(raw, LARGEST_SESSION)
        held = json.loads(raw)
    except (ValueError, binascii.Error, zlib.error):
        return []
    if not isinstance(held, dict):
        return []
    sizes = [(str(key), len(json.dumps(one))) for key, one in held.items()]
    return sorted(sizes, key=lambda pair: -pair[1])[:10]


@rule("CST506", KeyError)
def missing_session_key(situation: Situation) -> Advice | None:
    """The session has no such key.

    It is empty for a new visitor, after a logout, and when the secret key has changed. Read what
    may be missing with `session.get`.
    """
    context, step = situation.context, situation.yours
    session = None if context is None else context.__dict__.get("_session")
    if not isinstance(session, SecureCookieSession) or step is None or not situation.error.args:
        return None
    key = situation.error.args[0]
    if "session" not in step.source or key in session:
        return None
    like = nearest(str(key), map(str, session))
    return Advice(
        f"The session has no {key!r}. It has: {listed(session)}.",
        (f"Did you mean {like!r}? " if like else "")
        + f"What may be missing is read with session.get({key!r}).",
        where=situation.where,
    )
