"""`run_simple`: serve any WSGI application for development, with reloader and debugger."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from costrel.debugger.error_page import DebuggedApplication
from costrel.devserver.banner import greet, say
from costrel.devserver.listen import CannotListen, listen
from costrel.devserver.supervisor import (
    adopt_sockets,
    can_supervise,
    is_running_from_reloader,
    restart_on_change,
)
from costrel.devserver.wsgi_server import make_server

if TYPE_CHECKING:
    import socket

    from _typeshed.wsgi import WSGIApplication

    from costrel.devserver.request_handler import WSGIRequestHandler

# Extras stand above this room, so the one is opened as a door is.
STATIC_FILES = "costrel.extras.shared_data"


def run_simple(
    hostname: str,
    port: int,
    application: WSGIApplication,
    use_reloader: bool = False,
    use_debugger: bool = False,
    use_evalex: bool = True,
    extra_files: Iterable[str] | None = None,
    exclude_patterns: Iterable[str] | None = None,
    reloader_interval: int = 1,
    reloader_type: str = "auto",
    threaded: bool = False,
    processes: int = 1,
    request_handler: type[WSGIRequestHandler] | None = None,
    static_files: dict[str, str | tuple[str, str]] | None = None,
    passthrough_errors: bool = False,
    ssl_context: Any = None,
) -> None:
    """Serve a WSGI application until Ctrl-C or SIGTERM.

    :param hostname: what to listen on; ``unix://`` and a path for a Unix socket.
    :param port: the port, 0 for one that is free.
    :param use_reloader: start the program anew when its source changes.
    :param use_debugger: answer errors with a page that shows where they come from.
    :param extra_files: files beside the source whose change counts.
    :param exclude_patterns: patterns (fnmatch) of paths whose change does not.
    :param threaded: answer requests beside each other; the faster and stricter server.
    :param processes: answer requests in up to so many processes.
    :param request_handler: a handler of your own; the simple server is used.
    :param static_files: URL paths, each with the folder that is served there.
    :param passthrough_errors: let errors of the application end the server.
    :param ssl_context: ``"adhoc"``, (certificate, key) or a context.
    :raises SystemExit: the port is taken; or the reloader has ended.
    """
    if not isinstance(port, int):
        raise TypeError(f"The port must be an integer: port must be an integer, not {port!r}.")
    sockets = adopt_sockets() or _listen_or_exit(hostname, port)
    if not is_running_from_reloader():
        scheme = "http" if ssl_context is None else "https"
        greet(getattr(application, "name", None), sockets, scheme, debug=use_debugger)
        if use_reloader:
            _supervise_if_possible(sockets, extra_files or (), exclude_patterns or ())
    if static_files:
        application = import_module(STATIC_FILES).SharedDataMiddleware(application, static_files)
    if use_debugger:
        application = DebuggedApplication(application, use_evalex)
    is_plain = threaded and processes == 1 and request_handler is None and not passthrough_errors
    if is_plain and not hostname.startswith("unix://"):
        _serve_by_uvicorn(application, sockets, ssl_context)
        return
    options = (threaded, processes, request_handler, passthrough_errors, ssl_context)
    server = make_server(hostname, port, application, *options, fd=sockets[0].fileno())
    for bound in sockets:  # The server has its own copy.
        bound.close()
    _serve_until_stopped(server)


def _serve_by_uvicorn(
    application: WSGIApplication, sockets: list[socket.socket], ssl_context: Any
) -> None:
    # 60 ms, and neither the supervisor nor the simple server needs it.
    from costrel.devserver.uvicorn_server import serve  # noqa: PLC0415

    if ssl_context is not None:
        # Not every Python has TLS, and few programs serve it.
        from costrel.devserver.certificates import make_ssl_context  # noqa: PLC0415

        ssl_context = make_ssl_context(ssl_context)
    serve(application, sockets, ssl_context)


def _serve_until_stopped(server: Any) -> None:
    """Run the simple server; SIGTERM ends it as Ctrl-C does."""
    with suppress(ValueError):  # not the main thread, where no signal arrives
        signal.signal(signal.SIGTERM, _interrupt)
    server.serve_forever()


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _listen_or_exit(hostname: str, port: int) -> list[socket.socket]:
    try:
        return listen(hostname, port)
    except CannotListen as error:
        say(f"Cannot start: {error.strerror or error}", "red")
        sys.exit(1)


def _supervise_if_possible(
    sockets: list[socket.socket], extra_files: Iterable[str], exclude_patterns: Iterable[str]
) -> None:
    """Become the process that restarts the program, where it can be restarted."""
    reason = can_supervise()
    if reason is None:
        sys.exit(restart_on_change(sockets, extra_files, exclude_patterns))
    say(f" * No reloading: the program cannot be started again, as {reason}", "yellow")
