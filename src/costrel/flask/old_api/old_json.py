"""How an app was told of its JSON before Flask 2.2: an encoder, a decoder, four settings."""

from __future__ import annotations

import json
import weakref
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from costrel.parts.config import Config
from costrel.parts.json_provider import DefaultJSONProvider

if TYPE_CHECKING:
    from markupsafe import Markup

# Setting → its default, the provider's attribute, and that one's value by the setting's.
TOLD: dict[str, tuple[Any, str, Any]] = {
    "JSON_AS_ASCII": (True, "ensure_ascii", bool),
    "JSON_SORT_KEYS": (True, "sort_keys", bool),
    "JSONIFY_MIMETYPE": ("application/json", "mimetype", str),
    "JSONIFY_PRETTYPRINT_REGULAR": (False, "compact", lambda pretty: False if pretty else None),
}
DEFAULTS: dict[str, Any] = {name: default for name, (default, _, _) in TOLD.items()}


class JSONEncoder(json.JSONEncoder):
    """Writes dates, UUIDs, decimals and dataclasses as well; programs subclass it."""

    def default(self, o: Any) -> Any:
        """Spell a value that JSON has no word for.

        Raises:
            TypeError: there is no way to.

        """
        return DefaultJSONProvider.default(o)


class TellProvider:
    """What a config calls when it is changed: tells the app's provider of the four settings.

    Args:
        app: the app.

    """

    def __init__(self, app: Any) -> None:
        self._app = weakref.ref(app)
        self._told = dict(DEFAULTS)

    def __call__(self, config: Config) -> None:
        """Tell what has changed since the last time."""
        Config.on_update(config)
        app = self._app()
        for name, (default, attribute, value_of) in TOLD.items():
            setting = config.get(name, default)
            if app is not None and setting != self._told[name]:
                self._told[name] = setting
                setattr(app.json, attribute, value_of(setting))

    def __reduce__(self) -> tuple[Any, tuple[Any]]:
        """Let a copy of the config have nobody to tell."""
        return attrgetter("on_update"), (Config,)


class ToldProvider(DefaultJSONProvider):
    """The default provider, which is told of the four settings."""

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        app.config.on_update = TellProvider(app)


class CodecProvider(ToldProvider):
    """Writes and reads by classes of the app's own.

    Args:
        app: the app, with its `json_encoder` and `json_decoder`.

    """

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Write a value as JSON text, by the app's `json_encoder`.

        Args:
            obj: the value.
            kwargs: as for `json.dumps`.

        """
        # Without `default=None` the provider's own would come before the encoder's method.
        return super().dumps(obj, **{"cls": self._app.json_encoder, "default": None, **kwargs})  # type: ignore[attr-defined]  # an app of old

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read a value from JSON text, by the app's `json_decoder`.

        Args:
            s: the text.
            kwargs: as for `json.loads`.

        Raises:
            ValueError: it is not JSON.

        """
        return super().loads(s, **{"cls": self._app.json_decoder, **kwargs})  # type: ignore[attr-defined]  # an app of old


class CodecAttribute:
    """`json_encoder` or `json_decoder` of an app: setting one has JSON written and read by it.

    Args:
        name: the attribute's name.
        default: the class where none is set.

    """

    def __init__(self, name: str, default: type) -> None:
        self.name = name
        self.default = default

    def __get__(self, app: Any, owner: type) -> Any:
        return self.default if app is None else vars(app).get(self.name, self.default)

    def __set__(self, app: Any, codec: type) -> None:
        vars(app)[self.name] = codec
        # A provider that the program brings stays. Ours stays as well, with what it was told.
        if type(app.json) is ToldProvider:
            app.json.__class__ = CodecProvider


def htmlsafe_dumps(obj: Any, **kwargs: Any) -> Markup:
    """Write a value as JSON that may stand in a page's `<script>`."""
    # Jinja takes 20 ms, and every app under the alias comes through this file.
    from jinja2.utils import htmlsafe_json_dumps  # noqa: PLC0415

    from costrel.shortcuts.json import dumps  # noqa: PLC0415

    return htmlsafe_json_dumps(obj, dumps=dumps, **kwargs)


def htmlsafe_dump(obj: Any, fp: Any, **kwargs: Any) -> None:
    """Write a value to a text file, as JSON that may stand in a page's `<script>`."""
    fp.write(htmlsafe_dumps(obj, **kwargs))
