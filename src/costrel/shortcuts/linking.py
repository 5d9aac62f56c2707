"""url_for: the URL of an endpoint, seen from here."""

from __future__ import annotations

from typing import Any

from costrel.shortcuts.globals import current_context


def url_for(
    endpoint: str,
    *,
    _anchor: str | None = None,
    _method: str | None = None,
    _scheme: str | None = None,
    _external: bool | None = None,
    **values: Any,
) -> str:
    """Build the URL of an endpoint; values that its rule does not know become the query.

    :param endpoint: a view's name, ``blueprint.view``, or ``.view`` for the current blueprint's.
    :param _anchor: the fragment.
    :param _method: choose among the endpoint's rules by method.
    :param _scheme: the URL's scheme; makes it absolute.
    :param _external: make it absolute.
    :raises BuildError: where no rule fits.
    :raises RuntimeError: outside of a request without ``SERVER_NAME``.
    """
    return current_context().app.url_for(  # type: ignore[no-any-return]  # the app's own method
        endpoint,
        _anchor=_anchor,
        _method=_method,
        _scheme=_scheme,
        _external=_external,
        **values,
    )
