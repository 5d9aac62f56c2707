"""What a WSGI environ says about its request (PEP 3333)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import IO, TYPE_CHECKING, Any

from costrel.http import urls
from costrel.http.body import limit_body
from costrel.http.exceptions import SecurityError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def decode_text(text: str) -> str:
    """Decode environ text, which holds bytes as latin-1, from UTF-8; other bytes are replaced."""
    return text if text.isascii() else text.encode("latin-1", "replace").decode("utf-8", "replace")


def get_server(environ: WSGIEnvironment) -> tuple[str, int | None] | None:
    """Return the server's own name and port, or None if it has no name."""
    name = environ.get("SERVER_NAME")
    if name is None:
        return None
    port = str(environ.get("SERVER_PORT", ""))
    return name, int(port) if port.isascii() and port.isdigit() else None


def get_host(environ: WSGIEnvironment, trusted_hosts: Collection[str] | None = None) -> str:
    """Return the host that was asked for, without the scheme's own port.

    :param trusted_hosts: the hosts that are answered for; a leading dot takes in subdomains.
    :raises SecurityError: it is none of them.
    """
    host = urls.get_host(
        environ["wsgi.url_scheme"], environ.get("HTTP_HOST"), get_server(environ), trusted_hosts
    )
    if trusted_hosts and not host:
        raise SecurityError(f"Host {environ.get('HTTP_HOST', '')!r} is not trusted.")
    return host


def get_script_name(environ: WSGIEnvironment) -> str:
    """Return the path where the application is mounted, decoded."""
    return decode_text(environ.get("SCRIPT_NAME", ""))


def get_path_info(environ: WSGIEnvironment) -> str:
    """Return the path below the mount point, decoded."""
    return decode_text(environ.get("PATH_INFO", ""))


def get_query_string(environ: WSGIEnvironment) -> str:
    """Return the query string as it was sent, in latin-1."""
    query: str = environ.get("QUERY_STRING", "")
    return query


def get_current_url(
    environ: WSGIEnvironment,
    root_only: bool = False,
    strip_querystring: bool = False,
    host_only: bool = False,
    trusted_hosts: Collection[str] | None = None,
) -> str:
    """Return the request's URL as an IRI.

    :param root_only: only the root of the application.
    :param strip_querystring: without the query.
    :param host_only: only scheme and host.
    :param trusted_hosts: as for `get_host`.
    """
    parts: list[Any] = [environ["wsgi.url_scheme"], get_host(environ, trusted_hosts)]
    if not host_only:
        parts.append(get_script_name(environ))
        if not root_only:
            parts.append(get_path_info(environ))
            if not strip_querystring:
                parts.append(get_query_string(environ).encode("latin-1", "replace"))
    return urls.get_current_url(*parts)


def add_headers(environ: WSGIEnvironment, headers: Iterable[tuple[str, str]]) -> None:
    """Put headers into an environ, the values of repeated ones joined (RFC 3875, 4.1.18)."""
    for name, value in headers:
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value


def get_content_length(environ: WSGIEnvironment) -> int | None:
    """Return the declared length of the body; None if it is unknown or sent in chunks."""
    return urls.get_content_length(
        environ.get("CONTENT_LENGTH"), environ.get("HTTP_TRANSFER_ENCODING")
    )


def get_input_stream(
    environ: WSGIEnvironment,
    safe_fallback: bool = True,
    max_content_length: int | None = None,
) -> IO[bytes]:
    """Return `wsgi.input` bounded to this request's body; see `limit_body`.

    :param safe_fallback: without a length or an end, return an empty stream.
    :param max_content_length: the most that is accepted, in bytes.
    :raises RequestEntityTooLarge: the declared length is over the limit.
    """
    return limit_body(
        environ["wsgi.input"],
        get_content_length(environ),
        max_content_length,
        is_terminated=environ.get("wsgi.input_terminated", False),
        safe_fallback=safe_fallback,
    )


def responder(make: Callable[..., WSGIApplication]) -> WSGIApplication:
    """Turn a function of environ and start_response that returns an application into one."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return make(environ, start_response)(environ, start_response)

    return application
