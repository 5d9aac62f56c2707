"""Run the functions that end a context.

Law: all of them run, and the response is sent, whatever one of them raises. In tests and in
debug mode the first error is raised afterwards, so that it is seen.
"""

from __future__ import annotations

import sys
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from costrel.serve.drive import BACKGROUND

if TYPE_CHECKING:
    from costrel.serve.plan import Hooks


def run_teardown(app: Any, functions: Hooks, error: BaseException | None) -> None:
    """Call each function with the error that ended the context, or ``None``."""
    first: Exception | None = None
    for function in functions:
        try:
            answer = function(error)
            if type(answer) is CoroutineType:
                BACKGROUND.run(answer)
        except Exception as failure:
            app.log_exception(sys.exc_info())
            first = first or failure
    if first is not None and (app.testing or app.config["PROPAGATE_EXCEPTIONS"]):
        raise first
