"""Answer an application's errors with a page that shows where they come from.

Law: it is put around an application only where debug mode is on, and it runs nothing that a
request asks for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from costrel.debugger.frames import DebugTraceback
from costrel.debugger.page_style import PAGE_POLICY
from costrel.parts.log_lines import escape_log_text

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class DebuggedApplication:
    """A WSGI application whose errors are shown.

    :param app: the application.
    :param evalex: not used, as the other options: there is no console in the page.
    :param show_hidden_frames: show frames that have ``__traceback_hide__``.
    """

    def __init__(
        self,
        app: WSGIApplication,
        evalex: bool = False,
        request_key: str = "werkzeug.request",
        console_path: str = "/console",
        console_init_func: Callable[[], dict[str, Any]] | None = None,
        show_hidden_frames: bool = False,
        pin_security: bool = True,
        pin_logging: bool = True,
    ) -> None:
        self.app: Callable[..., Iterable[bytes]] = app
        self.evalex = evalex
        self.request_key = request_key
        self.console_path = console_path
        self.console_init_func = console_init_func
        self.show_hidden_frames = show_hidden_frames
        # What is shown of the application, and asked of it, is its own.
        self.name = getattr(app, "name", None)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        return self.debug_application(environ, start_response)

    def debug_application(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterator[bytes]:
        """Run the application, and answer with the page if it fails."""
        body: Iterable[bytes] = ()
        try:
            body = self.app(environ, start_response)
            yield from body
        except Exception as error:
            yield from self._show(error, environ, start_response)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    def _show(
        self, error: Exception, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterator[bytes]:
        """Log the error, and answer with it unless an answer is under way already."""
        found = DebugTraceback(error, skip=1, hide=not self.show_hidden_frames)
        text = found.render_traceback_text()
        environ["wsgi.errors"].write("".join(_printable(text)))
        is_page = "text/html" in environ.get("HTTP_ACCEPT", "")
        page = found.render_debugger_html(False, "", False) if is_page else text
        data = page.encode("utf-8", "replace")
        headers = [
            ("Content-Type", f"text/{'html' if is_page else 'plain'}; charset=utf-8"),
            ("Content-Length", str(len(data))),
            ("Content-Security-Policy", PAGE_POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ]
        # A server that has sent the head already raises the error again, which cuts the answer.
        start_response("500 INTERNAL SERVER ERROR", headers, sys.exc_info())
        yield data


def _printable(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"{escape_log_text(line)}\n"
