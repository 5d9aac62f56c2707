"""AsyncClient: sends requests to an app over ASGI, in the loop that the test runs in."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from costrel.serve.environ_scope import scope_of

from .asgi_driver import run_asgi_app
from .client import REDIRECTS, ClientRedirectError, FlaskClient, cookie_scope, open_client
from .websocket_client import AsyncTestWebSocket, TestWebSocket

if TYPE_CHECKING:
    from costrel.app import Flask
    from costrel.http.request import Request

    from .answers import TestResponse


class AsyncClient:
    """The async side of a FlaskClient, whose cookies and `session_transaction` it shares.

    Its `async with` block starts the app (`before_serving`) and stops it (`after_serving`).
    """

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.application: Flask = client.application

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    async def __aenter__(self) -> Self:
        await self.application.lifespan.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.application.lifespan.stop()

    async def open(self, *args: Any, follow_redirects: bool = False, **kwargs: Any) -> TestResponse:
        """Send a request; returns the response, whose body is read. Takes what a Client takes."""
        response = await self._send(self.client._make_request(args, kwargs))
        history: list[TestResponse] = []
        seen: set[tuple[str | None, int]] = set()
        while follow_redirects and response.status_code in REDIRECTS:
            redirect = (response.location, response.status_code)
            if redirect in seen:
                raise ClientRedirectError(f"Redirects go in a circle: {redirect[0]!r} came twice.")
            seen.add(redirect)
            response.history = tuple(history)
            history.append(response)
            builder = self.client.make_redirected(response)
            response = await self._send(self.client._make_request((builder,), {}))
        response.history = tuple(history)
        return response

    async def _send(self, request: Request) -> TestResponse:
        client, environ = self.client, request.environ
        client._add_cookies_to_wsgi(environ)
        body, status, headers = await run_asgi_app(self.application, environ)
        client._update_cookies_from_response(*cookie_scope(environ), headers.getlist("Set-Cookie"))
        response = client.response_wrapper(body, status, headers, request=request)
        response.json_module = self.application.json
        return response

    def websocket(
        self, path: str, *, subprotocols: list[str] | None = None, **kwargs: Any
    ) -> AsyncTestWebSocket:
        """Open a WebSocket: `async with client.websocket("/ws") as websocket`."""
        scope = websocket_scope(self.client, path, subprotocols, kwargs)
        return AsyncTestWebSocket(self.application, scope)

    websocket_connect = websocket

    async def get(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method GET."""
        return await self.open(*args, **{**kw, "method": "GET"})

    async def post(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method POST."""
        return await self.open(*args, **{**kw, "method": "POST"})

    async def put(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method PUT."""
        return await self.open(*args, **{**kw, "method": "PUT"})

    async def delete(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method DELETE."""
        return await self.open(*args, **{**kw, "method": "DELETE"})

    async def patch(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method PATCH."""
        return await self.open(*args, **{**kw, "method": "PATCH"})

    async def options(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method OPTIONS."""
        return await self.open(*args, **{**kw, "method": "OPTIONS"})

    async def head(self, *args: Any, **kw: Any) -> TestResponse:
        """`open` with the method HEAD."""
        return await self.open(*args, **{**kw, "method": "HEAD"})


def open_websocket(
    client: FlaskClient, path: str, *, subprotocols: list[str] | None = None, **kwargs: Any
) -> TestWebSocket:
    """Open a WebSocket from sync tests: `with client.websocket_connect("/ws") as websocket`.

    Takes what `open` takes for headers and the like. Raises WebSocketRejected, whose `response`
    is the answer, where the app does not accept.
    """
    scope = websocket_scope(client, path, subprotocols, kwargs)
    return TestWebSocket(AsyncTestWebSocket(client.application, scope))


def websocket_scope(
    client: FlaskClient, path: str, subprotocols: list[str] | None, kwargs: dict[str, Any]
) -> dict[str, Any]:
    """The ASGI scope of a handshake, with a client's cookies."""
    environ = client._make_request((path,), kwargs).environ
    client._add_cookies_to_wsgi(environ)
    if subprotocols:
        environ["HTTP_SEC_WEBSOCKET_PROTOCOL"] = ", ".join(subprotocols)
    environ["HTTP_CONNECTION"], environ["HTTP_UPGRADE"] = "Upgrade", "websocket"
    scope = scope_of(environ, "websocket")
    scope["subprotocols"] = subprotocols or []
    return scope


def open_async_client(app: Flask, use_cookies: bool = True, **kwargs: Any) -> AsyncClient:
    """Make an async test client for `app` (`app.async_test_client()`)."""
    return AsyncClient(open_client(app, use_cookies, **kwargs))
