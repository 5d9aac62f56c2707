"""The face: every public name, re-exported and nothing else."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from costrel.app import Flask
from costrel.declare.blueprint import Blueprint
from costrel.http.event_stream import EventStream, ServerSentEvent
from costrel.http.uploads import secure_filename
from costrel.parts.config import Config
from costrel.serve.wrappers import Request, Response
from costrel.shortcuts import json, views
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

if TYPE_CHECKING:
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
    from costrel.shortcuts.templating import (
        render_template,
        render_template_string,
        stream_template,
        stream_template_string,
    )

# Names whose files are imported when they are first used: templates bring Jinja along (40 ms),
# signals blinker (10 ms).
_LATER = {
    **dict.fromkeys(
        (
            "render_template",
            "render_template_string",
            "stream_template",
            "stream_template_string",
        ),
        "costrel.shortcuts.templating",
    ),
    **dict.fromkeys(("WebSocket", "WebSocketDisconnect"), "costrel.serve.websocket"),
    **dict.fromkeys(("check_password_hash", "generate_password_hash"), "costrel.parts.passwords"),
    **dict.fromkeys(
        (
            "appcontext_popped",
            "appcontext_pushed",
            "appcontext_tearing_down",
            "before_render_template",
            "got_request_exception",
            "message_flashed",
            "request_finished",
            "request_started",
            "request_tearing_down",
            "template_rendered",
        ),
        "costrel.parts.signals",
    ),
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
    """List the names that are imported later, too."""
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    """Import what is used seldom or is heavy when it is first used."""
    place = _LATER.get(name)
    if place is None:
        raise AttributeError(f"module 'costrel' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(place), name)
    return found
