"""What the bare apps answer: by hand, and as little as passes for an answer.

They have hello and params only, and are what costrel is held against over the wire.
"""

import json
from urllib.parse import parse_qsl

import material
from scenarios import scenarios

TEXT, JSON = "text/plain; charset=utf-8", "application/json"
LACKS = {name: "hello and params only" for name in scenarios() if name not in {"hello", "params"}}
GREETING = material.GREETING.encode()


def page(path, query):
    """Return content type and body of the page at a path."""
    if path == "/":
        return TEXT, GREETING
    _, _, user, _, post = path.split("/")
    args = dict(parse_qsl(query))
    values = {"user": int(user), "post": post, "q": args["q"], "page": int(args["page"])}
    return JSON, json.dumps(values).encode()
