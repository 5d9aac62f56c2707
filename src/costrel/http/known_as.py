"""The names that programs know us by: of modules, in warning filters, and of the product.

Law: these are ours unless somebody who loads programs written for another name says otherwise.
"""

from __future__ import annotations

import sys
import warnings

# Our module → the name to warn under.
MODULE_NAMES: dict[str, str] = {}


class Product:
    """What the test client calls itself.

    :cvar name: the product's name.
    :cvar distribution: the installed distribution whose version is given.
    """

    name = "costrel"
    distribution = "costrel"


def warn_as(module: str, message: str, category: type[Warning] = UserWarning) -> None:
    """Warn in the name of the module of the public object that was used wrongly.

    The place is the one in that module that is running.

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
