import ssl
import stat
import sys

import pytest

from costrel.devserver.certificates import (
    generate_adhoc_ssl_context,
    generate_adhoc_ssl_pair,
    is_ssl_error,
    keep_adhoc_pair,
    load_ssl_context,
    make_ssl_context,
    make_ssl_devcert,
)

x509 = pytest.importorskip("cryptography.x509")


def test_a_certificate_is_for_its_host_and_for_this_machine():
    certificate, key = generate_adhoc_ssl_pair("dev.test")
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    hosts = names.get_values_for_type(x509.DNSName)
    assert {"dev.test", "*.dev.test", "localhost"} <= set(hosts)
    assert "127.0.0.1" in map(str, names.get_values_for_type(x509.IPAddress))
    assert certificate.public_key() == key.public_key()


def test_a_development_certificate_is_written_and_its_key_is_private(tmp_path):
    cert_file, key_file = make_ssl_devcert(str(tmp_path / "dev"), host="dev.test")
    assert cert_file.endswith("dev.crt")
    assert stat.S_IMODE((tmp_path / "dev.key").stat().st_mode) == 0o600
    assert isinstance(load_ssl_context(cert_file, key_file), ssl.SSLContext)
    assert isinstance(make_ssl_context((cert_file, key_file)), ssl.SSLContext)


def test_a_context_is_made_of_each_kind_of_argument():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    assert make_ssl_context(None) is None
    assert make_ssl_context(context) is context
    assert isinstance(make_ssl_context("adhoc"), ssl.SSLContext)
    assert isinstance(generate_adhoc_ssl_context(), ssl.SSLContext)
    with pytest.raises(TypeError, match='"adhoc"'):
        make_ssl_context("cert.pem")


def test_without_cryptography_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(TypeError, match="pip install cryptography"):
        generate_adhoc_ssl_pair()


def test_errors_of_tls_are_told_from_others():
    assert is_ssl_error(ssl.SSLError())
    assert not is_ssl_error(ValueError())


def test_a_kept_certificate_is_that_of_each_start(monkeypatch, tmp_path):
    monkeypatch.setenv("COSTREL_ADHOC_PAIR", "")
    monkeypatch.setattr(
        "costrel.devserver.certificates.tempfile.mkdtemp", lambda **_: str(tmp_path)
    )
    monkeypatch.setattr("costrel.devserver.certificates.atexit.register", lambda *a, **k: None)
    keep_adhoc_pair()
    loaded = []
    monkeypatch.setattr(
        "costrel.devserver.certificates.load_ssl_context",
        lambda *pair: loaded.append(pair),
    )
    make_ssl_context("adhoc")
    make_ssl_context("adhoc")
    assert loaded == [(str(tmp_path / "dev.crt"), str(tmp_path / "dev.key"))] * 2
