"""Bind the address to serve on, and say in one line why that is not possible.

Law: whoever calls `listen` holds the port before anything else is started, so that two servers
never share one.
"""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path

QUEUE = 128
TCP_LISTEN = "0A"  # the state of a listening socket in /proc/net/tcp
ANY_ADDRESS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # compared with, not bound
# An IPv6 address that a machine does not have, though its name server lists it, is passed over.
LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
# How many ports are tried where nobody chose one.
NEXT_PORTS = 20
FREE_TRIES = 10
# What listens on a Mac from the start, unseen by tools.
AIRPLAY = (5000, 7000)
_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


class CannotListen(OSError):
    """The address cannot be served on; the text is one line and says what to do."""


class PortTaken(CannotListen):
    """Another program serves on this port."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Bind and listen on each address of a host.

    :param host: a name or an address; ``unix://`` and a path for a Unix socket.
    :param port: the port; 0 for one that is free.
    :raises PortTaken: something listens there already.
    :raises CannotListen: the host is not known here, or the port not allowed.
    """
    if host.startswith("unix://"):
        return [_listen_unix(host.removeprefix("unix://"))]
    if not 0 <= port <= 65535:
        raise CannotListen(f"{port} is not a port: it has to be from 1 to 65535, or 0 for any.")
    return _listen_at(_addresses(host, port), host, port)


def listen_here(port: int) -> list[socket.socket]:
    """Listen on this machine's own addresses, 127.0.0.1 and, where it has that, ::1.

    :raises PortTaken: something listens on one of them: `localhost` means both.
    """
    return _listen_at(LOOPBACK, "127.0.0.1", port)


def listen_near(port: int, host: str | None = None) -> tuple[list[socket.socket], str]:
    """Listen on a port, or where that is taken on one of the next.

    :param host: as for :func:`listen`; this machine only unless given.
    :returns: the sockets, and what to say of the port that was taken, empty if it was free.
    :raises CannotListen: all of them are taken.
    """
    taken: PortTaken | None = None
    for number in range(port, port + NEXT_PORTS):
        try:
            sockets = listen_here(number) if host is None else listen(host, number)
        except PortTaken as error:
            taken = taken or error
            continue
        if taken is None:
            return sockets, ""
        found = find_holder(port)
        who = f"{found[1]} (process {found[0]})" if found else _usual_holder(port)
        return sockets, f"Port {port} is in use by {who}: this takes {number}."
    assert taken is not None  # each of them was
    raise taken


def _listen_at(
    addresses: Iterable[tuple[socket.AddressFamily, str]], host: str, port: int
) -> list[socket.socket]:
    for attempt in range(FREE_TRIES):
        try:
            return _listen_at_once(addresses, host, port)
        except PortTaken:
            # A port that is free at the first address may be taken at the second.
            if port or attempt == FREE_TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _listen_at_once(
    addresses: Iterable[tuple[socket.AddressFamily, str]], host: str, port: int
) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    with ExitStack() as opened:
        for family, address in addresses:
            try:
                found = _open(family, address, port)
            except OSError as error:
                if sockets and error.errno in _NOT_HERE:
                    continue
                raise _explained(error, host, port) from error
            opened.enter_context(found)
            # Of several addresses the first one chooses the port that is free.
            port = found.getsockname()[1]
            sockets.append(found)
        opened.pop_all()
    return sockets


def _refuse_to_share(family: socket.AddressFamily, address: str, port: int) -> None:
    """Fail where a server answers already: some systems let a second one listen beside it."""
    own = dict(LOOPBACK).get(family)
    if not port or (address not in ANY_ADDRESS and address != own):
        return
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.2)
        if probe.connect_ex((own, port)) == 0:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, str]]:
    """Each address of a host once, as its family and text."""
    try:
        infos = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (socket.gaierror, UnicodeError) as error:
        raise CannotListen(
            f"There is no address for the host {host!r} on this machine ({error}). "
            'Use "127.0.0.1" for this machine only or "0.0.0.0" for the whole network.'
        ) from error
    return list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in infos))


def _open(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    """Listen on one address."""
    _refuse_to_share(family, address, port)
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        _bind(found, (address, port))
    except OSError:
        found.close()
        raise
    return found


def _bind(found: socket.socket, address: tuple[str, int]) -> None:
    if os.name == "posix":
        # Lets a restarted server take the port back at once; on Windows it would share it.
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if found.family == socket.AF_INET6 and address[0] != "::":
        found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    found.bind(address)
    found.listen(QUEUE)


def _listen_unix(path: str) -> socket.socket:
    """Listen on a Unix socket; one that a dead server left behind is replaced."""
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if _is_left_behind(path):
            Path(path).unlink()
        found.bind(path)
        found.listen(QUEUE)
    except OSError as error:
        found.close()
        raise _explained(error, f"unix://{path}", 0) from error
    return found


def _is_left_behind(path: str) -> bool:
    if not Path(path).is_socket():
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False


def _explained(error: OSError, host: str, port: int) -> CannotListen:
    """Say what stands in the way of an address, in one line."""
    place = host if host.startswith("unix://") else f"{host or '*'} port {port}"
    if error.errno == errno.EADDRINUSE:
        holder = find_holder(port)
        stop = f"stop it (kill {holder[0]})" if holder else "stop that program"
        who = f"{holder[1]} (process {holder[0]})" if holder else _usual_holder(port)
        text = f"{place} is already in use by {who}: {stop}, or choose another port than {port}"
        kind: type[CannotListen] = PortTaken
    elif error.errno == errno.EACCES:
        text = f"{place} may not be used by this user: choose a port from 1024 up, such as 5000"
        kind = CannotListen
    elif error.errno == errno.EADDRNOTAVAIL:
        text = f'{place} is not an address of this machine: use "127.0.0.1", or "0.0.0.0" for all'
        kind = CannotListen
    else:
        text = f"{place} cannot be listened on: {os.strerror(error.errno or 0)}"
        kind = CannotListen
    return kind(error.errno, f"{text}.")


def find_holder(port: int) -> tuple[int, str] | None:
    """Return pid and name of the process that listens on a port, where the system tells."""
    if sys.platform == "darwin":
        return _ask_lsof(port)
    nodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not nodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        # A process of someone else, or one that ends just now, does not show its files.
        with suppress(OSError):
            if any(_links_to(file, nodes) for file in (process / "fd").iterdir()):
                return int(process.name), _name_of(process)
    return None


def _usual_holder(port: int) -> str:
    if sys.platform == "darwin" and port in AIRPLAY:
        return "AirPlay (System Settings, AirDrop & Handoff, AirPlay Receiver turns it off)"
    return "another program"


def _ask_lsof(port: int) -> tuple[int, str] | None:
    command = ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"]
    with suppress(OSError, ValueError, subprocess.SubprocessError):
        told = subprocess.run(  # noqa: S603  # a fixed command
            command, capture_output=True, text=True, timeout=2, check=False
        ).stdout.splitlines()
        found = {line[:1]: line[1:] for line in reversed(told)}
        if found:
            # The process that AirPlay belongs to.
            is_airplay = found["c"].startswith("ControlCe") and port in AIRPLAY
            return int(found["p"]), _usual_holder(port) if is_airplay else found["c"]
    return None


def _listening_inodes(port: int) -> set[str]:
    wanted, inodes = f":{port:04X}", set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[1].endswith(wanted) and fields[3] == TCP_LISTEN:
                    inodes.add(fields[9])
    return inodes


def _links_to(file: Path, nodes: set[str]) -> bool:
    try:
        return str(file.readlink()) in nodes
    except OSError:
        return False


def _name_of(process: Path) -> str:
    """A process's program and first argument, such as ``python hello.py``."""
    words = (process / "cmdline").read_bytes().split(b"\0")
    names = [os.path.basename(os.fsdecode(word)) for word in words[:2] if word]
    return " ".join(names) if names else (process / "comm").read_text().strip()
