"""Run an application as a server would, without one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from costrel.http.headers import Headers
from costrel.http.wsgi_call import run_application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

# A request made for another run of the same environ is not the next run's request.
LEFT_BY_REQUESTS = ("werkzeug.request",)


def run_wsgi_app(
    app: WSGIApplication, environ: WSGIEnvironment, buffered: bool = False
) -> tuple[Iterable[bytes], str, Headers]:
    """Call a WSGI app; returns its body, its status line and its headers.

    `buffered` reads the whole body and closes it; else it comes as the app yields it, and the
    caller closes it. The environ given stays as it is.
    """
    fresh = {key: value for key, value in environ.items() if key not in LEFT_BY_REQUESTS}
    return run_application(app, fresh, buffered)
