"""Which headers describe a body, and which belong to one connection only."""

import pytest

from costrel.http.header_kinds import (
    is_entity_header,
    is_hop_by_hop_header,
    remove_entity_headers,
    remove_hop_by_hop_headers,
)
from costrel.http.headers import Headers

PAIRS = [
    ("Content-Type", "x"),
    ("ETag", "x"),
    ("EXPIRES", "x"),
    ("content-length", "1"),
    ("Connection", "close"),
    ("Transfer-Encoding", "chunked"),
    ("Content-Location", "/x"),
]


@pytest.mark.parametrize("name", ["Content-Type", "CONTENT-LENGTH", "allow", "Last-Modified"])
def test_entity_headers(name):
    assert is_entity_header(name)
    assert not is_hop_by_hop_header(name)


@pytest.mark.parametrize("name", ["Connection", "TE", "upgrade", "Transfer-Encoding"])
def test_headers_of_one_connection(name):
    assert is_hop_by_hop_header(name)
    assert not is_entity_header(name)


@pytest.mark.parametrize("kind", [list, Headers])
def test_entity_headers_are_taken_out_in_place(kind):
    headers = kind(PAIRS)
    remove_entity_headers(headers)
    names = ["ETag", "EXPIRES", "Connection", "Transfer-Encoding", "Content-Location"]
    assert [name for name, _ in headers] == names
    remove_entity_headers(headers, allowed=["ExpireS"])
    assert [name for name, _ in headers] == ["ETag", "EXPIRES", "Connection", "Transfer-Encoding"]


@pytest.mark.parametrize("kind", [list, Headers])
def test_headers_of_one_connection_are_taken_out_in_place(kind):
    headers = kind(PAIRS)
    remove_hop_by_hop_headers(headers)
    assert [name for name, _ in headers if is_hop_by_hop_header(name)] == []
    assert len(list(headers)) == len(PAIRS) - 2
