import pytest

from costrel.parts.passwords import (
    SALT_CHARS,
    check_password_hash,
    gen_salt,
    generate_password_hash,
)

CHEAP = ["scrypt:1024:8:1", "pbkdf2:sha256:10", "pbkdf2:sha1:7", "pbkdf2:sha512:3"]


@pytest.mark.parametrize("method", CHEAP)
def test_the_right_password_is_right_and_others_are_wrong(method):
    hashed = generate_password_hash("sécret", method)
    assert hashed.startswith(f"{method}$")
    assert check_password_hash(hashed, "sécret")
    assert not check_password_hash(hashed, "secret")
    assert not check_password_hash(hashed, "")


@pytest.mark.parametrize(
    ("method", "actual"),
    [
        ("scrypt", "scrypt:32768:8:1"),
        ("pbkdf2", "pbkdf2:sha256:1000000"),
        ("pbkdf2:sha1", "pbkdf2:sha1:1000000"),
    ],
)
def test_what_is_left_out_of_a_method_has_defaults(method, actual, monkeypatch):
    monkeypatch.setattr("hashlib.pbkdf2_hmac", lambda *arguments: b"x")
    monkeypatch.setattr("hashlib.scrypt", lambda *arguments, **kwargs: b"x")
    name, salt, digest = generate_password_hash("secret", method).split("$")
    assert (name, len(salt), digest) == (actual, 16, "78")


def test_scrypt_is_the_default_and_works_at_its_full_cost():
    hashed = generate_password_hash("secret")
    assert hashed.startswith("scrypt:32768:8:1$")
    assert check_password_hash(hashed, "secret")


def test_equal_passwords_get_different_hashes():
    assert generate_password_hash("a", CHEAP[0]) != generate_password_hash("a", CHEAP[0])


@pytest.mark.parametrize("length", [0, -1])
def test_a_salt_is_required(length):
    with pytest.raises(ValueError, match="Salt length must be at least 1"):
        generate_password_hash("secret", salt_length=length)


def test_a_salt_is_letters_and_digits():
    salt = gen_salt(200)
    assert len(salt) == 200
    assert set(salt) <= set(SALT_CHARS)
    assert len(set(salt)) > 20


@pytest.mark.parametrize("method", ["sha256", "", "plain", "md5"])
def test_an_unknown_method_is_refused(method):
    with pytest.raises(ValueError, match="Invalid hash method"):
        generate_password_hash("secret", method)


@pytest.mark.parametrize("hashed", ["", "x", "a$b", "scrypt:16:1:1"])
def test_text_of_another_form_is_never_right(hashed):
    assert check_password_hash(hashed, "x") is False


@pytest.mark.parametrize(
    ("hashed", "error"),
    [
        ("plain$$x", "Invalid hash method 'plain'"),
        ("scrypt:1:2$a$b", "scrypt takes three"),
        ("scrypt:a:b:c$a$b", "scrypt takes three"),
        ("pbkdf2:sha256:x$a$b", "invalid literal"),
        ("pbkdf2:sha256:1:2$a$b", "pbkdf2 takes"),
        ("pbkdf2:nope:1$a$b", "unsupported"),
    ],
)
def test_a_hash_of_an_impossible_method_is_an_error(hashed, error):
    with pytest.raises(ValueError, match=error):
        check_password_hash(hashed, "x")


def test_a_hash_with_other_than_ascii_text_is_wrong_and_no_error():
    assert not check_password_hash("pbkdf2:sha256:1$é$é", "x")


@pytest.mark.parametrize("method", CHEAP)
def test_hashes_are_werkzeugs(method):
    security = pytest.importorskip("werkzeug.security")
    ours = generate_password_hash("pä$$", method)
    theirs = security.generate_password_hash("pä$$", method)
    assert security.check_password_hash(ours, "pä$$")
    assert check_password_hash(theirs, "pä$$")
    assert [len(part) for part in ours.split("$")] == [len(part) for part in theirs.split("$")]
