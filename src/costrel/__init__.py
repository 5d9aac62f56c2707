"""Flask's API over an HTTP layer of its own, served over WSGI, ASGI and RSGI.

The shortest program, to be run with ``costrel --app hello run``::

    from costrel import Flask

    app = Flask(__name__)


    @app.route("/")
    def hello():
        return "Hello, World!"

The names are Flask's, as are those of ``costrel.json``, ``costrel.views``, ``costrel.sessions``,
``costrel.signals``, ``costrel.testing`` and ``costrel.typing``. The documentation is README.md and
the folder docs/ of the project; what differs from Flask on purpose is docs/differences.md.
"""

# Law: this file re-exports every public name, and holds nothing else. Importing it brings what an
# app needs to be declared and served; each other name brings its file along when it is first used.

from importlib import import_module
from typing import TYPE_CHECKING, Any

from costrel.app import Flask
from costrel.declare.blueprint import Blueprint
from costrel.parts.config import Config
from costrel.serve.wrappers import Request, Response

if TYPE_CHECKING:
    from markupsafe import Markup, escape

    from costrel import json, views
    from costrel.http.event_stream import EventStream, ServerSentEvent
    from costrel.http.uploads import secure_filename
    from costrel.parts.passwords import check_password_hash, generate_password_hash
    from costrel.parts.signals import (
        appcontext_popped,
        appcontext_pushed,
        appcontext_tearing_down,
        before_render_template,
        got_request_exception,
        message_flashed,
        request_finished,
        request_started,
        request_tearing_down,
        template_rendered,
    )
    from costrel.serve.websocket import WebSocket, WebSocketDisconnect
    from costrel.shortcuts.flashing import flash, get_flashed_messages
    from costrel.shortcuts.globals import (
        current_app,
        g,
        has_app_context,
        has_request_context,
        has_websocket_context,
        request,
        session,
        websocket,
    )
    from costrel.shortcuts.json import jsonify
    from costrel.shortcuts.linking import url_for
    from costrel.shortcuts.responding import (
        abort,
        after_response,
        after_this_request,
        make_response,
        redirect,
    )
    from costrel.shortcuts.sending import send_file, send_from_directory
    from costrel.shortcuts.streaming import copy_current_request_context, stream_with_context
    from costrel.shortcuts.templating import (
        render_template,
        render_template_string,
        stream_template,
        stream_template_string,
    )

# The names that a program may never use, by their files: templates bring Jinja along (40 ms),
# signals blinker (10 ms), and the shortcuts together take as long as all of `declare`.
_LATER = {
    name: place
    for place, names in {
        "costrel.http.event_stream": "EventStream ServerSentEvent",
        "costrel.http.uploads": "secure_filename",
        "costrel.json": "json",
        "costrel.parts.passwords": "check_password_hash generate_password_hash",
        "costrel.parts.signals": (
            "appcontext_popped appcontext_pushed appcontext_tearing_down before_render_template "
            "got_request_exception message_flashed request_finished request_started "
            "request_tearing_down template_rendered"
        ),
        "costrel.serve.websocket": "WebSocket WebSocketDisconnect",
        "costrel.shortcuts.flashing": "flash get_flashed_messages",
        "costrel.shortcuts.globals": (
            "current_app g has_app_context has_request_context has_websocket_context request "
            "session websocket"
        ),
        "costrel.shortcuts.json": "jsonify",
        "costrel.shortcuts.linking": "url_for",
        "costrel.shortcuts.responding": (
            "abort after_response after_this_request make_response redirect"
        ),
        "costrel.shortcuts.sending": "send_file send_from_directory",
        "costrel.shortcuts.streaming": "copy_current_request_context stream_with_context",
        "costrel.shortcuts.templating": (
            "render_template render_template_string stream_template stream_template_string"
        ),
        "costrel.views": "views",
        "markupsafe": "Markup escape",
    }.items()
    for name in names.split()
}

__version__ = "0.1.0"

__all__ = [
    "Blueprint",
    "Config",
    "EventStream",
    "Flask",
    "Markup",
    "Request",
    "Response",
    "ServerSentEvent",
    "WebSocket",
    "WebSocketDisconnect",
    "abort",
    "after_response",
    "after_this_request",
    "appcontext_popped",
    "appcontext_pushed",
    "appcontext_tearing_down",
    "before_render_template",
    "check_password_hash",
    "copy_current_request_context",
    "current_app",
    "escape",
    "flash",
    "g",
    "generate_password_hash",
    "get_flashed_messages",
    "got_request_exception",
    "has_app_context",
    "has_request_context",
    "has_websocket_context",
    "json",
    "jsonify",
    "make_response",
    "message_flashed",
    "redirect",
    "render_template",
    "render_template_string",
    "request",
    "request_finished",
    "request_started",
    "request_tearing_down",
    "secure_filename",
    "send_file",
    "send_from_directory",
    "session",
    "stream_template",
    "stream_template_string",
    "stream_with_context",
    "template_rendered",
    "url_for",
    "views",
    "websocket",
]


def __dir__() -> list[str]:
    """List the public names, those that are imported later among them."""
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    """Import what is used seldom or is heavy when it is first used."""
    place = _LATER.get(name)
    if place is None:
        raise AttributeError(f"module 'costrel' has no attribute {name!r}")
    module = import_module(place)
    # `json` and `views` are modules themselves.
    found = module if place.endswith(f".{name}") else getattr(module, name)
    globals()[name] = found
    return found
