"""The secret that opens a console: random for each process, never made of facts one can guess."""

from __future__ import annotations

import hashlib
import os
import secrets
from typing import Any

PIN_TIME = 60 * 60 * 24 * 7
_pin: str | None = None


def hash_pin(pin: str) -> str:
    """Return what stands for a pin in a cookie."""
    return hashlib.sha256(f"costrel {pin}".encode()).hexdigest()[:12]


def get_machine_id() -> str | bytes | None:
    """Return ``None``: pins are not made of what a machine is called."""
    return None


def get_pin_and_cookie_name(app: Any) -> tuple[str, str] | tuple[None, None]:
    """Return this process's pin and its cookie's name; nothing where it is turned off.

    ``WERKZEUG_DEBUG_PIN`` sets the pin; ``off`` turns it off.
    """
    global _pin
    chosen = os.environ.get("WERKZEUG_DEBUG_PIN")
    if chosen == "off":
        return None, None
    if _pin is None:
        digits = f"{secrets.randbelow(10**9):09}"
        _pin = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    name = f"{type(app).__module__}.{type(app).__name__}"
    return chosen or _pin, f"__costrel_{hash_pin(name)}"
