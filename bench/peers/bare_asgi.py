from peers.bare_pages import LACKS, page

__all__ = ["APPS", "LACKS", "PROTOCOL"]
PROTOCOL = "asgi"


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("This app answers HTTP requests only.")
    kind, body = page(scope["path"], scope["query_string"].decode())
    headers = [(b"content-type", kind.encode()), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


APPS = {"main": lambda: app}
