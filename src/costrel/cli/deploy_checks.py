"""`costrel check --deploy`: settings that are unsafe where others reach the program."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from costrel.cli.findings import ERROR, WARNING, Found
from costrel.parts.secret_key import NEW_KEY, SHORTEST_KEY

# Keys that stand in tutorials.
_KNOWN = re.compile(r"test|secret|change|example|default|password|super|todo|_5#y2l", re.IGNORECASE)
_FEWEST_LETTERS = 6


def check_deployment(app: Any) -> Iterator[Found]:
    """Find settings that are unsafe in production."""
    config = app.config
    yield from check_keys(config)
    if config["DEBUG"] or app.debug:
        text = "Debug mode is on: errors show the source."
        yield Found(ERROR, text, "Unset FLASK_DEBUG and COSTREL_DEBUG; set no DEBUG in the config.")
    if config["TESTING"]:
        yield Found(ERROR, "TESTING is on: errors leave the app.", "Set it in tests only.")
    if config["PROPAGATE_EXCEPTIONS"]:
        text = "PROPAGATE_EXCEPTIONS is on: errors leave the app."
        yield Found(ERROR, text, "Leave it at None.")
    if not config["SESSION_COOKIE_SECURE"]:
        text = "The session's cookie is sent over HTTP as well."
        yield Found(WARNING, text, "SESSION_COOKIE_SECURE = True")
    if not config["SESSION_COOKIE_HTTPONLY"]:
        text = "Scripts can read the session's cookie."
        yield Found(ERROR, text, "SESSION_COOKIE_HTTPONLY = True")
    if config["SESSION_COOKIE_SAMESITE"] is None:
        text = "Other sites' forms are sent with the session's cookie."
        yield Found(WARNING, text, 'SESSION_COOKIE_SAMESITE = "Lax"')
    if not config["TRUSTED_HOSTS"]:
        text = "Any Host header is answered, and may get into links and redirects."
        yield Found(WARNING, text, 'TRUSTED_HOSTS = ["example.org"]')
    if config["MAX_CONTENT_LENGTH"] is None:
        text = "Bodies of any size are read."
        yield Found(WARNING, text, "MAX_CONTENT_LENGTH = 16 * 1024 * 1024")
    if config["TEMPLATES_AUTO_RELOAD"]:
        text = "Each template's file is looked at for changes in each request."
        yield Found(WARNING, text, "TEMPLATES_AUTO_RELOAD = None")


def check_keys(config: Any) -> Iterator[Found]:
    """Find secret keys that can be guessed, or that stand in the source."""
    keys = [config["SECRET_KEY"], *(config["SECRET_KEY_FALLBACKS"] or ())]
    if not keys[0]:
        text = "There is no SECRET_KEY: sessions do not work."
        yield Found(WARNING, text, f"Make one: {NEW_KEY}")
    for key in filter(None, keys):
        text = key.decode("latin-1") if isinstance(key, bytes) else str(key)
        if len(text) < SHORTEST_KEY or len(set(text)) < _FEWEST_LETTERS or _KNOWN.search(text):
            told = "The SECRET_KEY can be guessed: whoever does, signs sessions."
            yield Found(ERROR, told, f"Make one: {NEW_KEY}, and keep it out of the source.")
    if os.environ.get("FLASK_DEBUG", "").lower() in {"1", "true", "yes", "on"}:
        told = "FLASK_DEBUG is set in this environment."
        yield Found(WARNING, told, "Unset it where the program runs for others.")
