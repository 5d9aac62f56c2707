from peers.bare_pages import LACKS, page

__all__ = ["APPS", "LACKS", "PROTOCOL"]
PROTOCOL = "wsgi"


def app(environ, start_response):
    kind, body = page(environ["PATH_INFO"], environ["QUERY_STRING"])
    start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


APPS = {"main": lambda: app}
