"""What every template is given, as the first of an app's context processors."""

from __future__ import annotations

from typing import Any

from costrel.serve.current import CURRENT


def default_template_values() -> dict[str, Any]:
    """Return `g` and, in a request, `request` and `session`; nothing outside of a context.

    `update_template_context` has a quicker way and passes over this function, which is for
    programs that call the processors themselves.
    """
    ctx = CURRENT.get(None)
    if ctx is None:
        return {}
    found = ctx.found_request
    if found is None:
        return {"g": ctx.g}
    return {"g": ctx.g, "request": found.request, "session": found.session}
