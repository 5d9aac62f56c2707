"""JSON for an app: an interface, and the default on the standard library.

Law: text that ``loads`` returns and that ``dumps`` writes can always be encoded, and what cannot
be read is a ``ValueError``, which answers 400.
"""

from __future__ import annotations

import re
import sys
import weakref
from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from json import JSONDecodeError, JSONDecoder, JSONEncoder
from json import encoder as json_encoder
from json import loads as read_json
from typing import IO, TYPE_CHECKING, Any, AnyStr, Protocol

from costrel.http.dates import http_date
from costrel.http.late_pattern import late_pattern
from costrel.http.response import CONTENT_LENGTHS, CONTENT_TYPES, Response

if TYPE_CHECKING:
    from costrel.parts.orjson_writer import BodyWriter

COMPACT = (",", ":")
_COMPACT_OPTIONS = (("separators", COMPACT),)
Writer = Callable[[Any], str]
# Named and not imported: `uuid` costs 6 ms, `decimal` 2, and whoever has such a value has paid.
_TEXT_CLASSES = (("decimal", "Decimal"), ("uuid", "UUID"))
# Every escape in a JSON text, surrogate pairs whole; each branch begins with a backslash, so the
# scan is linear.
_ESCAPES = late_pattern(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_SURROGATES = late_pattern("[\ud800-\udfff]")
_MAX_WRITERS = 32
_FEW_BRACKETS = 250
_SPARE_LEVELS = 60


class ProvidedApp(Protocol):
    """What a JSON provider must know of an app."""

    @property
    def debug(self) -> bool:
        """Whether it is in debug mode."""

    @property
    def response_class(self) -> type[Any]:
        """What its responses are made of."""


class JSONProvider:
    """How an app reads and writes JSON; subclass it to use another library.

    ``dumps`` and ``loads`` must be given; everything else follows from them.

    :param app: what the provider is for; it is not kept alive.
    """

    def __init__(self, app: ProvidedApp) -> None:
        self._app: ProvidedApp = weakref.proxy(app)

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Write a value as JSON text."""
        raise NotImplementedError

    def dumps_compact(self, obj: Any) -> str:
        """Write a value as JSON text without blanks."""
        return self.dumps(obj, separators=COMPACT)

    def dump(self, obj: Any, fp: IO[str], **kwargs: Any) -> None:
        """Write a value as JSON to a file opened for text."""
        fp.write(self.dumps(obj, **kwargs))

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read a value from JSON text.

        :raises ValueError: if it is not JSON.
        """
        raise NotImplementedError

    def load(self, fp: IO[AnyStr], **kwargs: Any) -> Any:
        """Read a value from a file, opened for text or for bytes."""
        return self.loads(fp.read(), **kwargs)

    def _prepare_response_obj(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The one value that a call's arguments stand for."""
        if args and kwargs:
            raise TypeError("A JSON response is made of args or kwargs, and was given both.")
        if len(args) == 1:
            return args[0]
        return args or kwargs or None

    def response(self, *args: Any, **kwargs: Any) -> Any:
        """A response of the app's class with JSON as its body.

        :param args: one value, or several for a list.
        :param kwargs: the items of an object, in place of values.
        :raises TypeError: if given both.
        """
        value = self._prepare_response_obj(args, kwargs)
        return self._app.response_class(self.dumps(value), mimetype="application/json")


def is_of_loaded_class(value: Any, module: str, name: str) -> bool:
    """Whether a value is of a class, without importing the module that the class is in."""
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(value, kind)


def _default(value: Any) -> Any:
    """Spell a value that JSON has no word for.

    Dates become HTTP dates, ``Decimal`` and ``UUID`` text, dataclasses objects, and what has
    ``__html__`` that text.

    :raises TypeError: for everything else.
    """
    if isinstance(value, date):
        return http_date(value)
    kind = type(value)
    if any(is_of_loaded_class(value, *where) for where in _TEXT_CLASSES):
        return str(value)
    if hasattr(kind, "__dataclass_fields__"):
        from dataclasses import asdict  # noqa: PLC0415  # brings `inspect` along, 8 ms

        return asdict(value)
    if hasattr(value, "__html__"):
        return str(value.__html__())
    raise TypeError(f"Object of type {kind.__name__} is not JSON serializable")


@cache
def quick_writer() -> BodyWriter | None:
    """What writes responses without a provider's own ``default``; ``None`` without orjson."""
    # At the first response that is JSON: orjson takes 8 ms to import.
    from costrel.parts.orjson_writer import find_writer  # noqa: PLC0415

    return find_writer(_default)


# What `raw_decode` calls, without its own frame (0.1 µs).
_scan_once = JSONDecoder().scan_once  # type: ignore[attr-defined]  # typeshed leaves it out


def _read(text: str) -> Any:
    """Read JSON text by the standard library's rules."""
    # PERF: json.loads looks for blanks around the value with regular expressions, 0.4 µs of 0.9.
    try:
        value, end = _scan_once(text, 0)
    except (StopIteration, JSONDecodeError):
        end = -1
    return value if end == len(text) else read_json(text)


def _read_with_room_to_spare(text: str, levels: int = _SPARE_LEVELS) -> Any:
    """Read JSON text as if the recursion limit were lower by some levels.

    Otherwise a value at the very limit could be read, and then not be written or printed.
    """
    if levels:
        # Through `map`, as Python counts its own calls and those that C makes apart.
        return next(map(_read_with_room_to_spare, (text,), (levels - 1,)))
    return _read(text)


def _may_be_deep(text: str) -> bool:
    """Whether a text has brackets enough to come near the recursion limit."""
    return text.count("[") + text.count("{") > _FEW_BRACKETS


# The C encoder, which is not there on every Python.
_make_c_encoder: Callable[..., Any] | None = getattr(json_encoder, "c_make_encoder", None)


def _writer_of(encoder: JSONEncoder) -> Writer:
    """An encoder's ``encode``, without what it prepares anew at each call."""
    plain = type(encoder) is JSONEncoder and encoder.indent is None
    if not plain or _make_c_encoder is None:
        return encoder.encode
    # PERF: `encode` makes the C encoder per call, 0.7 µs of 1.0. This one has no memory of what
    # it is inside of, so that threads can share it.
    spell = "encode_basestring_ascii" if encoder.ensure_ascii else "encode_basestring"
    write = _make_c_encoder(
        None,
        encoder.default,
        getattr(json_encoder, spell),
        None,
        encoder.key_separator,
        encoder.item_separator,
        encoder.sort_keys,
        encoder.skipkeys,
        encoder.allow_nan,
    )

    def encode(value: Any) -> str:
        try:
            return "".join(write(value, 0))
        except RecursionError:
            # Deep or circular: the slow way has that memory and says which.
            return encoder.encode(value)

    return encode


def _replace_lone_surrogate(found: re.Match[str]) -> str:
    return "\\ufffd" if found[1] else found[0]


def _mended(text: str) -> str:
    """JSON text that can be encoded: a lone surrogate has no UTF-8 form, but it has a JSON one."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub(_escape_surrogate, text)
    return text


def _escape_surrogate(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


@lru_cache(maxsize=64)
def _is_plain(kind: Any) -> bool:
    """Whether a response class leaves it to ours what a body and a media type are made into."""
    return (
        issubclass(kind, Response)
        and kind.__init__ is Response.__init__
        and kind.__new__ is Response.__new__
        and kind.default_status == 200
        and kind.automatically_set_content_length
        and kind.sets_data_itself
    )


class DefaultJSONProvider(JSONProvider):
    """JSON by the standard library, and responses by orjson where that is installed.

    The attributes may be set on a subclass or on ``app.json``, at any time.
    """

    default: Callable[[Any], Any] = staticmethod(_default)
    """Called with each value that JSON has no word for; returns one that it has."""

    ensure_ascii = True
    """Write only ASCII. Without it JSON is shorter, and still UTF-8."""

    sort_keys = True
    """Sort the keys of objects, so that equal values give equal text."""

    compact: bool | None = None
    """Responses without blanks: yes, no, or ``None`` for "unless in debug"."""

    mimetype = "application/json"
    """The media type of responses."""

    _writers: dict[tuple[Any, ...], Writer] | None = None
    # What writes without blanks, behind the attributes that it was made with; at first none.
    _compact_writer: tuple[Any, Any, Any, Writer] = (object(), None, None, str)

    def _writer(self, options: tuple[Any, ...]) -> Writer:
        """What writes with the attributes of the moment, and with some arguments as pairs."""
        # PERF: json.dumps makes an encoder per call; one kept spares 1.3 µs of 1.7. The settings
        # are compared at each call because they may be changed at any time.
        key = (self.default, self.ensure_ascii, self.sort_keys, options)
        writers = self._writers
        if writers is None:
            writers = self._writers = {}
        try:
            return writers[key]
        except KeyError:
            writer = self._make_writer(options)
        except TypeError:  # an argument that cannot be a key
            return self._make_writer(options)
        if len(writers) >= _MAX_WRITERS:
            writers.clear()
        writers[key] = writer
        return writer

    def _make_writer(self, options: tuple[Any, ...]) -> Writer:
        settings = {
            "default": self.default,
            "ensure_ascii": self.ensure_ascii,
            "sort_keys": self.sort_keys,
            **dict(options),
        }
        kind = settings.pop("cls", None) or JSONEncoder
        return _writer_of(kind(**settings))

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Write a value as JSON text.

        :param kwargs: as for ``json.dumps``; they come before the provider's attributes.
        """
        text = self._writer(tuple(kwargs.items()))(obj)
        return text if text.isascii() else _mended(text)

    def dumps_compact(self, obj: Any) -> str:
        """Write a value as JSON text without blanks."""
        if getattr(self.dumps, "__func__", None) is not _OWN_DUMPS:
            return self.dumps(obj, separators=COMPACT)
        return self._dumps_compact(obj)

    def _dumps_compact(self, obj: Any) -> str:
        """Write a value as ``dumps`` above does, without blanks."""
        # PERF: its own way, past arguments and keys (0.4 of 1.6 µs).
        default, ensure_ascii, sort_keys, write = self._compact_writer
        if (
            default != self.default
            or ensure_ascii is not self.ensure_ascii
            or sort_keys is not self.sort_keys
        ):
            write = self._make_writer(_COMPACT_OPTIONS)
            self._compact_writer = self.default, self.ensure_ascii, self.sort_keys, write
        text = write(obj)
        return text if text.isascii() else _mended(text)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read a value from JSON text; bytes are UTF-8 (RFC 8259, 8.1).

        Half of a surrogate pair is replaced by U+FFFD, as text that held it could not be sent.
        ``NaN`` and ``Infinity`` are read, as ``dumps`` writes them.

        :param kwargs: as for ``json.loads``.
        :raises ValueError: if it is not JSON, or nested too deep.
        """
        text = s if isinstance(s, str) else str(s, "utf-8")
        if "\\ud" in text or "\\uD" in text:
            text = _ESCAPES.sub(_replace_lone_surrogate, text)
        try:
            if kwargs:
                return read_json(text, **kwargs)
            if len(text) > _FEW_BRACKETS and _may_be_deep(text):
                return _read_with_room_to_spare(text)
            return _read(text)
        except RecursionError:
            raise JSONDecodeError("The value is nested too deep", "", 0) from None

    def response(self, *args: Any, **kwargs: Any) -> Any:
        """A response of the app's class with JSON as its body and a line break at its end.

        :param args: one value, or several for a list.
        :param kwargs: the items of an object, in place of values.
        :raises TypeError: if given both.
        """
        return self.response_of(self._prepare_response_obj(args, kwargs))

    def response_of(self, value: Any) -> Any:
        """A response for a value."""
        body = self.response_body(value)
        kind: Any = self._app.response_class
        if not _is_plain(kind):
            # A class that looks at what it is made of expects text.
            return kind(body.decode(), mimetype=self.mimetype)
        # PERF: as the constructor makes it, in its order, which keeps all responses of one shape
        # for the interpreter; without looking at arguments that are not given (3 %).
        made = kind.__new__(kind)
        made._headers = None
        made._list = [CONTENT_TYPES[self.mimetype], CONTENT_LENGTHS[len(body)]]
        made._status, made._status_code = "200 OK", 200
        made.response = [body]
        return made

    def response_body(self, value: Any) -> bytes:
        """The body of a response for a value."""
        compact = self.compact
        if not (compact or (compact is None and not self._app.debug)):
            text = self.dumps(value, indent=2)
        else:
            # orjson has ways of its own with classes that another `default` may be there for.
            is_own = getattr(self.dumps, "__func__", None) is _OWN_DUMPS
            write = quick_writer() if is_own and self.default is _default else None
            if write is not None:
                body = write(value, self.sort_keys, self.ensure_ascii)
                if body is not None:
                    return body
            text = self._dumps_compact(value) if is_own else self.dumps_compact(value)
        return f"{text}\n".encode()


# As they stand here: a subclass, an instance or a test may bring others.
_OWN_DUMPS = DefaultJSONProvider.dumps
JSON_RESPONSE: Any = DefaultJSONProvider.response
