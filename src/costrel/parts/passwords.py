"""Turn passwords into hashes that are safe to keep, and check them.

A hash is written ``method$salt$hex``, where the method carries its own parameters, so that hashes
made with older parameters go on to work.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from collections.abc import Callable

SALT_CHARS = string.ascii_letters + string.digits
DEFAULT_PBKDF2_ITERATIONS = 1_000_000
DEFAULT_SCRYPT_COST = (2**15, 8, 1)

Hashing = Callable[[list[str], bytes, bytes], tuple[str, bytes]]


def gen_salt(length: int) -> str:
    """A random text of letters and digits.

    :raises ValueError: if the length is less than 1.
    """
    if length < 1:
        raise ValueError(f"Salt length must be at least 1, not {length}.")
    return "".join(secrets.choice(SALT_CHARS) for _ in range(length))


def _scrypt(arguments: list[str], salt: bytes, password: bytes) -> tuple[str, bytes]:
    """Hash with scrypt; its arguments are ``n:r:p``, all of them or none (RFC 7914)."""
    try:
        n, r, p = map(int, arguments) if arguments else DEFAULT_SCRYPT_COST
    except ValueError:
        raise ValueError(
            f"scrypt takes three whole numbers, n:r:p, not {':'.join(arguments)!r}."
        ) from None
    # OpenSSL needs 128 * n * r * p bytes and a little more, and refuses above 32 MiB unless told.
    digest = hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=132 * n * r * p + 2**16)
    return f"scrypt:{n}:{r}:{p}", digest


def _pbkdf2(arguments: list[str], salt: bytes, password: bytes) -> tuple[str, bytes]:
    """Hash with PBKDF2; its arguments are ``digest:iterations``, each optional (RFC 8018)."""
    if len(arguments) > 2:
        raise ValueError(
            f"pbkdf2 takes a digest and a number of rounds, not {':'.join(arguments)!r}."
        )
    digest, rounds = (*arguments, *("sha256", str(DEFAULT_PBKDF2_ITERATIONS))[len(arguments) :])
    raw = hashlib.pbkdf2_hmac(digest, password, salt, int(rounds))
    return f"pbkdf2:{digest}:{int(rounds)}", raw


METHODS: dict[str, Hashing] = {"scrypt": _scrypt, "pbkdf2": _pbkdf2}


def _hash_password(method: str, salt: str, password: str) -> tuple[str, str]:
    """The method with all of its parameters, and the hash in hexadecimal."""
    name, *arguments = method.split(":")
    try:
        hashing = METHODS[name]
    except KeyError:
        raise ValueError(
            f"Invalid hash method {name!r}: it is one of {', '.join(METHODS)}."
        ) from None
    actual, raw = hashing(arguments, salt.encode(), password.encode())
    return actual, raw.hex()


def generate_password_hash(password: str, method: str = "scrypt", salt_length: int = 16) -> str:
    """Hash a password with a new salt, for keeping.

    :param method: ``scrypt``, ``scrypt:n:r:p``, ``pbkdf2``, ``pbkdf2:digest`` or
        ``pbkdf2:digest:iterations``.
    :param salt_length: characters of salt, at least 1.
    :raises ValueError: on an unknown method, wrong parameters or too short a salt.
    """
    salt = gen_salt(salt_length)
    actual, digest = _hash_password(method, salt, password)
    return f"{actual}${salt}${digest}"


def check_password_hash(pwhash: str, password: str) -> bool:
    """Whether a password is the one that was hashed; compared in constant time.

    :param pwhash: what ``generate_password_hash`` returned. Text of another form is never right.
    :raises ValueError: if the hash names an unknown method or wrong parameters.
    """
    try:
        method, salt, expected = pwhash.split("$", 2)
    except ValueError:
        return False
    actual = _hash_password(method, salt, password)[1]
    return hmac.compare_digest(actual.encode(), expected.encode())
