"""The fuzz's environs as ASGI scopes, and what an app answers to them in WSGI's words."""

import asyncio
from urllib.parse import quote


class Broken(Exception):
    """The app's messages make no answer."""


def as_bytes(text):
    """What a server had before it made environ text of it."""
    return text.encode("latin-1", "replace")


def scope_of(environ):
    """Say as an ASGI scope what an environ says."""
    path = as_bytes(environ.get("PATH_INFO", ""))
    root = as_bytes(environ.get("SCRIPT_NAME", ""))
    headers = [
        (name.lower().removeprefix("http_").replace("_", "-").encode(), as_bytes(value))
        for name, value in environ.items()
        if name.startswith(("HTTP_", "CONTENT_"))
    ]
    port = environ["SERVER_PORT"]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": environ.get("SERVER_PROTOCOL", "HTTP/1.1").partition("/")[2] or "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": environ["wsgi.url_scheme"].replace("ws", "http"),
        "path": (root + path).decode("utf-8", "replace"),
        "raw_path": quote(root + path).encode(),
        "query_string": as_bytes(environ.get("QUERY_STRING", "")),
        "root_path": root.decode("utf-8", "replace"),
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("localhost", int(port) if port.isdigit() else None),
        "state": {},
    }


class Client:
    """Hands out the body of an environ in pieces, and keeps what it is sent."""

    def __init__(self, environ):
        self.stream = environ["wsgi.input"]
        self.is_read = False
        self.is_gone = False
        self.messages = []

    async def receive(self):
        await asyncio.sleep(0)
        if not self.is_read:
            try:
                chunk = self.stream.read(64)
            except OSError:
                self.is_read = True
            else:
                self.is_read = not chunk
                return {"type": "http.request", "body": chunk, "more_body": bool(chunk)}
        else:
            # A server would wait for as long as the client is there.
            await asyncio.sleep(0.05)
        self.is_gone = True
        return {"type": "http.disconnect"}

    async def send(self, message):
        await asyncio.sleep(0)
        self.messages.append(message)


def ask(loop, app, environ):
    """Ask an app over ASGI; return what it started responses with, and the body.

    :raises Broken: the messages are not those of one whole answer.
    """
    client = Client(environ)
    call = app.asgi_app(scope_of(environ), client.receive, client.send)
    loop.run_until_complete(asyncio.wait_for(call, 20))
    messages = client.messages
    if not messages or messages[0]["type"] != "http.response.start":
        raise Broken(f"the first of {messages!r:.300} is no head")
    head, *bodies = messages
    if any(message["type"] != "http.response.body" for message in bodies):
        raise Broken(f"{messages!r:.300} are no head and bodies")
    ends = bool(bodies) and not bodies[-1].get("more_body", False)
    if not ends and not client.is_gone:
        raise Broken("the body never ends")
    if any(not message.get("more_body", False) for message in bodies[:-1]):
        raise Broken("the body goes on after its end")
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head["headers"]]
    if not ends:
        # Nobody is left to see that it is shorter.
        headers = [pair for pair in headers if pair[0] != "content-length"]
    status = f"{head['status']} SENT"
    return [(status, headers)], b"".join(message.get("body", b"") for message in bodies)
