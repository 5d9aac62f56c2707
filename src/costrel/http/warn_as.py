"""Warn in the name of a module that users' warning filters know.

Law: a warning names the module of the public object that was used wrongly, wherever its code is.
"""

from __future__ import annotations

import sys
import warnings

# Our module → the name to warn under, where programs know it by another one.
MODULE_NAMES: dict[str, str] = {}


def warn_as(module: str, message: str, category: type[Warning] = UserWarning) -> None:
    """Warn as if by the given module, at the place in it that is running.

    :param module: the name of one of our modules.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__") != module:
        frame = frame.f_back
    name = MODULE_NAMES.get(module, module)
    registry = frame.f_globals.setdefault("__warningregistry__", {})
    warnings.warn_explicit(
        message, category, frame.f_code.co_filename, frame.f_lineno, name, registry
    )
