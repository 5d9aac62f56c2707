"""FLOOR 6: a client, and requests made of thin air.

Law: the names below bring their files along when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costrel.testing.answers import TestResponse
    from costrel.testing.async_client import AsyncClient
    from costrel.testing.cli_runner import FlaskCliRunner
    from costrel.testing.client import Client, FlaskClient
    from costrel.testing.flask_environ import EnvironBuilder
    from costrel.testing.websocket_client import WebSocketRejected

# A test client needs no click, and its sync side no event loop.
_LATER = {
    "AsyncClient": "costrel.testing.async_client",
    "Client": "costrel.testing.client",
    "EnvironBuilder": "costrel.testing.flask_environ",
    "FlaskCliRunner": "costrel.testing.cli_runner",
    "FlaskClient": "costrel.testing.client",
    "TestResponse": "costrel.testing.answers",
    "WebSocketRejected": "costrel.testing.websocket_client",
}

__all__ = [
    "AsyncClient",
    "Client",
    "EnvironBuilder",
    "FlaskCliRunner",
    "FlaskClient",
    "TestResponse",
    "WebSocketRejected",
]


def __getattr__(name: str) -> Any:
    """Import a name's file when it is first used."""
    place = _LATER.get(name)
    if place is None:
        raise AttributeError(f"module 'costrel.testing' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(place), name)
    return found
