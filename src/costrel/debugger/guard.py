"""Who may use the console: a caller on this machine, with the token, at a name of this machine.

Law: everything else is refused, and a refusal says no more than that. Headers of proxies never
help; where one is sent, the caller is not on this machine.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network

# Set by the process that supervises, so that the token lives on through reloads.
TOKEN_VARIABLE = "COSTREL_DEBUG_TOKEN"  # noqa: S105  # the name of a variable
# Networks whose machines count as this one, with commas: `172.17.0.0/16` is a container's host.
PEERS_VARIABLE = "COSTREL_DEBUG_PEERS"
TOKEN_HEADER = "X-Costrel-Token"  # noqa: S105  # the name of a header
MOST_TRIES = 10
SHORTEST_TOKEN = 8
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def debug_token() -> str:
    """The token of this program and of those it starts: the environment's, else a new one."""
    token = os.environ.get(TOKEN_VARIABLE, "")
    if len(token) < SHORTEST_TOKEN:
        token = os.environ[TOKEN_VARIABLE] = secrets.token_urlsafe(18)
    return token


def is_loopback(peer: str | None) -> bool:
    """Whether an address is this machine's own."""
    if not peer:
        return False
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def host_name(host: str) -> str:
    """A Host header without its port, in lower case."""
    name = host.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0]


class Guard:
    """Lets callers in or not; counts wrong tokens, and locks after ten.

    :param token: what callers must know; empty lets nobody in.
    :param peers: networks that count as this machine, beside loopback.
    :param hosts: further names under which the server is trusted; a leading dot admits
        subdomains.
    """

    def __init__(
        self, token: str, hosts: Iterable[str] = (), peers: Iterable[str] | None = None
    ) -> None:
        self.token = token
        if peers is None:
            peers = os.environ.get(PEERS_VARIABLE, "").replace(",", " ").split()
        self.peers = tuple(ip_network(peer, strict=False) for peer in peers)
        self.hosts = frozenset(host_name(host) for host in hosts) | frozenset(LOCAL_NAMES)
        self.wrong_tries = 0
        self._lock = threading.Lock()

    @property
    def token_mark(self) -> str:
        """What pages may know of the token: enough to see that a kept one is another's."""
        return hashlib.sha256(f"mark {self.token}".encode()).hexdigest()[:12]

    @property
    def is_locked(self) -> bool:
        """Whether too many wrong tokens came; a new start opens it again."""
        return self.wrong_tries >= MOST_TRIES

    def trusts_host(self, host: str) -> bool:
        """Whether the server may be called by this name: else any page could name it."""
        name = host_name(host)
        if name in self.hosts or name.endswith(".localhost"):
            return True
        return any(known.startswith(".") and name.endswith(known) for known in self.hosts)

    def is_peer(self, peer: str | None) -> bool:
        """Whether an address is this machine's, or of a network that counts as this machine."""
        if is_loopback(peer):
            return True
        try:
            return any(ip_address(peer or "") in network for network in self.peers)
        except ValueError:
            return False

    def is_near(self, peer: str | None, headers: Mapping[str, str]) -> bool:
        """Whether the caller is on this machine and calls it by one of its names."""
        if not self.is_peer(peer) or not self.trusts_host(headers.get("host", "")):
            return False
        return not any(name in headers for name in _PROXY_HEADERS)

    def is_own_page(self, headers: Mapping[str, str]) -> bool:
        """Whether a page of this server calls, and not another site's in the same browser."""
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return False
        origin = headers.get("origin")
        if origin is None:
            return True
        return origin.partition("://")[2].lower() == headers.get("host", "").strip().lower()

    def check(self, peer: str | None, headers: Mapping[str, str]) -> str | None:
        """Say why a caller is refused; ``None`` lets it in.

        :param headers: with names in lower case.
        """
        if not self.is_near(peer, headers) or not self.is_own_page(headers):
            return "The console answers this machine only."
        with self._lock:
            if self.is_locked or not self.token:
                return "The console is locked. Start the program again to unlock it."
            given = headers.get(TOKEN_HEADER.lower(), "")
            if hmac.compare_digest(given.encode(), self.token.encode()):
                self.wrong_tries = 0
                return None
            if given:
                self.wrong_tries += 1
        return "The token is wrong. It is printed in the terminal, with the error."
