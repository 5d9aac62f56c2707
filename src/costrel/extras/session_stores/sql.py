"""Sessions in a database, for programs that have one: PostgreSQL, MySQL, SQLite and their like.

Law: each statement stands alone, and a row is written only in the version that was read, so that
no isolation level lets one request overwrite another's changes. The database holds hashes of ids.
"""

import threading
import time

from sqlalchemy import (
    Column,
    Delete,
    Double,
    Engine,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    Update,
    create_engine,
    inspect,
)
from sqlalchemy.dialects.mysql import MEDIUMTEXT
from sqlalchemy.exc import DBAPIError, IntegrityError

from costrel.extras.session_stores.session_store import Change, SessionStore, hash_of

CLEAN_EVERY = 600  # Seconds between two looks for rows whose time is over.
MOST_TRIES = 100
# A row's id, version, end and text; `None` where there is no row.
Found = Row[tuple[str, int, float, str]] | None
BUSY = "A session could not be written: others have changed it each of {tries} times in between."


class SQLAlchemyStore(SessionStore):
    """Keeps each text in a row of a table.

    The table is made when it is first needed, if it is not there; who makes it in a migration finds
    it in `table`. Rows whose time is over are deleted as new ones come.

    Args:
        engine: an engine of SQLAlchemy, or a database's URL.
        table: the table's name.
        schema: the schema it is in, where that is not the usual one.

    Attributes:
        table: the table.

    """

    def __init__(
        self, engine: Engine | str, table: str = "costrel_sessions", schema: str | None = None
    ) -> None:
        self.engine = _connect(engine) if isinstance(engine, str) else engine
        self.table = _make_table(table, schema)
        self._alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._making = threading.Lock()
        self._is_made = False
        self._cleaned_at = 0.0

    def load(self, key: str) -> str | None:
        """Return the text of a key, `None` if there is none or its time is over."""
        return _text(self._read(hash_of(key)))

    def update(self, key: str, change: Change, lifetime: float) -> None:
        """Replace a key's text by `change(text)`, with nobody else writing in between.

        Raises:
            RuntimeError: others have written in between again and again.

        """
        name = hash_of(key)
        for _ in range(MOST_TRIES):
            row = self._read(name)
            text = change(_text(row))
            if self._write(name, row, text, time.time() + lifetime):
                return
        raise RuntimeError(BUSY.format(tries=MOST_TRIES))

    def _read(self, name: str) -> Found:
        if not self._is_made:
            self._make()
        with self._alone.connect() as connection:
            return connection.execute(
                self.table.select().where(self.table.c.id == name)
            ).one_or_none()

    def _write(self, name: str, row: Found, text: str | None, end: float) -> bool:
        """Write a text where a row was read; tell whether it still stood there."""
        table = self.table
        if row is None:
            return text is None or self._insert(name, text, end)
        as_read = (table.c.id == name) & (table.c.version == row.version)
        new = {"version": row.version + 1, "expires": end, "text": text}
        statement: Delete | Update = (
            table.delete().where(as_read)
            if text is None
            else table.update().where(as_read).values(new)
        )
        with self._alone.connect() as connection:
            return connection.execute(statement).rowcount == 1

    def _insert(self, name: str, text: str, end: float) -> bool:
        self._clean()
        row = {"id": name, "version": 1, "expires": end, "text": text}
        try:
            with self._alone.connect() as connection:
                connection.execute(self.table.insert().values(row))
        except IntegrityError:
            return False  # Somebody else was first.
        return True

    def _clean(self) -> None:
        """Delete the rows whose time is over, if nobody has for a while."""
        now = time.time()
        if now - self._cleaned_at < CLEAN_EVERY:
            return
        self._cleaned_at = now
        with self._alone.connect() as connection:
            connection.execute(self.table.delete().where(self.table.c.expires <= now))

    def _make(self) -> None:
        """Make the table, unless it is there."""
        # Not before it is needed: a connection that is opened at import does not survive a fork.
        with self._making:
            try:
                self.table.metadata.create_all(self.engine)
            except DBAPIError:
                # Another process may have made it meanwhile.
                if not inspect(self.engine).has_table(self.table.name, self.table.schema):
                    raise
            self._is_made = True


def _connect(url: str) -> Engine:
    # What the database has dropped, as when it was restarted, is seen before it is used.
    return create_engine(url, pool_pre_ping=True)


def _make_table(name: str, schema: str | None) -> Table:
    return Table(
        name,
        MetaData(),
        Column("id", String(64), primary_key=True),
        Column("version", Integer, nullable=False),
        # Seconds since 1970, as time zones are not all databases' strength.
        Column("expires", Double, nullable=False, index=True),
        # MySQL's TEXT ends at 64 KiB.
        Column("text", Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb"), nullable=False),
        schema=schema,
    )


def _text(row: Found) -> str | None:
    """The text of a row, unless its time is over."""
    return row.text if row is not None and row.expires > time.time() else None
