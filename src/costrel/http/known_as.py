"""The names that programs know us by: of modules, in warning filters, of views, of the product.

Law: these are ours unless somebody who loads programs written for another name says otherwise.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

# Our module → the name to warn under.
MODULE_NAMES: dict[str, str] = {}
# A view of ours → the module and the qualified name, `module:Class.view`, by which programs exempt
# it from CSRF checks and tracers report it.
VIEW_NAMES: dict[str, str] = {}


class Product:
    """What the test client calls itself.

    :cvar name: the product's name.
    :cvar distribution: the installed distribution whose version is given.
    """

    name = "costrel"
    distribution = "costrel"


def known_view(view: View) -> View:
    """Give a view the names and the module that programs know it by; one of their own keeps its."""
    function: Any = getattr(view, "__func__", view)
    own = f"{getattr(function, '__module__', '')}.{getattr(function, '__name__', '')}"
    if own in VIEW_NAMES:
        function.__module__, _, function.__qualname__ = VIEW_NAMES[own].partition(":")
        function.__name__ = function.__qualname__.rpartition(".")[2]
    return view


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
