"""HTTP errors as Python exceptions: raise one, and it knows how to become a response.

Law: an exception renders itself without knowing which request is running.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from costrel.http.dates import http_date
from costrel.http.door import NamedDoor
from costrel.http.headers import Headers
from costrel.http.multidict import MultiDict
from costrel.http.status import HTTP_STATUS_CODES

if TYPE_CHECKING:
    from datetime import datetime

    from costrel.http.credentials import WWWAuthenticate
    from costrel.http.response import Response

# The page every error answers with. Only escaped text may be filled in.
PAGE = "<!doctype html>\n<html lang=en>\n<title>{code} {name}</title>\n<h1>{name}</h1>\n{text}\n"

_RENDERING = ("__init__", "name", "get_description", "get_body", "get_headers")
# The kinds of errors whose page is the same each time: what it is made of, and it, once made.
_pages: dict[type, tuple[str | None, int | None, bytes]] = {}


class HTTPException(Exception):
    """An HTTP error: its text (HTML if it is `Markup`), or the response to answer as it stands."""

    code: int | None = None
    description: str | None = None
    # What writes HTML, which a program that never answers an error is spared (1 ms).
    _escape = NamedDoor("markupsafe:escape")
    _markup = NamedDoor("markupsafe:Markup")
    # The class of the pages, which is built from files that raise these errors, and sets itself.
    response_class: type[Any]

    def __init__(self, description: str | None = None, response: Response | None = None) -> None:
        super().__init__()
        if description is not None:
            self.description = description
        self.response = response

    @property
    def name(self) -> str:
        """The reason phrase of the status code."""
        return HTTP_STATUS_CODES.get(self.code or 0, "Unknown Error")

    def get_description(self, environ: Any = None, scope: Any = None) -> str:
        """Return the description as HTML, escaped unless it is `Markup`."""
        text = self.description or ""
        return f"<p>{self._escape(text).replace(chr(10), self._markup('<br>'))}</p>"

    def get_body(self, environ: Any = None, scope: Any = None) -> str:
        """Return the whole page as HTML."""
        text = self.get_description(environ, scope)
        return PAGE.format(code=self.code, name=self._escape(self.name), text=text)

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        """Return the headers which this error adds to its page."""
        return [("Content-Type", "text/html; charset=utf-8")]

    def get_response(self, environ: Any = None, scope: Any = None) -> Response:
        """Return the response given at the start, or a new one with the page."""
        if self.response is not None:
            return self.response
        make: type[Response] = self.response_class
        page = self.kept_page()
        if page is not None:
            return make(page, self.code, mimetype="text/html")
        return make(self.get_body(environ, scope), self.code, self.get_headers(environ, scope))

    def kept_page(self) -> bytes | None:
        """Return the page, where it is the same for all errors of this kind."""
        kind = type(self)
        description, code, page = _pages.get(kind, ("", None, b""))
        if description is not self.description or code != self.code:
            return None
        if not page:
            page = kind().get_body().encode()
            _pages[kind] = description, code, page
        return page

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # PERF: the page of an error that says nothing of its own is made once (8 µs of 16 for a
        # 404). A kind that renders itself, or computes its text, is asked each time.
        plain = all(getattr(cls, name) is getattr(HTTPException, name) for name in _RENDERING)
        if plain and cls.code is not None and isinstance(cls.description, str):
            _pages[cls] = cls.description, cls.code, b""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer as a WSGI application."""
        return self.get_response(environ)(environ, start_response)

    def __str__(self) -> str:
        return f"{self.code or '???'} {self.name}: {self.description}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} '{self.code or '???'}: {self.name}'>"


def asks_environ(error: HTTPException) -> bool:
    """Whether an error's own methods may look at the environ they are handed."""
    return type(error) not in _pages or type(error).get_response is not HTTPException.get_response


class BadRequest(HTTPException):
    """400: the request cannot be understood."""

    code = 400
    description = "The browser (or proxy) sent a request that this server could not understand."


class BadRequestKeyError(BadRequest, KeyError):
    """400: a field that the view needs is not in the request.

    With `show_exception` set (in debug), the text names the key.
    """

    show_exception = False

    def __init__(self, arg: object = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # HTTPException hands nothing to BaseException, so the key is set on its own.
        self.args = () if arg is None else (arg,)

    @property
    def description(self) -> str:
        """The text, with the missing key added when `show_exception` is set."""
        text: str = self.__dict__.get("_description", BadRequest.description)
        return f"{text}\nKeyError: {KeyError.__str__(self)}" if self.show_exception else text

    @description.setter
    def description(self, value: str) -> None:
        self._description = value


class ClientDisconnected(BadRequest):
    """400: the client went away before its whole body arrived."""


class SecurityError(BadRequest):
    """400: the request looks like an attack, or is unsafe to act upon."""


class BadHost(BadRequest):
    """400: the `Host` header is malformed or not trusted."""


class Unauthorized(HTTPException):
    """401: the client must say who it is; `www_authenticate` says how (one value or several)."""

    code = 401
    description = (
        "The server could not verify that you are authorized to access the URL requested."
        " You either supplied the wrong credentials (e.g. a bad password), or your browser"
        " doesn't understand how to supply the credentials required."
    )

    def __init__(
        self,
        description: str | None = None,
        response: Response | None = None,
        www_authenticate: WWWAuthenticate | Iterable[WWWAuthenticate] | None = None,
    ) -> None:
        super().__init__(description, response)
        is_one = www_authenticate is not None and not isinstance(www_authenticate, Iterable)
        ways: Any = (www_authenticate,) if is_one else www_authenticate
        self.www_authenticate: tuple[WWWAuthenticate, ...] | None = (
            None if ways is None else tuple(ways)
        )

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        """Add one `WWW-Authenticate` header per way to authenticate."""
        headers = super().get_headers(environ, scope)
        headers += [("WWW-Authenticate", str(way)) for way in self.www_authenticate or ()]
        return headers


class Forbidden(HTTPException):
    """403: the client is known and may not."""

    code = 403
    description = (
        "You don't have the permission to access the requested resource. It is either"
        " read-protected or not readable by the server."
    )


class NotFound(HTTPException):
    """404: there is nothing at this URL."""

    code = 404
    description = (
        "The requested URL was not found on the server. If you entered the URL manually"
        " please check your spelling and try again."
    )


class MethodNotAllowed(HTTPException):
    """405: the URL exists, not with this method; `valid_methods` become the `Allow` header."""

    code = 405
    description = "The method is not allowed for the requested URL."

    def __init__(
        self,
        valid_methods: Iterable[str] | None = None,
        description: str | None = None,
        response: Response | None = None,
    ) -> None:
        super().__init__(description, response)
        self.valid_methods = valid_methods

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        """Add the `Allow` header."""
        headers = super().get_headers(environ, scope)
        if self.valid_methods:
            headers.append(("Allow", ", ".join(self.valid_methods)))
        return headers


class NotAcceptable(HTTPException):
    """406: no representation suits the client's Accept headers."""

    code = 406
    description = (
        "The resource identified by the request is only capable of generating response"
        " entities which have content characteristics not acceptable according to the accept"
        " headers sent in the request."
    )


class RequestTimeout(HTTPException):
    """408: the client took too long to send its request."""

    code = 408
    description = (
        "The server closed the network connection because the browser didn't finish the"
        " request within the specified time."
    )


class Conflict(HTTPException):
    """409: the request disagrees with the resource's present state."""

    code = 409
    description = (
        "A conflict happened while processing the request. The resource might have been"
        " modified while the request was being processed."
    )


class Gone(HTTPException):
    """410: there was something at this URL, and it will not come back."""

    code = 410
    description = (
        "The requested URL is no longer available on this server and there is no forwarding"
        " address. If you followed a link from a foreign page, please contact the author of"
        " this page."
    )


class LengthRequired(HTTPException):
    """411: a body must come with its length."""

    code = 411
    description = "A request with this method requires a valid <code>Content-Length</code> header."


class PreconditionFailed(HTTPException):
    """412: a condition such as `If-Match` does not hold."""

    code = 412
    description = "The precondition on the request for the URL failed positive evaluation."


class RequestEntityTooLarge(HTTPException):
    """413: the body is larger than the limit."""

    code = 413
    description = "The data value transmitted exceeds the capacity limit."


class RequestURITooLarge(HTTPException):
    """414: the URL is longer than the limit."""

    code = 414
    description = (
        "The length of the requested URL exceeds the capacity limit for this server. The"
        " request cannot be processed."
    )


class UnsupportedMediaType(HTTPException):
    """415: the body is of a type that this URL does not take."""

    code = 415
    description = "The server does not support the media type transmitted in the request."


class RequestedRangeNotSatisfiable(HTTPException):
    """416: the range lies outside; `length` (in `units`) becomes the `Content-Range` header."""

    code = 416
    description = "The server cannot provide the requested range."

    def __init__(
        self,
        length: int | None = None,
        units: str = "bytes",
        description: str | None = None,
        response: Response | None = None,
    ) -> None:
        super().__init__(description, response)
        self.length = length
        self.units = units

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        """Add the `Content-Range` header when the length is known."""
        headers = super().get_headers(environ, scope)
        if self.length is not None:
            headers.append(("Content-Range", f"{self.units} */{self.length}"))
        return headers


class ExpectationFailed(HTTPException):
    """417: the `Expect` header asks for what the server does not do."""

    code = 417
    description = "The server could not meet the requirements of the Expect header"


class ImATeapot(HTTPException):
    """418: short and stout (RFC 2324)."""

    code = 418
    description = "This server is a teapot, not a coffee machine"


class MisdirectedRequest(HTTPException):
    """421: this server does not answer for that host."""

    code = 421
    description = "The server is not able to produce a response."


class UnprocessableEntity(HTTPException):
    """422: the request is well formed, its meaning is not acceptable."""

    code = 422
    description = (
        "The request was well-formed but was unable to be followed due to semantic errors."
    )


class Locked(HTTPException):
    """423: the resource is locked."""

    code = 423
    description = "The resource that is being accessed is locked."


class FailedDependency(HTTPException):
    """424: an action on which this one depends has failed."""

    code = 424
    description = (
        "The method could not be performed on the resource because the requested action"
        " depended on another action and that action failed."
    )


class PreconditionRequired(HTTPException):
    """428: the request must be conditional."""

    code = 428
    description = (
        'This request is required to be conditional; try using "If-Match" or "If-Unmodified-Since".'
    )


class RetryLater(HTTPException):
    """What 429 and 503 share: `retry_after`, in seconds or as a date, for the client."""

    def __init__(
        self,
        description: str | None = None,
        response: Response | None = None,
        retry_after: datetime | int | None = None,
    ) -> None:
        super().__init__(description, response)
        self.retry_after = retry_after

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        """Add the `Retry-After` header."""
        headers = super().get_headers(environ, scope)
        when = self.retry_after
        if when:
            value = str(when) if isinstance(when, int) else http_date(when)
            headers.append(("Retry-After", value))
        return headers


class TooManyRequests(RetryLater):
    """429: the client asks too often."""

    code = 429
    description = "This user has exceeded an allotted request count. Try again later."


class RequestHeaderFieldsTooLarge(HTTPException):
    """431: the headers are larger than the limit."""

    code = 431
    description = "One or more header fields exceeds the maximum size."


class UnavailableForLegalReasons(HTTPException):
    """451: the law forbids the answer."""

    code = 451
    description = "Unavailable for legal reasons."


class InternalServerError(HTTPException):
    """500: something broke here; `original_exception` is what was not handled, if any."""

    code = 500
    description = (
        "The server encountered an internal error and was unable to complete your request."
        " Either the server is overloaded or there is an error in the application."
    )

    def __init__(
        self,
        description: str | None = None,
        response: Response | None = None,
        original_exception: BaseException | None = None,
    ) -> None:
        super().__init__(description, response)
        self.original_exception = original_exception


class NotImplemented(HTTPException):
    """501: the server does not know this method."""

    code = 501
    description = "The server does not support the action requested by the browser."


class BadGateway(HTTPException):
    """502: the server behind this one gave a broken answer."""

    code = 502
    description = "The proxy server received an invalid response from an upstream server."


class ServiceUnavailable(RetryLater):
    """503: not now."""

    code = 503
    description = (
        "The server is temporarily unable to service your request due to maintenance downtime"
        " or capacity problems. Please try again later."
    )


class GatewayTimeout(HTTPException):
    """504: the server behind this one took too long."""

    code = 504
    description = "The connection to an upstream server timed out."


class HTTPVersionNotSupported(HTTPException):
    """505: the server does not speak this version of HTTP."""

    code = 505
    description = "The server does not support the HTTP protocol version used in the request."


# Only the kinds which name their own code: abort(400) is BadRequest, not one of its nuances.
default_exceptions: dict[int, type[HTTPException]] = {
    kind.__dict__["code"]: kind
    for kind in list(globals().values())
    if isinstance(kind, type) and issubclass(kind, HTTPException) and kind.__dict__.get("code")
}

# A value that a view asks for and the client did not send is the client's mistake. The containers
# stand below this file, so they are told here what to raise; it is a KeyError all the same.
MultiDict.missing = BadRequestKeyError
Headers.missing = BadRequestKeyError
