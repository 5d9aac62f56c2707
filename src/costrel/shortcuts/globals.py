"""request, session, g, current_app: the objects of the current context, by names to import.

Law: the core imports none of these. A proxy finds its object anew at every touch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costrel.serve.current import CURRENT, OUTSIDE_APP, OUTSIDE_REQUEST, OUTSIDE_WEBSOCKET
from costrel.shortcuts.proxy import make_proxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from costrel.app import Flask
    from costrel.http.response import Response
    from costrel.parts.sessions import SessionMixin
    from costrel.serve.app_globals import AppGlobals
    from costrel.serve.context import AppContext, RequestContext
    from costrel.serve.websocket import HeaderPairs, WebSocket
    from costrel.serve.wrappers import Request

    class _CurrentWebSocket(WebSocket):
        """What handlers of both kinds see: an async one awaits what a sync one just calls.

        A message is str or bytes, of which a program knows its clients to send the one.
        """

        def accept(
            self, subprotocol: str | None = None, headers: HeaderPairs | None = None
        ) -> Any: ...
        def receive(self) -> Any: ...
        def receive_json(self) -> Any: ...
        def send(self, message: str | bytes) -> Any: ...
        def send_json(self, *args: Any, **kwargs: Any) -> Any: ...
        def close(self, code: int = 1000, reason: str = "") -> Any: ...
        def reject(self, response: Response | None = None) -> Any: ...
        def __iter__(self) -> Iterator[Any]: ...
        def __aiter__(self) -> AsyncIterator[Any]: ...

    # What a proxy stands for is what a type checker should see.
    request: Request
    session: SessionMixin
    g: AppGlobals
    current_app: Flask
    app_ctx: AppContext
    request_ctx: RequestContext
    websocket: _CurrentWebSocket
else:
    app_ctx = make_proxy(CURRENT, "app_context", OUTSIDE_APP)
    current_app = make_proxy(CURRENT, "app", OUTSIDE_APP)
    g = make_proxy(CURRENT, "g", OUTSIDE_APP)
    request_ctx = make_proxy(CURRENT, "request_context", OUTSIDE_REQUEST)
    request = make_proxy(CURRENT, "request", OUTSIDE_REQUEST)
    session = make_proxy(CURRENT, "session", OUTSIDE_REQUEST)
    websocket = make_proxy(CURRENT, "websocket", OUTSIDE_WEBSOCKET)


class _CurrentRequestContext:
    """The context of the request that is handled here, read as a context variable is."""

    def get(self, default: Any = None) -> Any:
        """Return the request's context, or the default outside of one."""
        ctx = CURRENT.get(None)
        found = None if ctx is None else ctx.found_request
        return default if found is None else found


CURRENT_REQUEST = _CurrentRequestContext()


def has_request_context() -> bool:
    """Whether a request is being handled here."""
    ctx = CURRENT.get(None)
    return ctx is not None and ctx.found_request is not None


def has_websocket_context() -> bool:
    """Whether a WebSocket is being handled here."""
    ctx = CURRENT.get(None)
    return ctx is not None and ctx.websocket is not None


def has_app_context() -> bool:
    """Whether an app is current here."""
    return CURRENT.get(None) is not None


def current_context() -> Any:
    """Return the current context.

    :raises RuntimeError: outside of one.
    """
    ctx = CURRENT.get(None)
    if ctx is None:
        raise RuntimeError(OUTSIDE_APP)
    return ctx
