"""The command `serve`: serve the application for production, on granian."""

from __future__ import annotations

import os
from dataclasses import asdict
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from costrel.cli.groups import pass_script_info
from costrel.cli.interface import ASGI, RSGI, WSGI, Served, describe_elsewhere, load_served
from costrel.cli.locate import ScriptInfo
from costrel.cli.server_commands import COMMANDS, CannotServe, Wish, command_for
from costrel.devserver.banner import say
from costrel.devserver.listen import CannotListen, listen
from costrel.parts.environment import get_debug_flag

DEFAULT_BIND = "127.0.0.1:8000"
MOST_WORKERS = 4
# Forms of keys that granian cannot read; openssl rewrites them.
_OLD_KEYS = (b"BEGIN RSA PRIVATE KEY", b"BEGIN EC PRIVATE KEY", b"BEGIN DSA PRIVATE KEY")


class Address(click.ParamType):  # type: ignore[type-arg]  # generic only in new clicks
    """``host:port``, ``:port`` for all addresses, or a port."""

    name = "host:port"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Split the address."""
        if isinstance(value, tuple):
            return value
        host, colon, port = str(value).rpartition(":")
        if not port.isdecimal() or not 0 < int(port) <= 65535:
            self.fail(f"{value!r} is no address: write host:port, such as {DEFAULT_BIND}.")
        everywhere = "0.0.0.0"  # noqa: S104  # what an empty host means
        return (host.strip("[]") or everywhere) if colon else "127.0.0.1", int(port)


def default_workers() -> int:
    """One for each processor that this process may use, but not many; or ``WEB_CONCURRENCY``."""
    asked = os.environ.get("WEB_CONCURRENCY", "")
    return int(asked) if asked.isdecimal() and int(asked) else min(processors(), MOST_WORKERS)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@click.command("serve", short_help="Serve the application for production.")
@click.option(
    "--bind", "-b", type=Address(), default=DEFAULT_BIND, show_default=True,
    help="The address to listen on; ':8000' for all addresses.",
)  # fmt: skip
@click.option(
    "--workers", "-w", type=click.IntRange(1), default=default_workers,
    help=f"Processes; else WEB_CONCURRENCY, else one a processor, at most {MOST_WORKERS}.",
)  # fmt: skip
@click.option(
    "--threads", "-t", type=click.IntRange(1),
    help="Threads for sync views, in each worker.  [default: 2 per processor, and 1]",
)  # fmt: skip
@click.option(
    "--interface", type=click.Choice(["auto", WSGI, ASGI, RSGI]), default="auto",
    help="The protocol between server and application; else as its routes need it.",
)  # fmt: skip
@click.option("--cert", type=click.Path(exists=True, dir_okay=False), help="Serve HTTPS: PEM file.")
@click.option("--key", type=click.Path(exists=True, dir_okay=False), help="The certificate's key.")
@click.option("--access-log/--no-access-log", default=False, help="One line for each request.")
@click.option(
    "--trusted-proxies", type=click.IntRange(0), default=0, metavar="N",
    help="How many proxies in front set X-Forwarded-For, -Proto, -Host and -Prefix.",
)  # fmt: skip
@click.option("--health", metavar="PATH", help="Answer this path with 200 while the worker lives.")
@click.option("--pid-file", type=click.Path(dir_okay=False), help="Write the process's id there.")
@click.option(
    "--server", type=click.Choice(list(COMMANDS)), default="granian",
    help="For another server than granian: print the command that serves the same by it.",
)  # fmt: skip
@click.option("--print", "only_print", is_flag=True, help="Print the command, and do not serve.")
@pass_script_info
def serve_command(
    info: ScriptInfo,
    bind: tuple[str, int],
    workers: int,
    threads: int | None,
    interface: str,
    cert: str | None,
    key: str | None,
    access_log: bool,
    trusted_proxies: int,
    health: str | None,
    pid_file: str | None,
    server: str,
    only_print: bool,
) -> None:
    """Serve the application for production, on granian, until SIGTERM or Ctrl-C.

    Processes and threads answer requests; the protocol between server and application is chosen
    by its routes. SIGHUP starts each worker anew with the new source. Without granian, or for
    another server: --server gunicorn prints its command.
    """
    if info.create_app is not None:
        raise click.UsageError(
            "This command line makes its application itself, and workers cannot: name the "
            "application with `costrel --app module:name serve`."
        )
    if get_debug_flag():
        say(" * Debug mode is off here: it is for `costrel run`", "yellow")
    os.environ["FLASK_DEBUG"] = "0"
    served = describe_elsewhere(info.app_import_path)
    served = _with_interface(served, interface, trusted_proxies)
    wish = Wish(*bind, workers, threads, cert, key, access_log)
    if only_print or server != "granian":
        _print_command(server, served, wish, trusted_proxies)
        return
    load = partial(
        load_served,
        served.folder,
        served.target,
        threads=None if served.interface == WSGI else threads,
        proxies=trusted_proxies,
        health=health,
    )
    run_granian(served, wish, load, pid_file)


def _with_interface(served: Served, asked: str, proxies: int) -> Served:
    """Settle the protocol: the one asked for, or the one that suits."""
    told = asdict(served)
    if proxies and asked == RSGI:
        raise click.UsageError(
            "--trusted-proxies takes WSGI or ASGI: an RSGI scope stays as it is."
        )
    if asked not in {"auto", served.interface}:
        return Served(**{**told, "interface": asked, "reason": "as --interface says"})
    if proxies and served.interface == RSGI:
        return Served(**{**told, "interface": ASGI, "reason": f"{served.reason}, behind a proxy"})
    return served


def _print_command(server: str, served: Served, wish: Wish, proxies: int) -> None:
    try:
        click.echo(command_for(server, served, wish))
    except CannotServe as error:
        raise click.UsageError(str(error)) from None
    if proxies:
        say(
            " * Behind a proxy add to the program: app.wsgi_app = ProxyFix(app.wsgi_app, "
            f"x_for={proxies}, x_proto={proxies}, x_host={proxies})",
            "yellow",
        )


def run_granian(served: Served, wish: Wish, load: Any, pid_file: str | None = None) -> None:
    """Serve on granian.

    :param load: loads the application, in each worker.
    """
    if find_spec("granian") is None:
        raise click.UsageError(
            "costrel serve takes granian, which is not installed: pip install 'costrel[serve]'. "
            "Or serve it otherwise: costrel serve --server gunicorn prints the command."
        )
    _check_key(wish)
    try:
        # granian would share the port with another of its kind, and each get half the requests.
        for bound in listen(wish.host, wish.port):
            bound.close()
    except CannotListen as error:
        raise click.ClickException(f"Cannot start: {error.strerror or error}") from None
    # Optional, and only for this command.
    granian, constants = import_module("granian"), import_module("granian.constants")
    loggers = import_module("granian.log")
    threads = wish.threads or 2 * processors() + 1
    scheme = "https" if wish.cert else "http"
    each = f", {threads} threads each" if served.interface == WSGI else ""
    count = "1 worker" if wish.workers == 1 else f"{wish.workers} workers"
    say(f" * Serving {served.target} over {served.interface.upper()}, as {served.reason}")
    say(f" * Running on {scheme}://{wish.host}:{wish.port} with {count}{each}", "bold")
    granian.Granian(
        served.target,
        address=wish.host,
        port=wish.port,
        interface=constants.Interfaces(served.interface),
        workers=wish.workers,
        blocking_threads=threads if served.interface == WSGI else None,
        websockets=served.interface == ASGI,
        log_level=loggers.LogLevels.warning,
        log_access=wish.access_log,
        ssl_cert=Path(wish.cert) if wish.cert else None,
        ssl_key=Path(wish.key or wish.cert) if wish.cert else None,
        ssl_protocol_min=constants.SSLProtocols.tls12,
        respawn_failed_workers=True,
        workers_kill_timeout=30,
        pid_file=Path(pid_file) if pid_file else None,
    ).serve(target_loader=load, wrap_loader=False)


def _check_key(wish: Wish) -> None:
    if wish.key and not wish.cert:
        raise click.UsageError("--key needs its --cert.")
    file = wish.key or wish.cert
    if file and any(kind in Path(file).read_bytes() for kind in _OLD_KEYS):
        raise click.UsageError(
            f"granian reads keys in PKCS#8 only. Rewrite it: openssl pkcs8 -topk8 -nocrypt -in "
            f"{file} -out {file}.pkcs8"
        )
