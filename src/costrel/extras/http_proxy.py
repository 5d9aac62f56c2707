"""Pass requests below a path on to another HTTP server. For development only."""

from collections.abc import Iterable, Iterator, Mapping
from http import client
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from costrel.http.environ import get_input_stream
from costrel.http.exceptions import BadGateway
from costrel.http.header_kinds import is_hop_by_hop_header
from costrel.http.headers import EnvironHeaders

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# What a path may hold as it is; everything else is percent-encoded again.
SAFE_IN_PATH = "!$&'()*+,/:;=@%"
DEFAULTS = {"remove_prefix": False, "host": "<auto>", "headers": {}, "ssl_context": None}


class ProxyMiddleware:
    """Give requests below some paths to other servers, the rest to the application.

    Args:
        app: the WSGI application.
        targets: path prefix to a dict with `target` (a URL), and optionally `remove_prefix`
            (whether the target sees the path without the prefix), `host` (`"<auto>"`: the
            target's own, `None`: the client's, else this one), `headers` (added to the request)
            and `ssl_context`.
        chunk_size: how many bytes are passed on at a time.
        timeout: how many seconds a target may be silent.

    """

    def __init__(
        self,
        app: "WSGIApplication",
        targets: Mapping[str, dict[str, Any]],
        chunk_size: int = 2 << 13,
        timeout: int = 10,
    ) -> None:
        self.app = app
        self.targets = {
            f"/{prefix.strip('/')}/": DEFAULTS | options for prefix, options in targets.items()
        }
        self.chunk_size = chunk_size
        self.timeout = timeout

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer by a target or by the application."""
        path = environ.get("PATH_INFO", "")
        for prefix, options in self.targets.items():
            if path.startswith(prefix):
                return self.proxy_to(options, path, prefix)(environ, start_response)
        return self.app(environ, start_response)

    def proxy_to(self, opts: dict[str, Any], path: str, prefix: str) -> "WSGIApplication":
        """Make the application that passes one request on."""
        target = urlsplit(opts["target"])
        # A WSGI path is bytes in latin-1's clothes.
        below = f"/{path[len(prefix) :]}" if opts["remove_prefix"] else path
        remote_path = quote(below.encode("latin-1"), safe=SAFE_IN_PATH)
        remote_path = f"{target.path.rstrip('/')}/{remote_path.lstrip('/')}"

        def application(
            environ: "WSGIEnvironment", start_response: "StartResponse"
        ) -> Iterable[bytes]:
            query = environ.get("QUERY_STRING")
            url = f"{remote_path}?{query}" if query else remote_path
            headers = self._headers(environ, opts, target.hostname or "")
            connection = self._connect(target.scheme, target.hostname or "", target.port, opts)
            try:
                self._send(connection, environ, url, headers)
                response = connection.getresponse()
            except (OSError, client.HTTPException):
                connection.close()
                return BadGateway()(environ, start_response)
            start_response(
                f"{response.status} {response.reason}",
                [pair for pair in response.getheaders() if not is_hop_by_hop_header(pair[0])],
            )
            return self._body(connection, response)

        return application

    def _headers(
        self, environ: "WSGIEnvironment", opts: dict[str, Any], target_host: str
    ) -> list[tuple[str, str]]:
        headers = [
            pair
            for pair in EnvironHeaders(environ)
            if pair[0].lower() not in {"content-length", "host"}
            and not is_hop_by_hop_header(pair[0])
        ]
        host = opts["host"]
        if host == "<auto>":
            host = target_host
        elif host is None:
            host = environ.get("HTTP_HOST", target_host)
        replaced = {name.lower() for name in opts["headers"]}
        headers = [pair for pair in headers if pair[0].lower() not in replaced]
        return [("Connection", "close"), ("Host", host), *headers, *opts["headers"].items()]

    def _connect(
        self, scheme: str, host: str, port: int | None, opts: dict[str, Any]
    ) -> client.HTTPConnection:
        if scheme == "http":
            return client.HTTPConnection(host, port or 80, timeout=self.timeout)
        if scheme == "https":
            return client.HTTPSConnection(
                host, port or 443, timeout=self.timeout, context=opts["ssl_context"]
            )
        raise RuntimeError(
            f"The target {opts['target']!r} has the scheme {scheme!r}. Use http or https."
        )

    def _send(
        self,
        connection: client.HTTPConnection,
        environ: "WSGIEnvironment",
        url: str,
        headers: list[tuple[str, str]],
    ) -> None:
        connection.connect()
        connection.putrequest(environ["REQUEST_METHOD"], url, skip_host=True)
        length = environ.get("CONTENT_LENGTH")
        chunked = not length and bool(environ.get("wsgi.input_terminated"))
        if length:
            headers = [*headers, ("Content-Length", length)]
        elif chunked:
            headers = [*headers, ("Transfer-Encoding", "chunked")]
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        stream = get_input_stream(environ)
        while data := stream.read(self.chunk_size):
            connection.send(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
        if chunked:
            connection.send(b"0\r\n\r\n")

    def _body(
        self, connection: client.HTTPConnection, response: client.HTTPResponse
    ) -> Iterator[bytes]:
        try:
            while data := response.read(self.chunk_size):
                yield data
        finally:
            connection.close()
