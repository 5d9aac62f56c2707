"""Bind the address to serve on, and say in one line why that is not possible.

Law: whoever calls `listen` holds the port before anything else is started, so that two servers
never share one.
"""

from __future__ import annotations

import errno
import os
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

QUEUE = 128
TCP_LISTEN = "0A"  # the state of a listening socket in /proc/net/tcp
ANY_ADDRESS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # compared with, not bound
# An IPv6 address that a machine does not have, though its name server lists it, is passed over.
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
    sockets: list[socket.socket] = []
    with ExitStack() as opened:
        for family, address in _addresses(host, port):
            found = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
            try:
                _bind(found, (address, port))
            except OSError as error:
                if sockets and error.errno in _NOT_HERE:
                    found.close()
                    continue
                raise _explained(error, host, port) from error
            # Of several addresses the first one chooses the port that is free.
            port = found.getsockname()[1]
            sockets.append(found)
        opened.pop_all()
    return sockets


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
        who = f"{holder[1]} (process {holder[0]})" if holder else "another program"
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
    nodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not nodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        # A process of someone else, or one that ends just now, does not show its files.
        with suppress(OSError):
            if any(_links_to(file, nodes) for file in (process / "fd").iterdir()):
                return int(process.name), _name_of(process)
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
