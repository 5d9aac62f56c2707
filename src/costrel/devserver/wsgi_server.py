"""The simple server's listening side: one request at a time, in threads or in forks."""

from __future__ import annotations

import os
import socket
import socketserver
from http.server import HTTPServer
from typing import TYPE_CHECKING, Any

from costrel.devserver.access_log import get_server_logger
from costrel.devserver.banner import urls_of
from costrel.devserver.listen import QUEUE, listen
from costrel.devserver.request_environ import SOFTWARE
from costrel.devserver.request_handler import WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LISTEN_QUEUE = QUEUE
can_fork = hasattr(os, "fork")
af_unix: socket.AddressFamily | None = getattr(socket, "AF_UNIX", None)


def select_address_family(host: str, port: int) -> socket.AddressFamily:
    """Return the address family that a host is listened on with."""
    if host.startswith("unix://"):
        return socket.AF_UNIX
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def get_sockaddr(host: str, port: int, family: socket.AddressFamily) -> Any:
    """Return the address to bind: host and port, or the path of a Unix socket."""
    if family == af_unix:
        return os.path.abspath(host.removeprefix("unix://"))  # links stay as they are
    try:
        found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except socket.gaierror:
        return host, port
    return found[0][4]


class BaseWSGIServer(HTTPServer):
    """A server that answers one request at a time.

    :param host: what to listen on; ``unix://`` and a path for a Unix socket.
    :param port: the port, 0 for one that is free: see ``port`` afterwards.
    :param app: the WSGI application.
    :param handler: what serves a connection.
    :param passthrough_errors: let errors of the application end the server.
    :param ssl_context: ``"adhoc"``, (certificate, key) or a context.
    :param fd: a socket that listens already.
    :raises PortTaken: something listens there already.
    """

    multithread = False
    multiprocess = False
    request_queue_size = LISTEN_QUEUE
    _server_version = SOFTWARE

    def __init__(
        self,
        host: str,
        port: int,
        app: WSGIApplication,
        handler: type[WSGIRequestHandler] | None = None,
        passthrough_errors: bool = False,
        ssl_context: Any = None,
        fd: int | None = None,
    ) -> None:
        if handler is None:
            handler = WSGIRequestHandler
        # Chunks and 100-continue need HTTP/1.1, which needs more than one connection at a time.
        if "protocol_version" not in vars(handler) and (self.multithread or self.multiprocess):
            handler = type(handler.__name__, (handler,), {"protocol_version": "HTTP/1.1"})
        port = int(port)  # programs pass what the command line or the environ said
        bound = listen(host, port)[0] if fd is None else socket.socket(fileno=os.dup(fd))
        self.address_family = bound.family
        # `http.server` would look its own name up in the network when it binds, so we bind.
        socketserver.TCPServer.__init__(self, ("", 0), handler, bind_and_activate=False)
        self.socket.close()
        self.socket = bound
        self.host, self.app, self.passthrough_errors = host, app, passthrough_errors
        self.server_address = bound.getsockname()
        self.port = self.server_port = port
        if bound.family == af_unix:
            self.server_address = (host, 0)
        else:
            self.port = self.server_port = self.server_address[1]
        self.server_name = host
        self.ssl_context: Any = None
        if ssl_context is not None:
            # Not every Python has TLS, and few programs serve it.
            from costrel.devserver.certificates import make_ssl_context  # noqa: PLC0415

            self.ssl_context = make_ssl_context(ssl_context)
            # The handshake is the handler's: a client that is slow there stops nobody else.
            self.socket = self.ssl_context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log on the server's logger; ``type`` is the name of a level."""
        getattr(get_server_logger(), type)(message.rstrip(), *args)

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Serve until ``shutdown`` or Ctrl-C, then close."""
        try:
            super().serve_forever(poll_interval=poll_interval)
        except KeyboardInterrupt:
            pass
        finally:
            self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log an error that a handler did not expect, or pass it on."""
        if self.passthrough_errors:
            raise  # noqa: PLE0704  # called while the error is handled
        get_server_logger().error("A connection failed", exc_info=True)

    def log_startup(self) -> None:
        """Log where the server is."""
        scheme = "http" if self.ssl_context is None else "https"
        for url in urls_of([self.socket], scheme):
            self.log("info", " * Running on %s", url)


class ThreadedWSGIServer(socketserver.ThreadingMixIn, BaseWSGIServer):
    """A server with a thread for each request."""

    multithread = True
    daemon_threads = True


if can_fork:

    class ForkingWSGIServer(socketserver.ForkingMixIn, BaseWSGIServer):
        """A server with a process for each request, up to a number of them."""

        multiprocess = True

        def __init__(
            self,
            host: str,
            port: int,
            app: WSGIApplication,
            processes: int = 40,
            handler: type[WSGIRequestHandler] | None = None,
            passthrough_errors: bool = False,
            ssl_context: Any = None,
            fd: int | None = None,
        ) -> None:
            super().__init__(host, port, app, handler, passthrough_errors, ssl_context, fd)
            self.max_children = processes


def make_server(
    host: str,
    port: int,
    app: WSGIApplication,
    threaded: bool = False,
    processes: int = 1,
    request_handler: type[WSGIRequestHandler] | None = None,
    passthrough_errors: bool = False,
    ssl_context: Any = None,
    fd: int | None = None,
) -> BaseWSGIServer:
    """Make a server without starting it: ``server.serve_forever()`` does.

    :raises ValueError: both threads and processes are asked for, or no fork exists here.
    """
    rest = (request_handler, passthrough_errors, ssl_context, fd)
    if threaded and processes > 1:
        raise ValueError("A server has threads or processes, not both: choose one of them.")
    if threaded:
        return ThreadedWSGIServer(host, port, app, *rest)
    if processes <= 1:
        return BaseWSGIServer(host, port, app, *rest)
    if not can_fork:
        raise ValueError("This system cannot fork: use threaded=True instead of processes.")
    return ForkingWSGIServer(host, port, app, processes, *rest)
