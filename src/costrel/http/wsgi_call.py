"""Call a WSGI application once and gather what it answers (PEP 3333)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from costrel.http.headers import Headers
from costrel.http.streams import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


def run_application(
    app: WSGIApplication, environ: WSGIEnvironment, buffered: bool = False
) -> tuple[Iterable[bytes], str, Headers]:
    """Call a WSGI application and return its body, status line and headers.

    :param buffered: read the whole body and close it, instead of passing it on as it comes.
    """
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        if exc_info is not None and written:
            # What was written cannot be taken back (PEP 3333); before that, this answer replaces.
            raise exc_info[1].with_traceback(exc_info[2])
        started[:] = [(status, headers)]
        return written.append

    result = app(dict(environ), start_response)
    close = getattr(result, "close", None)
    chunks: Iterable[bytes]
    if buffered:
        try:
            chunks = written + list(result)
        finally:
            if close is not None:
                close()
    else:
        chunks = _continue_body(written, iter(result), started)
        if close is not None:
            chunks = ClosingIterator(chunks, close)
    if not started:
        raise RuntimeError(
            "The WSGI application returned a body without having called start_response."
        )
    status, headers = started[0]
    return chunks, status, Headers(headers)


def _continue_body(
    written: list[bytes], rest: Iterator[bytes], started: list[Any]
) -> Iterable[bytes]:
    """What was written, and the rest.

    The first chunk is read now, as a server reads it before it sends the headers, and more until
    the application has started to answer. What was read outlives `close`.
    """
    for chunk in rest:
        written.append(chunk)
        if started:
            break
    return chain(written, rest)
