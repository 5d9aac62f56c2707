import hashlib
import json
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from itsdangerous import (
    BadPayload,
    BadSignature,
    BadTimeSignature,
    SignatureExpired,
    URLSafeTimedSerializer,
)

from costrel.parts.signing import KeptSerializer, _may_shrink

SETTINGS = {
    "salt": "cookie-session",
    "signer_kwargs": {"key_derivation": "hmac", "digest_method": hashlib.sha1},
}
KEYS = ["oldest", "older", "newest"]
VALUES = st.dictionaries(st.text(max_size=8), st.text(max_size=30) | st.integers(), max_size=4)


@pytest.fixture
def kept():
    return KeptSerializer(KEYS, **SETTINGS)


@pytest.fixture
def plain():
    return URLSafeTimedSerializer(KEYS, **SETTINGS)


@pytest.fixture
def clock(monkeypatch):
    now = [1_700_000_000.5]
    monkeypatch.setattr("time.time", lambda: now[0])
    return now


@pytest.mark.parametrize("digest", [hashlib.sha1, hashlib.sha256, hashlib.sha512])
@pytest.mark.parametrize("derivation", ["hmac", "concat", "django-concat", "none"])
def test_every_kind_of_signature_is_itsdangerous(clock, digest, derivation):
    kinds = {"key_derivation": derivation, "digest_method": digest}
    kept = KeptSerializer("key", salt="s", signer_kwargs=kinds)
    plain = URLSafeTimedSerializer("key", salt="s", signer_kwargs=kinds)
    assert kept.dumps([1]) == plain.dumps([1])
    assert kept.loads(plain.dumps([2])) == [2]


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_any_text_is_itsdangerous(value):
    kept, plain = KeptSerializer(KEYS, **SETTINGS), URLSafeTimedSerializer(KEYS, **SETTINGS)
    assert kept.dump_payload(value) == plain.dump_payload(value)
    assert plain.loads(kept.dumps(value)) == value
    assert kept.loads(plain.dumps(value), max_age=60) == value


def test_the_time_in_a_text_moves_on(clock, kept, plain):
    for _ in range(3):
        assert kept.dumps(1) == plain.dumps(1)
        assert kept.dumps(1) == plain.dumps(1)
        clock[0] += 1000


@pytest.mark.parametrize("key", KEYS)
def test_old_keys_are_still_believed(kept, key):
    assert kept.loads(URLSafeTimedSerializer(key, **SETTINGS).dumps(5), max_age=9) == 5


def test_the_newest_key_signs(kept):
    assert URLSafeTimedSerializer(KEYS[-1], **SETTINGS).loads(kept.dumps(5)) == 5
    with pytest.raises(BadSignature):
        URLSafeTimedSerializer(KEYS[0], **SETTINGS).loads(kept.dumps(5))


def test_other_keys_and_salts_are_not_believed(kept):
    for other in (
        URLSafeTimedSerializer("other", **SETTINGS),
        URLSafeTimedSerializer(KEYS, **{**SETTINGS, "salt": "flash"}),
    ):
        with pytest.raises(BadSignature):
            kept.loads(other.dumps(5))


@pytest.mark.parametrize("max_age", [None, 100, 99])
def test_a_text_lives_as_long_as_it_may(clock, kept, max_age):
    text = kept.dumps(5)
    clock[0] += 99
    assert kept.loads(text, max_age=max_age) == 5


@pytest.mark.parametrize("shift", [101, -1])
def test_a_text_too_old_or_from_the_future_is_refused(clock, kept, shift):
    text = kept.dumps(5)
    clock[0] += shift
    with pytest.raises(SignatureExpired):
        kept.loads(text, max_age=100)


def test_every_changed_character_is_noticed(kept):
    text = kept.dumps({"user": 1})
    for place, old in enumerate(text):
        for new in "A.-\u00e9\0":
            if new != old:
                changed = text[:place] + new + text[place + 1 :]
                try:
                    # The last character of base64 has bits to spare, which itsdangerous ignores.
                    assert kept.loads(changed, max_age=99) == {"user": 1}
                    assert place == len(text) - 1
                except BadSignature:
                    pass


@pytest.mark.parametrize(
    "text", ["", ".", "..", "...", "a", "a.b", "a.b.c", "é", b"\xff.\xff.\xff"]
)
def test_what_was_never_signed_is_refused(kept, text):
    with pytest.raises(BadSignature):
        kept.loads(text)


def sign(kept, text):
    """Sign any text, as only the holder of the key can."""
    return kept.make_signer().sign(text)


@pytest.mark.parametrize("payload", [b"!", b"_w", b"e30x", b".eJw", b"A", b"", b"."])
def test_a_signed_text_that_cannot_be_read_is_a_bad_payload(kept, payload):
    with pytest.raises(BadPayload):
        kept.loads(sign(kept, payload), max_age=9)


def test_a_signed_text_without_a_time_is_refused(kept):
    signer = super(type(kept.make_signer()), kept.make_signer())
    with pytest.raises(BadTimeSignature):
        kept.loads(signer.sign("IngI"), max_age=9)


def test_a_text_of_another_salt_than_the_one_asked_for_is_not_believed(kept):
    assert kept.loads(kept.dumps("own")) == "own"
    with pytest.raises(BadSignature):
        kept.loads(kept.dumps("own"), salt="another")


def test_a_salt_or_a_time_asked_for_is_itsdangerous_own(kept, plain):
    assert plain.loads(kept.dumps(5, salt="other"), salt="other") == 5
    assert kept.loads(plain.dumps(5, salt="other"), salt="other") == 5
    value, moment = kept.loads(kept.dumps(5), return_timestamp=True)
    assert value == 5
    assert abs(moment.timestamp() - time.time()) < 60


def test_padding_and_text_of_bytes_are_accepted_as_itsdangerous_does(kept):
    text = kept.dumps(5)
    assert kept.loads(text.encode()) == 5
    assert kept.loads(text + "=") == 5


def test_a_serializer_of_bytes_is_taken(plain):
    class Bytes:
        def dumps(self, value):
            return json.dumps(value).encode()

        def loads(self, text):
            assert isinstance(text, bytes)
            return json.loads(text)

    kept = KeptSerializer(KEYS, serializer=Bytes(), **SETTINGS)
    assert not kept.is_text_serializer
    assert plain.loads(kept.dumps([1, 2])) == [1, 2]
    assert kept.loads(plain.dumps([1, 2])) == [1, 2]


def test_long_texts_are_compressed(kept, plain):
    value = {"a": "x" * 1000}
    assert kept.dumps(value).startswith(".")
    assert len(kept.dumps(value)) < 100
    assert kept.loads(kept.dumps(value)) == plain.loads(plain.dumps(value)) == value


def smallest(raw):
    packers = [
        zlib.compressobj(level, zlib.DEFLATED, 15, 9, how)
        for level in (1, 6, 9)
        for how in (0, 2, 4)
    ]
    return min(len(packer.compress(raw) + packer.flush()) for packer in packers)


@settings(max_examples=300, deadline=None)
@given(
    st.text("ab", max_size=24) | st.binary(max_size=24) | st.text("abcdefghijklmno", max_size=24)
)
def test_no_text_that_could_be_compressed_is_passed_over(text):
    raw = text if isinstance(text, bytes) else text.encode()
    if not _may_shrink(raw):
        assert smallest(raw) >= len(raw) - 1
