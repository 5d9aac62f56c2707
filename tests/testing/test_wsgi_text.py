"""Text, hosts and headers in the spelling of PEP 3333."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costrel.http.environ import decode_text
from costrel.http.headers import Headers
from costrel.testing.wsgi_text import header_variables, headers_to_send, split_host, wsgi_text


@given(st.text(st.characters(codec="utf-8")))
def test_wsgi_text_is_read_back(text):
    assert decode_text(wsgi_text(text)) == text


@pytest.mark.parametrize(
    ("host", "parts"),
    [
        ("x", ("x", None)),
        ("x:80", ("x", 80)),
        ("[::1]", ("[::1]", None)),
        ("[::1]:81", ("[::1]", 81)),
        ("", ("", None)),
    ],
)
def test_a_host_is_split_from_its_port(host, parts):
    assert split_host(host) == parts


@pytest.mark.parametrize("host", ["x:", "x:a", "x:٣"])
def test_a_port_is_made_of_digits(host):
    with pytest.raises(ValueError, match="is no number"):
        split_host(host)


def test_headers_beyond_latin_1_go_as_utf_8_and_the_others_as_they_are():
    headers = headers_to_send({"A": "é", "B": "ㄷ", "C": 5, "D": b"\xe9", "E": ["1", "2"]})
    assert list(headers) == [
        ("A", "é"),
        ("B", "ã\x84·"),
        ("C", "5"),
        ("D", "é"),
        ("E", "1"),
        ("E", "2"),
    ]
    assert list(headers_to_send(None)) == []


@pytest.mark.parametrize("value", ["a\nb", "a\rb"])
def test_a_header_does_not_begin_another(value):
    with pytest.raises(ValueError, match="line break"):
        headers_to_send([("A", value)])


def test_variables_join_what_has_one_name():
    headers = Headers([("A-B", "1"), ("a-b", "2"), ("Content-Type", "x")])
    assert header_variables(headers) == {"HTTP_A_B": "1, 2"}
