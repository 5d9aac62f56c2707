"""jsonify, dumps, loads: JSON by the current app's provider."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from costrel.http.response import Response as HTTPResponse
from costrel.parts.json_provider import JSON_RESPONSE, DefaultJSONProvider
from costrel.serve.current import CURRENT
from costrel.shortcuts.globals import current_context

if TYPE_CHECKING:
    from costrel.serve.wrappers import Response


def _provider() -> Any:
    """The current app's provider; outside of an app the default one's rules."""
    ctx = CURRENT.get(None)
    return OUTSIDE if ctx is None else ctx.app.json


class _NoApp:
    """What the provider must know of an app, where there is none."""

    debug = False
    response_class: type[Any] = HTTPResponse


_NO_APP = _NoApp()
OUTSIDE = DefaultJSONProvider(_NO_APP)
# As `json.dumps` outside of an app always wrote them.
OUTSIDE.sort_keys = False


def dumps(obj: Any, **kwargs: Any) -> str:
    """Write a value as JSON text, by the current app's provider."""
    return _provider().dumps(obj, **kwargs)  # type: ignore[no-any-return]  # the provider's own


def dump(obj: Any, fp: IO[str], **kwargs: Any) -> None:
    """Write a value as JSON to a text file, by the current app's provider."""
    _provider().dump(obj, fp, **kwargs)


def loads(s: str | bytes, **kwargs: Any) -> Any:
    """Read a value from JSON text, by the current app's provider.

    :raises ValueError: if it is not JSON.
    """
    return _provider().loads(s, **kwargs)


def load(fp: IO[Any], **kwargs: Any) -> Any:
    """Read a value from a JSON file, by the current app's provider."""
    return _provider().load(fp, **kwargs)


def jsonify(*args: Any, **kwargs: Any) -> Response:
    """Make a response of a value, of several as a list, or of names with values.

    :raises TypeError: if given both.
    :raises RuntimeError: outside of an app.
    """
    provider = current_context().app.json
    # PERF: names with values go to the default provider as they are (4 % of a request).
    if kwargs and not args and getattr(provider.response, "__func__", None) is JSON_RESPONSE:
        return provider.response_of(kwargs)  # type: ignore[no-any-return]  # the app's own class
    return provider.response(*args, **kwargs)  # type: ignore[no-any-return]  # as above
