"""Pages that reload in the browser when the program, a template or a style sheet was saved.

Law: for debug mode alone, and only whole HTML documents that a browser navigates to get the
script; everything else passes through untouched.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import threading
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.resources import files
from typing import Any

import watchfiles

from costrel.debugger.debug_desk import find_app
from costrel.devserver.stand_in import LIVE
from costrel.devserver.wsgi_bridge import Message, Receive, Scope, Send

LIVE_SCRIPT = f"{LIVE}.js"
STYLES = (".css",)
# What pages are made of beside style sheets. Pictures are not in it: programs save uploads.
PAGE_ENDINGS = (".html", ".htm", ".jinja", ".jinja2", ".j2", ".js", ".mjs")
SETTLE, LOOK = 50, 500

_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_=-]{1,200})'")


@cache
def script() -> bytes:
    """The script that pages get."""
    return files("costrel.devserver").joinpath("live_reload.js").read_bytes()


class LiveReload:
    """An ASGI application whose pages reload by themselves.

    :param app: the application.
    :param declared: the application as it was declared; its folders are watched.
    """

    def __init__(self, app: Any, declared: Any) -> None:
        self.app = app
        self.start = secrets.token_hex(6)
        self.pages = PageWatch(find_app(declared))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket, or follow the server's life."""
        path = scope.get("path", "")
        if path == LIVE and scope["type"] == "websocket":
            await self._tell(scope, receive, send)
        elif path in {LIVE, LIVE_SCRIPT} and scope["type"] == "http":
            told = json.dumps({"start": self.start}).encode()
            await _answer(send, told if path == LIVE else script(), is_script=path != LIVE)
        elif is_navigation(scope):
            await self.app(scope, receive, ScriptedSend(scope, send))
        else:
            await self.app(scope, receive, send)

    async def _tell(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell one page what changes, until it goes or the server stops."""
        await receive()
        if not is_same_origin(scope):
            await send({"type": "websocket.close", "code": 1000})
            return
        await send({"type": "websocket.accept"})
        changes = self.pages.subscribe()
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            told: dict[str, Any] = {"start": self.start}
            while True:
                await send({"type": "websocket.send", "text": json.dumps(told)})
                change = asyncio.ensure_future(changes.get())
                await asyncio.wait({change, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not change.done():
                    change.cancel()
                    return
                told = change.result()
        finally:
            gone.cancel()
            self.pages.unsubscribe(changes)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def _answer(send: Send, body: bytes, *, is_script: bool) -> None:
    kind = b"text/javascript; charset=utf-8" if is_script else b"application/json"
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def is_same_origin(scope: Scope) -> bool:
    """Whether a page of this server opens a WebSocket, and not another site's."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"")
    return bool(origin.partition(b"://")[2].lower() == headers.get(b"host", b"").strip().lower())


def is_navigation(scope: Scope) -> bool:
    """Whether a browser asks for a document to show, as far as its headers tell."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    headers = dict(scope["headers"])
    kind = headers.get(b"sec-fetch-dest")
    if kind is not None:
        return kind in {b"document", b"iframe"}
    # By HTTP from another machine browsers do not say.
    is_fragment = b"hx-request" in headers or b"x-requested-with" in headers
    return b"text/html" in headers.get(b"accept", b"") and not is_fragment


class ScriptedSend:
    """A ``send`` that adds the script to the end of an HTML document."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.send = send
        self.tag = b""

    async def __call__(self, message: Message) -> None:
        """Send a message."""
        if message["type"] == "http.response.start":
            self.tag = tag_for(message)
            if self.tag:
                message = {**message, "headers": _longer(message["headers"], len(self.tag))}
        elif self.tag and not message.get("more_body", False):
            message = {**message, "body": bytes(message.get("body", b"")) + self.tag}
        await self.send(message)


def tag_for(head: Message) -> bytes:
    """The tag for the end of a response; empty where it must stay as it is."""
    headers = {name.lower(): value for name, value in head.get("headers", ())}
    policy = headers.get(b"content-security-policy", b"").decode("latin-1")
    if (
        not headers.get(b"content-type", b"").lower().startswith(b"text/html")
        or b"content-encoding" in headers
        or b"content-disposition" in headers
        or b"content-range" in headers
        or head["status"] in {204, 304}
        # Such a page, as the debugger's, runs what it has, and looks after itself.
        or "default-src 'none'" in policy
    ):
        return b""
    nonce = _NONCE.search(policy)
    proof = f' nonce="{nonce[1]}"' if nonce else ""
    return f'<script src="{LIVE_SCRIPT}" async{proof}></script>\n'.encode()


def _longer(headers: Iterable[tuple[bytes, bytes]], more: int) -> list[tuple[bytes, bytes]]:
    """Headers of a body that gets longer, which its ETag is not true of any more."""
    return [
        (name, str(int(value) + more).encode() if name.lower() == b"content-length" else value)
        for name, value in headers
        if name.lower() not in {b"etag", b"last-modified", b"accept-ranges"}
    ]


class PageWatch:
    """Watches the folders of templates and static files while a page wants to know.

    :param app: the application; ``None`` where it is not one of costrel's.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self.listeners: set[asyncio.Queue[dict[str, Any]]] = set()
        self.stop = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    def subscribe(self) -> asyncio.Queue[dict[str, Any]]:
        """Return a queue that changes are put into."""
        found: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.listeners.add(found)
        if self.loop is None:
            self.loop = asyncio.get_running_loop()
            folders = page_folders(self.app)
            if folders:
                threading.Thread(target=self._watch, args=(folders,), daemon=True).start()
        return found

    def unsubscribe(self, queue: asyncio.Queue[dict[str, Any]]) -> None:
        """Put nothing into a queue any more."""
        self.listeners.discard(queue)

    def _watch(self, folders: list[str]) -> None:
        # In a thread: watchfiles' own way to wait on a loop takes anyio's.
        for changes in watchfiles.watch(
            *folders,
            watch_filter=lambda _, path: path.endswith((*STYLES, *PAGE_ENDINGS)),
            stop_event=self.stop,
            step=SETTLE,
            rust_timeout=LOOK,
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            assert self.loop is not None  # set before this thread was started
            if self.loop.is_closed():
                return
            if changes:
                told = what_to_do(path for _, path in changes)
                with suppress(RuntimeError):  # closed just now
                    self.loop.call_soon_threadsafe(self._tell_all, told)

    def _tell_all(self, told: dict[str, Any]) -> None:
        for queue in self.listeners:
            queue.put_nowait(told)


def what_to_do(paths: Iterable[str]) -> dict[str, Any]:
    """What a page does when files have changed."""
    if all(path.endswith(STYLES) for path in paths):
        return {"styles": True}
    return {"reload": True}


def page_folders(app: Any) -> list[str]:
    """The folders of an app's and its blueprints' templates and static files, where they exist."""
    if app is None:
        return []
    folders: set[str] = set()
    for holder in (app, *app.iter_blueprints()):
        if holder.has_static_folder:
            folders.add(str(holder.static_folder))
        folders.update(getattr(holder.jinja_loader, "searchpath", ()))
    return sorted(os.path.realpath(folder) for folder in folders if os.path.isdir(folder))
