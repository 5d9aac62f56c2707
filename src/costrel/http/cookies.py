"""Read a Cookie header, write a Set-Cookie header.

Law: reading never raises and takes linear time; writing refuses whatever would end the cookie
early or start another attribute.
"""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from costrel.http.late_pattern import late_pattern

from .dates import http_date
from .multidict import MultiDict

Cookies = TypeVar("Cookies", bound="MultiDict[str, str]")

# One `name=value` and its `;`, or else a stretch that is no cookie, which gives an empty name.
# Every run of characters is possessive and a quoted value ends at the next cookie's quote at the
# latest, so a failed attempt costs its length once and the search as a whole stays linear.
# A name is never empty: browsers send `=__Host-x=v` for a cookie without one, which must not pass
# for `__Host-x`, a cookie that only https may set.
_COOKIE = late_pattern(
    r"""
    [;\ \t]*+ ([^\ \t";=]++) [\ \t]*+
    (?: = [\ \t]*+ ( "[^"\\]*+(?:\\.[^"\\]*+)*" | [^\ \t";]*+ ) [\ \t]*+ )?
    (?: ; | \Z )
    | [;\ \t]*+ [^;]*+ ;?
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = late_pattern(rb"\\(?:([0-3][0-7]{2})|(.))", re.DOTALL)

_PLAIN_VALUE = late_pattern(r"[!#-+\--:<-\[\]-~]*")
_NEEDS_ESCAPE = late_pattern(rb'[\x00-\x1f",;\\\x7f-\xff]')
_ESCAPED = {bytes([code]): b"\\%03o" % code for code in range(256)} | {
    b'"': b'\\"',
    b"\\": b"\\\\",
}
# Not only the separators: some servers and browsers cut a header at a control character.
_ENDS_ATTRIBUTE = late_pattern(r"[;\x00-\x1f\x7f]")
# What may stand in a path; `%` too, as a path that is quoted already stays as it is.
_NOT_IN_PATH = late_pattern(rb"[^!$%&'()*+,\-./0-9:=@A-Z_a-z~]")
_SAME_SITE = {"strict": "Strict", "lax": "Lax", "none": "None"}


def parse_cookie(
    header: str | Mapping[str, Any] | None, cls: type[Cookies] | None = None
) -> Cookies | MultiDict[str, str]:
    """Read the cookies a client sent, all values of a name in their order.

    :param header: a Cookie header as the server gave it (latin-1), or a WSGI environment.
    :param cls: the class to fill instead of :class:`MultiDict`.
    :return: the cookies. What is malformed is left out, what is not UTF-8 is replaced.

    See RFC 6265 section 5.4; values in quotes may hold octal escapes as browsers return them.
    """
    if not isinstance(header, str):
        header = header.get("HTTP_COOKIE", "") if header else ""
    if not header:
        return cls() if cls is not None else MultiDict()
    if not header.isascii():
        header = _read_as_utf8(header)
    lists = _split(header) if '"' not in header else _search(header)
    if cls is None:
        return MultiDict.wrap(lists)
    return cls.wrap(lists) if cls.__init__ is MultiDict.__init__ else cls(lists)


def find_cookie(header: str, name: str) -> str | None:
    """The first value of one cookie, as :func:`parse_cookie` reads it; ``None`` if it is not there.

    :param header: a Cookie header as the server gave it (latin-1).
    """
    # PERF: it is looked for and cut out, 0.35 µs whatever else there is, where that is safe: the
    # name stands once, nothing is quoted, and the cookie ends where it seems to.
    if '"' not in header and header.isascii():
        times = header.count(name)
        if times == 0:
            return None
        if times == 1:
            at = 0 if header.startswith(name) else header.find(f"; {name}=") + 2
            value = header[at + len(name) :].partition(";")[0]
            if at != 1 and value[:1] == "=" and " " not in value and "\t" not in value:
                return value[1:]
    return parse_cookie(header).get(name)


def _split(header: str) -> dict[str, list[str]]:
    """The values by name of a header without quotes."""
    pairs = header.split("; ")
    if not (len(pairs) - 1 == header.count(" ") == header.count(";")) or "\t" in header:
        return _search(header)
    # PERF: as browsers and clients write it, each separator is "; ", and what stands between
    # needs no search: 0.15 µs a cookie, against 0.3.
    lists: dict[str, list[str]] = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        if name in lists:
            lists[name].append(text)
        else:
            lists[name] = [text]
    # A cookie without a name is none.
    lists.pop("", None)
    return lists


def _search(header: str) -> dict[str, list[str]]:
    """The values by name of any header."""
    lists: dict[str, list[str]] = {}
    # One C call finds all cookies.
    for name, value in _COOKIE.findall(header):
        if name:
            text = _unquote(value) if value[:1] == '"' else value
            if name in lists:
                lists[name].append(text)
            else:
                lists[name] = [text]
    return lists


def _read_as_utf8(header: str) -> str:
    try:
        return header.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return header  # not from a server: it is text already


def _unquote(value: str) -> str:
    if "\\" not in value:
        return value[1:-1]
    raw = value[1:-1].encode("utf-8", "replace")
    return _ESCAPE.sub(_read_escape, raw).decode("utf-8", "replace")


def _read_escape(found: re.Match[bytes]) -> bytes:
    octal, character = found.groups()
    return bytes([int(octal, 8)]) if octal is not None else character


def dump_cookie(  # Werkzeug's signature
    key: str,
    value: str = "",
    max_age: timedelta | int | None = None,
    expires: str | datetime | float | None = None,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool = False,
    httponly: bool = False,
    sync_expires: bool = True,
    max_size: int = 4093,
    samesite: str | None = None,
    partitioned: bool = False,
) -> str:
    """Write the value of a Set-Cookie header.

    :param key: the name.
    :param value: any text; what may not stand in a cookie is escaped within quotes.
    :param max_age: seconds until it ends; ``None`` means when the browser closes.
    :param expires: when it ends: a date, a timestamp in seconds, or the finished text.
    :param path: where it is sent; ``None`` leaves that to the browser.
    :param domain: who gets it, subdomains included; ``None`` means this host alone.
    :param secure: send it over https only.
    :param httponly: hide it from JavaScript.
    :param sync_expires: with ``max_age`` alone, write ``Expires`` too, for very old clients.
    :param max_size: warn when the header has more bytes than this; 0 never warns.
    :param samesite: "Strict", "Lax" or "None", in any case.
    :param partitioned: keep one jar per embedding site; implies ``secure``.
    :raises ValueError: for a name or attribute that would not stay in its place.

    See RFC 6265 section 4.1.
    """
    # PERF: names and attributes repeat from response to response, so what writes them comes out of
    # a cache: 0.6 µs for a session cookie, against 2 when they are checked and joined each time.
    writer = _writer(key, path, domain, bool(secure), bool(httponly), samesite, bool(partitioned))
    return writer.write(value, max_age, expires, sync_expires, max_size)


class CookieWriter:
    """Writes the Set-Cookie headers of one cookie: what stands around its value is settled once.

    The parameters are those of :func:`dump_cookie`.

    :raises ValueError: for a name or attribute that would not stay in its place.
    """

    __slots__ = ("after", "before", "key", "start")

    def __init__(
        self,
        key: str,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: str | None = None,
        partitioned: bool = False,
    ) -> None:
        self.key = key
        self.start = f"{_dump_name(key)}="
        # What stands before and after the lifetime.
        self.before = "" if domain is None else f"; Domain={_dump_domain(domain)}"
        after = ""
        if secure or partitioned:
            after += "; Secure"
        if httponly:
            after += "; HttpOnly"
        if path is not None:
            after += f"; Path={_dump_path(path)}"
        if samesite is not None:
            after += f"; SameSite={_dump_same_site(samesite)}"
        if partitioned:
            after += "; Partitioned"
        self.after = after

    def write(
        self,
        value: str,
        max_age: timedelta | int | None = None,
        expires: str | datetime | float | None = None,
        sync_expires: bool = True,
        max_size: int = 4093,
    ) -> str:
        """Write the header's value for a value of the cookie."""
        lifetime = ""
        if expires is not None or max_age is not None:
            lifetime = _lifetime(max_age, expires, sync_expires)
        header = f"{self.start}{_quote(value)}{self.before}{lifetime}{self.after}"
        if 0 < max_size < len(header):
            _warn_of_size(self.key, len(value), len(header), max_size)
        return header


_writer = lru_cache(maxsize=256)(CookieWriter)


def _quote(value: str) -> str:
    try:
        if _PLAIN_VALUE.fullmatch(value):
            return value
    except TypeError:
        raise TypeError(
            f"A cookie's value must be str, not {type(value).__name__}: convert it first."
        ) from None
    escaped = _NEEDS_ESCAPE.sub(lambda found: _ESCAPED[found[0]], value.encode())
    return f'"{escaped.decode("ascii")}"'


def _dump_name(key: str) -> str:
    if not key or "=" in key:
        raise ValueError(
            f"A cookie's name must not be empty or hold '=': {key!r} would not return."
        )
    name = key if key.isascii() else key.encode().decode("latin-1")
    _refuse("name", name)
    return name


def _refuse(what: str, text: str) -> None:
    if _ENDS_ATTRIBUTE.search(text):
        raise ValueError(
            f"A cookie's {what} must not hold ';' or control characters, got {text!r}: the rest"
            " would be read as other attributes or headers."
        )


def _dump_domain(domain: str) -> str:
    host = domain.partition(":")[0].lstrip(".")
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    # As it was given, and as IDNA made it: that turns other semicolons into plain ones.
    _refuse("domain", domain)
    _refuse("domain", host)
    return host


def _dump_path(path: str) -> str:
    _refuse("path", path)
    return _NOT_IN_PATH.sub(lambda found: b"%%%02X" % found[0][0], path.encode()).decode("ascii")


def _dump_same_site(value: str) -> str:
    try:
        return _SAME_SITE[value.lower()]
    except KeyError:
        expected = ", ".join(_SAME_SITE.values())
        raise ValueError(f"SameSite must be one of {expected}, not {value!r}.") from None


def _lifetime(
    max_age: timedelta | int | None, expires: str | datetime | float | None, sync_expires: bool
) -> str:
    seconds = None
    if max_age is not None:
        seconds = int(max_age.total_seconds() if isinstance(max_age, timedelta) else max_age)
        if expires is None and sync_expires:
            expires = _date_text(int(time.time()) + seconds)
    text = ""
    if isinstance(expires, str):
        _refuse("expiry date", expires)
        text = f"; Expires={expires}"
    elif isinstance(expires, datetime) and expires.tzinfo is not None:
        # PERF: sessions that last come this way: 0.3 µs, against 1.1 for writing the date anew.
        text = f"; Expires={_date_text(expires.timestamp() // 1)}"
    elif expires is not None:
        text = f"; Expires={http_date(expires)}"
    return text if seconds is None else f"{text}; Max-Age={seconds}"


@lru_cache(maxsize=64)
def _date_text(timestamp: float) -> str:
    # Cookies written within one second share their date.
    return http_date(timestamp)


def _warn_of_size(key: str, value_size: int, size: int, limit: int) -> None:
    warnings.warn(
        f"The {key!r} cookie is too large: its value of {value_size} characters makes a header of"
        f" {size} bytes, but the limit is {limit} bytes. Browsers drop larger cookies without"
        " notice; store less in it, or keep the data on the server.",
        stacklevel=4,
    )
