"""The fuzz's environs over RSGI, on the protocol that the contract tests drive apps with."""

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parent.parent / "contract"))

import gateways  # noqa: E402  the line above is how it is found
from over_asgi import Broken, as_bytes  # noqa: E402  beside it


class Protocol(gateways.RsgiProtocol):
    """One exchange, whose body may break off."""

    def __init__(self, stream):
        super().__init__([])
        self.stream = stream

    async def __call__(self):
        return b"".join([chunk async for chunk in self])

    async def __anext__(self):
        await asyncio.sleep(0)
        try:
            chunk = self.stream.read(64)
        except OSError:
            self.gone.set()
            raise
        if not chunk:
            raise StopAsyncIteration
        return chunk


def scope_of(environ):
    """Say as an RSGI scope what an environ says."""
    path = as_bytes(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""))
    headers = [
        (name.removeprefix("HTTP_").replace("_", "-"), as_bytes(value).decode("latin-1"))
        for name, value in environ.items()
        if name.startswith(("HTTP_", "CONTENT_"))
    ]
    target = SimpleNamespace(
        method=environ["REQUEST_METHOD"],
        path=quote(path),
        query=environ.get("QUERY_STRING", ""),
        all_headers=headers,
    )
    return gateways.RsgiScope(target)


def ask(loop, app, environ):
    """Ask an app over RSGI; return what it started responses with, and the body.

    :raises Broken: there is no answer.
    """
    protocol = Protocol(environ["wsgi.input"])
    call = app.__rsgi__(scope_of(environ), protocol)
    loop.run_until_complete(asyncio.wait_for(call, 20))
    if protocol.status is None:
        raise Broken("there is no answer")
    return [(f"{protocol.status} SENT", protocol.headers)], b"".join(protocol.body)
