"""The library's SQLite persistence module with every commit synced to the disk, so that it is as durable as the log.

The library sets the journal to WAL and leaves `synchronous` to whatever SQLite was built with. Here it is set on each
connection, and read back.
"""

from typing import override

from eventsourcing import sqlite
from eventsourcing.utils import Environment, EnvType

FULL = 2


class DurablePool(sqlite.SQLiteConnectionPool):
    """Connections that sync at every commit."""

    @override
    def _create_connection(self) -> sqlite.SQLiteConnection:
        connection = super()._create_connection()
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA synchronous")
        synchronous = cursor.fetchone()[0]
        cursor.execute("PRAGMA journal_mode")
        journal = cursor.fetchone()[0]
        assert (synchronous, journal) == (FULL, "wal"), (synchronous, journal)
        return connection


class Factory(sqlite.SQLiteFactory):
    """Recorders on such connections."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self.datastore.pool.close()
        self.datastore.pool = DurablePool(db_name=self.datastore.pool.db_name)
