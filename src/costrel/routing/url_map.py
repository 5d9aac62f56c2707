"""Map: all rules of an application, in their order and by endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Lock
from typing import Any, ClassVar

from costrel.http.environ import get_host, get_path_info, get_query_string, get_script_name
from costrel.http.exceptions import BadHost
from costrel.http.immutable import ImmutableDict
from costrel.http.known_as import warn_as
from costrel.http.urls import quote_query
from costrel.routing.binding import MapAdapter
from costrel.routing.converters import DEFAULT_CONVERTERS, BaseConverter
from costrel.routing.matcher import Matcher
from costrel.routing.rule import Rule
from costrel.routing.rule_factories import RuleFactory

STANDARD_PORTS = {"http": ":80", "ws": ":80", "https": ":443", "wss": ":443"}


class Map:
    """All rules, and how they are to be read. Safe to be used by several threads.

    :param rules: rules or factories of them.
    :param default_subdomain: of the rules that name none.
    :param strict_slashes: redirect `/a` to the rule `/a/`; else the rules take both.
    :param merge_slashes: redirect `/a//b` to `/a/b`.
    :param redirect_defaults: redirect to the shortest URL of an endpoint and its values.
    :param converters: more converters, by the name they have in rules.
    :param sort_parameters: sort the query of built URLs.
    :param sort_key: by what, given a pair of name and value.
    :param host_matching: match whole hosts (`Rule.host`) instead of subdomains.
    """

    default_converters: ClassVar[Mapping[str, type[BaseConverter]]] = ImmutableDict(
        DEFAULT_CONVERTERS
    )
    lock_class: ClassVar[Any] = Lock

    on_change: Callable[[], None] | None = None
    """Called after rules were added, for those who keep something made from the map."""

    def __init__(
        self,
        rules: Iterable[RuleFactory] | None = None,
        default_subdomain: str = "",
        strict_slashes: bool = True,
        merge_slashes: bool = True,
        redirect_defaults: bool = True,
        converters: Mapping[str, type[BaseConverter]] | None = None,
        sort_parameters: bool = False,
        sort_key: Callable[[Any], Any] | None = None,
        host_matching: bool = False,
    ) -> None:
        self.default_subdomain = default_subdomain
        self.strict_slashes = strict_slashes
        self.merge_slashes = merge_slashes
        self.redirect_defaults = redirect_defaults
        self.host_matching = host_matching
        self.converters = {**self.default_converters, **(converters or {})}
        self.sort_parameters = sort_parameters
        self.sort_key = sort_key
        self._rules: list[Rule] = []
        self._rules_by_endpoint: dict[Any, list[Rule]] = {}
        self._remap = True
        self._remap_lock = self.lock_class()
        self._matcher: Matcher | None = None
        for factory in rules or ():
            self.add(factory)

    def add(self, rulefactory: RuleFactory) -> None:
        """Add a rule, or all rules of a factory, and bind them to this map."""
        for rule in rulefactory.get_rules(self):
            rule.bind(self)
            with self._remap_lock:
                self._rules.append(rule)
                self._rules_by_endpoint.setdefault(rule.endpoint, []).append(rule)
                self._matcher = None
                self._remap = True
        if self.on_change is not None:
            self.on_change()

    def update(self) -> None:
        """Sort the rules of each endpoint, if some were added since the last time."""
        if not self._remap:
            return
        with self._remap_lock:
            if self._remap:
                by_endpoint = self._rules_by_endpoint
                for endpoint, rules in by_endpoint.items():
                    if len(rules) > 1:
                        # Not in place: a list that is being sorted is empty to other threads.
                        by_endpoint[endpoint] = sorted(rules, key=_build_order)
                self._remap = False

    @property
    def matcher(self) -> Matcher:
        """The look-up for the rules as they are now; its targets are the rules themselves."""
        matcher = self._matcher
        if matcher is None:
            count = len(self._rules)
            matcher = Matcher(self)
            with self._remap_lock:
                # Not kept if a rule was added meanwhile.
                if count == len(self._rules):
                    self._matcher = matcher
        return matcher

    def is_endpoint_expecting(self, endpoint: Any, *arguments: str) -> bool:
        """Whether a rule of the endpoint has all these variables or defaults."""
        wanted = set(arguments)
        return any(wanted <= rule.arguments for rule in self._rules_by_endpoint[endpoint])

    def iter_rules(self, endpoint: Any = None) -> Iterator[Rule]:
        """Iterate over all rules in their order, or over an endpoint's."""
        self.update()
        if endpoint is not None:
            return iter(self._rules_by_endpoint[endpoint])
        return iter(self._rules)

    def rules_of(self, endpoint: Any) -> list[Rule]:
        """Return an endpoint's rules in the order in which URLs are built; empty if unknown."""
        if self._remap:
            self.update()
        return self._rules_by_endpoint.get(endpoint) or []

    # --- binding -------------------------------------------------------------------------------

    def bind(
        self,
        server_name: str,
        script_name: str | None = None,
        subdomain: str | None = None,
        url_scheme: str = "http",
        default_method: str = "GET",
        path_info: str | None = None,
        query_args: Mapping[str, Any] | str | None = None,
    ) -> MapAdapter:
        """See the map as one request does.

        :param server_name: the host, without the subdomain, and its port.
        :param script_name: the path below which the application lives.
        :param subdomain: the subdomain; None for the map's default.
        :param url_scheme: as `http`.
        :param default_method: the method if `match` is given none.
        :param path_info: the path if `match` is given none.
        :param query_args: the query kept in redirects, as text or as values.
        :raises BadHost: the host cannot be written in ASCII.
        """
        if self.host_matching:
            if subdomain is not None:
                raise RuntimeError(
                    "This map matches whole hosts: give it the host as server_name and no"
                    f" subdomain ({subdomain!r} was given)."
                )
        elif subdomain is None:
            subdomain = self.default_subdomain
        return MapAdapter(
            self,
            _write_host(server_name.lower()),
            "/" if script_name is None else script_name,
            subdomain,
            url_scheme,
            "/" if path_info is None else path_info,
            default_method,
            query_args,
        )

    def bind_to_environ(
        self, environ: Any, server_name: str | None = None, subdomain: str | None = None
    ) -> MapAdapter:
        """See the map as the request of a WSGI environ does.

        :param environ: the environ, or an object that has it as `environ`.
        :param server_name: the host the application is configured for, with its port. What the
            request's host has in front of it is the subdomain.
        :param subdomain: use this one instead.
        """
        environ = getattr(environ, "environ", environ)
        host = get_host(environ).lower()
        scheme = environ["wsgi.url_scheme"]
        if _asks_for_websocket(environ):
            scheme = "wss" if scheme == "https" else "ws"
        if server_name is None:
            server_name = host
        else:
            server_name = server_name.lower().removesuffix(STANDARD_PORTS.get(scheme, ":"))
            if subdomain is None and not self.host_matching:
                subdomain = _read_subdomain(host, server_name)
        return self.bind(
            server_name,
            get_script_name(environ),
            subdomain,
            scheme,
            environ["REQUEST_METHOD"],
            get_path_info(environ),
            quote_query(get_query_string(environ)),
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self.iter_rules())!r})"


def _build_order(rule: Rule) -> tuple[int, int, int]:
    return rule.build_compare_key()


def _asks_for_websocket(environ: Mapping[str, Any]) -> bool:
    """Whether the request is a WebSocket handshake. RFC 6455 section 4.2.1."""
    if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
        return False
    options = environ.get("HTTP_CONNECTION", "").lower().split(",")
    return any(option.strip() == "upgrade" for option in options)


def _read_subdomain(host: str, server_name: str) -> str:
    """Return what a host has in front of the server's name; `<invalid>` if it is another one."""
    names, own = host.split("."), server_name.split(".")
    if names[-len(own) :] != own:
        # The host is not named: Python keeps each text that it has warned with, for ever.
        warn_as(
            "costrel.app",
            f"Current server name is not {server_name!r} or below it, which SERVER_NAME says: the"
            " request is on no subdomain and no rule will match.",
        )
        return "<invalid>"
    return ".".join(filter(None, names[: -len(own)]))


def _write_host(host: str) -> str:
    """Return a host in ASCII, its port untouched."""
    if host.isascii():
        return host
    name, colon, port = host.partition(":")
    try:
        return name.encode("idna").decode("ascii") + colon + port
    except UnicodeError as error:
        raise BadHost(f"The host {host!r} cannot be written in ASCII.") from error
