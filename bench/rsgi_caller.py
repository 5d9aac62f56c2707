"""Call RSGI applications in process, as a server does (RSGI 1.6)."""

import asyncio

from timing import OnLoop


class Headers(dict):
    """The headers of a request, none of which comes twice."""

    def get_all(self, name):
        return [self[name]] if name in self else []


class Protocol:
    """One exchange: it gives the body, keeps the answer, and is a stream's transport."""

    __slots__ = ("arriving", "body", "headers", "make_future", "status")

    def __init__(self, chunks, make_future):
        self.arriving = iter(chunks)
        self.make_future = make_future

    async def __call__(self):
        return b"".join(self.arriving)

    def __aiter__(self):
        return self

    async def __anext__(self):
        for chunk in self.arriving:
            return chunk
        raise StopAsyncIteration

    async def client_disconnect(self):
        # The client stays until it has the whole answer, and that is when the app returns.
        await self.make_future()

    def response_empty(self, status, headers):
        self.status, self.headers, self.body = status, headers, []

    def response_bytes(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, [body]

    def response_str(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, [body.encode()]

    def response_stream(self, status, headers):
        self.status, self.headers, self.body = status, headers, []
        return self

    async def send_bytes(self, data):
        self.body.append(data)

    async def send_str(self, data):
        self.body.append(data.encode())


class RsgiCaller(OnLoop):
    """Calls RSGI applications on one loop that stays up, once they have been told of it."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self.told = {}

    def start(self, app):
        """Tell an app once that it starts."""
        if id(app) not in self.told:
            self.told[id(app)] = app
            if hasattr(app, "__rsgi_init__"):
                app.__rsgi_init__(self.loop)

    def aim(self, app, scenario):
        """Choose what :meth:`ask` and :meth:`measure` call."""
        self.start(app)
        pairs = dict(scenario.headers)
        if scenario.content_type:
            pairs["content-type"] = scenario.content_type
            pairs["content-length"] = str(len(scenario.body))
        # A scope of its own for each call costs little when its values stand on the class.
        values = {
            "proto": "http",
            "rsgi_version": "1.6",
            "http_version": "1.1",
            "server": "127.0.0.1:8000",
            "client": "127.0.0.1:51234",
            "scheme": "http",
            "method": scenario.method,
            "path": scenario.path,
            "query_string": scenario.query,
            "authority": None,
        }
        scope_class = type("Scope", (), values)
        chunks, make_future = scenario.chunks(), self.loop.create_future
        serve = getattr(app, "__rsgi__", app)

        async def call():
            scope = scope_class()
            scope.headers = Headers(pairs)
            protocol = Protocol(chunks, make_future)
            await serve(scope, protocol)
            return protocol

        self.call = call

    def ask(self):
        """Return status code, headers and body of one answer."""
        answer = self.loop.run_until_complete(asyncio.wait_for(self.call(), 30))
        headers = {name.lower(): value for name, value in answer.headers}
        return answer.status, headers, b"".join(answer.body)
