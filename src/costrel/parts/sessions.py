"""Sessions: an interface, and the default that keeps everything in a signed cookie.

Law: reading a session never raises, whatever the client sent. Writing one raises where it could
not be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from costrel.http.callback_dict import CallbackDict
from costrel.http.door import NamedDoor
from costrel.parts.config import ConfigAttribute
from costrel.parts.json_provider import DefaultJSONProvider

if TYPE_CHECKING:
    from itsdangerous import URLSafeTimedSerializer

    from costrel.http.request import Request
    from costrel.parts.json_tags import TaggedJSONSerializer
    from costrel.parts.session_cookie import SessionCookie
    from costrel.parts.signing import KeptSerializer

    session_json_serializer: TaggedJSONSerializer

_MAX_SERIALIZERS = 16
# What a :class:`SessionCookie` asks of its interface.
_ASKED = (
    "get_signing_serializer",
    "get_cookie_name",
    "get_cookie_domain",
    "get_cookie_path",
    "get_cookie_secure",
    "get_cookie_httponly",
    "get_cookie_samesite",
    "get_cookie_partitioned",
    "get_cookie_place",
)
# What decides on how a session is written, and when.
_WRITING = ("serializer", "session_class", "get_signing_serializer", "should_set_cookie")
# Under this name the config keeps it.
_KEPT = "session cookie"


class SessionApp(Protocol):
    """What sessions must know of an app."""

    secret_key: str | bytes | None
    json: Any

    @property
    def config(self) -> Mapping[str, Any]:
        """The settings."""

    @property
    def permanent_session_lifetime(self) -> timedelta:
        """How long permanent sessions live."""


class SessionMixin(MutableMapping[str, Any]):
    """What every session is: a mapping that knows whether it has to be saved.

    :cvar new: whether it was made by this request, where the interface can tell.
    :cvar modified: whether it was changed; ``True`` for those that cannot tell.
    :cvar accessed: whether a view, a hook or a template came to it in any way, be it ``in`` or
        ``len``. Set by whoever hands the session out, so that no way of looking goes unseen.
    """

    new = False
    modified = True
    accessed = False

    @property
    def permanent(self) -> bool:
        """Whether it outlives the browser, for ``PERMANENT_SESSION_LIFETIME``."""
        return bool(self.get("_permanent", False))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = bool(value)


def _mark_modified(session: SecureCookieSession) -> None:
    session.modified = True


class SecureCookieSession(CallbackDict[str, Any], SessionMixin):
    """A session that a signed cookie holds.

    It sees changes to itself, not those inside of a value: after
    ``session["basket"].append(1)`` set ``session.modified``.
    """

    modified = False
    on_update = staticmethod(_mark_modified)

    def __init__(self, initial: Mapping[str, Any] | None = None) -> None:
        # PERF: CallbackDict.__init__ would keep `on_update` on each session, 0.2 µs.
        dict.__init__(self, initial or ())


def _refuse(self: NullSession, *args: Any, **kwargs: Any) -> NoReturn:
    raise RuntimeError(
        "The session is unavailable because no secret key was set: it can be read, as an empty "
        "one, and not written. Set app.secret_key to a long random value that stays secret."
    )


class NullSession(SecureCookieSession):
    """The session of an app without a secret key: empty, and refusing to be written."""

    __setitem__ = __delitem__ = clear = pop = popitem = _refuse
    update = setdefault = __ior__ = _refuse


class SessionInterface:
    """How sessions are kept; subclass it and set ``app.session_interface``.

    ``open_session`` and ``save_session`` must be given.

    :cvar null_session_class: what ``make_null_session`` makes.
    :cvar pickle_based: whether values are kept as pickles.
    """

    null_session_class: type[NullSession] = NullSession
    pickle_based = False

    def make_null_session(self, app: Any) -> NullSession:
        """The session to use where ``open_session`` returned none."""
        return self.null_session_class()

    def is_null_session(self, obj: object) -> bool:
        """Whether this is such a session; it is not saved."""
        # PERF: asking an abstract class takes 0.3 µs, and nearly all are of the usual one.
        return type(obj) is not SecureCookieSession and isinstance(obj, self.null_session_class)

    def get_cookie_name(self, app: SessionApp) -> str:
        """``SESSION_COOKIE_NAME``."""
        name: str = app.config["SESSION_COOKIE_NAME"]
        return name

    def get_cookie_domain(self, app: SessionApp) -> str | None:
        """``SESSION_COOKIE_DOMAIN``; with ``None`` only the very same host gets the cookie."""
        domain: str | None = app.config["SESSION_COOKIE_DOMAIN"]
        return domain

    def get_cookie_path(self, app: SessionApp) -> str:
        """``SESSION_COOKIE_PATH``, else ``APPLICATION_ROOT``."""
        path: str = app.config["SESSION_COOKIE_PATH"] or app.config["APPLICATION_ROOT"]
        return path

    def get_cookie_httponly(self, app: SessionApp) -> bool:
        """``SESSION_COOKIE_HTTPONLY``: out of scripts' reach."""
        httponly: bool = app.config["SESSION_COOKIE_HTTPONLY"]
        return httponly

    def get_cookie_secure(self, app: SessionApp) -> bool:
        """``SESSION_COOKIE_SECURE``: only over https."""
        secure: bool = app.config["SESSION_COOKIE_SECURE"]
        return secure

    def get_cookie_samesite(self, app: SessionApp) -> str | None:
        """``SESSION_COOKIE_SAMESITE``: ``Strict``, ``Lax`` or ``None``."""
        samesite: str | None = app.config["SESSION_COOKIE_SAMESITE"]
        return samesite

    def get_cookie_partitioned(self, app: SessionApp) -> bool:
        """``SESSION_COOKIE_PARTITIONED``: one cookie per embedding site."""
        partitioned: bool = app.config["SESSION_COOKIE_PARTITIONED"]
        return partitioned

    def get_cookie_place(self, app: SessionApp) -> dict[str, Any]:
        """Where the cookie is sent; deleting one takes the same words as setting it."""
        return {
            "domain": self.get_cookie_domain(app),
            "path": self.get_cookie_path(app),
            "secure": self.get_cookie_secure(app),
            "partitioned": self.get_cookie_partitioned(app),
            "samesite": self.get_cookie_samesite(app),
            "httponly": self.get_cookie_httponly(app),
        }

    def get_expiration_time(self, app: SessionApp, session: SessionMixin) -> datetime | None:
        """When the cookie ends; ``None`` for the end of the browser's run."""
        if session.permanent:
            return datetime.now(UTC) + app.permanent_session_lifetime
        return None

    def should_set_cookie(self, app: SessionApp, session: SessionMixin) -> bool:
        """Whether the response sets the cookie: if it changed, or its end is to be put off."""
        return session.modified or (
            session.permanent and bool(app.config["SESSION_REFRESH_EACH_REQUEST"])
        )

    def may_refresh(self, app: Any, request: Any) -> bool:
        """Whether a session that nobody touched has perhaps to be saved, to put off its end."""
        return True

    def opening_blocks(self, app: Any, request: Any) -> bool:
        """Whether opening a request's session may wait for a disk or a network.

        For an async view on an event loop it is then done in a thread.
        """
        return True

    def saving_blocks(self, app: Any, session: Any) -> bool:
        """Whether saving a session may wait for a disk or a network.

        For an async view on an event loop it is then done in a thread.
        """
        return True

    def open_session(self, app: Any, request: Any) -> SessionMixin | None:
        """The session of a request; ``None`` if there cannot be one."""
        raise NotImplementedError

    def save_session(self, app: Any, session: Any, response: Any) -> None:
        """Keep a session, at the end of its request."""
        raise NotImplementedError


def _lazy_sha1(text: bytes = b"") -> Any:
    # Looked up at each use: FIPS builds lack it, and may set another digest.
    import hashlib  # noqa: PLC0415  # OpenSSL: see `_make_serializer`

    return hashlib.sha1(text)  # noqa: S324  # within an HMAC it is sound, and it is Flask's format


def _is_own(interface: SecureCookieSessionInterface, names: Iterable[str]) -> bool:
    """Whether an interface has some methods and attributes as they stand here."""
    kind, own, attributes = type(interface), SecureCookieSessionInterface, vars(interface)
    return all(
        getattr(kind, name) is getattr(own, name) and name not in attributes for name in names
    )


def _writes_as_usual(interface: SecureCookieSessionInterface, app: SessionApp) -> bool:
    """Whether a session's cookie holds plain JSON, and is refreshed by the default's rule."""
    return type(app.json) is DefaultJSONProvider and _is_own(interface, _WRITING)


def _may_be_kept(interface: SecureCookieSessionInterface, app: SessionApp) -> bool:
    """Whether what an interface says of its cookie follows from settings alone."""
    kind, settings = type(app), type(app.config)
    return (
        _is_own(interface, _ASKED)
        and type(getattr(kind, "secret_key", None)) is ConfigAttribute
        and type(getattr(kind, "permanent_session_lifetime", None)) is ConfigAttribute
        and settings.__getitem__ is dict.__getitem__
        and settings.get is dict.get
    )


class SecureCookieSessionInterface(SessionInterface):
    """Sessions in a cookie: signed, so that nobody can change them, and not encrypted.

    :cvar salt: sets its signatures apart from others made with the same key.
    :cvar digest_method: the hash function within the HMAC.
    :cvar key_derivation: how key and salt are joined.
    :cvar serializer: writes the values; anything with ``dumps`` and ``loads``.
    :cvar session_class: what ``open_session`` makes.
    """

    salt = "cookie-session"
    digest_method: Callable[..., Any] = staticmethod(_lazy_sha1)
    key_derivation = "hmac"
    serializer: Any = NamedDoor("costrel.parts.json_tags:session_json_serializer")
    session_class: type[SecureCookieSession] = SecureCookieSession

    _kept: dict[tuple[Any, ...], KeptSerializer] | None = None

    def get_signing_serializer(self, app: SessionApp) -> URLSafeTimedSerializer | None:
        """What signs and checks the cookies of an app; ``None`` without a secret key.

        The newest key signs; those of ``SECRET_KEY_FALLBACKS`` are still believed.
        """
        secret_key = app.secret_key
        if not secret_key:
            return None
        fallbacks = app.config["SECRET_KEY_FALLBACKS"]
        # An id is not used again while the kept serializer holds on to the object.
        key = (
            secret_key,
            tuple(fallbacks) if fallbacks else (),
            self.salt,
            self.key_derivation,
            self.digest_method,
            id(self.serializer),
            id(app.json),
        )
        kept = self._kept
        if kept is None:
            kept = self._kept = {}
        # PERF: making one takes 15 µs, at every open and every save.
        found = kept.get(key)
        if found is None:
            if len(kept) >= _MAX_SERIALIZERS:
                kept.clear()
            found = kept[key] = self._make_serializer(app, [*key[1], secret_key])
        return found

    def _make_serializer(self, app: SessionApp, keys: list[Any]) -> KeptSerializer:
        """A serializer for these keys, the oldest first."""
        # The library that signs, OpenSSL and the tags take 9 ms: an app without a key is spared it.
        from costrel.parts.json_tags import (  # noqa: PLC0415
            ProviderSerializer,
            TaggedJSONSerializer,
        )
        from costrel.parts.secret_key import warn_of_short_key  # noqa: PLC0415
        from costrel.parts.signing import KeptSerializer  # noqa: PLC0415

        warn_of_short_key(app, keys[-1])
        serializer = self.serializer
        if getattr(type(serializer), "dumps", None) is TaggedJSONSerializer.dumps:
            serializer = ProviderSerializer(serializer, app.json)
        return KeptSerializer(
            keys,
            salt=self.salt,
            serializer=serializer,
            signer_kwargs={
                "key_derivation": self.key_derivation,
                "digest_method": self.digest_method,
            },
        )

    def may_refresh(self, app: SessionApp, request: Request) -> bool:
        """Whether a session that nobody touched has perhaps to be saved: if it is permanent.

        That is seen without reading the cookies, checking one, or making a session of it.
        """
        cookie = self._find_cookie(app)
        if cookie.is_usual and not app.config["SESSION_REFRESH_EACH_REQUEST"]:
            return False
        return cookie.may_be_permanent(request)

    def opening_blocks(self, app: SessionApp, request: Request) -> bool:
        """Whether opening waits for anything: no, all there is stands in the cookie."""
        return False

    def saving_blocks(self, app: SessionApp, session: SessionMixin) -> bool:
        """Whether saving waits for anything: no, it goes to the cookie."""
        return False

    def open_session(self, app: SessionApp, request: Request) -> SecureCookieSession | None:
        """The session in the request's cookie; an empty one if the cookie is not genuine."""
        cookie = self._find_cookie(app)
        if cookie.serializer is None:
            return None
        signed = cookie.value_in(request)
        if not signed:
            return self.session_class()
        try:
            return self.session_class(cookie.serializer.loads(signed, max_age=cookie.max_age))
        except Exception as error:
            # With the serializer: an app without a key needs none of it (8 ms).
            from itsdangerous import BadData  # noqa: PLC0415

            # ValueError and TypeError: signed by us, and yet not text or no dictionary.
            if not isinstance(error, (BadData, TypeError, ValueError)):
                raise
            return self.session_class()

    def save_session(self, app: SessionApp, session: SessionMixin, response: Any) -> None:
        """Set, refresh or delete the cookie, as the session needs it."""
        if not session and session.modified:
            self._find_cookie(app).drop(app, response)
        elif session and self.should_set_cookie(app, session):
            cookie = self._find_cookie(app)
            if cookie.serializer is None:
                _refuse(self.make_null_session(app))
            value = cookie.serializer.dumps(dict(session))
            cookie.put(app, response, value, self.get_expiration_time(app, session))
        elif session.accessed:
            self._find_cookie(app).vary(response)

    def _find_cookie(self, app: SessionApp) -> SessionCookie:
        """What is said of an app's session cookie, now."""
        # PERF: to find it takes 0.2 µs, to ask for it anew 2.5, at every open and every save.
        derived = getattr(app.config, "derived", None)
        kept: SessionCookie | None = None if derived is None else derived.get(_KEPT)
        if kept is not None and kept.is_of(self, app):
            return kept
        # Where nobody comes to a session it is not needed.
        from costrel.parts.session_cookie import SessionCookie  # noqa: PLC0415

        cookie = SessionCookie(self, app, is_usual=_writes_as_usual(self, app))
        if derived is not None and _may_be_kept(self, app):
            derived[_KEPT] = cookie
        return cookie


def __getattr__(name: str) -> Any:
    """Fetch the default serializer, which lives with its tags, when somebody asks for it here."""
    if name != "session_json_serializer":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from costrel.parts.json_tags import session_json_serializer  # noqa: PLC0415  # as above

    return session_json_serializer


def __dir__() -> list[str]:
    """The module's names, with that of the default serializer."""
    return sorted({*globals(), "session_json_serializer"})
