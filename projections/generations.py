"""Which builds of each projection there are, which of them is live, and how they take over from one another.

    building ──► live ──► previous ──► retired ──► dropped
                  ▲           │
                  └───────────┘  switched back to

A generation is a schema of its own, named for its projection and the hash of its code, with a number where the same
code was built again. Its position stands in `tzurot.generation` and moves in the transaction that writes its rows.
Readers look up the live schemas in the transaction they read in, so each sees one state of everything.

Erased means gone from all of them. The live ones follow the log, and so does one that is being built; a previous one
does not, so whatever takes words off the log retires it in the same transaction. A retired generation is dropped once
every reader has gone that may have found it live, and so is a build that was given up: `sweeping` sees to it.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row

from engine.errors import Misconfigured
from projections.projection import Projection, code_hash
from projections.statements import statements

type Connection = AsyncConnection[dict[str, Any]]
type State = Literal["building", "live", "previous", "retired"]

SQL = statements(__file__)

_LOCK_SPACE = 0x7A75
_CONTROL_LOCK, _PROJECTING_LOCK, _BUILDING_LOCK = 1, 2, 3
_READERS_PATIENCE_S = 30.0
_READERS_POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class Generation:
    """One build of a projection, as it was when it was looked up."""

    projection: str
    schema: str
    code: str
    state: State
    position: int


async def connect(database_url: str, *, name: str) -> Connection:
    """A connection for writing projections: after a crash they resume from an older position, so no commit waits.

    What is written is found by its keys. The planner cannot know that while tables are still empty, so it is told.
    """
    return await AsyncConnection.connect(
        database_url,
        autocommit=True,
        row_factory=dict_row,
        application_name=f"tzurot {name}",
        options="-c synchronous_commit=off -c timezone=UTC -c jit=off -c enable_seqscan=off -c enable_hashjoin=off"
        " -c enable_mergejoin=off -c client_min_messages=warning",
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
    )


async def ensure_control(connection: Connection, log_id: str) -> None:
    """Make the control schema where it is missing. Raises Misconfigured for the projections of another log."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(%s, %s)", [_LOCK_SPACE, _CONTROL_LOCK])
        if not await has_control(connection):
            await connection.execute(SQL["create"])
        bound = await (await connection.execute(SQL["bind_log"], {"log_id": log_id})).fetchone()
    if bound is None or bound["log_id"] != log_id:
        raise Misconfigured(
            "The database holds the projections of another log: correct DATABASE_URL or NATS_URL, or replace them "
            "with `tzurot rebuild --drop-database`."
        )


async def has_control(connection: Connection) -> bool:
    row = await (await connection.execute(SQL["exists"])).fetchone()
    return bool(row and row["it_does"])


async def all_generations(connection: Connection) -> list[Generation]:
    return [Generation(**row) async for row in await connection.execute(SQL["all"])]


def live_of(generations: Iterable[Generation]) -> dict[str, Generation]:
    return {generation.projection: generation for generation in generations if generation.state == "live"}


def newest_of(generations: Iterable[Generation], projection: str, state: State) -> Generation | None:
    found = [one for one in generations if one.projection == projection and one.state == state]
    return found[-1] if found else None


async def try_projecting_lock(connection: Connection) -> bool:
    """Be the one that projects the live generations, for as long as this connection lasts."""
    return await _try_lock(connection, _PROJECTING_LOCK)


async def try_building_lock(connection: Connection) -> bool:
    """Be the one that builds and replaces generations, for as long as this connection lasts."""
    return await _try_lock(connection, _BUILDING_LOCK)


async def release_building_lock(connection: Connection) -> None:
    await connection.execute("select pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, _BUILDING_LOCK])


async def _try_lock(connection: Connection, lock: int) -> bool:
    cursor = await connection.execute("select pg_try_advisory_lock(%s, %s) as is_ours", [_LOCK_SPACE, lock])
    row = await cursor.fetchone()
    return bool(row and row["is_ours"])


async def create_generation(connection: Connection, projection: Projection, *, state: State = "building") -> Generation:
    """Begin a generation, with empty tables. One that is live at once is there for its first reader, too."""
    async with connection.transaction():
        taken = {generation.schema for generation in await all_generations(connection)}
        code = code_hash(projection)
        schema = next(name for name in _names(f"{projection.name}_{code}") if name not in taken)
        await connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
        await set_schema(connection, schema)
        await connection.execute(projection.tables)
        if state == "live" and projection.indices:
            await connection.execute(projection.indices)
        await connection.execute(SQL["add"], [projection.name, schema, code, state])
    return Generation(projection.name, schema, code, state, 0)


def _names(stem: str) -> Iterable[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}_{number}"
        number += 1


async def finish_tables(connection: Connection, projection: Projection, generation: Generation) -> None:
    """Give a filled generation what its readers need."""
    async with connection.transaction():
        await set_schema(connection, generation.schema)
        if projection.indices:
            await connection.execute(projection.indices)
    tables = await connection.execute("select tablename from pg_tables where schemaname = %s", [generation.schema])
    for row in await tables.fetchall():
        await connection.execute(sql.SQL("analyze {}").format(sql.Identifier(generation.schema, row["tablename"])))


async def set_schema(connection: Connection, schema: str) -> None:
    """Unqualified names mean this generation's until the transaction ends."""
    await connection.execute("select set_config('search_path', %s, true)", [schema])


async def lock_generations(connection: Connection, projections: Sequence[str]) -> list[Generation]:
    """Hold every writer of these projections back until the transaction ends."""
    return [Generation(**row) async for row in await connection.execute(SQL["lock"], [list(projections)])]


async def put_in_force(connection: Connection, locked: Sequence[Generation], successors: Mapping[str, str]) -> None:
    """Make these schemas live, by projection; what was live is kept, what was kept is retired. In a transaction."""
    replaced = [one for one in locked if one.projection in successors and one.schema != successors[one.projection]]
    kept = [one.schema for one in replaced if one.state == "previous"]
    await connection.execute(SQL["set_state"], {"state": "retired", "schemas": kept})
    await connection.execute(SQL["replace"], {"schemas": [one.schema for one in replaced if one.state == "live"]})
    await connection.execute(SQL["set_state"], {"state": "live", "schemas": list(successors.values())})


async def drop_generation(connection: Connection, generation: Generation) -> None:
    async with connection.transaction():
        if await (await connection.execute(SQL["lock_one"], [generation.schema])).fetchone() is None:
            return  # somebody else was faster
        await connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(generation.schema)))
        await connection.execute(SQL["forget"], [generation.schema])


async def drop_retired(connection: Connection) -> None:
    """Drop retired generations that no reader can be using; readers that take very long keep them until next time."""
    retired = [one for one in await all_generations(connection) if one.state == "retired"]
    if retired and await _older_readers_left(connection):
        for generation in retired:
            await drop_generation(connection, generation)


async def drop_leftovers(connection: Connection) -> None:
    """Drop builds that were given up, and what is retired. Needs the building lock: whoever builds holds it."""
    for generation in await all_generations(connection):
        if generation.state == "building":
            await drop_generation(connection, generation)
    await drop_retired(connection)


async def _older_readers_left(connection: Connection) -> bool:
    now = await (await connection.execute("select clock_timestamp() as at")).fetchone()
    assert now is not None
    deadline = time.monotonic() + _READERS_PATIENCE_S
    while time.monotonic() < deadline:
        row = await (await connection.execute(SQL["transactions_before"], [now["at"]])).fetchone()
        if row is not None and not row["there_are"]:
            return True
        await asyncio.sleep(_READERS_POLL_S)  # nothing tells when somebody else's transaction ends
    return False


async def drop_everything(connection: Connection) -> None:
    """Drop every generation and the control schema."""
    if not await has_control(connection):
        return
    for generation in await all_generations(connection):
        await drop_generation(connection, generation)
    await connection.execute("drop schema if exists tzurot cascade")
