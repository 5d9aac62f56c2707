"""Send a client elsewhere, and tell whether it would stay on this site.

Law: the target never breaks out of its header or its page, and a path never becomes a host.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import escape

from costrel.http.late_pattern import late_pattern
from costrel.http.response import Response as DefaultResponse
from costrel.http.urls import iri_to_uri

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# For those few clients that do not follow by themselves.
_PAGE = (
    "<!doctype html>\n<html lang=en>\n<title>Moved</title>\n"
    "<h1>Moved</h1>\n<p>What you asked for is at {link}.\n"
)
_RUNS_CODE = late_pattern(r"\s*+(?:javascript|vbscript|data)\s*+:", re.IGNORECASE)

# No slash, as the last segment must stay one, and no colon, as it must not become a scheme.
_SEGMENT_SAFE = "!$&'()*+,;=@"
_QUERY_SAFE = "!$&'()*+,/:;=?@%[]"

_HAS_SCHEME = late_pattern(r"[A-Za-z][A-Za-z0-9+.\-]*+:")
_WEB_ADDRESS = late_pattern(r"https?://([^/?#]++)", re.IGNORECASE)


def redirect(
    location: str,
    code: int = 302,
    Response: type[DefaultResponse] | None = None,  # noqa: N803  # the API's name
) -> DefaultResponse:
    """Make a response that sends the client elsewhere.

    :param location: the target, an absolute URL or one relative to the current one. Control
        characters in it are percent-encoded.
    :param code: the status: 301, 302, 303, 305, 307 or 308.
    :param Response: the class to make it of.

    See RFC 9110 section 15.4. Check a target that came from the client with
    :func:`is_safe_redirect` first.
    """
    runs_code = _RUNS_CODE.match(location)
    if not location.isprintable():
        # Browsers drop a tab within a URL, so that `/<tab>/host` would be another host.
        location = iri_to_uri(location)
    shown = escape(location)
    link = shown if runs_code else f'<a href="{shown}">{shown}</a>'
    response = (Response or DefaultResponse)(_PAGE.format(link=link), code, mimetype="text/html")
    response.headers["Location"] = location
    return response


def append_slash_redirect(environ: WSGIEnvironment, code: int = 308) -> DefaultResponse:
    """Make a response that sends the client to the same URL with a slash at its end.

    :param environ: the WSGI environment of the request.
    :param code: the status; 308 has the client repeat its method and body.
    """
    # Relative to the current URL: neither the host nor the prefix of the app has to be known, and
    # no path can be taken for a host.
    last = environ.get("PATH_INFO", "").rpartition("/")[2]
    location = f"{quote(last.encode('latin-1', 'replace'), _SEGMENT_SAFE)}/" if last else "./"
    query = environ.get("QUERY_STRING", "")
    if query:
        location += f"?{quote(query.encode('latin-1', 'replace'), _QUERY_SAFE)}"
    return redirect(location, code)


def is_safe_redirect(url: str | None, host: str | None = None) -> bool:
    """Whether a target that came from a client stays on this site.

    Without a host only relative URLs do. Whatever browsers read in more than one way is refused:
    backslashes, control characters, spaces around, two slashes in front, other schemes.

    :param url: the target, such as ``request.args.get("next")``.
    :param host: this site with its port, if not the usual one, such as ``request.host``.
    """
    if not url or "\\" in url or not url.isprintable() or url != url.strip():
        return False
    if _HAS_SCHEME.match(url):
        address = _WEB_ADDRESS.match(url)
        return bool(host and address and address[1].lower() == host.lower())
    return not url.startswith("//")
