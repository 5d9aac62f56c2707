"""`url_quote`, `url_parse` and the other functions for URLs that Werkzeug had before 3.0.

They take text or bytes, and a charset; `urllib.parse` does the work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any, NamedTuple
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

from costrel.http.multidict import MultiDict, iter_multi_items
from costrel.http.urls import ascii_name

# What Werkzeug left as it is, beside letters, digits and what `quote` leaves.
_ALWAYS_SAFE = "$!'()*+,;"


def _as_bytes(value: Any, charset: str, errors: str) -> bytes:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    return str(value).encode(charset, errors)


def _as_text(value: str | bytes, charset: str = "utf-8", errors: str = "replace") -> str:
    return value if isinstance(value, str) else value.decode(charset, errors)


def url_quote(
    string: Any,
    charset: str = "utf-8",
    errors: str = "strict",
    safe: str | bytes = "/:",
    unsafe: str | bytes = "",
) -> str:
    """Percent-encode a text for a URL (RFC 3986, 2.1).

    Args:
        string: text or bytes; anything else is made text.
        charset: what text is encoded by.
        errors: how what cannot be encoded is handled, as for `str.encode`.
        safe: characters that stay as they are, beside those that always do.
        unsafe: characters that are encoded even so; letters, digits and `_.-~` never are.

    """
    kept = set(_as_text(safe) + _ALWAYS_SAFE) - set(_as_text(unsafe))
    return quote(_as_bytes(string, charset, errors), safe="".join(kept))


def url_quote_plus(
    string: Any, charset: str = "utf-8", errors: str = "strict", safe: str = ""
) -> str:
    """Percent-encode a text for a query or a form, where a blank is a plus sign."""
    return url_quote(string, charset, errors, f"{safe} ", "+").replace(" ", "+")


def url_unquote(
    s: str | bytes,
    charset: str | None = "utf-8",
    errors: str = "replace",
    unsafe: str | bytes = "",
) -> Any:
    """Decode what is percent-encoded.

    Args:
        s: text or bytes.
        charset: how the bytes are read; `None` returns bytes.
        errors: how bytes that are no text are handled, as for `bytes.decode`.
        unsafe: characters that stay encoded.

    """
    raw = _as_bytes(s, "utf-8", "strict")
    if unsafe:
        # Encoded once more, so that decoding leaves them as they were.
        codes = "|".join(f"{byte:02x}" for byte in _as_bytes(unsafe, "utf-8", "strict"))
        raw = re.sub(f"%(?={codes})".encode(), b"%25", raw, flags=re.IGNORECASE)
    found = unquote_to_bytes(raw)
    return found if charset is None else found.decode(charset, errors)


def url_unquote_plus(s: str | bytes, charset: str | None = "utf-8", errors: str = "replace") -> Any:
    """Decode what is percent-encoded, and plus signs to blanks."""
    return url_unquote(_as_bytes(s, "utf-8", "strict").replace(b"+", b" "), charset, errors)


def url_encode(
    obj: Mapping[str, Any] | Iterable[tuple[str, Any]],
    charset: str = "utf-8",
    sort: bool = False,
    key: Callable[[tuple[str, Any]], Any] | None = None,
    separator: str = "&",
) -> str:
    """Write a query: `name=value` pairs; a value of `None` leaves its pair out.

    Args:
        obj: a dict, whose values may be lists, a MultiDict, or pairs.
        charset: what text is encoded by.
        sort: whether the pairs are sorted, by `key` if there is one.
        key: as for `sorted`.
        separator: what stands between two pairs.

    """
    pairs = iter_multi_items(obj)
    found = sorted(pairs, key=key) if sort else pairs
    return _as_text(separator).join(
        f"{url_quote_plus(name, charset)}={url_quote_plus(value, charset)}"
        for name, value in found
        if value is not None
    )


def url_encode_stream(
    obj: Mapping[str, Any] | Iterable[tuple[str, Any]],
    stream: IO[str] | None = None,
    charset: str = "utf-8",
    sort: bool = False,
    key: Callable[[tuple[str, Any]], Any] | None = None,
    separator: str = "&",
) -> Any:
    """Write a query to a file opened for text; without one, return its pieces."""
    text = url_encode(obj, charset, sort, key, separator)
    if stream is None:
        return iter(text.split(separator))
    stream.write(text)
    return None


def url_decode(
    s: str | bytes,
    charset: str | None = "utf-8",
    include_empty: bool = True,
    errors: str = "replace",
    separator: str | bytes = "&",
    cls: Callable[[Any], Any] | None = None,
) -> Any:
    """Read a query into a MultiDict, or what `cls` makes of its pairs.

    Args:
        s: text or bytes.
        charset: how its bytes are read; with `None` names and values are bytes.
        include_empty: whether a name without `=` is a pair with an empty value.
        errors: how bytes that are no text are handled, as for `bytes.decode`.
        separator: what stands between two pairs.
        cls: called with the pairs.

    """
    pairs = []
    written = charset or "ascii"
    for piece in _as_bytes(s, written, "strict").split(_as_bytes(separator, written, "strict")):
        name, equals, value = piece.partition(b"=")
        if piece and (equals or include_empty):
            pairs.append(
                (url_unquote_plus(name, charset, errors), url_unquote_plus(value, charset, errors))
            )
    return (cls or MultiDict)(pairs)


def url_decode_stream(
    stream: IO[bytes],
    charset: str = "utf-8",
    include_empty: bool = True,
    errors: str = "replace",
    separator: str | bytes = "&",
    cls: Callable[[Any], Any] | None = None,
    limit: int | None = None,
) -> Any:
    """Read a query from a file opened for bytes.

    Args:
        stream: the file.
        charset: how its bytes are read.
        include_empty: whether a name without `=` is a pair with an empty value.
        errors: how bytes that are no text are handled, as for `bytes.decode`.
        separator: what stands between two pairs.
        cls: called with the pairs.
        limit: how many bytes are read at most.

    """
    read = stream.read() if limit is None else stream.read(limit)
    return url_decode(read, charset, include_empty, errors, separator, cls)


class URL(NamedTuple):
    """A URL in its five parts, which `url_parse` makes."""

    scheme: str
    netloc: str
    path: str
    query: str
    fragment: str

    def __str__(self) -> str:
        return self.to_url()

    def replace(self, **parts: str) -> URL:
        """Return a URL with other parts."""
        return self._replace(**parts)

    @property
    def auth(self) -> str | None:
        """The user and the password, as they stand there."""
        before, at, _ = self.netloc.rpartition("@")
        return before if at else None

    @property
    def host(self) -> str | None:
        """The host, without brackets around an IPv6 address."""
        rest = self.netloc.rpartition("@")[2]
        if rest.startswith("["):
            return rest[1:].partition("]")[0]
        return rest.partition(":")[0] or None

    @property
    def ascii_host(self) -> str | None:
        """The host in ASCII (RFC 3490); what has no such form stays as it is."""
        return None if self.host is None else ascii_name(self.host)

    @property
    def port(self) -> int | None:
        """The port, if it is one."""
        text = self.netloc.rpartition("@")[2].rpartition("]")[2].rpartition(":")
        is_port = text[1] and text[2].isascii() and text[2].isdigit() and int(text[2]) <= 65535
        return int(text[2]) if is_port else None

    @property
    def raw_username(self) -> str | None:
        """The user, still encoded."""
        return None if self.auth is None else self.auth.partition(":")[0]

    @property
    def raw_password(self) -> str | None:
        """The password, still encoded."""
        _, colon, password = (self.auth or "").partition(":")
        return password if colon else None

    @property
    def username(self) -> str | None:
        """The user."""
        return None if self.raw_username is None else url_unquote_plus(self.raw_username)

    @property
    def password(self) -> str | None:
        """The password."""
        return None if self.raw_password is None else url_unquote_plus(self.raw_password)

    def encode_netloc(self) -> str:
        """The user, host and port in ASCII; a port that is none is left out."""
        host = self.ascii_host or ""
        found = f"[{host}]" if ":" in host else host
        if self.port is not None:
            found = f"{found}:{self.port}"
        return found if self.auth is None else f"{url_quote(self.auth, safe='%:')}@{found}"

    def decode_query(self, *args: Any, **kwargs: Any) -> Any:
        """Read the query, by `url_decode` and with its arguments."""
        return url_decode(self.query, *args, **kwargs)

    def join(self, url: str | tuple[str, str, str, str, str], allow_fragments: bool = True) -> URL:
        """Return the URL that a link on this one's page leads to."""
        return url_parse(url_join(self, url, allow_fragments))

    def to_url(self) -> str:
        """The URL as text."""
        return url_unparse(self)


def url_parse(url: str | bytes, scheme: str | None = None, allow_fragments: bool = True) -> URL:
    """Take a URL apart (RFC 3986).

    Args:
        url: text, or bytes of it.
        scheme: what is taken for the scheme where none is given.
        allow_fragments: whether what follows a `#` is a fragment, or part of what stands before it.

    """
    found = urlsplit(_as_text(url), _as_text(scheme or ""), allow_fragments)
    return URL(*found)


def url_unparse(components: tuple[str, str, str, str, str]) -> str:
    """Put the five parts of a URL together."""
    scheme, netloc, path, query, fragment = (_as_text(part) for part in components)
    if netloc or (scheme and path.startswith("/")):
        slash = "" if not path or path.startswith("/") else "/"
        path = f"//{netloc}{slash}{path}"
    before = f"{scheme}:" if scheme else ""
    after = (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    return f"{before}{path}{after}"


def url_join(
    base: str | tuple[str, str, str, str, str],
    url: str | tuple[str, str, str, str, str],
    allow_fragments: bool = True,
) -> str:
    """Return the URL that a link on a page leads to."""
    first, second = (
        url_unparse(each) if isinstance(each, tuple) else _as_text(each) for each in (base, url)
    )
    return urljoin(first, second, allow_fragments)


def url_fix(s: str, charset: str = "utf-8") -> str:
    """Encode what people put into URLs though it may not stand there: blanks, backslashes, umlauts.

    Args:
        s: the URL.
        charset: what text is encoded by.

    """
    parts = url_parse(_as_text(s, charset).replace("\\", "/"))
    path = url_quote(parts.path, charset, safe="/%+$!*'(),")
    query, fragment = (
        url_quote_plus(part, charset, safe=":&%=+$!*'(),") for part in (parts.query, parts.fragment)
    )
    return url_unparse((parts.scheme, parts.encode_netloc(), path, query, fragment))
