"""Functions of Flask and Werkzeug that went in favour of the standard library, or of a class."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from costrel.http.credentials import WWWAuthenticate
from costrel.routing.pattern import Variable, read_pattern


def safe_str_cmp(a: str | bytes, b: str | bytes) -> bool:
    """Whether two texts are equal, in a time that does not tell where they differ."""
    first, second = (
        each.encode(errors="surrogatepass") if isinstance(each, str) else each for each in (a, b)
    )
    return hmac.compare_digest(first, second)


def pbkdf2_bin(
    data: str | bytes,
    salt: str | bytes,
    iterations: int = 260_000,
    keylen: int | None = None,
    hashfunc: str | Callable[[], Any] | None = None,
) -> bytes:
    """Derive a key by PBKDF2 (RFC 8018, 5.2).

    Args:
        data: the password.
        salt: the salt.
        iterations: how often it is hashed.
        keylen: the key's length in bytes; the hash's unless given.
        hashfunc: the hash, by name or as in `hashlib`; SHA-256 unless given.

    """
    secret, salt_bytes = (each.encode() if isinstance(each, str) else each for each in (data, salt))
    name = hashfunc if isinstance(hashfunc, str) else (hashfunc or hashlib.sha256)().name
    return hashlib.pbkdf2_hmac(name, secret, salt_bytes, iterations, keylen)


def pbkdf2_hex(*args: Any, **kwargs: Any) -> str:
    """Derive a key as `pbkdf2_bin` does, in hexadecimal digits."""
    return pbkdf2_bin(*args, **kwargs).hex()


def parse_www_authenticate_header(
    value: str | None, on_update: Callable[[Any], None] | None = None
) -> WWWAuthenticate:
    """Read a `WWW-Authenticate` header; one that is not there has the scheme `basic`."""
    return WWWAuthenticate.from_header(value) or WWWAuthenticate("basic")


def parse_rule(rule: str) -> Iterator[tuple[str | None, str | None, str]]:
    """Split a URL rule into `(converter, arguments, variable)` and `(None, None, text)`.

    Raises:
        ValueError: the rule is malformed.

    """
    for piece in read_pattern(rule):
        if isinstance(piece, Variable):
            yield piece.converter, piece.arguments or None, piece.name
        else:
            yield None, None, piece


def total_seconds(td: timedelta) -> int:
    """The whole seconds of a timedelta."""
    return td.days * 86400 + td.seconds
