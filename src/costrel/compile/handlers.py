"""Error handlers, flattened along the blueprint chain."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from costrel.serve.plan import HandlerTable


def flatten_handlers(
    spec: Any,
    blueprints: Iterable[str],
    fit: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None,
) -> HandlerTable:
    """Make the table of handlers that an error of one endpoint is looked up in.

    :param spec: the app's ``error_handler_spec``.
    :param blueprints: the endpoint's blueprints, innermost first.
    :param fit: called with each handler; what it returns is kept in its place.
    """
    table: dict[int | None, list[Any]] = {}
    for scope in (*blueprints, None):
        if scope not in spec:
            continue
        for code, handlers in spec[scope].items():
            if handlers:
                fitted = {kind: fit(each) if fit else each for kind, each in handlers.items()}
                table.setdefault(code, []).append(fitted)
    return {code: tuple(scopes) for code, scopes in table.items()}
