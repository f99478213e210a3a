"""Dropping the generations that nobody needs any more, soon after they were retired.

Erased words may be in them, so this does not wait for the next rebuild. The projecting process does it, over a
connection of its own, so that it never holds projecting up.
"""

import asyncio
import logging

import psycopg

from projections import generations as control
from projections.generations import Connection

_CHANNEL = "tzurot_retired"
"""Where the transaction that retires a generation says so."""
_LOOK_S = 1.0
"""How often to look for builds whose process was killed: nothing tells of those."""
_RETRY_S = 0.5

_log = logging.getLogger(__name__)


async def sweep(database_url: str) -> None:
    """Drop what is retired, and builds that were given up, until cancelled."""
    while True:
        try:
            async with await control.connect(database_url, name="sweeper") as connection:
                await connection.execute(f"listen {_CHANNEL}")
                while True:
                    await _sweep_once(connection)
                    async for _ in connection.notifies(timeout=_LOOK_S, stop_after=1):
                        pass
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable) as error:
            # what is retired stays so: it goes once the database is back, or was dropped with it
            _log.warning("Dropping retired generations pauses (%s)", type(error).__name__)
            await asyncio.sleep(_RETRY_S)


async def _sweep_once(connection: Connection) -> None:
    await control.drop_retired(connection)
    known = await control.all_generations(connection)
    if any(one.state == "building" for one in known) and await control.try_building_lock(connection):
        await control.drop_leftovers(connection)  # whoever builds holds the lock, so nobody does
        await control.release_building_lock(connection)
