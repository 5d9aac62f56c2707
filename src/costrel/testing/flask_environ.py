"""EnvironBuilder for an app: host, scheme, mount point and JSON as the app is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .environ_builder import EnvironBuilder as WSGIEnvironBuilder

if TYPE_CHECKING:
    from costrel.app import Flask
    from costrel.serve.context import RequestContext


class EnvironBuilder(WSGIEnvironBuilder):
    """Builds a WSGI environ for `app`.

    A `path` that is a whole URL gives scheme and host; else SERVER_NAME, APPLICATION_ROOT and
    PREFERRED_URL_SCHEME of the app do, with `subdomain` and `url_scheme` in their stead.
    Further arguments are those of `costrel.testing.environ_builder.EnvironBuilder`.
    """

    def __init__(
        self,
        app: Flask,
        path: str = "/",
        base_url: str | None = None,
        subdomain: str | None = None,
        url_scheme: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if base_url is None:
            target = urlsplit(path)
            base_url = configured_base_url(
                app, url_scheme=target.scheme or url_scheme, host=target.netloc, subdomain=subdomain
            )
            path = target.path + (f"?{target.query}" if "?" in path else "")
        elif subdomain or url_scheme:
            raise TypeError(
                "`base_url` already says subdomain and scheme: give it alone, or give "
                "`subdomain` and `url_scheme` without it."
            )
        self.app = app
        super().__init__(path, base_url, *args, **kwargs)

    def json_dumps(self, obj: Any, **kwargs: Any) -> str:
        """Dump JSON as the app does."""
        text: str = self.app.json.dumps(obj, **kwargs)
        return text


def configured_base_url(
    app: Flask, *, url_scheme: str | None, host: str, subdomain: str | None
) -> str:
    """Where the app's config says that it is mounted; what is given here comes first."""
    if not host:
        host = app.config["SERVER_NAME"] or "localhost"
        if subdomain:
            host = f"{subdomain}.{host}"
    scheme = url_scheme or app.config["PREFERRED_URL_SCHEME"]
    return f"{scheme}://{host}/{app.config['APPLICATION_ROOT'].lstrip('/')}"


def open_request_context(app: Flask, *args: Any, **kwargs: Any) -> RequestContext:
    """Make a request context of what EnvironBuilder takes (`app.test_request_context()`)."""
    builder = EnvironBuilder(app, *args, **kwargs)
    try:
        return app.request_context(builder.get_environ())
    finally:
        builder.close()
