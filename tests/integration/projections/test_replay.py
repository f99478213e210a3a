"""Replay gives the same: whatever the batches, whatever was erased from the log meanwhile."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager

import psycopg
import pytest
from psycopg import sql

from engine.errors import Refused
from engine.replaying import Progress, ProjectionState
from projections import Projections
from projections.state_hash import StateHash, state_hash
from tests.fakes.conversations import Script
from tests.fakes.key_ring import KeyRingInMemory
from tests.fakes.log_source import LogInMemory
from tests.fakes.stories import tell_story, told_by

type Tell = Callable[..., Awaitable[int]]
type Running = Callable[[Projections], AbstractAsyncContextManager[Projections]]

CHANGED_BY_TYPE = {
    "text": "coalesce({column}, '') || 'x'",
    "integer": "coalesce({column}, 0) + 1000",
    "boolean": "{column} is not true",
    "timestamp with time zone": "coalesce({column}, now()) + interval '1 microsecond'",
    "ARRAY": "coalesce({column}, '{{}}') || 'x'::text",
    "jsonb": "{column} || '{{\"x\": 1}}'",
    "tsvector": "coalesce({column}, '') || 'x'::tsvector",
    "bigint": "case when {column} is null then 1 end",
}
"""How to change a value of each type a little."""


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_was_projected_live_one_by_one_equals_every_replay(
    seed: int, log: LogInMemory, projections: Projections
) -> None:
    for number, event in enumerate(told_by(seed, log, messages=120)):
        position = log.append(event)
        if number % 3 == 0:  # the others come in twos and threes
            await projections.reader.wait_for(position, timeout_s=20)
    await projections.reader.wait_for(log.last_position(), timeout_s=20)

    report = await projections.verify()
    assert report.is_ok, report.differences
    assert report.projections == report.live
    assert report.projections["history"].rows > 50
    for batch_size in (1_000_000, 7, 1):
        rebuilt = await projections.rebuild(batch_size=batch_size)
        assert rebuilt.differences == ()
        assert rebuilt.projections == report.projections


async def test_everything_comes_back_after_the_database_was_dropped(
    log: LogInMemory, idle: Projections, running: Running
) -> None:
    tell_story(4, log, messages=80)
    async with running(idle):
        await idle.reader.wait_for(log.last_position(), timeout_s=20)
        before = await idle.verify()
    seen = [Progress(0, 0, 0, 0.0)]
    report = await idle.rebuild(drop_database=True, batch_size=50, on_progress=seen.append)
    assert report.projections == before.projections
    assert report.events == seen[-1].events > 0
    assert seen[-1].position == seen[-1].last_position == log.last_position()
    assert set((await idle.positions()).values()) == {log.last_position()}
    assert (await idle.verify()).is_ok


async def test_the_database_is_not_dropped_under_a_running_process(log: LogInMemory, projections: Projections) -> None:
    await projections.reader.wait_for(0, timeout_s=20)
    with pytest.raises(Refused, match="stop it first"):
        await projections.rebuild(drop_database=True)


async def test_a_change_in_any_content_column_is_found(
    database: str, log: LogInMemory, idle: Projections, running: Running
) -> None:
    tell_story(5, log, messages=60)
    await idle.rebuild()
    assert (await idle.verify()).is_ok
    tried = 0
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        columns = await (
            await connection.execute(
                "select projection, schema, table_name, column_name, data_type"
                " from tzurot.generation join information_schema.columns on table_schema = schema"
                " join information_schema.tables using (table_schema, table_name)"
                " where state = 'live' and table_type = 'BASE TABLE' and is_generated = 'NEVER'"  # those follow others
                " and column_name !~ '(^|_)position$'"
            )
        ).fetchall()
        hashes = {name: state.state_hash for name, state in (await idle.verify()).live.items()}
        for projection, schema, table, column, data_type in columns:
            change = sql.SQL(CHANGED_BY_TYPE[data_type]).format(column=sql.Identifier(column))
            where = sql.SQL("ctid = (select min(ctid) from {})").format(sql.Identifier(schema, table))
            async with connection.transaction(force_rollback=True):
                changed = await connection.execute(
                    sql.SQL("update {} set {} = {} where {}").format(
                        sql.Identifier(schema, table), sql.Identifier(column), change, where
                    )
                )
                assert changed.rowcount == 1, (table, "holds nothing to change")
                found = await hash_of(connection, schema)
                assert found != hashes[projection], (table, column)
            tried += 1
    assert tried >= 60


async def hash_of(connection: psycopg.AsyncConnection, schema: str) -> str:
    connection.row_factory = psycopg.rows.dict_row  # type: ignore[assignment]
    try:
        return (await state_hash(connection, schema)).state_hash  # type: ignore[arg-type]
    finally:
        connection.row_factory = psycopg.rows.tuple_row


async def test_verify_names_the_projection_that_was_damaged(
    database: str, log: LogInMemory, projections: Projections
) -> None:
    tell_story(6, log, messages=30)
    await projections.reader.wait_for(log.last_position(), timeout_s=20)
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        found = await connection.execute("select schema from tzurot.generation where projection = 'memory'")
        (schema,) = await found.fetchone() or ("",)
        await connection.execute(
            sql.SQL(
                "update {}.said set text = overlay(text placing 'X' from 1)"
                " where id = (select min(id) from {}.said where text is not null)"
            ).format(sql.Identifier(schema), sql.Identifier(schema))
        )
    report = await projections.verify()
    assert not report.is_ok
    assert report.differences == ("memory holds something else than the log says",)
    assert by_person(report.live, "memory").keys() == by_person(report.projections, "memory").keys()
    assert (await projections.rebuild(["memory"])).differences == report.differences
    assert (await projections.verify()).is_ok


async def test_verify_leaves_nothing_behind(database: str, log: LogInMemory, projections: Projections) -> None:
    position = tell_story(7, log, messages=5)
    await projections.reader.wait_for(position, timeout_s=20)
    before = await schemas(database)
    await projections.verify()
    assert await schemas(database) == before


async def test_the_hash_tells_persons_apart(log: LogInMemory, projections: Projections) -> None:
    position = tell_story(8, log, messages=40)
    await projections.reader.wait_for(position, timeout_s=20)
    hashes = by_person((await projections.verify()).live, "history")
    assert {"ana", "ben", "cleo"} <= hashes.keys()
    assert len(set(hashes.values())) == len(hashes)


async def test_words_of_a_destroyed_key_are_gone_from_every_version_after_a_rebuild(
    database: str, log: LogInMemory, key_ring: KeyRingInMemory, projections: Projections
) -> None:
    position = tell_story(9, log, messages=60)
    await projections.reader.wait_for(position, timeout_s=20)
    key_ring.destroy("cleo")
    report = await projections.rebuild()
    assert {"history", "memory", "people"} <= {difference.split()[0] for difference in report.differences}
    found = await projections.reader.fields("persona.cleo.default", "person.cleo")
    assert [dict(each.fields) for each in found.values()] == [{}, {}]
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        live = await connection.execute("select schema from tzurot.generation where state = 'live'")
        await connection.execute(
            "select set_config('search_path', %s, false)", [",".join(row[0] for row in await live.fetchall())]
        )
        held = await connection.execute(
            "select 1 from turn where person = 'cleo' and text is not null"
            " union all select 1 from people where id like '%cleo%' and fields <> '{}'"
        )
        assert await held.fetchall() == []
    assert (await projections.verify()).is_ok


def by_person(states: Mapping[str, ProjectionState], projection: str) -> Mapping[str, str]:
    state = states[projection]
    assert isinstance(state, StateHash)
    return state.by_person


async def schemas(database: str) -> set[str]:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        found = await connection.execute("select nspname from pg_namespace where nspname !~ '^(pg_|information)'")
        return {row[0] for row in await found.fetchall()}


async def test_a_post_that_two_replies_claim_stays_the_ones_when_the_other_is_erased(
    log: LogInMemory, projections: Projections, script: Script
) -> None:
    """It should not come to that; but then, too, replay gives the same, without the events that the erasure took."""
    heard = [script.hear(number, "hello") for number in (1, 2)]
    kept, erased = ([*script.answer(message, "hi")] for message in heard)
    reply = erased[0].originator_id
    await projections.reader.wait_for(log.append(*heard, *kept, *erased), timeout_s=20)
    log.append(script.erase_reply(reply))
    log.erase_before(reply, script.versions[reply])
    await projections.reader.wait_for(log.last_position(), timeout_s=20)

    assert (await projections.verify()).differences == ()
    assert await projections.reader.replies_of("terminal-1", "p1") == {"p1": kept[0].originator_id}
