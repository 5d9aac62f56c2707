"""The header attributes of a Response, as one table.

Law: nothing here is kept twice. Reading parses the header, assigning writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from costrel.http.callback_dict import CallbackDict
from costrel.http.dates import http_date, parse_date
from costrel.http.door import Door, NamedDoor
from costrel.http.etags import quote_etag, unquote_etag
from costrel.http.header_fields import (
    ViewedHeader,
    age_header,
    date_header,
    dump_any,
    header_property,
    set_header,
)
from costrel.http.header_values import (
    dump_header,
    dump_options_header,
    parse_options_header,
    parse_set_header,
)
from costrel.http.headers import Headers
from costrel.http.ranges import ContentRange, parse_content_range_header

if TYPE_CHECKING:
    from costrel.http.cache_control import ResponseCacheControl
    from costrel.http.content_policy import ContentSecurityPolicy
    from costrel.http.credentials import WWWAuthenticate

# What few responses need is fetched when one does.
_PARSE_POLICY = Door("costrel.http.content_policy:parse_csp_header")
_DUMP_POLICY = Door("costrel.http.content_policy:dump_policy")


class COEP(Enum):
    """Values of Cross-Origin-Embedder-Policy (HTML standard, 7.1.4)."""

    UNSAFE_NONE = "unsafe-none"
    REQUIRE_CORP = "require-corp"


class COOP(Enum):
    """Values of Cross-Origin-Opener-Policy (HTML standard, 7.1.3)."""

    UNSAFE_NONE = "unsafe-none"
    SAME_ORIGIN_ALLOW_POPUPS = "same-origin-allow-popups"
    SAME_ORIGIN = "same-origin"


def _policy_value(policy: Enum | str) -> str:
    return str(policy.value) if isinstance(policy, Enum) else str(policy)


def _load_content_range(text: str | None, changed: Callable[[Any], None]) -> ContentRange:
    found = parse_content_range_header(text, changed)
    # An absent header still gives an object, so that assigning to its parts writes the header.
    return ContentRange(None, None, None, on_update=changed) if found is None else found


def _header_as_set(text: str) -> Any:
    return parse_set_header(text)


class ResponseFields:
    """Headers of a response as typed attributes; mixed into Response."""

    headers: Headers

    _challenge_class = NamedDoor("costrel.http.credentials:WWWAuthenticate")

    location = header_property[str](
        "Location", doc="Where to go, or what was made (RFC 9110, 10.2.2)."
    )
    accept_ranges = header_property[str](
        "Accept-Ranges", doc="The range units served (RFC 9110, 14.3)."
    )
    content_type = header_property[str]("Content-Type", doc="The body's type and charset.")
    content_length = header_property[int](
        "Content-Length", None, int, str, doc="The body's size in bytes (RFC 9110, 8.6)."
    )
    content_location = header_property[str]("Content-Location", doc="A URL of just this body.")
    content_encoding = header_property[str]("Content-Encoding", doc="How the body is compressed.")
    content_md5 = header_property[str]("Content-MD5", doc="An MD5 of the body (RFC 1864).")
    age = age_header("Age", "How long a cache has held the response (RFC 9111, 5.1).")
    date = date_header("Date", "When the response was made (RFC 9110, 6.6.1).")
    expires = date_header("Expires", "When the response goes stale (RFC 9111, 5.3).")
    last_modified = date_header("Last-Modified", "When the body changed last (RFC 9110, 8.8.2).")
    vary = set_header("Vary", "The request headers that the answer depends on.")
    content_language = set_header("Content-Language", "The languages of the body's audience.")
    allow = set_header("Allow", "The methods that the URL accepts (RFC 9110, 10.2.1).")
    cache_control: ViewedHeader[ResponseCacheControl] = ViewedHeader(
        "Cache-Control",
        Door("costrel.http.cache_control:parse_response_cache_control"),
        dump_any,
        "How the response may be cached.",
    )
    content_range = ViewedHeader[ContentRange](
        "Content-Range", _load_content_range, dump_any, "Which part of the whole the body is."
    )
    content_security_policy: ViewedHeader[ContentSecurityPolicy] = ViewedHeader(
        "Content-Security-Policy", _PARSE_POLICY, _DUMP_POLICY, "What the page may load."
    )
    content_security_policy_report_only: ViewedHeader[ContentSecurityPolicy] = ViewedHeader(
        "Content-Security-Policy-Report-Only",
        _PARSE_POLICY,
        _DUMP_POLICY,
        "What the page would be refused to load, only reported.",
    )
    access_control_allow_origin = header_property[str](
        "Access-Control-Allow-Origin", doc="The origin that may read the response."
    )
    access_control_allow_headers = header_property[Any](
        "Access-Control-Allow-Headers",
        None,
        _header_as_set,
        dump_header,
        doc="The request headers that another origin may send.",
    )
    access_control_allow_methods = header_property[Any](
        "Access-Control-Allow-Methods",
        None,
        _header_as_set,
        dump_header,
        doc="The methods that another origin may use.",
    )
    access_control_expose_headers = header_property[Any](
        "Access-Control-Expose-Headers",
        None,
        _header_as_set,
        dump_header,
        doc="The response headers that another origin may read.",
    )
    access_control_max_age = header_property[int](
        "Access-Control-Max-Age", None, int, str, doc="Seconds that a preflight may be cached."
    )
    cross_origin_opener_policy = header_property[COOP](
        "Cross-Origin-Opener-Policy",
        COOP.UNSAFE_NONE,
        COOP,
        _policy_value,
        doc="Whether the page shares its browsing context group.",
    )
    cross_origin_embedder_policy = header_property[COEP](
        "Cross-Origin-Embedder-Policy",
        COEP.UNSAFE_NONE,
        COEP,
        _policy_value,
        doc="What the page may embed from other origins.",
    )

    @property
    def access_control_allow_credentials(self) -> bool:
        """Whether another origin's scripts may see an answer made with credentials."""
        return "Access-Control-Allow-Credentials" in self.headers

    @access_control_allow_credentials.setter
    def access_control_allow_credentials(self, value: bool | None) -> None:
        if value is True:
            self.headers["Access-Control-Allow-Credentials"] = "true"
        else:
            self.headers.pop("Access-Control-Allow-Credentials", None)

    @property
    def mimetype(self) -> str | None:
        """The media type alone, without charset and other parameters."""
        content_type = self.headers.get("Content-Type")
        return content_type.partition(";")[0].strip() if content_type else None

    @mimetype.setter
    def mimetype(self, value: str) -> None:
        self.headers["Content-Type"] = with_charset(value)

    @property
    def mimetype_params(self) -> CallbackDict[str, str]:
        """The parameters of the content type; changing the dict changes the header."""

        def write_back(params: CallbackDict[str, str]) -> None:
            self.headers["Content-Type"] = dump_options_header(self.mimetype, params)

        params = parse_options_header(self.headers.get("Content-Type", ""))[1]
        return CallbackDict(params, write_back)

    @property
    def is_json(self) -> bool:
        """Whether the content type is JSON: ``application/json`` or ``application/…+json``."""
        return is_json_mimetype(self.mimetype or "")

    @property
    def retry_after(self) -> datetime | None:
        """When to try again; the header has a date or a number of seconds."""
        text = self.headers.get("Retry-After")
        if text is None:
            return None
        if text.isascii() and text.isdigit() and len(text) < 10:  # more seconds than a datetime has
            return datetime.now(UTC) + timedelta(seconds=int(text))
        return parse_date(text)

    @retry_after.setter
    def retry_after(self, value: datetime | int | str | None) -> None:
        if value is None:
            self.headers.pop("Retry-After", None)
        else:
            self.headers["Retry-After"] = (
                http_date(value) if isinstance(value, datetime) else str(value)
            )

    def set_etag(self, etag: str, weak: bool = False) -> None:
        """Set the entity tag (RFC 9110, 8.8.3); the text is quoted as needed."""
        self.headers["ETag"] = quote_etag(etag, weak)

    def get_etag(self) -> tuple[str, bool] | tuple[None, None]:
        """Return the entity tag and whether it is weak; ``(None, None)`` without one."""
        return unquote_etag(self.headers.get("ETag"))

    @property
    def www_authenticate(self) -> WWWAuthenticate:
        """The first challenge of ``WWW-Authenticate`` (RFC 9110, 11.6.1); changes write it."""

        def write_back(changed: WWWAuthenticate) -> None:
            self.headers["WWW-Authenticate"] = changed.to_header()

        found = self._challenge_class.from_header(self.headers.get("WWW-Authenticate"))
        challenge: WWWAuthenticate = self._challenge_class("basic") if found is None else found
        challenge._on_update = write_back
        return challenge

    @www_authenticate.setter
    def www_authenticate(self, value: WWWAuthenticate | Iterable[WWWAuthenticate] | None) -> None:
        if not value:
            del self.www_authenticate
        elif not isinstance(value, Iterable):
            self.headers["WWW-Authenticate"] = value.to_header()

            def write_back(changed: WWWAuthenticate) -> None:
                self.headers["WWW-Authenticate"] = changed.to_header()

            value._on_update = write_back
        else:
            self.headers.setlist("WWW-Authenticate", [each.to_header() for each in value])

    @www_authenticate.deleter
    def www_authenticate(self) -> None:
        self.headers.pop("WWW-Authenticate", None)


def is_json_mimetype(mimetype: str) -> bool:
    """Whether a media type is JSON: ``application/json`` or ``application/…+json``."""
    return mimetype == "application/json" or (
        mimetype.startswith("application/") and mimetype.endswith("+json")
    )


# Media types that are text although they do not start with "text/" (WHATWG MIME, 4.6).
_TEXT_TYPES = {
    "application/ecmascript",
    "application/javascript",
    "application/sql",
    "application/xml",
    "application/xml-dtd",
    "application/xml-external-parsed-entity",
}


def with_charset(mimetype: str) -> str:
    """The content type for a media type: text gets ``charset=utf-8``, others stay as they are."""
    is_text = mimetype.startswith("text/") or mimetype in _TEXT_TYPES or mimetype.endswith("+xml")
    return f"{mimetype}; charset=utf-8" if is_text and "charset" not in mimetype else mimetype
