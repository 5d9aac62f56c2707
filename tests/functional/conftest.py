"""A visitor who asks an app through WSGI, with the standard library's validator in between."""

import io
import json
from urllib.parse import unquote_to_bytes
from wsgiref.validate import validator

import pytest

from costrel import Flask


class Answer:
    """Status, headers and body, as the app gave them."""

    def __init__(self, line, headers, data):
        self.line = line
        self.status = int(line.split()[0])
        self.pairs = headers
        self.headers = {name.title(): value for name, value in headers}
        self.data = data

    def __repr__(self):
        return f"<{self.line}: {self.data[:200]!r}>"

    @property
    def text(self):
        return self.data.decode()

    @property
    def json(self):
        return json.loads(self.data)

    @property
    def cookies(self):
        return [value for name, value in self.pairs if name == "Set-Cookie"]


class Visitor:
    """Asks an app as a browser would: with a cookie jar, one request after the other."""

    def __init__(self, app):
        self.app = app
        self.jar = {}
        self.errors = io.StringIO()

    def environ(self, method, target, headers, body):
        path, _, query = target.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": self.errors,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if body:
            environ["CONTENT_LENGTH"] = str(len(body))
        if self.jar:
            environ["HTTP_COOKIE"] = "; ".join(f"{name}={self.jar[name]}" for name in self.jar)
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
        return environ

    def ask(self, method, target, body=b"", headers=None, validated=True, **extra):
        """Ask once, read the whole body, close it, and keep the cookies."""
        if isinstance(body, str):
            body = body.encode()
        environ = self.environ(method, target, headers or {}, body) | extra
        said = []

        def start_response(status, headers, exc_info=None):
            said[:] = [status, list(headers)]
            return lambda data: None

        app = validator(self.app) if validated else self.app
        chunks = app(environ, start_response)
        try:
            data = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        answer = Answer(*said, data)
        for cookie in answer.cookies:
            name, _, rest = cookie.partition("=")
            self.jar[name] = rest.partition(";")[0]
            if "Max-Age=0" in rest:
                del self.jar[name]
        return answer

    def get(self, target="/", **options):
        return self.ask("GET", target, **options)

    def post(self, target="/", body=b"", kind="application/x-www-form-urlencoded", **options):
        headers = {"Content-Type": kind, **options.pop("headers", {})}
        return self.ask("POST", target, body, headers, **options)


@pytest.fixture
def make_app():
    """Makes an app with a secret key and no static files."""

    def make(kind=Flask, **options):
        app = kind("functional", **{"static_folder": None, **options})
        app.secret_key = "a key of more than sixteen bytes"
        return app

    return make


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def visitor(app):
    return Visitor(app)


@pytest.fixture
def visit():
    """Makes a visitor of another app."""
    return Visitor
