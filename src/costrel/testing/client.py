"""Test clients: send requests to an application without a server, and keep its cookies.

Law: an application is called exactly as a WSGI server would call it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

from costrel.http.door import Door
from costrel.http.environ import decode_text
from costrel.http.headers import Headers
from costrel.http.known_as import Product
from costrel.http.request import Request
from costrel.http.response import Response
from costrel.serve.wsgi import PRESERVE

from .answers import TestResponse, answer_class
from .cookie_jar import Cookie, CookieJar
from .drivers import run_wsgi_app
from .environ_builder import EnvironBuilder
from .flask_environ import EnvironBuilder as AppEnvironBuilder
from .wsgi_text import split_host

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from costrel.app import Flask
    from costrel.parts.sessions import SessionMixin

    from .async_client import AsyncClient, open_websocket

REDIRECTS = frozenset({301, 302, 303, 305, 307, 308})
KEEPS_METHOD_AND_BODY = frozenset({307, 308})  # RFC 9110, 15.4.8 and 15.4.9


class ClientRedirectError(Exception):
    """Redirects that were followed led back to where they had been."""


class Client:
    """Sends requests to a WSGI application.

    `response_wrapper` is the class of the answers, beside TestResponse. `use_cookies` keeps the
    cookies that are set. `allow_subdomain_redirects` follows redirects to hosts below the first.
    """

    def __init__(
        self,
        application: WSGIApplication,
        response_wrapper: type[Response] | None = None,
        use_cookies: bool = True,
        allow_subdomain_redirects: bool = False,
    ) -> None:
        self.application = application
        self.response_wrapper = answer_class(response_wrapper)
        self.allow_subdomain_redirects = allow_subdomain_redirects
        self._cookies = CookieJar() if use_cookies else None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.application!r}>"

    # --- cookies ----------------------------------------------------------------------------

    def get_cookie(self, key: str, domain: str = "localhost", path: str = "/") -> Cookie | None:
        """The cookie kept for exactly this domain and path, or None."""
        return self._jar().find(key, domain, path)

    def set_cookie(
        self,
        key: str,
        value: str = "",
        *,
        domain: str = "localhost",
        origin_only: bool = True,
        path: str = "/",
        **kwargs: Any,
    ) -> None:
        """Keep a cookie; `kwargs` are those of `Response.set_cookie`.

        With `origin_only` it is not sent to hosts below `domain`.
        """
        self._jar().set(key, value, domain, path, origin_only=origin_only, **kwargs)

    def delete_cookie(self, key: str, *, domain: str = "localhost", path: str = "/") -> None:
        """Forget a cookie; one that is not there is no error."""
        self._jar().delete(key, domain, path)

    def _jar(self) -> CookieJar:
        if self._cookies is None:
            raise TypeError("Cookies are disabled. Create a client with 'use_cookies=True'.")
        return self._cookies

    def _add_cookies_to_wsgi(self, environ: WSGIEnvironment) -> None:
        """Give an environ the cookies for its URL, instead of those it has."""
        if self._cookies is None:
            return
        header = self._cookies.header_for(*cookie_scope(environ))
        environ.pop("HTTP_COOKIE", None)
        if header:
            environ["HTTP_COOKIE"] = header

    def _update_cookies_from_response(
        self, server_name: str, path: str, headers: Iterable[str]
    ) -> None:
        """Keep what the Set-Cookie headers of an answer say."""
        if self._cookies is not None:
            self._cookies.read_answer(server_name, path, headers)

    # --- requests ---------------------------------------------------------------------------

    def run_wsgi_app(
        self, environ: WSGIEnvironment, buffered: bool = False
    ) -> tuple[Iterable[bytes], str, Headers]:
        """Run the app once, with this client's cookies; returns body, status line and headers."""
        self._add_cookies_to_wsgi(environ)
        answer = run_wsgi_app(self.application, environ, buffered=buffered)
        scope = cookie_scope(environ)
        self._update_cookies_from_response(*scope, answer[2].getlist("Set-Cookie"))
        return answer

    def open(
        self, *args: Any, buffered: bool = False, follow_redirects: bool = False, **kwargs: Any
    ) -> TestResponse:
        """Send a request; returns the response.

        Takes what EnvironBuilder takes, or a single EnvironBuilder, environ or Request.
        `buffered` reads the whole body at once; `follow_redirects` goes on to where redirects
        lead (see `history` of the response). Raises ClientRedirectError in a circle of redirects.
        """
        request = self._make_request(args, kwargs)
        response = self._send(request, buffered)
        if not follow_redirects:
            return response
        history: list[TestResponse] = []
        seen: set[tuple[str | None, int]] = set()
        while response.status_code in REDIRECTS:
            # Middleware may clean up only after its answer was read to the end.
            if not buffered:
                response.make_sequence()
                response.close()
            redirect = (response.location, response.status_code)
            if redirect in seen:
                raise ClientRedirectError(
                    f"Redirects go in a circle: {redirect[1]} to {redirect[0]!r} came twice."
                )
            seen.add(redirect)
            response.history = tuple(history)
            history.append(response)
            response = self.resolve_redirect(response, buffered=buffered)
        response.history = tuple(history)
        # The body may be a temporary file.
        response.call_on_close(request.environ["wsgi.input"].close)
        return response

    def _make_request(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request:
        if args and not isinstance(args[0], str):
            return self._given_request(args, kwargs)
        builder = EnvironBuilder(*args, **kwargs)
        try:
            return builder.get_request()
        finally:
            builder.close()

    def _given_request(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request:
        """The request of a builder or an environ that is the one argument, or that request."""
        given = args[0]
        if len(args) > 1 or kwargs:
            raise TypeError(
                f"A {type(given).__name__} says all there is to a request: "
                "pass it alone, or pass a path with other arguments."
            )
        if isinstance(given, EnvironBuilder):
            return given.get_request()
        if isinstance(given, dict):
            return EnvironBuilder.from_environ(given).get_request()
        if isinstance(given, Request):
            return given
        raise TypeError(
            "A request is made from a path, an EnvironBuilder, an environ or a Request, "
            f"not from a {type(given).__name__}."
        )

    def _send(self, request: Request, buffered: bool) -> TestResponse:
        body, status, headers = self.run_wsgi_app(request.environ, buffered=buffered)
        return self.response_wrapper(body, status, headers, request=request)

    def resolve_redirect(self, response: TestResponse, buffered: bool = False) -> TestResponse:
        """Send the request that a redirect asks for.

        Raises RuntimeError where it leads to another host, or to a subdomain unless allowed.
        """
        return self.open(self.make_redirected(response), buffered=buffered)

    def make_redirected(self, response: TestResponse) -> EnvironBuilder:
        """The builder of the request that a redirect asks for."""
        environ = response.request.environ
        builder = EnvironBuilder.from_environ(environ, query_string="")
        target = urlsplit(urljoin(wsgi_url(environ), response.location or ""))
        host = target.netloc.rpartition("@")[2].lower()
        check_host(builder.host, host, self.allow_subdomain_redirects)
        builder.url_scheme = target.scheme
        builder.host = host
        aim(builder, target.path, target.query)
        if response.status_code in KEEPS_METHOD_AND_BODY:
            if builder.input_stream is not None and hasattr(builder.input_stream, "seek"):
                builder.input_stream.seek(0)
        else:
            drop_body(builder)
        return builder

    def get(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method GET."""
        return self.open(*args, **{**kw, "method": "GET"})

    def post(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method POST."""
        return self.open(*args, **{**kw, "method": "POST"})

    def put(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method PUT."""
        return self.open(*args, **{**kw, "method": "PUT"})

    def delete(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method DELETE."""
        return self.open(*args, **{**kw, "method": "DELETE"})

    def patch(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method PATCH."""
        return self.open(*args, **{**kw, "method": "PATCH"})

    def options(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method OPTIONS."""
        return self.open(*args, **{**kw, "method": "OPTIONS"})

    def head(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method HEAD."""
        return self.open(*args, **{**kw, "method": "HEAD"})

    def trace(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method TRACE."""
        return self.open(*args, **{**kw, "method": "TRACE"})


def cookie_scope(environ: WSGIEnvironment) -> tuple[str, str]:
    """The host and the path that decide which cookies belong to a request."""
    host = environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "localhost")
    path = environ.get("SCRIPT_NAME", "") + with_slash(environ.get("PATH_INFO", ""))
    return split_host(host)[0].lower(), decode_text(path) or "/"


def with_slash(path: str) -> str:
    """The path of `client.get("page")` as it is below a host."""
    return f"/{path}" if path and not path.startswith("/") else path


def wsgi_url(environ: WSGIEnvironment) -> str:
    """The URL of a request, its path still escaped, to resolve a relative Location against."""
    builder = EnvironBuilder.from_environ(environ)
    return builder.base_url.rstrip("/") + with_slash(builder.path)


def check_host(old: str, new: str, allow_subdomains: bool) -> None:
    """Refuse a redirect that this client's app does not answer."""
    old_name, new_name = split_host(old.lower())[0], split_host(new.lower())[0]
    if new_name == old_name:
        return
    if not new_name.endswith(f".{old_name}"):
        raise RuntimeError(
            f"A redirect leads from {old_name!r} to {new_name!r}, another host, "
            "where this client cannot follow. Leave follow_redirects off."
        )
    if not allow_subdomains:
        raise RuntimeError(
            f"A redirect leads from {old_name!r} to its subdomain {new_name!r}. "
            "Create the client with 'allow_subdomain_redirects=True' to follow."
        )


def aim(builder: EnvironBuilder, path: str, query: str) -> None:
    """Point a builder at a path of the whole host: below its mount point where it is so."""
    root = builder.script_root
    if root and (path == root or path.startswith(f"{root}/")):
        path = path[len(root) :]
    else:
        builder.script_root = ""
    builder.path = path or "/"
    builder.request_uri = builder.path
    builder.query_string = query


def drop_body(builder: EnvironBuilder) -> None:
    """Make a GET (a HEAD stays one) without a body of a request (RFC 9110, 15.4)."""
    if builder.method != "HEAD":
        builder.method = "GET"
    builder.input_stream = None
    for name in ("Content-Type", "Content-Length", "Transfer-Encoding"):
        builder.headers.pop(name, None)


class FlaskClient(Client):
    """A Client that knows its app: its configured host, JSON and session.

    `environ_base` is what every request's environ starts from. In a `with` block the context of
    the last request stays, until the next request or the end of the block.
    """

    application: Flask

    # For `async with client` and for WebSockets, which need an event loop.
    if TYPE_CHECKING:
        async_side: AsyncClient
        websocket_connect = open_websocket
    else:
        async_side = Door("costrel.testing.async_client:AsyncClient", made_once=True)
        websocket_connect = Door("costrel.testing.async_client:open_websocket")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.preserve_context = False
        self._new_contexts: list[AbstractContextManager[Any]] = []
        self._context_stack = ExitStack()
        self.environ_base: dict[str, Any] = {
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_USER_AGENT": self.user_agent(),
        }

    @staticmethod
    def user_agent() -> str:
        """What the client calls itself."""
        return f"{Product.name}/{version(Product.distribution)}"

    @contextmanager
    def session_transaction(self, *args: Any, **kwargs: Any) -> Iterator[SessionMixin]:
        """Open the session outside of a request, for reading and changing; save it at the end.

        Takes what `open` takes, for a session that depends on the request. Raises TypeError
        without cookies, RuntimeError where the app has no session.
        """
        self._jar()
        app = self.application
        context = app.test_request_context(*args, **kwargs)
        request: Request = context.request
        self._add_cookies_to_wsgi(request.environ)
        with context:
            session = app.session_interface.open_session(app, request)
        if session is None:
            raise RuntimeError(
                "Session backend did not open a session. Is the app's secret_key set?"
            )
        yield session
        if app.session_interface.is_null_session(session):
            return
        response = app.response_class()
        with context:
            app.session_interface.save_session(app, session, response)
        self._update_cookies_from_response(
            *cookie_scope(request.environ), response.headers.getlist("Set-Cookie")
        )

    def _copy_environ(self, other: WSGIEnvironment) -> WSGIEnvironment:
        """An environ over this client's base, that gives back the context if it is to stay."""
        environ = {**self.environ_base, **other}
        if self.preserve_context:
            environ[PRESERVE] = self._new_contexts.append
        return environ

    def _make_request(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request:
        if args and not isinstance(args[0], str):
            return self._given_request(args, kwargs)
        return self._request_from_builder_args(args, kwargs)

    def _request_from_builder_args(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request:
        """The request of a path and the builder's other arguments; flask_socketio calls it."""
        base = self._copy_environ(kwargs.get("environ_base") or {})
        builder = AppEnvironBuilder(self.application, *args, **{**kwargs, "environ_base": base})
        try:
            return builder.get_request()
        finally:
            builder.close()

    def _given_request(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request:
        request = super()._given_request(args, kwargs)
        return type(request)(self._copy_environ(request.environ))

    def open(
        self, *args: Any, buffered: bool = False, follow_redirects: bool = False, **kwargs: Any
    ) -> TestResponse:
        """Send a request as `Client.open` does; the context kept from the last one ends first."""
        self._context_stack.close()
        self._new_contexts.clear()  # of the redirect that led here
        response = super().open(
            *args, buffered=buffered, follow_redirects=follow_redirects, **kwargs
        )
        response.json_module = self.application.json
        while self._new_contexts:
            self._context_stack.enter_context(self._new_contexts.pop())
        return response

    def __enter__(self) -> Self:
        if self.preserve_context:
            raise RuntimeError(
                "This client keeps a context already: its 'with' blocks do not nest."
            )
        self.preserve_context = True
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.preserve_context = False
        self._context_stack.close()

    async def __aenter__(self) -> AsyncClient:
        side: AsyncClient = await self.async_side.__aenter__()
        return side

    async def __aexit__(self, *exc_info: Any) -> None:
        await self.async_side.__aexit__(*exc_info)


def open_client(app: Flask, use_cookies: bool = True, **kwargs: Any) -> FlaskClient:
    """Make a test client for `app` (`app.test_client()`), of its `test_client_class` if it has one.

    Set `app.testing` first where exceptions shall reach the test instead of becoming a 500.
    """
    make: Callable[..., FlaskClient] = app.test_client_class or FlaskClient
    return make(app, app.response_class, use_cookies=use_cookies, **kwargs)
