"""TLS for development: a context from files, or a certificate made on the spot."""

from __future__ import annotations

import atexit
import os
import shutil
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate, GeneralName

# What `ssl_context=` may be: "adhoc", (certificate file, key file or None), or a context.
SSLArgument = ssl.SSLContext | tuple[str, str | None] | str | None

# Certificate and key that a supervisor made for its children.
PAIR_MARK = "COSTREL_ADHOC_PAIR"
VALID_DAYS = 365
KEY_BITS = 2048


def make_ssl_context(argument: Any) -> ssl.SSLContext | None:
    """Make a context of what ``ssl_context=`` was given, ``None`` for plain HTTP.

    :raises TypeError: it is none of the kinds that are understood.
    """
    if argument is None or isinstance(argument, ssl.SSLContext):
        return argument
    if argument == "adhoc":
        kept = os.environ.get(PAIR_MARK, "").split(os.pathsep)
        if len(kept) == 2 and all(map(os.path.isfile, kept)):
            return load_ssl_context(kept[0], kept[1])
        return generate_adhoc_ssl_context()
    if isinstance(argument, (tuple, list)):
        return load_ssl_context(*argument)
    raise TypeError(
        'ssl_context has to be "adhoc", a tuple (certificate file, key file) or an '
        f"ssl.SSLContext, not {argument!r}."
    )


def load_ssl_context(
    cert_file: str, pkey_file: str | None = None, protocol: int | None = None
) -> ssl.SSLContext:
    """Make a server's TLS context from PEM files.

    :param cert_file: the certificate, with its chain.
    :param pkey_file: its key, unless that stands in the same file.
    :param protocol: an ``ssl.PROTOCOL_…`` constant; any TLS that is safe today unless given.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if protocol is None else protocol)
    context.load_cert_chain(cert_file, pkey_file)
    return context


def generate_adhoc_ssl_pair(cn: str | None = None) -> tuple[Certificate, RSAPrivateKey]:
    """Make a certificate that is signed by its own key.

    :param cn: the host it is for; this machine under any name unless given.
    :raises TypeError: the package ``cryptography`` is not installed.
    """
    try:
        # Optional, and heavy: only who asks for such a certificate needs it.
        from cryptography import x509  # noqa: PLC0415
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415
    except ImportError:
        raise TypeError(
            'ssl_context="adhoc" makes its certificate with the package cryptography, which is '
            "not installed. Run: pip install cryptography"
        ) from None
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "costrel development certificate"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, (cn or "localhost")[:64]),
        ]
    )
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.ExtendedKeyUsage([x509.OID_SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_names_for(cn)), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _names_for(cn: str | None) -> list[GeneralName]:
    """The hosts a certificate is for: the name, what lies below it, and this machine."""
    from cryptography import x509  # noqa: PLC0415  # optional; the caller has found it

    names: list[GeneralName] = []
    for host in dict.fromkeys([cn or "localhost", "localhost", "127.0.0.1", "::1"]):
        try:
            names.append(x509.IPAddress(ip_address(host)))
        except ValueError:
            names += [x509.DNSName(host), x509.DNSName(f"*.{host}")]
    return names


def make_ssl_devcert(
    base_path: str, host: str | None = None, cn: str | None = None
) -> tuple[str, str]:
    """Write a development certificate and its key to ``base_path`` + ``.crt`` and ``.key``.

    :param host: the host it is for; the same as ``cn``.
    :returns: the paths of both files, as ``ssl_context=`` takes them.
    """
    certificate, key = generate_adhoc_ssl_pair(host or cn)
    cert_file, key_file = f"{base_path}.crt", f"{base_path}.key"
    _write_pair(Path(cert_file), Path(key_file), certificate, key)
    return cert_file, key_file


def _write_pair(
    cert_file: Path, key_file: Path, certificate: Certificate, key: RSAPrivateKey
) -> None:
    """Write both as PEM; the key is readable for its owner only."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  # optional

    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        )


def generate_adhoc_ssl_context() -> ssl.SSLContext:
    """Make a TLS context with a certificate of its own, which no browser trusts unasked."""
    certificate, key = generate_adhoc_ssl_pair()
    with tempfile.TemporaryDirectory(prefix="costrel-") as folder:
        cert_file, key_file = Path(folder, "dev.crt"), Path(folder, "dev.key")
        _write_pair(cert_file, key_file, certificate, key)
        return load_ssl_context(str(cert_file), str(key_file))


def keep_adhoc_pair() -> None:
    """Make the certificate of this process and those it starts, until this one ends.

    A browser that was told to trust it would ask again if each start had one of its own.
    """
    folder = tempfile.mkdtemp(prefix="costrel-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[PAIR_MARK] = os.pathsep.join(make_ssl_devcert(os.path.join(folder, "dev")))


def is_ssl_error(error: Exception | None = None) -> bool:
    """Whether an error, or the one being handled, is one of TLS."""
    return isinstance(error, ssl.SSLError)
