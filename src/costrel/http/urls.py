"""URLs: IRI to URI and back, and what a request's host and URL are.

Law: nothing here raises on what a client sent. A host that is not one is the empty string, a part
of a URL that cannot be decoded stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from urllib.parse import quote

from costrel.http.late_pattern import late_pattern

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}

# RFC 3986, appendix B, with the authority taken apart at its last "@".
_URL_PARTS = late_pattern(
    r"""
    (?: ([A-Za-z][A-Za-z0-9+.\-]*+) : )?+   # scheme
    (?: // ([^/?\#]*+) )?+                  # authority
    ([^?\#]*+)                              # path
    (?: \? ([^\#]*+) )?+                    # query
    (?: \# (.*+) )?+                        # fragment
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN_URI = late_pattern(r"[A-Za-z0-9\-._~%!#$&'()*+,/:;=?@]*+")
_ESCAPES = late_pattern(r"(?:%[0-9A-Fa-f]{2})++")
_DOTS = late_pattern("[\u3002\uff0e\uff61]")
_MOST_DIGITS = 19  # of a body's length; an unsigned 64-bit number has 20
_PORT = late_pattern(r":[0-9]*+\Z")

_PATH_SAFE = "!$&'()*+,/:;=@%"
_QUERY_SAFE = "!$&'()*+,/:;=?@%"
_URI_SAFE = "%!#$&'()*+,/:;=?@"
_AUTHORITY_SAFE = "%!$&'()*+,;=:[]"

# What stays escaped when a URI is made readable: controls, space, "%", and what would end the part.
_UNREADABLE = "".join(map(chr, range(33))) + "\x7f%"


def _escape_table(keep: str) -> dict[int, str]:
    """What `str.translate` must escape again, after a decoding that let bad bytes through."""
    table = {ord(char): f"%{ord(char):02X}" for char in _UNREADABLE + keep}
    return table | {0xDC00 + byte: f"%{byte:02X}" for byte in range(128, 256)}


_MAX_LABEL = 63  # RFC 1035 2.3.4
_MAX_NAME = 254  # with the dot at the end

# Letters, digits and hyphens in labels; or an address in brackets. Then a port from 1 on.
_HOST = late_pattern(
    r"""
    (?: ( [A-Za-z0-9\-]{1,63}+ (?: \. [A-Za-z0-9\-]{1,63}+ )*+ \.?+ )
      | \[ ([0-9A-Fa-f:.]{2,45}+) \]
    )
    (?: : ([1-9][0-9]{0,4}+) )?+
    """,
    re.VERBOSE,
)


# --- IRI and URI -----------------------------------------------------------------------------


def iri_to_uri(iri: str) -> str:
    """Write an IRI in ASCII: the host by IDNA, the rest percent-encoded. RFC 3987 3.1.

    Escapes that are there already stay. Never raises: a host label that IDNA refuses is
    percent-encoded too.
    """
    # PERF: nearly every redirect target is plain already: 0.3 µs instead of 6.
    return iri if _PLAIN_URI.fullmatch(iri) else _convert(iri, _TO_URI)


def uri_to_iri(uri: str) -> str:
    """Make a URI readable: decode the host's IDNA, and escapes that are UTF-8. RFC 3987 3.2.

    What has a meaning in its part of the URL, controls and spaces stay escaped. Never raises:
    what cannot be decoded stays as it is.
    """
    if "%" not in uri and "xn--" not in uri.lower():
        return uri
    return _convert(uri, _TO_IRI)


def quote_query(raw: str) -> str:
    """Write a query as a server hands it over, its bytes as latin-1, so that a URL may hold it.

    Escapes that are there already stay.
    """
    return (
        raw if _PLAIN_URI.fullmatch(raw) else quote(raw.encode("latin-1", "replace"), _QUERY_SAFE)
    )


def _convert(url: str, steps: tuple[Callable[[str], str], ...]) -> str:
    """Take a URL apart, send each part through its step, and put it together again."""
    on_user, on_name, on_path, on_query, on_fragment = steps
    parts = _URL_PARTS.fullmatch(url)
    assert parts is not None  # the last part takes anything
    scheme, authority, path, query, fragment = parts.groups()
    result = "" if scheme is None else f"{scheme}:"
    if authority is not None:
        user, at, server = authority.rpartition("@")
        port = _PORT.search(server)
        name = server[: port.start()] if port else server
        result += f"//{on_user(user)}{at}{on_name(name)}{port[0] if port else ''}"
    result += on_path(path)
    if query is not None:
        result += f"?{on_query(query)}"
    if fragment is not None:
        result += f"#{on_fragment(fragment)}"
    return result


def _quote_part(text: str) -> str:
    return quote(text, _URI_SAFE, errors="replace")


def _quote_authority(text: str) -> str:
    return quote(text, _AUTHORITY_SAFE, errors="replace")


def ascii_name(name: str) -> str:
    """Write each label of a host's name in ASCII (RFC 3490); one that has no such form stays."""
    if name.isascii():
        return name
    return ".".join(map(_encode_label, _DOTS.sub(".", name).split(".")))


def _encode_name(name: str) -> str:
    """A name as a URI has it. Quoted afterwards: normalising may bring forth a slash."""
    return _quote_authority(ascii_name(name))


# PERF: the ASCII characters that are foreign, one by one: excluding all wide ones from a class
# takes 3 ms to compile.
_FOREIGN_TO_NAMES = late_pattern(r"[\x00-,./:-@\[-^`{-\x7f]")


def _encode_label(label: str) -> str:
    # The codec takes quadratic time, so it never sees what cannot be a label. And it lets through
    # ASCII that is none of a name's, which would be quoted afterwards and not be read back.
    if label.isascii() or len(label) > _MAX_LABEL or _FOREIGN_TO_NAMES.search(label):
        return label
    try:
        return label.encode("idna").decode("ascii")
    except UnicodeError:
        return label


def _decode_name(name: str) -> str:
    return ".".join(map(_decode_label, name.split(".")))


def _decode_label(label: str) -> str:
    if label[:4].lower() != "xn--" or len(label) > _MAX_LABEL:
        return label
    try:
        return label.lower().encode("ascii").decode("idna")
    except (UnicodeError, OverflowError):  # the latter in Python 3.13, on its way to the former
        return label


def _decode_run(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "surrogateescape")


def _unquote_but(keep: str) -> Callable[[str], str]:
    """Make a step that decodes escapes, but for `keep` and what is not UTF-8."""
    table = _escape_table(keep)

    def decode(match: re.Match[str]) -> str:
        return _decode_run(match).translate(table)

    return lambda text: _ESCAPES.sub(decode, text)


_TO_URI = (_quote_authority, _encode_name, _quote_part, _quote_part, _quote_part)
_TO_IRI = (
    _unquote_but(":@/?#"),
    _decode_name,
    _unquote_but("/?#"),
    _unquote_but("&=+#"),
    _unquote_but(""),
)


# --- Host and current URL --------------------------------------------------------------------


def parse_host(host: str) -> tuple[str, int | None] | None:
    """Split a host into name and port (None if it has none); None if it is not a host.

    A name is made of ASCII labels, or is an IPv6 address in brackets. Ports go from 1 to 65535.
    """
    match = _HOST.fullmatch(host)
    if match is None:
        return None
    name, address, digits = match.groups()
    if name is None:
        # Hosts are hardly ever IPv6 addresses, and it takes 2 ms to import.
        from ipaddress import AddressValueError, IPv6Address  # noqa: PLC0415

        try:
            IPv6Address(address)
        except AddressValueError:
            return None
        name = f"[{address}]"
    elif len(name) > _MAX_NAME:
        return None
    if digits is None:
        return name, None
    port = int(digits)
    return (name, port) if port <= 65535 else None


def get_host(
    scheme: str,
    host_header: str | None,
    server: tuple[str, int | None] | None = None,
    trusted_hosts: Collection[str] | None = None,
) -> str:
    """The host of a request, with its port unless that is the scheme's own.

    Taken from the Host header, else from the server's address. The empty string if there is
    none, if it is not a host, or if it is not among `trusted_hosts`.
    """
    if host_header is None:
        host_header = _host_of_server(server)
    parsed = parse_host(host_header)
    if parsed is None:
        return ""
    if trusted_hosts and not host_is_trusted(host_header, trusted_hosts):
        return ""
    name, port = parsed
    if port is None or port == DEFAULT_PORTS.get(scheme):
        return name
    return host_header


def _host_of_server(server: tuple[str, int | None] | None) -> str:
    # A Unix socket has a path and no port.
    if server is None or server[1] is None:
        return ""
    name, port = server
    return f"[{name}]:{port}" if ":" in name and name[0] != "[" else f"{name}:{port}"


def host_is_trusted(
    hostname: str | None, trusted_list: Collection[str] | str | None = None
) -> bool:
    """Whether a host is on a list of hosts. Without a list every valid host is.

    An entry `.example.com` takes the domain and its subdomains. An entry with a port takes only
    that port. Case does not matter, and names may be written in Unicode on the list.
    """
    parsed = parse_host(hostname) if hostname else None
    if parsed is None:
        return False
    if not trusted_list:
        return True
    name, port = parsed
    name = name.lower().rstrip(".")
    entries = (trusted_list,) if isinstance(trusted_list, str) else trusted_list
    return any(_entry_takes(entry, name, port) for entry in entries)


def _entry_takes(entry: str, name: str, port: int | None) -> bool:
    with_subdomains = entry.startswith(".")
    bare = entry[with_subdomains:]
    if ":" in bare and bare.count(":") > 1 and bare[0] != "[":
        bare = f"[{bare}]"
    parsed = parse_host(_encode_name(bare))
    if parsed is None:
        return False
    wanted, wanted_port = parsed
    if wanted_port is not None and port is not None and port != wanted_port:
        return False
    wanted = wanted.lower().rstrip(".")
    return name == wanted or (with_subdomains and name.endswith(f".{wanted}"))


def get_current_url(
    scheme: str,
    host: str,
    root_path: str | None = None,
    path: str | None = None,
    query_string: bytes | None = None,
) -> str:
    """Put a request's URL together, readable as by `uri_to_iri`.

    Each part that is None ends it: the host alone, the root alone, the URL without its query.
    `root_path` and `path` are decoded text; `query_string` is raw.
    """
    url = f"{scheme}://{host}/"
    if root_path is not None:
        root = quote(root_path.strip("/"), _PATH_SAFE, errors="replace")
        if root:
            url += f"{root}/"
        if path is not None:
            url += quote(path.lstrip("/"), _PATH_SAFE, errors="replace")
            if query_string:
                url += f"?{quote(query_string, _QUERY_SAFE)}"
    return uri_to_iri(url)


def get_content_length(
    http_content_length: str | None = None, http_transfer_encoding: str | None = None
) -> int | None:
    """The length of a body in bytes; None if it is chunked or not said, 0 if it is nonsense."""
    if http_transfer_encoding == "chunked" or http_content_length is None:
        return None
    digits = http_content_length.strip(" \t")
    # PERF: 0.1 µs; a pattern takes 0.3.
    is_number = digits.isdigit() and digits.isascii() and len(digits) <= _MOST_DIGITS
    return int(digits) if is_number else 0
