"""Request and Response as an app's views see them: they know the matched rule and the settings.

Law: a request reads its app's settings live, because tests and factories change them late.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from costrel.http.cached import lazy
from costrel.http.event_stream import last_event_id
from costrel.http.exceptions import BadRequest
from costrel.http.request import Request as HTTPRequest
from costrel.http.response import Response as HTTPResponse
from costrel.serve.async_file import AsyncFile
from costrel.serve.current import CURRENT

if TYPE_CHECKING:
    from costrel.http.exceptions import HTTPException
    from costrel.http.multidict import ImmutableMultiDict
    from costrel.http.uploads import FileStorage
    from costrel.routing.rule import Rule


class Settings(Protocol):
    """What a request and a response read of their app."""

    config: Any
    json: Any
    debug: bool


def current_settings() -> Settings | None:
    """Return the app of the current context, if there is one."""
    ctx = CURRENT.get(None)
    return None if ctx is None else ctx.app


class _Limit:
    """A limit: the app's setting, else HTTP's default; what is set on a request goes before it."""

    def __init__(self, config_key: str, default: int | None) -> None:
        self.config_key = config_key
        self.default = default

    def __get__(self, request: Any, owner: type) -> Any:
        if request is None:
            return self
        settings = request.settings or current_settings()
        return self.default if settings is None else settings.config[self.config_key]


class _AppJSON:
    """The app's JSON provider; the standard library's module where there is no app."""

    def __get__(self, holder: Any, owner: type) -> Any:
        settings = getattr(holder, "settings", None) or current_settings()
        return json if settings is None else settings.json


class Request(HTTPRequest):
    """The request that views see."""

    settings: Settings | None = None
    url_rule: Rule | None = None
    view_args: dict[str, Any] | None = None
    routing_exception: HTTPException | None = None
    json_module: Any = _AppJSON()

    max_content_length = _Limit("MAX_CONTENT_LENGTH", None)
    max_form_memory_size = _Limit("MAX_FORM_MEMORY_SIZE", 500_000)
    max_form_parts = _Limit("MAX_FORM_PARTS", 1_000)

    def _opened(self, stream: Any) -> Any:
        """The body's stream; on a route with ``stream_body=True`` for ``async for`` as well."""
        if getattr(self.url_rule, "streams_body", False) and not hasattr(stream, "__aiter__"):
            return AsyncFile(stream)
        return stream

    @property
    def last_event_id(self) -> str | None:
        """The id of the last event that an ``EventSource`` got before it had to connect again."""
        return last_event_id(self.headers.get("Last-Event-ID"))

    @property
    def endpoint(self) -> str | None:
        """The endpoint of the matched rule; ``None`` where nothing matched."""
        return None if self.url_rule is None else self.url_rule.endpoint

    @property
    def blueprint(self) -> str | None:
        """The registered name of the blueprint that the rule belongs to."""
        endpoint = self.endpoint
        return endpoint.rpartition(".")[0] or None if endpoint is not None else None

    @property
    def blueprints(self) -> list[str]:
        """The names of that blueprint and those it is nested in, innermost first."""
        return blueprint_chain(self.blueprint)

    @lazy
    def files(self) -> ImmutableMultiDict[str, FileStorage]:
        """The files of a form in the body; in debug mode they say why one is missing."""
        files = HTTPRequest.files.function(self)
        settings = self.settings or current_settings()
        if settings is None or not settings.debug:
            return files
        # Only for developers; hello world starts without it.
        from costrel.serve.upload_advice import advising  # noqa: PLC0415

        return advising(files, self)  # type: ignore[no-any-return]  # the same, of another class

    def on_json_loading_failed(self, error: ValueError | None) -> Any:
        """Answer 400 or 415; only in debug mode with what the parser said."""
        try:
            return super().on_json_loading_failed(error)
        except BadRequest as refused:
            settings = self.settings or current_settings()
            if settings is not None and settings.debug:
                raise
            raise BadRequest from refused


class Response(HTTPResponse):
    """The response that views make; HTML unless said otherwise."""

    default_mimetype: str | None = "text/html"
    json_module: Any = _AppJSON()

    @property
    def max_cookie_size(self) -> int:  # type: ignore[override]  # settable nowhere: config
        """The size in bytes over which a cookie is warned about (``MAX_COOKIE_SIZE``)."""
        settings = current_settings()
        if settings is None:
            return HTTPResponse.max_cookie_size
        return int(settings.config["MAX_COOKIE_SIZE"])


# What a class of responses may bring without any of its texts being different.
_HARMLESS = frozenset({"__module__", "__doc__", "__firstlineno__", "__static_attributes__"})
_HARMLESS |= {"default_mimetype", "max_cookie_size", "sets_data_itself"}


def text_type_of(response_class: type[Any]) -> str | None:
    """The media type of a text, if a class makes of one what the framework's own makes of it.

    :returns: ``None`` where the class may do more than choose another media type.
    """
    # PERF: a text that no hook and no signal gets to see as a Response needs none: 0.3 µs of 2.4.
    if not issubclass(response_class, Response):
        return None
    own = response_class.__mro__[: response_class.__mro__.index(Response)]
    added = {name for each in own for name in vars(each) if name not in _HARMLESS}
    mimetype: str | None = response_class.default_mimetype
    is_usual = (
        response_class.default_status == 200 and response_class.automatically_set_content_length
    )
    return mimetype if is_usual and not added else None


def blueprint_chain(name: str | None) -> list[str]:
    """A dotted blueprint name and those it is nested in: ``a.b`` → ``["a.b", "a"]``."""
    chain = []
    while name:
        chain.append(name)
        name = name.rpartition(".")[0]
    return chain
