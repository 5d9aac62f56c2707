"""An endpoint and its values → a URL, seen from a context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from costrel.routing.outcomes import BuildError

if TYPE_CHECKING:
    from costrel.serve.context import AppContext

# RFC 3986, 3.5, and what browsers leave as it is in a fragment.
FRAGMENT_SAFE = "%!#$&'()*+,/:;=?@"
NO_ADAPTER = (
    "No URL can be built here: there is no request that tells the host. Build it while a request "
    "is handled, or set SERVER_NAME (and, behind a prefix or HTTPS, APPLICATION_ROOT and "
    "PREFERRED_URL_SCHEME) for URLs built outside of one."
)


def build_url(
    ctx: AppContext,
    endpoint: str,
    values: dict[str, Any],
    *,
    anchor: str | None = None,
    method: str | None = None,
    scheme: str | None = None,
    external: bool | None = None,
) -> str:
    """Build the URL of an endpoint.

    :param ctx: where from: within a request the URL is relative to its host, outside absolute.
    :param endpoint: the endpoint; a leading dot means the current blueprint's.
    :param values: the URL's values; what the rule does not know goes into the query.
    :param anchor: the fragment.
    :param method: choose among rules by method.
    :param scheme: the URL's scheme; makes it absolute.
    :param external: make it absolute.
    :raises RuntimeError: outside a request without ``SERVER_NAME``.
    :raises ValueError: where a scheme is given for a URL without one.
    :raises BuildError: where no rule fits.
    """
    app, adapter = ctx.app, ctx.url_adapter
    request_ctx = ctx.found_request
    if request_ctx is None:
        external = True if external is None else external
    else:
        adapter = request_ctx.url_adapter
        endpoint = _resolve_dot(endpoint, request_ctx.request.blueprint)
        external = scheme is not None if external is None else external
    if adapter is None:
        raise RuntimeError(NO_ADAPTER)
    if scheme is not None and not external:
        raise ValueError("A URL with _scheme is a whole one: leave _external out or make it true.")
    app.inject_url_defaults(endpoint, values)
    try:
        url: str = adapter.build(
            endpoint, values, method=method, url_scheme=scheme, force_external=external
        )
    except BuildError as error:
        values.update(_anchor=anchor, _method=method, _scheme=scheme, _external=external)
        return str(app.handle_url_build_error(error, endpoint, values))
    return url if anchor is None else f"{url}#{quote(anchor, safe=FRAGMENT_SAFE)}"


def _resolve_dot(endpoint: str, blueprint: str | None) -> str:
    """An endpoint with a leading dot → the endpoint of the current blueprint."""
    if not endpoint.startswith("."):
        return endpoint
    return endpoint[1:] if blueprint is None else blueprint + endpoint
