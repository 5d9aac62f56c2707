"""Preconditions and ranges on a Response: 304, 412, 206, 416 (RFC 9110, 13 and 14).

Law: these are methods of Response, which imports them; they may raise an HTTP error.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from costrel.http.dates import http_date, parse_date
from costrel.http.etags import generate_etag, parse_etags, parse_if_range_header, unquote_etag
from costrel.http.exceptions import RequestedRangeNotSatisfiable
from costrel.http.ranges import parse_range_header
from costrel.http.response_stream import encode_chunks
from costrel.http.streams import RangeWrapper

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from costrel.http.request import Request
    from costrel.http.response import Response

SAFE_METHODS = frozenset({"GET", "HEAD"})


class Verdict(Enum):
    """What a request's preconditions say about sending the body."""

    SEND = 200
    UNCHANGED = 304
    FAILED = 412


def weigh(
    conditions: Mapping[str, Any],
    etag: str | None,
    last_modified: datetime | None,
    ignore_if_range: bool = True,
) -> Verdict:
    """Weigh the preconditions in the order of RFC 9110, 13.2.2.

    :param conditions: a WSGI environ, or another mapping with its ``HTTP_IF_…`` keys.
    :param etag: the current entity tag, quoted or not.
    :param last_modified: when the body changed last.
    :param ignore_if_range: leave ``If-Range`` out, as its failing only means to send everything.
    """
    tag = unquote_etag(etag)[0] if etag else None
    if not ignore_if_range and "HTTP_RANGE" in conditions:
        if_range = parse_if_range_header(conditions.get("HTTP_IF_RANGE"))
        if if_range.etag is not None:
            same = tag is not None and parse_etags(if_range.etag).contains(tag)
            return Verdict.UNCHANGED if same else Verdict.SEND
        if if_range.date is not None:
            return _compare_dates(last_modified, if_range.date)
    if_match = parse_etags(conditions.get("HTTP_IF_MATCH"))
    if if_match and tag is not None and not if_match.contains(tag):
        return Verdict.FAILED
    if_none_match = parse_etags(conditions.get("HTTP_IF_NONE_MATCH"))
    if if_none_match and tag is not None:
        held = if_none_match.contains_weak(tag)
        return Verdict.UNCHANGED if held else Verdict.SEND
    return _compare_dates(last_modified, parse_date(conditions.get("HTTP_IF_MODIFIED_SINCE")))


def _compare_dates(last_modified: datetime | None, since: datetime | None) -> Verdict:
    if last_modified is None or since is None:
        return Verdict.SEND
    if last_modified.tzinfo is None:
        last_modified = last_modified.replace(tzinfo=UTC)
    # HTTP dates have whole seconds.
    is_old = last_modified.replace(microsecond=0) <= since
    return Verdict.UNCHANGED if is_old else Verdict.SEND


def is_resource_modified(
    environ: Mapping[str, Any],
    etag: str | None = None,
    data: bytes | None = None,
    last_modified: datetime | str | None = None,
    ignore_if_range: bool = True,
) -> bool:
    """Whether a request's preconditions ask for the body to be sent.

    :param data: the body, to make an entity tag of where none is given.
    :raises TypeError: where both ``etag`` and ``data`` are given.
    """
    if data is not None:
        if etag is not None:
            raise TypeError("Give either the data or its etag, not both.")
        etag = generate_etag(data)
    if isinstance(last_modified, str):
        last_modified = parse_date(last_modified)
    return weigh(environ, etag, last_modified, ignore_if_range) is Verdict.SEND


def make_conditional(
    response: Response,
    request_or_environ: WSGIEnvironment | Request,
    accept_ranges: bool | str = False,
    complete_length: int | None = None,
) -> Response:
    """Answer a conditional GET or HEAD: 304 or 412 instead of the body, 206 for a range.

    :param accept_ranges: serve ranges; the unit's name, or true for ``bytes``.
    :param complete_length: the whole body's size in bytes; needed for ranges.
    :raises RequestedRangeNotSatisfiable: 416, where no byte of the range exists.
    """
    asked: Any = request_or_environ
    environ: Mapping[str, Any] = getattr(asked, "environ", asked)
    if environ["REQUEST_METHOD"] not in SAFE_METHODS:
        return response
    headers = response.headers
    if "date" not in headers:
        headers["Date"] = http_date()
    if accept_ranges:
        headers["Accept-Ranges"] = "bytes" if accept_ranges is True else accept_ranges
    verdict = weigh(environ, headers.get("etag"), parse_date(headers.get("last-modified")))
    is_part = False
    if accept_ranges and complete_length and verdict is Verdict.SEND:
        is_part = _take_range(response, environ, complete_length)
    if not is_part and verdict is not Verdict.SEND:
        response.status_code = verdict.value
    if response.automatically_set_content_length and "content-length" not in headers:
        length = response.calculate_content_length()
        if length:
            headers["Content-Length"] = str(length)
    return response


def _take_range(response: Response, environ: Mapping[str, Any], complete_length: int) -> bool:
    """Cut the body to the one range asked for; whether there is one."""
    wanted = environ.get("HTTP_RANGE")
    # RFC 9110, 14.2: a Range is for GET alone, and not for a body that If-Range does not know.
    if wanted is None or environ["REQUEST_METHOD"] != "GET":
        return False
    if "HTTP_IF_RANGE" in environ and is_resource_modified(
        environ,
        response.headers.get("etag"),
        None,
        response.headers.get("last-modified"),
        ignore_if_range=False,
    ):
        return False
    ranges = parse_range_header(wanted)
    span = None if ranges is None else ranges.range_for_length(complete_length)
    if ranges is None or span is None:
        raise RequestedRangeNotSatisfiable(complete_length)
    start, stop = span
    response.content_range = ranges.make_content_range(complete_length)
    response.headers["Content-Length"] = str(stop - start)
    response.status_code = 206
    response.response = RangeWrapper(_as_bytes(response), start, stop - start)
    return True


def _as_bytes(response: Response) -> Any:
    """The body as bytes, with a file left as it is so that it can seek."""
    body = response.response
    return body if hasattr(body, "seekable") else encode_chunks(body)


def add_etag(response: Response, overwrite: bool = False, weak: bool = False) -> None:
    """Set an entity tag made of the body, where there is none yet."""
    if overwrite or "etag" not in response.headers:
        response.set_etag(generate_etag(response.get_data()), weak)


def freeze(response: Response) -> None:
    """Make the response fit to be kept: a list as body, with its length and entity tag."""
    response.response = list(response.iter_encoded())
    response.headers["Content-Length"] = str(sum(map(len, response.response)))
    add_etag(response)
