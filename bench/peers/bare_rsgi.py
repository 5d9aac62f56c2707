from peers.bare_pages import LACKS, page

__all__ = ["APPS", "LACKS", "PROTOCOL"]
PROTOCOL = "rsgi"


async def app(scope, protocol):
    kind, body = page(scope.path, scope.query_string)
    headers = [("content-type", kind), ("content-length", str(len(body)))]
    protocol.response_bytes(200, headers, body)


APPS = {"main": lambda: app}
