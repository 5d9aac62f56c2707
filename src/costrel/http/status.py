"""Status codes, their phrases, and the status lines made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from http import HTTPStatus

HTTP_STATUS_CODES = {
    100: "Continue",
    101: "Switching Protocols",
    102: "Processing",
    103: "Early Hints",
    200: "OK",
    201: "Created",
    202: "Accepted",
    203: "Non Authoritative Information",
    204: "No Content",
    205: "Reset Content",
    206: "Partial Content",
    207: "Multi Status",
    208: "Already Reported",
    226: "IM Used",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    305: "Use Proxy",
    306: "Switch Proxy",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Request Entity Too Large",
    414: "Request URI Too Long",
    415: "Unsupported Media Type",
    416: "Requested Range Not Satisfiable",
    417: "Expectation Failed",
    418: "I'm a teapot",
    421: "Misdirected Request",
    422: "Unprocessable Entity",
    423: "Locked",
    424: "Failed Dependency",
    425: "Too Early",
    426: "Upgrade Required",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    449: "Retry With",
    451: "Unavailable For Legal Reasons",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
    506: "Variant Also Negotiates",
    507: "Insufficient Storage",
    508: "Loop Detected",
    510: "Not Extended",
    511: "Network Authentication Failed",
}
"""Each code with the phrase for its status line. The IANA registry; the phrases are Werkzeug's."""


# What a server can send: three digits (RFC 9110, 15).
CODES = range(100, 1000)
WHAT_STATUS_IS = "A status begins with a number of three digits, as in 404 or '404 Not Found'."


class _StatusLines(dict[int, str]):
    """Status code → status line, each made once."""

    def __missing__(self, code: int) -> str:
        line = f"{code} {HTTP_STATUS_CODES.get(code, 'UNKNOWN').upper()}"
        if code in CODES:
            self[code] = line
        return line


STATUS_LINES = _StatusLines()


def parse_status(status: str | int | HTTPStatus) -> tuple[str, int]:
    """The status line and the code of what was given as a status.

    :raises ValueError: on an empty status, or one with control characters (they would split the
        response).
    """
    if isinstance(status, int):
        code = int(status)
        return STATUS_LINES[code], code
    if not isinstance(status, str):
        raise TypeError(f"A status is a code (404) or a line ('404 Not Found'), not {status!r}.")
    text = status.strip()
    if not text:
        raise ValueError("Empty status argument. Give a code (404) or a line ('404 Not Found').")
    if not text.isprintable():
        raise ValueError(f"A status line has no control characters: {text!r}.")
    first, _, rest = text.partition(" ")
    if not (first.isascii() and first.isdigit()):
        return f"0 {text}", 0
    code = int(first)
    return (text if rest else STATUS_LINES[code]), code
