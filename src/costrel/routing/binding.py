"""MapAdapter: a map seen from one request, with its host, scheme and prefix."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from costrel.http.exceptions import HTTPException, MethodNotAllowed, NotFound
from costrel.http.late_pattern import late_pattern
from costrel.http.multidict import MultiDict
from costrel.http.query import dump_query
from costrel.routing.converters import quote_path
from costrel.routing.outcomes import (
    BuildError,
    DefaultsRedirect,
    Miss,
    NoMatch,
    RequestAliasRedirect,
    RequestPath,
    RequestRedirect,
    TargetRedirect,
    WebsocketMismatch,
)

if TYPE_CHECKING:
    from costrel.routing.rule import Rule
    from costrel.routing.url_map import Map

QueryArgs = Mapping[str, Any] | str
WEBSOCKET_SCHEMES = frozenset({"ws", "wss"})
SECURE_SCHEMES = frozenset({"https", "wss"})
_VARIABLES = late_pattern(r"<([^>]*+)>")


class MapAdapter:
    """What `Map.bind` returns: matches paths and builds URLs for one request."""

    def __init__(
        self,
        map: Map,
        server_name: str,
        script_name: str,
        subdomain: str | None,
        url_scheme: str,
        path_info: str,
        default_method: str,
        query_args: QueryArgs | None = None,
    ) -> None:
        self.map = map
        self.server_name = server_name
        if script_name[:2] == "//":
            # What begins with two names another host.
            script_name = f"/{script_name.lstrip('/')}"
        self.script_name = script_name if script_name.endswith("/") else f"{script_name}/"
        self.subdomain = subdomain
        self.url_scheme = url_scheme
        self.path_info = path_info.lstrip("/")
        # Below a mount point the empty path is another one than the slash.
        self._has_path = bool(path_info)
        self.default_method = default_method
        self.query_args = query_args
        self.websocket = url_scheme in WEBSOCKET_SCHEMES

    # --- matching ------------------------------------------------------------------------------

    def dispatch(
        self,
        view_func: Callable[[Any, Mapping[str, Any]], Any],
        path_info: str | None = None,
        method: str | None = None,
        catch_http_exceptions: bool = False,
    ) -> Any:
        """Match, and call a function with the endpoint and the values.

        A redirect is returned as it is: it can be called as a WSGI application.

        :param catch_http_exceptions: return HTTP errors instead of raising them.
        """
        try:
            endpoint, args = self.match(path_info, method)
            return view_func(endpoint, args)
        except RequestRedirect as redirect:
            return redirect
        except HTTPException as error:
            if catch_http_exceptions:
                return error
            raise

    def match(
        self,
        path_info: str | None = None,
        method: str | None = None,
        return_rule: bool = False,
        query_args: QueryArgs | None = None,
        websocket: bool | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Return the endpoint and the values for a path.

        :param path_info: the decoded path; None for the request's own.
        :param method: None for the request's own.
        :param return_rule: return the rule instead of its endpoint.
        :param query_args: the query that redirects keep; None for the request's own.
        :param websocket: whether it is a WebSocket handshake; None to go by the scheme.
        :raises NotFound: there is no rule for the path.
        :raises MethodNotAllowed: there are, but for other methods.
        :raises RequestRedirect: another URL is to be used.
        :raises WebsocketMismatch: there are, but for the other kind of request.
        """
        path = self.path_info if path_info is None else path_info
        method = method or self.default_method
        domain = (self.server_name if self.map.host_matching else self.subdomain) or ""
        # As the request's own path lacks its slash, only a given path can be empty.
        if path_info is None and self._has_path:
            path = f"/{path}"
        is_websocket = self.websocket if websocket is None else websocket
        matcher = self.map.matcher
        if is_websocket or domain != matcher.domain:
            rule, args = matcher.match_at(domain, path, method, is_websocket)
        else:
            rule, args = matcher.match(path, method)
        if isinstance(rule, Miss):
            raise self.explain(rule, method, query_args)
        return (rule if return_rule else rule.endpoint), args

    def explain(
        self, miss: Miss, method: str | None = None, query_args: QueryArgs | None = None
    ) -> HTTPException:
        """Return the error or redirect which a miss means for this request.

        :param miss: what a `Matcher` returned.
        :param method: None for the request's own.
        :param query_args: the query that redirects keep; None for the request's own.
        """
        if isinstance(miss, NoMatch):
            if miss.have_match_for:
                return MethodNotAllowed(valid_methods=sorted(miss.have_match_for))
            return WebsocketMismatch() if miss.websocket_mismatch else NotFound()
        query = self.query_args if query_args is None else query_args
        if isinstance(miss, RequestPath):
            url = self.make_redirect_url(quote_path(miss.path_info), query)
        elif isinstance(miss, RequestAliasRedirect):
            url = self.make_alias_redirect_url(
                miss.endpoint, miss.matched_values, method or self.default_method, query
            )
        elif isinstance(miss, DefaultsRedirect):
            built = miss.rule.build(miss.values)
            if built is None:
                return NotFound()
            url = self.make_redirect_url(built[1], query, domain_part=built[0])
        elif isinstance(miss, TargetRedirect):
            url = self._read_target(miss.rule, miss.values)
        else:
            raise TypeError(f"{miss!r} asks for Matcher.match_at to be called, not for an error.")
        return RequestRedirect(url)

    def _read_target(self, rule: Rule, values: Mapping[str, Any]) -> str:
        """Return the URL that a rule's `redirect_to` says."""
        target = rule.redirect_to
        if isinstance(target, str):
            converters = rule._converters

            def fill(found: re.Match[str]) -> str:
                name = found[1]
                return converters[name].to_url(values[name])

            url = _VARIABLES.sub(fill, target)
        else:
            assert target is not None
            url = target(self, **values)
        return urljoin(self._join(self.url_scheme or "http", self.get_host(None), ""), url)

    def test(self, path_info: str | None = None, method: str | None = None) -> bool:
        """Whether there is a rule for the path and the method; a redirect counts as one."""
        try:
            self.match(path_info, method)
        except RequestRedirect:
            return True
        except HTTPException:
            return False
        return True

    def allowed_methods(self, path_info: str | None = None) -> Iterable[str]:
        """Return the methods for which there are rules at a path."""
        try:
            # No rule has this method, so all of them are listed as the reason.
            self.match(path_info, method="--")
        except MethodNotAllowed as error:
            return error.valid_methods or ()
        except HTTPException:
            pass
        return []

    # --- redirects -----------------------------------------------------------------------------

    def get_host(self, domain_part: str | None) -> str:
        """Return the host for a rule's domain part; None for the request's own."""
        if self.map.host_matching:
            return self.server_name if domain_part is None else domain_part
        subdomain = self.subdomain if domain_part is None else domain_part
        return f"{subdomain}.{self.server_name}" if subdomain else self.server_name

    def encode_query_args(self, query_args: QueryArgs) -> str:
        """Return a query as text."""
        return query_args if isinstance(query_args, str) else dump_query(query_args)

    def make_redirect_url(
        self,
        path_info: str,
        query_args: QueryArgs | None = None,
        domain_part: str | None = None,
    ) -> str:
        """Return the absolute URL of a quoted path below the application."""
        query = self.query_args if query_args is None else query_args
        text = self.encode_query_args(query) if query else ""
        url = self._join(self.url_scheme or "http", self.get_host(domain_part), path_info)
        return f"{url}?{text}" if text else url

    def make_alias_redirect_url(
        self, endpoint: Any, values: Mapping[str, Any], method: str, query_args: QueryArgs | None
    ) -> str:
        """Return the URL that an alias stands for."""
        url = self.build(endpoint, values, method, append_unknown=False, force_external=True)
        text = self.encode_query_args(query_args) if query_args else ""
        return f"{url}?{text}" if text else url

    def _join(self, scheme: str, host: str, path: str) -> str:
        """Put a URL together. Without a host, it is a path on the same host."""
        path = f"{self.script_name}{path.lstrip('/')}"
        if not host:
            # `http:///evil.example` is `http://evil.example` to a browser.
            return f"/{path.lstrip('/')}"
        return f"{scheme}://{host}{path}" if scheme else f"//{host}{path}"

    # --- building ------------------------------------------------------------------------------

    def build(
        self,
        endpoint: Any,
        values: Mapping[str, Any] | None = None,
        method: str | None = None,
        force_external: bool = False,
        append_unknown: bool = True,
        url_scheme: str | None = None,
    ) -> str:
        """Return the URL of an endpoint: a path, or absolute where it is on another host.

        :param values: its variables; those it does not have become the query. None is left out,
            lists are repeated.
        :param method: take a rule that answers this method.
        :param force_external: return an absolute URL in any case.
        :param append_unknown: False leaves values out that are no variables.
        :param url_scheme: instead of the request's own; empty for a URL that begins with `//`.
        :raises BuildError: no rule of the endpoint fits.
        """
        values = _settle_values(values) if values else {}
        found = self._find(endpoint, values, method, append_unknown)
        if found is None:
            raise BuildError(endpoint, values, method, self)
        domain, path, is_websocket = found
        scheme = self.url_scheme if url_scheme is None else url_scheme
        if is_websocket:
            # A browser takes only absolute URLs for WebSockets.
            force_external = True
            scheme = "wss" if scheme in SECURE_SCHEMES else "ws"
        elif scheme in WEBSOCKET_SCHEMES:
            scheme = "https" if scheme in SECURE_SCHEMES else "http"
        if not force_external:
            own = self.server_name if self.map.host_matching else self.subdomain
            if domain == own:
                # Only one slash: what begins with two names another host.
                return f"{self.script_name}{path.lstrip('/')}"
        return self._join(scheme, self.get_host(domain), path)

    def _find(
        self, endpoint: Any, values: Mapping[str, Any], method: str | None, append_unknown: bool
    ) -> tuple[str, str, bool] | None:
        """Return domain part and path from the first rule that fits, and if it is a WebSocket's.

        Rules for the request's own method are preferred if none is asked for; rules on the
        request's own host are preferred where hosts are matched.
        """
        rules = self.map.rules_of(endpoint)
        methods = (method,) if method is not None else (self.default_method, None)
        for wanted in methods:
            first = None
            for rule in rules:
                if not rule.suitable_for(values, wanted):
                    continue
                built = rule.build(values, append_unknown)
                if built is None:
                    continue
                found = *built, rule.websocket
                if not self.map.host_matching or built[0] == self.server_name:
                    return found
                first = first or found
            if first is not None:
                return first
        return None


def _settle_values(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out what has no value; of a MultiDict take single values out of their lists."""
    if isinstance(values, MultiDict):
        return {
            name: found[0] if len(found) == 1 else found for name, found in values.lists() if found
        }
    if None in values.values():
        return {name: value for name, value in values.items() if value is not None}
    return values
