"""Request: lazy views over a wire; its body is in `request_body`.

Law: making a Request parses nothing. Each attribute is computed at its first touch and kept.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, ClassVar

from costrel.http.cached import lazy
from costrel.http.cookies import parse_cookie
from costrel.http.door import ClassDoor
from costrel.http.exceptions import HTTPException, SecurityError
from costrel.http.header_fields import environ_property
from costrel.http.header_values import parse_list_header
from costrel.http.headers import Headers
from costrel.http.immutable import ImmutableList
from costrel.http.multidict import CombinedMultiDict, ImmutableMultiDict, MultiDict
from costrel.http.query import parse_query
from costrel.http.request_body import RequestBody
from costrel.http.urls import get_current_url, get_host, host_is_trusted

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

# Short cuts of a request → what they go past. A class that replaces any of it goes the long way.
SHORT_CUTS = {
    "finds_headers_raw": ("headers",),
    "reads_query_raw": ("query_string",),
    "reads_body_at_once": ("stream",),
    "reads_forms_at_once": (
        *("want_form_data_parsed", "mimetype", "mimetype_params"),
        *("make_form_data_parser", "_get_stream_for_parsing"),
    ),
}


class Request(RequestBody):
    """An HTTP request, as the views see it.

    :param environ: a WSGI environ.
    :param populate_request: put the request into the environ as ``werkzeug.request``.
    :param shallow: refuse to read the body.
    """

    from_values = ClassDoor("costrel.testing.environ_builder:request_from_values")

    is_populating = True
    reads_query_raw = True
    dict_storage_class: type[Any] = ImmutableMultiDict
    list_storage_class: type[Any] = ImmutableList
    trusted_hosts: list[str] | None = None
    # Methods whose body's fields belong to `values` (RFC 9110, 9.3: a GET has no body to speak of).
    methods_with_form: ClassVar[frozenset[str]] = frozenset({"POST", "PUT", "PATCH"})

    remote_user = environ_property[str]("REMOTE_USER", doc="Who the server says has logged in.")
    input_stream = environ_property[Any]("wsgi.input", doc="The raw stream; use `stream` instead.")
    is_multithread = environ_property[bool](
        "wsgi.multithread", doc="Whether threads share the app."
    )
    is_multiprocess = environ_property[bool](
        "wsgi.multiprocess", doc="Whether other processes run the app too."
    )
    is_run_once = environ_property[bool]("wsgi.run_once", doc="Whether this process ends after it.")

    def __init__(
        self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False
    ) -> None:
        # PERF: two attributes. Paths, hosts, headers and bodies wait for their first touch.
        self.raw: Any = environ
        self.method: str = environ.get("REQUEST_METHOD", "GET")
        if shallow:
            self.shallow = True
        elif not populate_request:
            self.is_populating = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for short_cut, steps in SHORT_CUTS.items():
            is_open = all(getattr(cls, step) is getattr(Request, step) for step in steps)
            setattr(cls, short_cut, is_open)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url!r} [{self.method}]>"

    def __enter__(self) -> Request:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    # Where it came from and where it goes

    @lazy
    def environ(self) -> WSGIEnvironment:
        """The request as a WSGI environ."""
        environ = self.wire.environ(self.raw)
        if self.is_populating and not self.shallow:
            environ["werkzeug.request"] = self
        return environ

    @lazy
    def headers(self) -> Headers:
        """The headers, read-only."""
        return self.wire.headers(self.raw)

    @lazy
    def path(self) -> str:
        """The decoded path below the mount point, with a slash at its start."""
        return self.wire.path(self.raw)

    @lazy
    def root_path(self) -> str:
        """The decoded path of the mount point, without a slash at its end."""
        return self.wire.root_path(self.raw)

    @property
    def script_root(self) -> str:
        """The decoded path of the mount point, without a slash at its end."""
        return self.root_path.rstrip("/")

    @lazy
    def scheme(self) -> str:
        """The URL's scheme: ``http`` or ``https``."""
        return self.wire.scheme(self.raw)

    @lazy
    def server(self) -> tuple[str, int | None] | None:
        """The server's name and port."""
        return self.wire.server(self.raw)

    @lazy
    def remote_addr(self) -> str | None:
        """The address of the client, or of the last proxy."""
        return self.wire.remote_addr(self.raw)

    @lazy
    def query_string(self) -> bytes:
        """The query string as sent."""
        return self.wire.query(self.raw).encode("latin-1", "replace")

    @property
    def is_secure(self) -> bool:
        """Whether the connection is encrypted."""
        return self.scheme in {"https", "wss"}

    @lazy
    def host(self) -> str:
        """The host name, with the port where it is not the scheme's own; empty if malformed.

        :raises SecurityError: where it is none of ``trusted_hosts``.
        """
        host = get_host(self.scheme, self.headers.get("Host"), self.server)
        if self.trusted_hosts is not None and not host_is_trusted(host, self.trusted_hosts):
            raise SecurityError(f"Host {host!r} is not trusted.")
        return host

    @property
    def host_url(self) -> str:
        """Scheme and host."""
        return get_current_url(self.scheme, self.host)

    @property
    def root_url(self) -> str:
        """Scheme, host and mount point."""
        return get_current_url(self.scheme, self.host, self.root_path)

    @property
    def url_root(self) -> str:
        """Scheme, host and mount point."""
        return self.root_url

    @property
    def base_url(self) -> str:
        """The whole URL without its query."""
        return get_current_url(self.scheme, self.host, self.root_path, self.path)

    @property
    def url(self) -> str:
        """The whole URL as an IRI."""
        return get_current_url(self.scheme, self.host, self.root_path, self.path, self.query_string)

    @property
    def full_path(self) -> str:
        """Path and query; ends with ``?`` where there is no query."""
        return f"{self.path}?{self.query_string.decode(errors='replace')}"

    @lazy
    def access_route(self) -> ImmutableList[str]:
        """The addresses from the client to the last proxy, as ``X-Forwarded-For`` claims."""
        storage: type[ImmutableList[str]] = self.list_storage_class
        claimed = self.headers.get("X-Forwarded-For")
        if claimed is not None:
            return storage(parse_list_header(claimed))
        return storage([self.remote_addr] if self.remote_addr else [])

    # What it carries

    @lazy
    def args(self) -> ImmutableMultiDict[str, str]:
        """The query's values."""
        storage: Any = self.parameter_storage_class
        query: str | bytes = self.wire.query(self.raw)
        if not (query.isascii() and self.reads_query_raw):
            # Raw bytes, which WSGI spells as latin-1.
            query = self.query_string
        if issubclass(storage, MultiDict):
            return parse_query(query, storage)
        return storage(parse_query(query))  # type: ignore[no-any-return]  # of the class's own kind

    @lazy
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """The cookies sent."""
        storage: Any = self.dict_storage_class
        if "headers" in self.__dict__ or not self.finds_headers_raw:
            text = "; ".join(self.headers.getlist("Cookie"))
        else:
            text = self.wire.cookie(self.raw)
        if issubclass(storage, MultiDict):
            return parse_cookie(text, storage)  # type: ignore[return-value]  # as for args
        return storage(parse_cookie(text))  # type: ignore[no-any-return]  # as for args

    @lazy
    def values(self) -> CombinedMultiDict[str, str]:
        """``args``, and for POST, PUT and PATCH ``form`` behind it."""
        sources: list[Any] = [self.args]  # of `parameter_storage_class`
        if self.method in self.methods_with_form:
            sources.append(self.form)
        return CombinedMultiDict(
            [each if isinstance(each, MultiDict) else MultiDict(each) for each in sources]
        )

    @classmethod
    def application(cls, function: Callable[..., WSGIApplication]) -> WSGIApplication:
        """Make a function of a request that returns a response into a WSGI application."""

        def call(*args: Any) -> Any:
            *owner, environ, start_response = args
            with cls(environ) as request:
                try:
                    answer: Any = function(*owner, request)
                except HTTPException as error:
                    answer = error.get_response(environ)
                return answer(environ, start_response)

        return update_wrapper(call, function)
