"""What the development server says when it starts, stops and restarts."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable

from costrel.devserver.listen import ANY_ADDRESS

# Addresses set aside for documentation (RFC 5737, RFC 3849). Nothing is sent to them: the system
# only tells which of its own addresses would be used.
_ELSEWHERE = {socket.AF_INET: ("192.0.2.1", 9), socket.AF_INET6: ("2001:db8::1", 9)}
_LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}

_STYLES = {"bold": "1", "yellow": "33", "red": "31"}


def say(text: str, style: str | None = None) -> None:
    """Write one line to the terminal, in a style where colour is wanted."""
    if style is not None and wants_colour():
        text = f"\x1b[{_STYLES[style]}m{text}\x1b[0m"
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def wants_colour() -> bool:
    """Whether stderr is a terminal whose user did not ask for plain text (``NO_COLOR``)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):
        return False


def get_interface_ip(family: socket.AddressFamily) -> str:
    """Return this machine's address on its network, or its loopback address if it has none."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE[family])
        except OSError:
            return _LOOPBACK[family]
        return str(probe.getsockname()[0])


def urls_of(sockets: Iterable[socket.socket], scheme: str) -> list[str]:
    """List the URLs that sockets answer at; for all addresses, this machine's and the network's."""
    urls: dict[str, None] = {}
    for bound in sockets:
        if bound.family not in _LOOPBACK:
            urls[f"unix://{bound.getsockname()}"] = None
            continue
        host, port = bound.getsockname()[:2]
        hosts = [host]
        if host in ANY_ADDRESS:
            hosts = [_LOOPBACK[bound.family], get_interface_ip(bound.family)]
        for name in hosts:
            urls[f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}"] = None
    for url in list(urls):
        # `localhost` is both, and one of them is enough to be told.
        if f"{scheme}://127.0.0.1" in url and url.replace("127.0.0.1", "[::1]") in urls:
            del urls[url.replace("127.0.0.1", "[::1]")]
    return list(urls)


def is_exposed(sockets: Iterable[socket.socket]) -> bool:
    """Whether other machines reach one of the sockets at every address of this one."""
    return any(
        bound.family in _LOOPBACK and bound.getsockname()[0] in ANY_ADDRESS for bound in sockets
    )


def greet(
    name: str | None,
    sockets: list[socket.socket],
    scheme: str,
    *,
    debug: bool,
    has_pages: bool | None = None,
    token: str | None = None,
) -> None:
    """Say what is served, where, and how to stop it; warn of what all addresses expose.

    :param has_pages: whether errors are shown with the debugger's pages; as ``debug`` unless given.
    :param token: what the debugger's console asks for.
    """
    served = f" {name!r}" if name else ""
    say(f" * Serving{served} for development, debug {'on' if debug else 'off'}")
    if not debug and os.environ.get("FLASK_ENV") == "development":
        # What tutorials for Flask 1 and 2.0 to 2.2 say; Flask itself ignores it silently.
        say(" * FLASK_ENV turns nothing on: use --debug, or app.run(debug=True)", "yellow")
    if is_exposed(sockets):
        more = (
            " and the places and messages of its errors; source, values and the console are for "
            "this machine only"
        )
        shows_errors = debug if has_pages is None else has_pages
        say(
            " * WARNING: listening on all addresses: whoever is on this network sees the program"
            f'{more if shows_errors else ""}. Use host="127.0.0.1" unless that is meant.',
            "yellow",
        )
    for url in urls_of(sockets, scheme):
        say(f" * Running on {url}", "bold")
    if token:
        say(f" * Errors are shown with a console. Its token: {token}")
    say(" * Ctrl-C stops it. For production: costrel serve")
