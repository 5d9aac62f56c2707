"""Runs every small app on one framework and prints what it answered, as JSON.

    python small_apps.py flask        (or: costrel)

Both frameworks get the same environ, made here, at the same moment: the clock stands still, so that
signed cookies are the same to the byte.
"""

import importlib
import io
import json
import logging
import sys
import time
from urllib.parse import unquote_to_bytes

MOMENT = 1_800_000_000.0
ROOMS = ["routing_apps", "request_apps", "response_apps", "state_apps", "error_apps"]
ROOMS += ["replaced_apps"]

CASES = {}


def case(*requests):
    """Marks a function that builds an app from a framework, and names what it is asked."""

    def keep(build):
        CASES[build.__name__] = (
            build,
            [ask if isinstance(ask, Ask) else get(ask) for ask in requests],
        )
        return build

    return keep


class Ask:
    """One request: what stands in its line, its headers and its body."""

    def __init__(self, method, target, headers=(), body=b"", **environ):
        self.method = method
        self.target = target
        self.headers = dict(headers)
        self.body = body.encode() if isinstance(body, str) else body
        self.environ = environ

    def __str__(self):
        extra = f" {self.headers}" if self.headers else ""
        body = f" {self.body[:40]!r}" if self.body else ""
        return f"{self.method} {self.target[:80]}{extra}{body}"

    def to_environ(self, jar):
        path, _, query = self.target.partition("?")
        environ = {
            "REQUEST_METHOD": self.method,
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
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if self.body:
            environ["CONTENT_LENGTH"] = str(len(self.body))
        if jar:
            environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
        return environ | self.environ


def get(target, **headers):
    return Ask("GET", target, {name.replace("_", "-"): value for name, value in headers.items()})


def head(target):
    return Ask("HEAD", target)


def post(target, body=b"", kind="application/x-www-form-urlencoded", **headers):
    return Ask("POST", target, {"Content-Type": kind, **headers}, body)


def post_json(target, body):
    return post(target, body, "application/json")


def parts(*pieces, boundary="edge"):
    """The body of a multipart form: (headers, content) each."""
    out = [
        f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in pieces
    ]
    return b"".join(out) + f"--{boundary}--\r\n".encode()


def ask(app, request, jar):
    """One request through the app's WSGI face."""
    said = {}

    def start_response(status, headers, exc_info=None):
        said.update(status=status, headers=[list(pair) for pair in headers])

    body = app(request.to_environ(jar), start_response)
    try:
        content = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    for name, value in said["headers"]:
        if name.lower() == "set-cookie":
            key, _, rest = value.partition("=")
            content_of = rest.partition(";")[0]
            jar[key] = content_of
            if "Max-Age=0" in rest:
                del jar[key]
    return {**said, "body": content.decode("latin-1")}


class Framework:
    """A framework as one namespace: its face, and the few names that live deeper."""

    # Where a name is that is not on the face.
    DEEPER = {
        "flask": {
            "Markup": "markupsafe:Markup",
            "escape": "markupsafe:escape",
            "views": "flask.views:",
            "exceptions": "werkzeug.exceptions:",
            "BaseConverter": "werkzeug.routing:BaseConverter",
            "Headers": "werkzeug.datastructures:Headers",
            "MultiDict": "werkzeug.datastructures:MultiDict",
        },
        "costrel": {
            "exceptions": "costrel.http.exceptions:",
            "BaseConverter": "costrel.routing.converters:BaseConverter",
            "Headers": "costrel.http.headers:Headers",
            "MultiDict": "costrel.http.multidict:MultiDict",
        },
    }

    def __init__(self, name):
        self.name = name

    def __getattr__(self, name):
        module, _, attribute = (
            self.DEEPER[self.name].get(name, f"{self.name}:{name}").partition(":")
        )
        found = importlib.import_module(module)
        return getattr(found, attribute) if attribute else found


def answers(fw):
    """Every case's answers; a case that breaks says so in place of its answers."""
    for room in ROOMS:
        importlib.import_module(room)
    found = {}
    for name, (build, requests) in CASES.items():
        found[name] = rows = []
        jar = {}
        try:
            app = build(fw)
        except Exception as error:
            rows.append({"asked": "the app itself", "broke": f"{type(error).__name__}: {error}"})
            continue
        for request in requests:
            try:
                rows.append({"asked": str(request), **ask(app, request, jar)})
            except Exception as error:
                rows.append({"asked": str(request), "broke": f"{type(error).__name__}: {error}"})
    return found


if __name__ == "__main__":
    logging.disable()
    time.time = lambda: MOMENT
    # The rooms import this file by its name: let them find this very module.
    sys.modules["small_apps"] = sys.modules["__main__"]
    json.dump(answers(Framework(sys.argv[1])), sys.stdout)
