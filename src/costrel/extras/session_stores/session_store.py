"""Sessions whose contents stay on the server; the browser holds a random id and nothing else.

Law: an id that the client made up is never adopted, nothing is stored for those who only read,
what is stored is JSON, and a session that was deleted meanwhile is not brought back.
"""

import hashlib
import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from itsdangerous import BadSignature, Signer

from costrel.extras.session_stores.exact_json import ExactSerializer
from costrel.parts.session_cookie import keep_private
from costrel.parts.sessions import SecureCookieSession, SessionInterface

# Changes one stored text into another; `None` stands for a session that is not there.
Change = Callable[[str | None], str | None]

MIN_ID_BYTES = 32  # 256 bits: nobody guesses one.
PERMANENT = "_permanent"
# Who is logged in changes with a key whose name says one of these. The id then changes too, so
# that an id somebody else knew from before the login is worth nothing afterwards.
IDENTITY_WORDS = ("user", "uid", "login", "logged", "auth", "account", "identity", "email", "admin")


def hash_of(key: str) -> str:
    """What stands for a key in a store, so that who reads the store learns no id."""
    return hashlib.sha256(key.encode()).hexdigest()


class SessionStore(ABC):
    """Keeps texts by key for a time.

    Attributes:
        blocks: whether it waits for a disk or a network, so that no event loop may call it.

    """

    blocks = True

    @abstractmethod
    def load(self, key: str) -> str | None:
        """Return the text of a key, `None` if there is none or its time is over."""

    @abstractmethod
    def update(self, key: str, change: Change, lifetime: float) -> None:
        """Replace a key's text by `change(text)`, with nobody else writing in between.

        Args:
            key: the session's key.
            change: gets the present text and returns the new one; `None` deletes.
            lifetime: for how many seconds the new text is kept.

        """

    def delete(self, key: str) -> None:
        """Delete a key's text."""
        self.update(key, lambda _: None, 0)


class StoredSession(SecureCookieSession):
    """One user's session.

    Args:
        initial: its contents.
        sid: its id.
        loaded: the text that was stored for it, `None` for a new session.

    """

    def __init__(self, initial: Mapping[str, Any], sid: str, loaded: str | None = None) -> None:
        super().__init__(initial)
        self.sid = sid
        # The text, not the values: lists and dicts in it may have been changed in place.
        self.loaded = loaded
        self.needs_new_id = False

    def __bool__(self) -> bool:
        return any(key != PERMANENT for key in self)

    @property
    def new(self) -> bool:  # type: ignore[override]  # the class attribute of every session; here it is known
        """Whether nothing is stored for it yet."""
        return self.loaded is None


class StoreSessionInterface(SessionInterface):
    """Opens and saves sessions in a store.

    Args:
        store: where they are kept.
        key_prefix: put before each id to make the store's key.
        id_bytes: how many random bytes an id is made of; at least 32.
        permanent: whether new sessions outlive the browser.
        use_signer: whether the cookie is signed with the app's secret key as well.

    """

    session_class = StoredSession
    serializer: Any = ExactSerializer()
    salt = "costrel-session-id"

    def __init__(
        self,
        store: SessionStore,
        *,
        key_prefix: str = "session:",
        id_bytes: int = MIN_ID_BYTES,
        permanent: bool = False,
        use_signer: bool = False,
    ) -> None:
        self.store = store
        self.key_prefix = key_prefix
        self.id_bytes = max(id_bytes, MIN_ID_BYTES)
        self.permanent = permanent
        self.use_signer = use_signer
        length = len(self.make_id())
        self._is_id = re.compile(rf"[A-Za-z0-9_-]{{{length}}}").fullmatch

    def make_id(self) -> str:
        """Make a new random id."""
        return secrets.token_urlsafe(self.id_bytes)

    def regenerate(self, session: StoredSession) -> None:
        """Give the session a new id when it is saved; call this where somebody logs in.

        Changes to keys that name a user do it by themselves (see `IDENTITY_WORDS`).
        """
        session.needs_new_id = session.modified = True

    def opening_blocks(self, app: Any, request: Any) -> bool:
        """Whether opening a request's session asks a store that may wait."""
        return self.store.blocks and self.get_cookie_name(app) in request.cookies

    def saving_blocks(self, app: Any, session: Any) -> bool:
        """Whether saving a session asks a store that may wait."""
        is_known = session.modified or not session.new
        return self.store.blocks and is_known and self.should_set_cookie(app, session)

    # --- open -----------------------------------------------------------------------------

    def open_session(self, app: Any, request: Any) -> StoredSession | None:
        """Load the session that the request's cookie names, or begin an empty one."""
        if self.use_signer and not app.secret_key:
            return None
        sid = self._read_cookie(app, request.cookies.get(self.get_cookie_name(app)))
        text = self.store.load(self.key_prefix + sid) if sid else None
        contents = self._read(text)
        if sid is None or contents is None:
            initial = {PERMANENT: True} if self.permanent else {}
            return self.session_class(initial, self.make_id())
        return self.session_class(contents, sid, text)

    def _read_cookie(self, app: Any, value: str | None) -> str | None:
        if not value:
            return None
        if self.use_signer:
            try:
                value = self._signer(app).unsign(value).decode()
            except (BadSignature, UnicodeError):
                return None
        return value if self._is_id(value) else None

    def _signer(self, app: Any) -> Signer:
        keys = [*(app.config.get("SECRET_KEY_FALLBACKS") or ()), app.secret_key]
        return Signer(keys, salt=self.salt, key_derivation="hmac")

    def _read(self, text: str | None) -> dict[str, Any] | None:
        if text is None:
            return None
        try:
            contents = self.serializer.loads(text)
        except (ValueError, TypeError, RecursionError):
            return None  # A damaged text is as good as none.
        return contents if isinstance(contents, dict) else None

    # --- save -----------------------------------------------------------------------------

    def save_session(self, app: Any, session: Any, response: Any) -> None:
        """Store what changed, and set or delete the cookie."""
        if session.accessed or session.modified:
            response.vary.add("Cookie")
        if not session:
            if session.modified and not session.new:
                self.store.delete(self.key_prefix + session.sid)
                self._forget_cookie(app, response)
            return
        if (session.new and not session.modified) or not self.should_set_cookie(app, session):
            return
        lifetime = app.permanent_session_lifetime.total_seconds()
        if not self._store(session, lifetime):
            # Deleted while this request ran (somebody logged out): it stays deleted.
            return
        response.vary.add("Cookie")
        self._set_cookie(app, session, response)

    def _store(self, session: StoredSession, lifetime: float) -> bool:
        """Write what this request changed; tell whether the session is still there."""
        written: list[str] = []
        before = self._read(session.loaded) or {}

        def merge(text: str | None) -> str | None:
            now = self._read(text)
            if now is None and not session.new:
                return None
            if session.modified:
                now = merge_changes(before, dict(session), now or {})
                text = self.serializer.dumps(now)
            assert text is not None
            written.append(text)
            return text

        key = self.key_prefix + session.sid
        renew = session.needs_new_id or (session.modified and names_user(before, session))
        if session.new or not renew:
            self.store.update(key, merge, lifetime)
            return bool(written)

        def move(text: str | None) -> None:
            merge(text)

        # First the old id goes, then the new one comes: at no time do both work.
        self.store.update(key, move, lifetime)
        if written:
            session.sid = self.make_id()
            self.store.update(self.key_prefix + session.sid, lambda _: written[0], lifetime)
        return bool(written)

    def _set_cookie(self, app: Any, session: StoredSession, response: Any) -> None:
        value = session.sid
        if self.use_signer:
            value = self._signer(app).sign(value).decode()
        response.set_cookie(
            self.get_cookie_name(app),
            value,
            expires=self.get_expiration_time(app, session),
            **self.get_cookie_place(app),
        )
        keep_private(app, response)

    def _forget_cookie(self, app: Any, response: Any) -> None:
        response.delete_cookie(self.get_cookie_name(app), **self.get_cookie_place(app))
        keep_private(app, response)


def merge_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    """Apply one request's changes to what is stored now; others' changes stay.

    Args:
        before: what the request loaded.
        after: what it left.
        now: what is stored, with the changes of requests that ran at the same time.

    """
    kept = {key: value for key, value in now.items() if key not in before or key in after}
    changed = {
        key: value for key, value in after.items() if key not in before or before[key] != value
    }
    return kept | changed


def names_user(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a key that says who is logged in has come or changed."""
    return any(
        before.get(key) != value and any(word in key.lower() for word in IDENTITY_WORDS)
        for key, value in after.items()
    )
