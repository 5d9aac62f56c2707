"""The commands by which other servers serve the same app."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from costrel.cli.interface import ASGI, WSGI, Served


@dataclass(frozen=True)
class Wish:
    """How it is to be served.

    :ivar threads: for each worker; ``None`` leaves it to the server.
    """

    host: str
    port: int
    workers: int
    threads: int | None
    cert: str | None = None
    key: str | None = None
    access_log: bool = False


class CannotServe(ValueError):
    """The server does not speak what the app needs."""


def command_for(server: str, served: Served, wish: Wish) -> str:
    """The command line of a server.

    :raises CannotServe: it does not speak the protocol, or takes no factories with arguments.
    """
    return shlex.join(COMMANDS[server](served, wish))


def _granian(served: Served, wish: Wish) -> list[str]:
    target, factory = _split_factory(served, "granian")
    words = ["granian", "--interface", served.interface, "--host", wish.host]
    words += ["--port", str(wish.port), "--workers", str(wish.workers)]
    if served.interface == WSGI and wish.threads:
        words += ["--blocking-threads", str(wish.threads)]
    if wish.cert:
        words += ["--ssl-certificate", wish.cert, "--ssl-keyfile", wish.key or wish.cert]
    if wish.access_log:
        words.append("--access-log")
    return [*words, *(["--factory"] if factory else []), target]


def _gunicorn(served: Served, wish: Wish) -> list[str]:
    words = ["gunicorn", "--bind", _address(wish), "--workers", str(wish.workers)]
    if served.interface == WSGI:
        words += ["--worker-class", "gthread", "--threads", str(wish.threads or 4)]
    else:
        words += ["--worker-class", "asgi"]
    if wish.cert:
        words += ["--certfile", wish.cert, "--keyfile", wish.key or wish.cert]
    if wish.access_log:
        words += ["--access-logfile", "-"]
    return [*words, served.target]


def _uvicorn(served: Served, wish: Wish) -> list[str]:
    target, factory = _split_factory(served, "uvicorn")
    words = ["uvicorn", "--host", wish.host, "--port", str(wish.port)]
    words += ["--workers", str(wish.workers)]
    if wish.cert:
        words += ["--ssl-certfile", wish.cert, "--ssl-keyfile", wish.key or wish.cert]
    words.append("--access-log" if wish.access_log else "--no-access-log")
    return [*words, *(["--factory"] if factory else []), target]


def _waitress(served: Served, wish: Wish) -> list[str]:
    if served.interface == ASGI:
        raise CannotServe(f"waitress speaks WSGI only, and {served.reason}: take uvicorn.")
    if wish.cert:
        raise CannotServe("waitress has no TLS: put a proxy in front of it, or take gunicorn.")
    target, factory = _split_factory(served, "waitress")
    words = ["waitress-serve", f"--listen={_address(wish)}"]
    words.append(f"--threads={wish.workers * (wish.threads or 4)}")
    return [*words, *(["--call"] if factory else []), target]


def _hypercorn(served: Served, wish: Wish) -> list[str]:
    target, factory = _split_factory(served, "hypercorn")
    if factory:
        raise CannotServe(f"hypercorn takes no factory: put `app = {target}()` into a module.")
    words = ["hypercorn", "--bind", _address(wish), "--workers", str(wish.workers)]
    if wish.cert:
        words += ["--certfile", wish.cert, "--keyfile", wish.key or wish.cert]
    if wish.access_log:
        words += ["--access-logfile", "-"]
    return [*words, f"asgi:{target}"]


def _address(wish: Wish) -> str:
    host = f"[{wish.host}]" if ":" in wish.host else wish.host
    return f"{host}:{wish.port}"


def _split_factory(served: Served, server: str) -> tuple[str, bool]:
    """The target without its call, and whether there was one."""
    target, paren, arguments = served.target.partition("(")
    if arguments not in {"", ")"}:
        raise CannotServe(
            f"{server} calls no factory with arguments: put `app = "
            f"{served.target.partition(':')[2]}` into a module, and serve that."
        )
    return target, bool(paren)


COMMANDS: dict[str, Callable[[Served, Wish], list[str]]] = {
    "granian": _granian,
    "gunicorn": _gunicorn,
    "uvicorn": _uvicorn,
    "waitress": _waitress,
    "hypercorn": _hypercorn,
}
