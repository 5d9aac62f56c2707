"""Functions that went in favour of others."""

import hashlib
from datetime import timedelta

import pytest

from costrel.flask.old_api.old_functions import (
    parse_rule,
    parse_www_authenticate_header,
    pbkdf2_bin,
    pbkdf2_hex,
    safe_str_cmp,
    total_seconds,
)


def test_comparing_texts():
    assert safe_str_cmp("a", b"a")
    assert safe_str_cmp("é", "é")
    assert not safe_str_cmp("a", "b")
    assert not safe_str_cmp("a", "aa")
    assert safe_str_cmp("\ud800", "\ud800")


# As Werkzeug 1.0.1 derives it.
KEY = "07f5f5e23e40846c35c4c7bbc8244ee25ed607c7f18301e9805d16771f287971"


@pytest.mark.parametrize("hashfunc", [None, "sha256", hashlib.sha256])
def test_deriving_a_key(hashfunc):
    assert pbkdf2_hex("p", "s", 1000, hashfunc=hashfunc) == KEY
    assert pbkdf2_bin(b"p", b"s", 1000, keylen=4, hashfunc=hashfunc).hex() == KEY[:8]


def test_reading_a_header_of_a_challenge():
    assert parse_www_authenticate_header('Basic realm="x"').realm == "x"
    assert parse_www_authenticate_header(None).type == "basic"


def test_splitting_a_rule():
    assert list(parse_rule("/a/<int:x>/<y>/<any('a', b):z>")) == [
        (None, None, "/a/"),
        ("int", None, "x"),
        (None, None, "/"),
        ("default", None, "y"),
        (None, None, "/"),
        ("any", "'a', b", "z"),
    ]


def test_whole_seconds():
    assert total_seconds(timedelta(days=1, seconds=2, microseconds=3)) == 86402
