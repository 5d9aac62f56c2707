"""What environment variables say about how to run."""

from __future__ import annotations

import os

_NO = frozenset({"0", "false", "no"})


def get_debug_flag() -> bool:
    """Whether ``FLASK_DEBUG`` asks for debug mode: it is set, and not to a word for no."""
    value = os.environ.get("FLASK_DEBUG")
    return bool(value) and str(value).lower() not in _NO


def get_load_dotenv(default: bool = True) -> bool:
    """Whether dotenv files are to be loaded: not if ``FLASK_SKIP_DOTENV`` asks to skip them.

    :param default: the answer where the variable is not set or empty.
    """
    value = os.environ.get("FLASK_SKIP_DOTENV")
    return value.lower() in _NO if value else default
