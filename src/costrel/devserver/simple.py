"""`run_simple`: serve any application for development, with reloader and debugger."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from costrel.debugger.debugged_app import wrap_for_development
from costrel.debugger.guard import debug_token
from costrel.devserver.banner import greet, say
from costrel.devserver.listen import CannotListen, listen, listen_here, listen_near
from costrel.devserver.startup_errors import end_startup
from costrel.devserver.supervisor import (
    adopt_sockets,
    can_supervise,
    is_running_from_reloader,
    restart_on_change,
)
from costrel.devserver.wsgi_server import make_server

if TYPE_CHECKING:
    import socket

    from costrel.devserver.request_handler import WSGIRequestHandler

# Extras stand above this room, so the one is opened as a door is.
STATIC_FILES = "costrel.extras.shared_data"


def run_simple(
    hostname: str,
    port: int,
    application: Any,
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
    *,
    is_default_host: bool = False,
    is_default_port: bool = False,
) -> None:
    """Serve a WSGI application until Ctrl-C or SIGTERM.

    :param hostname: what to listen on; ``unix://`` and a path for a Unix socket.
    :param port: the port, 0 for one that is free.
    :param use_reloader: start the program anew when its source changes.
    :param use_debugger: answer errors with a page that shows where they come from.
    :param use_evalex: have a console on that page.
    :param extra_files: files beside the source whose change counts.
    :param exclude_patterns: patterns (fnmatch) of paths whose change does not.
    :param threaded: answer requests beside each other; the faster and stricter server.
    :param processes: answer requests in up to so many processes.
    :param request_handler: a handler of your own; the simple server is used.
    :param static_files: URL paths, each with the folder that is served there.
    :param passthrough_errors: let errors of the application end the server.
    :param ssl_context: ``"adhoc"``, (certificate, key) or a context.
    :param is_default_host: nobody chose the host: both 127.0.0.1 and ::1 are listened on.
    :param is_default_port: nobody chose the port: where it is taken, the next free one is used.
    :raises SystemExit: the port is taken; or the reloader has ended.
    """
    if not isinstance(port, int):
        raise TypeError(f"The port must be an integer: port must be an integer, not {port!r}.")
    host = None if is_default_host else hostname
    sockets = adopt_sockets() or _listen_or_exit(host, port, is_default_port)
    if not is_running_from_reloader():
        scheme = "http" if ssl_context is None else "https"
        token = debug_token() if use_debugger and use_evalex else None
        name = getattr(application, "name", None)
        debug = use_debugger or bool(getattr(application, "debug", False))
        greet(name, sockets, scheme, debug=debug, has_pages=use_debugger, token=token)
        if use_reloader:
            _supervise_if_possible(sockets, extra_files or (), exclude_patterns or (), ssl_context)
    if static_files:
        application = import_module(STATIC_FILES).SharedDataMiddleware(application, static_files)
    is_live = use_reloader and use_debugger
    if use_debugger:
        application = wrap_for_development(application, host=hostname)
        application.desk.ask_for(has_console=use_evalex)
    is_plain = threaded and processes == 1 and request_handler is None and not passthrough_errors
    if is_plain and not hostname.startswith("unix://"):
        _serve_by_uvicorn(application, sockets, ssl_context, is_live=is_live)
        return
    options = (threaded, processes, request_handler, passthrough_errors, ssl_context)
    server = make_server(hostname, port, application, *options, fd=sockets[0].fileno())
    for bound in sockets:  # The server has its own copy.
        bound.close()
    _serve_until_stopped(server)


def _serve_by_uvicorn(
    application: Any, sockets: list[socket.socket], ssl_context: Any, *, is_live: bool
) -> None:
    # 60 ms, and neither the supervisor nor the simple server needs it.
    from costrel.devserver.uvicorn_server import serve  # noqa: PLC0415

    if ssl_context is not None:
        # Not every Python has TLS, and few programs serve it.
        from costrel.devserver.certificates import make_ssl_context  # noqa: PLC0415

        ssl_context = make_ssl_context(ssl_context)
    serve(application, sockets, ssl_context, is_live=is_live)


def _serve_until_stopped(server: Any) -> None:
    """Run the simple server; SIGTERM ends it as Ctrl-C does."""
    with suppress(ValueError):  # not the main thread, where no signal arrives
        signal.signal(signal.SIGTERM, _interrupt)
    end_startup()
    server.serve_forever()


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _listen_or_exit(host: str | None, port: int, is_default_port: bool) -> list[socket.socket]:
    """Listen; where nobody chose the port, on the next free one.

    :param host: ``None`` for this machine's own addresses.
    """
    try:
        if not is_default_port:
            return listen_here(port) if host is None else listen(host, port)
        sockets, taken = listen_near(port, host)
    except CannotListen as error:
        say(f"Cannot start: {error.strerror or error}", "red")
        sys.exit(1)
    if taken:
        say(f" * {taken}", "yellow")
    return sockets


def _supervise_if_possible(
    sockets: list[socket.socket],
    extra_files: Iterable[str],
    exclude_patterns: Iterable[str],
    ssl_context: Any,
) -> None:
    """Become the process that restarts the program, where it can be restarted."""
    reason = can_supervise()
    if reason is not None:
        say(f" * No reloading: the program cannot be started again, as {reason}", "yellow")
        return
    if ssl_context is not None:
        # Not every Python has TLS, and few programs serve it.
        from costrel.devserver.certificates import (  # noqa: PLC0415
            keep_adhoc_pair,
            make_ssl_context,
        )

        if ssl_context == "adhoc":
            keep_adhoc_pair()
        ssl_context = make_ssl_context(ssl_context)
    sys.exit(restart_on_change(sockets, extra_files, exclude_patterns, ssl_context))
