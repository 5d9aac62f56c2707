"""A request's query and body with the secrets masked that forms and JSON name as such.

Law: whatever is not masked stays as it came, byte for byte, so that the request fails as it did.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from costrel.debugger.shown_values import is_secret_name
from costrel.http.header_values import parse_options_header

MASKED = "masked"
_NAME = re.compile(rb'form-data; *+name="([^"\r\n]*+)" *+(?:\r|$)', re.IGNORECASE)


def mask_fields(text: bytes) -> bytes:
    """Mask the secrets among fields that `&` separates: a query or an urlencoded form."""
    return b"&".join(_masked_fields(text))


def _masked_fields(text: bytes) -> Iterator[bytes]:
    for field in text.split(b"&"):
        name, equals, value = field.partition(b"=")
        plain = unquote_to_bytes(name).decode("utf-8", "replace")
        yield name + equals + MASKED.encode() if value and is_secret_name(plain) else field


def mask_body(body: bytes, content_type: str) -> bytes:
    """Mask the secrets in a body.

    :param content_type: the header's value; of a type that is unknown here the body stays.
    """
    kind, options = parse_options_header(content_type)
    kind = kind.lower()
    if kind == "application/x-www-form-urlencoded":
        return mask_fields(body)
    if kind == "multipart/form-data":
        between = b"\r\n--" + options.get("boundary", "").encode("ascii", "replace")
        return between.join(map(_masked_part, body.split(between)))
    if kind == "application/json" or kind.endswith("+json"):
        return _mask_json(body)
    return body


def _masked_part(part: bytes) -> bytes:
    """A part of a multipart form, without its boundary; one of a file stays."""
    head, blank, value = part.partition(b"\r\n\r\n")
    name = _NAME.search(head)
    is_secret = value and name and is_secret_name(name[1].decode("utf-8", "replace"))
    return head + blank + MASKED.encode() if is_secret else part


def _mask_json(body: bytes) -> bytes:
    try:
        value = json.loads(body)
        masked = _masked(value)
    except (ValueError, RecursionError):
        return body
    return body if masked == value else json.dumps(masked).encode()


def _masked(value: Any) -> Any:
    if isinstance(value, list):
        return [_masked(each) for each in value]
    if isinstance(value, dict):
        return {
            name: MASKED if is_secret_name(name) and isinstance(each, str) else _masked(each)
            for name, each in value.items()
        }
    return value
