"""Reading the live generations: every read is one transaction, one snapshot and one round trip.

The transaction first points unqualified names at the schemas that are live in its snapshot. So all its queries see the
same generation of every projection at the same position, also while another one takes over.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from engine.errors import ProjectionsBehind
from projections import generations as control

type Rows = Sequence[Mapping[str, Any]]
type Query = tuple[bytes, Mapping[str, Any]]

_MAX_CONNECTIONS = 16
_BEGIN = "begin isolation level repeatable read, read only"


class Read(NamedTuple):
    """What the queries gave, and the position that all of it includes."""

    position: int
    answers: Sequence[Rows]


class Snapshots:
    """Connections for readers.

    They prepare what they read often, which halves the time of a read. Postgres plans anew when other generations come
    into force. Only where those have columns of other types does it refuse: then the connection is replaced.
    """

    def __init__(self, database_url: str) -> None:
        self._pool = AsyncConnectionPool[control.Connection](
            database_url,
            min_size=1,
            max_size=_MAX_CONNECTIONS,
            open=False,
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "application_name": "tzurot reader",
                "options": "-c timezone=UTC -c jit=off",
            },
        )

    async def open(self) -> None:
        await self._pool.open()

    async def close(self) -> None:
        await self._pool.close()

    def connection(self) -> AbstractAsyncContextManager[control.Connection]:
        """A connection for what is not asked of the live generations only."""
        return self._pool.connection()

    async def read(self, *queries: Query) -> Read:
        """Answer all queries as of one state. Raises ProjectionsBehind where nothing was projected yet, or while the
        database is away.
        """
        try:
            for _ in range(_MAX_CONNECTIONS):
                try:
                    return await self._read(queries)
                except psycopg.errors.FeatureNotSupported:
                    continue  # prepared for columns of other types; that connection is closed, the next knows better
            return await self._read(queries)
        except psycopg.OperationalError as error:
            raise ProjectionsBehind("The database does not answer just now: try again in a moment.") from error

    async def _read(self, queries: Sequence[Query]) -> Read:
        async with self._pool.connection() as connection:
            try:
                async with connection.pipeline():
                    await connection.execute(_BEGIN)
                    resolved = await connection.execute(control.SQL["resolve"])
                    cursors = [await connection.execute(statement, parameters) for statement, parameters in queries]
                    await connection.execute("commit")
                row = await resolved.fetchone()
                answers = [await cursor.fetchall() for cursor in cursors]
            except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction) as error:
                # before the first generation there is nothing to read: whoever asks may ask again
                await connection.rollback()
                raise ProjectionsBehind("There are no projections yet: they are made when Tzurot runs.") from error
            except psycopg.errors.FeatureNotSupported:
                await connection.close()
                raise
        if row is None or row["position"] is None:
            raise ProjectionsBehind("There are no projections yet: they are made when Tzurot runs.")
        return Read(row["position"], answers)
