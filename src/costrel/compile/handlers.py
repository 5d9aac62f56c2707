"""Error handlers, flattened along the blueprint chain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from costrel.serve.plan import HandlerTable


def flatten_handlers(spec: Any, blueprints: Iterable[str]) -> HandlerTable:
    """Make the table of handlers that an error of one endpoint is looked up in.

    :param spec: the app's ``error_handler_spec``.
    :param blueprints: the endpoint's blueprints, innermost first.
    """
    table: dict[int | None, list[Any]] = {}
    for scope in (*blueprints, None):
        if scope not in spec:
            continue
        for code, handlers in spec[scope].items():
            if handlers:
                table.setdefault(code, []).append(dict(handlers))
    return {code: tuple(scopes) for code, scopes in table.items()}
