"""`werkzeug.sansio.request.Request`: a request made of values, for programs that have no environ.

Law: every request of costrel's is one of it, as a request of Werkzeug's is; only what is made of
values, or has a class below it, is made here.
"""

from typing import Any

from costrel.flask.only_theirs import wsgi_encoding_dance
from costrel.http.environ import add_headers
from costrel.http.headers import Headers
from costrel.http.request import Request


class AnyRequest(type):
    """Takes every request for one of the class, but not for one of the classes below it."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return cls.__subclasscheck__(type(instance))

    def __subclasscheck__(cls, subclass: type) -> bool:
        if cls is SansIORequest:
            return issubclass(subclass, Request)
        return super().__subclasscheck__(subclass)


class SansIORequest(Request, metaclass=AnyRequest):
    """A request without a body, made of what a server has read.

    Args:
        method: the HTTP method, in capitals.
        scheme: `http`, `https`, `ws` or `wss`.
        server: the server's name and port; no port for a socket that is a file.
        root_path: the prefix that the application is mounted at, decoded.
        path: the path below it, decoded.
        query_string: what stands behind the `?`.
        headers: the headers; they are kept as they are.
        remote_addr: the client's address.

    """

    def __init__(
        self,
        method: str,
        scheme: str,
        server: tuple[str, int | None] | None,
        root_path: str,
        path: str,
        query_string: bytes,
        headers: Headers,
        remote_addr: str | None,
    ) -> None:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method.upper(),
            "SCRIPT_NAME": wsgi_encoding_dance(root_path.rstrip("/")),
            "PATH_INFO": wsgi_encoding_dance("/" + path.lstrip("/")),
            "QUERY_STRING": query_string.decode("latin-1"),
            "wsgi.url_scheme": scheme,
        }
        if remote_addr is not None:
            environ["REMOTE_ADDR"] = remote_addr
        add_headers(environ, headers)
        super().__init__(environ, populate_request=False)
        self.server = server
        self.headers = headers
