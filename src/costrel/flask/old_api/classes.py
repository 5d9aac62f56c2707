"""The attributes that Flask's classes had before 2.3, given to costrel's.

Law: what is added has a name that the class has not, so that nothing of today's API changes; and a
program that does not ask the alias for the classes never has it.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from costrel.app import Flask
from costrel.declare.application import as_timedelta
from costrel.declare.blueprint import Blueprint
from costrel.flask.old_api.first_request import (
    before_app_first_request,
    before_first_request,
    before_first_request_funcs,
)
from costrel.flask.old_api.old_json import (
    DEFAULTS,
    CodecAttribute,
    CodecProvider,
    JSONEncoder,
    ToldProvider,
)
from costrel.http.immutable import ImmutableDict
from costrel.http.request import Request
from costrel.http.response import Response
from costrel.parts.config import Config, ConfigAttribute
from costrel.routing.url_map import Map


def get_env() -> str:
    """What `FLASK_ENV` says; it turns nothing on."""
    return os.environ.get("FLASK_ENV") or "production"


def _errors_propagate(self: Any) -> bool:
    """Whether an unhandled error reaches the server: what is set, or in debug and tests."""
    value = self.config["PROPAGATE_EXCEPTIONS"]
    return bool(self.testing or self.debug if value is None else value)


def _is_xhr(self: Any) -> bool:
    """Whether a script says that it sent the request, as jQuery does."""
    return str(self.headers.get("X-Requested-With", "")).lower() == "xmlhttprequest"


def _from_json(self: Config, filename: str, silent: bool = False) -> bool:
    """Load a JSON file, an object of settings.

    Args:
        self: the config.
        filename: its path, relative to the config's root.
        silent: do not complain if it is missing.

    """
    return self.from_file(filename, json.load, silent)


def _take_codecs(cls: type[Flask], **kwargs: Any) -> None:
    """Let a subclass write JSON by a `json_encoder` of its own, unless it has a provider."""
    super(Flask, cls).__init_subclass__(**kwargs)
    own = {"json_encoder", "json_decoder", "json_provider_class"}.intersection(vars(cls))
    if own and "json_provider_class" not in own:
        cls.json_provider_class = CodecProvider


OF_APPS: dict[str, Any] = {
    "before_first_request": before_first_request,
    "before_first_request_funcs": property(before_first_request_funcs),
    "env": ConfigAttribute[str]("ENV"),
    "got_first_request": property(lambda self: self._got_first_request),
    "json_decoder": CodecAttribute("json_decoder", json.JSONDecoder),
    "json_encoder": CodecAttribute("json_encoder", JSONEncoder),
    "preserve_context_on_exception": False,
    "propagate_exceptions": property(_errors_propagate),
    "send_file_max_age_default": ConfigAttribute[Any]("SEND_FILE_MAX_AGE_DEFAULT", as_timedelta),
    "session_cookie_name": ConfigAttribute[str]("SESSION_COOKIE_NAME"),
    "templates_auto_reload": ConfigAttribute[bool | None]("TEMPLATES_AUTO_RELOAD"),
    "use_x_sendfile": ConfigAttribute[bool]("USE_X_SENDFILE"),
}
OF_BLUEPRINTS: dict[str, Any] = {"before_app_first_request": before_app_first_request}
OF_CONFIGS: dict[str, Any] = {"from_json": _from_json}
# There is one by now, as on the web.
CHARSET: dict[str, Any] = {"charset": "utf-8", "encoding_errors": "replace"}
OF_REQUESTS: dict[str, Any] = {**CHARSET, "is_xhr": property(_is_xhr), "url_charset": "utf-8"}


def give(cls: type, attributes: dict[str, Any]) -> None:
    """Give a class the attributes that it has not."""
    for name, value in attributes.items():
        if not hasattr(cls, name):
            setattr(cls, name, value)


@cache
def give_all() -> None:
    """Give the classes their attributes; nothing happens the second time."""
    give(Flask, OF_APPS)
    give(Blueprint, OF_BLUEPRINTS)
    give(Config, OF_CONFIGS)
    give(Request, OF_REQUESTS)
    give(Response, CHARSET)
    give(Map, CHARSET)
    Flask.json_provider_class = ToldProvider
    settings = {**DEFAULTS, "ENV": get_env()}
    Flask.default_config = ImmutableDict({**settings, **Flask.default_config})
    Flask.__init_subclass__ = classmethod(_take_codecs)  # type: ignore[assignment, arg-type]  # as in the class
