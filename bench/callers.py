"""Call an app in process, as a server does.

Each call has a new environ or scope, and reads the answer whole.
"""

import asyncio
import io
import sys
from contextlib import suppress

from rsgi_caller import RsgiCaller
from timing import Blocking, OnLoop


class WsgiCaller(Blocking):
    """Calls WSGI applications."""

    def aim(self, app, scenario):
        """Choose what :meth:`ask` and :meth:`measure` call."""
        base = {
            "REQUEST_METHOD": scenario.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": scenario.path,
            "QUERY_STRING": scenario.query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in scenario.headers:
            base["HTTP_" + name.upper().replace("-", "_")] = value
        if scenario.content_type:
            base["CONTENT_TYPE"] = scenario.content_type
            base["CONTENT_LENGTH"] = str(len(scenario.body))
        payload = scenario.body

        def call():
            environ = base.copy()
            environ["wsgi.input"] = io.BytesIO(payload)
            started = []

            def start_response(status, headers, exc_info=None):
                started[:] = status, headers

            answer = app(environ, start_response)
            chunks = list(answer)
            close = getattr(answer, "close", None)
            if close is not None:
                close()
            return started, chunks

        self.call = call

    def ask(self):
        """Return status code, headers and body of one answer."""
        (status, headers), chunks = self.call()
        return int(status[:3]), {name.lower(): value for name, value in headers}, b"".join(chunks)


class AsgiCaller(OnLoop):
    """Calls ASGI applications on one loop that stays up, once their lifespan has started."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self.running = {}

    def start(self, app):
        """Tell an app once that it starts; an app may refuse to be told."""
        if id(app) in self.running:
            return
        told = asyncio.Event()
        messages = asyncio.Queue()
        messages.put_nowait({"type": "lifespan.startup"})

        async def send(message):
            told.set()

        async def run():
            with suppress(Exception):
                scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
                await app(scope, messages.get, send)
            told.set()

        self.running[id(app)] = app, self.loop.create_task(run())
        self.loop.run_until_complete(asyncio.wait_for(told.wait(), 30))

    def aim(self, app, scenario):
        """Choose what :meth:`ask` and :meth:`measure` call."""
        self.start(app)
        base, pairs, arriving = scope_of(scenario), headers_of(scenario), messages_of(scenario)
        make_future = self.loop.create_future

        async def call():
            sent, left, gone = [], iter(arriving), []

            async def receive():
                for message in left:
                    return message
                # The client stays until it has the whole answer.
                if not is_whole(sent):
                    gone.append(make_future())
                    await gone[-1]
                return {"type": "http.disconnect"}

            async def send(message):
                sent.append(message)
                if gone and is_whole(sent):
                    for future in gone:
                        if not future.done():
                            future.set_result(None)

            scope = base.copy()
            scope["headers"] = pairs.copy()
            scope["state"] = {}
            await app(scope, receive, send)
            return sent

        self.call = call

    def ask(self):
        """Return status code, headers and body of one answer."""
        start, *rest = self.loop.run_until_complete(asyncio.wait_for(self.call(), 30))
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in start["headers"]
        }
        return start["status"], headers, b"".join(message.get("body", b"") for message in rest)


def scope_of(scenario):
    """A scenario's request as an ASGI server tells it, without the headers."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": scenario.method,
        "scheme": "http",
        "path": scenario.path,
        "raw_path": scenario.path.encode(),
        "query_string": scenario.query.encode(),
        "root_path": "",
        "client": ("127.0.0.1", 51234),
        "server": ("127.0.0.1", 8000),
    }


def headers_of(scenario):
    """A scenario's headers as an ASGI server tells them."""
    pairs = [(name.encode(), value.encode()) for name, value in scenario.headers]
    if scenario.content_type:
        pairs.append((b"content-type", scenario.content_type.encode()))
        pairs.append((b"content-length", str(len(scenario.body)).encode()))
    return pairs


def messages_of(scenario):
    """The messages that a scenario's body comes in."""
    chunks = scenario.chunks() or [b""]
    return [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
        for number, chunk in enumerate(chunks, 1)
    ]


def is_whole(sent):
    """Whether the last message that was sent ends the answer."""
    return bool(sent) and sent[-1]["type"] == "http.response.body" and not sent[-1].get("more_body")


CALLERS = {"wsgi": WsgiCaller, "asgi": AsgiCaller, "rsgi": RsgiCaller}
