"""Signed text for cookies: itsdangerous' format, prepared once for many requests.

Law: what is written is what itsdangerous writes, byte for byte. A text that is not exactly as we
would have written it is left to itsdangerous, which accepts it or says what is wrong with it.
"""

from __future__ import annotations

import time
import zlib
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from hmac import compare_digest
from typing import Any

from itsdangerous import URLSafeTimedSerializer

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_INNER_PAD = bytes(code ^ 0x36 for code in range(256))
_OUTER_PAD = bytes(code ^ 0x5C for code in range(256))


def _encode(raw: bytes) -> bytes:
    """URL-safe base64 without padding."""
    return b2a_base64(raw).translate(_TO_URL).rstrip(b"=\n")


def _decode(text: bytes) -> bytes:
    """Read URL-safe base64; superfluous padding does no harm.

    :raises ValueError: if it is not base64.
    """
    return a2b_base64(text.translate(_FROM_URL) + b"==")


def _may_shrink(raw: bytes) -> bool:
    """Whether a zlib stream could be shorter than this text; ``True`` where it is not sure."""
    # PERF: trying zlib takes 1.6 µs, this 0.3. A stream has 6 bytes of its own and begins every
    # distinct byte once: a fixed code spends 8 bits on each and 10 on its frame, and a code made
    # for so short a text spends on its own description what it saves. So up to 24 bytes a stream
    # has at least 8 bytes more than there are distinct ones.
    return len(raw) > 24 or len(raw) - len(set(raw)) > 9


class _Stamps:
    """The time as it stands in signed texts, written once a second."""

    def __init__(self) -> None:
        self.latest = (-1, b"")

    def current(self) -> bytes:
        now = int(time.time())
        second, text = self.latest
        if second != now:
            text = b"." + _encode(now.to_bytes(8, "big").lstrip(b"\0")) + b"."
            # One tuple, so that another thread never sees one half of it.
            self.latest = (now, text)
        return text


class _Mac:
    """HMAC (RFC 2104) with its key worked in.

    :param key: the secret.
    :param digest_method: makes a hash.
    """

    # PERF: two hashes to copy sign in 0.5 µs; `hmac.HMAC.copy`, which has Python of its own around
    # them, in 0.8, and starting from the key in 2.9.
    def __init__(self, key: bytes, digest_method: Callable[..., Any]) -> None:
        size = digest_method().block_size
        if len(key) > size:
            key = digest_method(key).digest()
        key = key.ljust(size, b"\0")
        self._copy_inner = digest_method(key.translate(_INNER_PAD)).copy
        self._copy_outer = digest_method(key.translate(_OUTER_PAD)).copy

    def sign(self, text: bytes) -> bytes:
        """The signature of a text."""
        inner = self._copy_inner()
        inner.update(text)
        outer = self._copy_outer()
        outer.update(inner.digest())
        return outer.digest()  # type: ignore[no-any-return]  # a hash has bytes


class KeptSerializer(URLSafeTimedSerializer):
    """A ``URLSafeTimedSerializer`` to be kept: keys are derived and worked into an HMAC once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        signer = self.make_signer()
        self._macs = [
            _Mac(signer.derive_key(key), signer.digest_method) for key in reversed(self.secret_keys)
        ]
        self._stamps = _Stamps()

    def dumps(self, obj: Any, salt: str | bytes | None = None) -> str:
        """Write and sign a value."""
        if salt is not None:
            return super().dumps(obj, salt)
        text = self.dump_payload(obj) + self._stamps.current()
        return (text + _encode(self._macs[0].sign(text[:-1]))).decode("ascii")

    def dump_payload(self, obj: Any) -> bytes:
        """Write a value, compressed where that is shorter."""
        written: str | bytes = self.serializer.dumps(obj, **self.serializer_kwargs)
        raw = written.encode() if isinstance(written, str) else written
        if _may_shrink(raw):
            packed = zlib.compress(raw)
            if len(packed) < len(raw) - 1:
                return b"." + _encode(packed)
        return _encode(raw)

    def loads(  # type: ignore[override]  # itsdangerous' own class narrows it the same way
        self,
        s: str | bytes,
        max_age: int | None = None,
        return_timestamp: bool = False,
        salt: str | bytes | None = None,
    ) -> Any:
        """Check and read a signed text.

        :param max_age: seconds after which it is no longer accepted.
        :param return_timestamp: return the value and the time it was signed.
        :raises itsdangerous.BadData: if it is not genuine, too old or unreadable.
        """
        if salt is None and not return_timestamp:
            payload = self._unsign(s.encode() if isinstance(s, str) else s, max_age)
            if payload is not None:
                return self._load(payload)
        return super().loads(s, max_age=max_age, return_timestamp=return_timestamp, salt=salt)

    def _unsign(self, signed: bytes, max_age: int | None) -> bytes | None:
        """The payload of a text that is genuine and young enough; ``None`` for any other."""
        text, _, signature = signed.rpartition(b".")
        payload, _, stamp = text.rpartition(b".")
        for mac in self._macs:
            if compare_digest(_encode(mac.sign(text)), signature):
                break
        else:
            return None
        if max_age is None:
            return payload
        signed_at = int.from_bytes(_decode(stamp), "big")
        return payload if 0 <= int(time.time()) - signed_at <= max_age else None

    def load_payload(self, payload: bytes, *args: Any, **kwargs: Any) -> Any:
        """Read a value from a payload, inflating it if it is compressed."""
        if args or kwargs:
            return super().load_payload(payload, *args, **kwargs)
        return self._load(payload)

    def _load(self, payload: bytes) -> Any:
        if self.is_text_serializer and not payload.startswith(b"."):
            try:
                return self.serializer.loads(_decode(payload).decode())
            except Exception:
                # It goes wrong below as well, where itsdangerous says what it was.
                return super().load_payload(payload)
        return super().load_payload(payload)
