"""The secret key: when it is too short to be safe, and how a good one is made.

Law: a weak key is told of, never refused: an app that ran with one yesterday runs with it today.
"""

from __future__ import annotations

from typing import Any

# Bytes; a key of as many random ones is out of anybody's reach.
SHORTEST_KEY = 16
NEW_KEY = "python -c 'import secrets; print(secrets.token_hex())'"


def warn_of_short_key(app: Any, key: str | bytes) -> None:
    """Log a warning where an app that serves others signs with a key that can be found by trying.

    :param app: tells whether it is being developed or tested, and has the logger. What stands in
        for an app to read its cookies has none, and serves nobody.
    :param key: its newest key.
    """
    if len(key) >= SHORTEST_KEY or not hasattr(app, "logger") or app.debug or app.testing:
        return
    app.logger.warning(
        "The SECRET_KEY is %d characters long: whoever finds it by trying can sign sessions of "
        "their own. Set one of at least %d random bytes: %s",
        len(key),
        SHORTEST_KEY,
        NEW_KEY,
    )
