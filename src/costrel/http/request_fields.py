"""The header attributes of a Request, as one table.

Law: reading never raises, whatever the client sent; what cannot be parsed reads as absent.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from costrel.http.cached import lazy
from costrel.http.dates import parse_date
from costrel.http.door import Door
from costrel.http.etags import ETags, IfRange, parse_etags, parse_if_range_header
from costrel.http.header_fields import ParsedHeader, header_property
from costrel.http.header_values import HeaderSet, parse_options_header, parse_set_header
from costrel.http.headers import Headers
from costrel.http.ranges import Range, parse_range_header
from costrel.http.response_fields import is_json_mimetype
from costrel.http.urls import get_content_length
from costrel.http.user_agent import UserAgent

if TYPE_CHECKING:
    from costrel.http.accept import Accept, CharsetAccept, LanguageAccept, MIMEAccept
    from costrel.http.cache_control import RequestCacheControl
    from costrel.http.credentials import Authorization


def _header_as_set(text: str) -> HeaderSet:
    return parse_set_header(text)


# Characters of a content type that is kept parsed.
LONGEST_KEPT = 80


def _read_content_type(text: str) -> tuple[str, dict[str, str]]:
    mimetype, params = parse_options_header(text)
    return mimetype.lower(), params


# PERF: a handful of content types come again and again; parsing one takes 1.5 µs.
read_content_type = lru_cache(128)(_read_content_type)


class RequestFields:
    """Headers of a request as typed attributes; mixed into Request."""

    headers: Headers
    user_agent_class: type[UserAgent] = UserAgent

    content_type = header_property[str]("Content-Type", doc="The body's type.", read_only=True)
    content_encoding = header_property[str](
        "Content-Encoding", doc="How the body is compressed.", read_only=True
    )
    content_md5 = header_property[str](
        "Content-MD5", doc="An MD5 of the body (RFC 1864).", read_only=True
    )
    referrer = header_property[str]("Referer", doc="The page that led here.", read_only=True)
    origin = header_property[str]("Origin", doc="The origin that asks.", read_only=True)
    date = header_property[datetime](
        "Date", None, parse_date, doc="When the client sent the request.", read_only=True
    )
    max_forwards = header_property[int](
        "Max-Forwards", None, int, doc="Proxies left to pass (RFC 9110, 7.6.2).", read_only=True
    )
    access_control_request_headers = header_property[Any](
        "Access-Control-Request-Headers",
        None,
        _header_as_set,
        doc="A preflight: the headers to come.",
    )
    access_control_request_method = header_property[str](
        "Access-Control-Request-Method", doc="A preflight: the method to come."
    )

    @lazy
    def content_length(self) -> int | None:
        """The body's size in bytes as announced; ``None`` where it is not or is chunked."""
        header = self._body_header
        return get_content_length(header("content-length"), header("transfer-encoding"))

    def _body_header(self, name: str) -> str | None:
        """One of the headers that tell of the body."""
        return self.headers.get(name)

    @lazy
    def _content_type_parts(self) -> tuple[str, dict[str, str]]:
        text = self._body_header("content-type") or ""
        return read_content_type(text) if len(text) < LONGEST_KEPT else _read_content_type(text)

    @property
    def mimetype(self) -> str:
        """The media type in lower case, without parameters; empty where there is none."""
        return self._content_type_parts[0]

    @property
    def mimetype_params(self) -> dict[str, str]:
        """The parameters of the content type."""
        return self._content_type_parts[1].copy()

    @property
    def is_json(self) -> bool:
        """Whether the content type is JSON: ``application/json`` or ``application/…+json``."""
        return is_json_mimetype(self.mimetype)

    accept_mimetypes: ParsedHeader[MIMEAccept] = ParsedHeader(
        "Accept",
        Door("costrel.http.accept:parse_mime_accept"),
        "The media types that the client takes (RFC 9110, 12.5.1).",
    )
    accept_charsets: ParsedHeader[CharsetAccept] = ParsedHeader(
        "Accept-Charset",
        Door("costrel.http.accept:parse_charset_accept"),
        "The charsets that the client takes.",
    )
    accept_encodings: ParsedHeader[Accept] = ParsedHeader(
        "Accept-Encoding",
        Door("costrel.http.accept:parse_accept_header"),
        "The compressions that the client takes (RFC 9110, 12.5.3).",
    )
    accept_languages: ParsedHeader[LanguageAccept] = ParsedHeader(
        "Accept-Language",
        Door("costrel.http.accept:parse_language_accept"),
        "The languages that the client takes (RFC 9110, 12.5.4).",
    )
    cache_control: ParsedHeader[RequestCacheControl] = ParsedHeader(
        "Cache-Control",
        Door("costrel.http.cache_control:parse_cache_control_header"),
        "What caches may do (RFC 9111, 5.2.1).",
    )
    authorization: ParsedHeader[Authorization | None] = ParsedHeader(
        "Authorization",
        Door("costrel.http.credentials:parse_authorization"),
        "The credentials sent, or ``None`` (RFC 9110, 11.6.2).",
    )

    @lazy
    def pragma(self) -> HeaderSet:
        """``Pragma``, of HTTP/1.0's caches."""
        return parse_set_header(self.headers.get("Pragma", ""))

    @lazy
    def if_match(self) -> ETags:
        """The entity tags of which one must be current (RFC 9110, 13.1.1)."""
        return parse_etags(self.headers.get("If-Match"))

    @lazy
    def if_none_match(self) -> ETags:
        """The entity tags that the client holds (RFC 9110, 13.1.2)."""
        return parse_etags(self.headers.get("If-None-Match"))

    @lazy
    def if_modified_since(self) -> datetime | None:
        """Answer only if changed since then (RFC 9110, 13.1.3)."""
        return parse_date(self.headers.get("If-Modified-Since"))

    @lazy
    def if_unmodified_since(self) -> datetime | None:
        """Act only if unchanged since then (RFC 9110, 13.1.4)."""
        return parse_date(self.headers.get("If-Unmodified-Since"))

    @lazy
    def if_range(self) -> IfRange:
        """Send the range only if the whole is still the same (RFC 9110, 13.1.5)."""
        return parse_if_range_header(self.headers.get("If-Range"))

    @lazy
    def range(self) -> Range | None:
        """The parts of the body asked for (RFC 9110, 14.2)."""
        return parse_range_header(self.headers.get("Range"))

    @lazy
    def user_agent(self) -> UserAgent:
        """What the client says it is."""
        return self.user_agent_class(self.headers.get("User-Agent", ""))
