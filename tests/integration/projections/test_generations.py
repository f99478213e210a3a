"""Generations take over from one another while people read, write and wait, and nobody notices."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import psycopg
import pytest
from psycopg import sql

from engine.errors import LogWentBackwards, Misconfigured, ProjectionsBehind, Refused
from engine.reading import AuditQuestion, Question
from projections import Projections, open_projections
from projections.history import HistoryProjection
from projections.opening import ALL
from tests.fakes.conversations import Script
from tests.fakes.key_ring import KeyRingInMemory
from tests.fakes.log_source import LogInMemory
from tests.fakes.stories import tell_story

type Tell = Callable[..., Awaitable[int]]
type Running = Callable[[Projections], AbstractAsyncContextManager[Projections]]


async def rows(database: str, statement: sql.Composed | sql.SQL) -> list[tuple[object, ...]]:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        return await (await connection.execute(statement)).fetchall()


async def states(database: str, projection: str) -> list[tuple[object, ...]]:
    return await rows(
        database,
        sql.SQL("select schema, state from tzurot.generation where projection = {} order by schema").format(projection),
    )


async def test_readers_and_writers_notice_nothing_of_a_rebuild(
    log: LogInMemory, projections: Projections, script: Script
) -> None:
    script.is_private = False
    heard = script.hear(10_000, "turn?", addresses=())
    log.append(heard)
    position = log.append(*script.turn(0, "turn 0", "reply 0"))
    await projections.reader.wait_for(position, timeout_s=20)
    is_over = asyncio.Event()
    has_enough = asyncio.Event()
    turns, reads, enough = 1, 0, 1_000_000

    async def talk() -> None:
        nonlocal turns
        while not is_over.is_set():
            position = log.append(*script.turn(turns, f"turn {turns}", f"reply {turns}"))
            turns += 1
            await projections.reader.wait_for(position, timeout_s=20)

    async def read() -> None:
        nonlocal reads
        while not is_over.is_set():
            known = turns - 1  # the talker may not have waited for the last one yet
            context = await projections.reader.context(
                Question("terminal-1", heard.originator_id, "ana", "lyra", 10_000_000, "turn", 4, 3)
            )
            texts = [turn.text for turn in context.history]
            newest = int(texts[-1].split()[1])
            assert newest >= known - 1, "a stale read"
            assert len(texts) == len(set(texts)) == min(4, 2 * (newest + 1))
            assert context.memories, "a read of a generation without memories"
            assert context.position > 5 * newest
            reads += 1
            if reads >= enough:
                has_enough.set()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(talk())
        for _ in range(3):
            tasks.create_task(read())
        for _ in range(3):
            assert (await projections.rebuild(batch_size=20)).differences == ()
        await projections.switch_back()
        enough = reads + 10
        await has_enough.wait()
        is_over.set()
    assert turns > 10
    assert (await projections.verify()).is_ok


async def test_the_previous_generation_is_kept_and_older_ones_are_dropped(
    database: str, told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "hello", "hi"))
    for _ in range(3):
        await projections.rebuild(["history"])
    found = await states(database, "history")
    assert sorted(str(state) for _, state in found) == ["live", "previous"]
    (live,) = [schema for schema, state in found if state == "live"]
    (previous,) = [schema for schema, state in found if state == "previous"]
    await told(*script.turn(2, "how are you", "fine"))
    assert await projections.switch_back(["history"]) == (previous,)
    assert set(await states(database, "history")) == {(previous, "live"), (live, "previous")}
    stats = await projections.reader.history_stats(person="ana", persona="default", character="lyra")
    assert stats.visible_messages == 2, "it was brought up to date before it took over"
    assert (await projections.verify()).is_ok


async def test_there_is_nothing_to_switch_back_to_before_a_rebuild(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(script.hear(1, "hello"))
    with pytest.raises(Refused, match="switch back"):
        await projections.switch_back()
    with pytest.raises(Refused, match="no projection"):
        await projections.rebuild(["weather"])


async def test_a_reader_outlives_columns_of_another_type(
    database: str, told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "hello", "hi"))
    question = Question("terminal-1", "message.none.0", "ana", "lyra", 100, "hello", 10, 3)
    before = [await projections.reader.context(question) for _ in range(10)][-1]
    schema = next(str(schema) for schema, state in await states(database, "history") if state == "live")
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        await connection.execute(sql.SQL("alter table {}.turn alter tokens type bigint").format(sql.Identifier(schema)))
    assert await projections.reader.context(question) == before


class OtherHistory(HistoryProjection):
    """The history as another release makes it."""

    code = (*HistoryProjection.code, *ALL[-1].code)


async def test_other_code_builds_its_own_generation_and_the_old_one_stays_live_meanwhile(  # noqa: PLR0917 -- fixtures
    database: str, log: LogInMemory, key_ring: KeyRingInMemory, idle: Projections, running: Running, script: Script
) -> None:
    position = log.append(*script.turn(1, "hello", "hi"))
    async with running(idle):
        await idle.reader.wait_for(position, timeout_s=20)
    ((old, _),) = await states(database, "history")
    seen: list[str] = []

    def live_during_build(_: object) -> None:
        with psycopg.connect(database) as connection:
            row = connection.execute(
                "select schema from tzurot.generation where projection = 'history' and state = 'live'"
            ).fetchone()
            assert row is not None
            seen.append(row[0])

    others = (OtherHistory(), *ALL[1:])
    async with open_projections(
        database, log, key_ring, projections=others, on_progress=live_during_build
    ) as projections:
        position = log.append(*script.turn(2, "how are you", "fine"))
        async with running(projections):
            await projections.reader.wait_for(position, timeout_s=20)
            assert set(seen) == {old}
            assert {str(state): schema != old for schema, state in await states(database, "history")} == {
                "live": True,
                "previous": False,
            }


async def test_an_upgrade_that_adds_one_and_changes_one_while_the_rest_lags_catches_all_up(
    database: str, log: LogInMemory, key_ring: KeyRingInMemory, running: Running, script: Script
) -> None:
    async with open_projections(database, log, key_ring, projections=ALL[:-1]) as before, running(before):
        await before.reader.wait_for(log.append(*script.turn(1, "hello", "hi")), timeout_s=20)
    for number in range(2, 6):
        log.append(*script.turn(number, "hello", "hi"))
    others = (OtherHistory(), *ALL[1:])  # at the log's end, the last one at its beginning, the rest between
    async with open_projections(database, log, key_ring, projections=others, batch_size=2) as upgraded:
        async with running(upgraded):
            await upgraded.reader.wait_for(log.append(*script.turn(6, "hello", "hi")), timeout_s=20)
        assert (await upgraded.verify()).is_ok


async def test_generations_at_different_positions_are_switched_back_to_together(
    log: LogInMemory, told: Tell, projections: Projections, script: Script
) -> None:
    for number, name in enumerate(("history", "memory", "audit")):
        await told(*script.turn(number, "hello", "hi"))
        await projections.rebuild([name])
    await told(*script.turn(9, "how are you", "fine"))
    assert len(await projections.switch_back(batch_size=2)) == 3
    await told(*script.turn(10, "good", "yes"))
    assert (await projections.verify()).is_ok


async def test_another_process_takes_over_when_the_projecting_one_ends(  # noqa: PLR0917 -- fixtures
    database: str, log: LogInMemory, key_ring: KeyRingInMemory, idle: Projections, running: Running, script: Script
) -> None:
    async with open_projections(database, log, key_ring) as second:
        async with running(idle):
            await idle.reader.wait_for(log.append(*script.turn(1, "a", "b")), timeout_s=20)
            async with running(second):
                await second.reader.wait_for(log.append(*script.turn(2, "a", "b")), timeout_s=20)
                assert (idle.is_leading, second.is_leading) == (True, False)
        async with running(second):
            await second.reader.wait_for(log.append(*script.turn(3, "a", "b")), timeout_s=20)
            assert second.is_leading
        assert (await second.verify()).is_ok


async def test_a_projecting_process_that_lost_its_connection_goes_on(
    database: str, told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "a", "b"))
    await rows(
        database,
        sql.SQL(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tzurot projections'"
            " and datname = current_database()"
        ),
    )
    await told(*script.turn(2, "c", "d"))
    assert (await projections.verify()).is_ok


async def test_a_process_that_only_reads_waits_for_the_one_that_projects(
    database: str, log: LogInMemory, key_ring: KeyRingInMemory, projections: Projections, script: Script
) -> None:
    async with open_projections(database, log, key_ring) as reading:
        for number in range(5):
            position = log.append(*script.turn(number, "hello", "hi"))
            await reading.reader.wait_for(position, timeout_s=20)
            assert (await reading.reader.entries(AuditQuestion()))[-1].position == position


async def test_waiting_ends_with_an_error_when_nobody_projects(idle: Projections) -> None:
    with pytest.raises(ProjectionsBehind):
        await idle.reader.wait_for(1, timeout_s=0.05)
    with pytest.raises(ProjectionsBehind, match="no projections yet"):
        await idle.reader.characters(person="ana")


async def test_waiting_for_an_erased_position_ends(log: LogInMemory, projections: Projections, script: Script) -> None:
    heard = script.hear(1, "hello")
    await projections.reader.wait_for(log.append(heard), timeout_s=20)
    for number in range(2, 5):  # gone before anybody can have read them
        log.append_erased(script.hear(number, "gone"))
    await projections.reader.wait_for(log.last_position(), timeout_s=20)
    assert set((await projections.positions()).values()) == {4}


async def test_a_log_that_lost_events_is_refused(
    log: LogInMemory, idle: Projections, running: Running, script: Script
) -> None:
    position = log.append(*script.turn(1, "hello", "hi"))
    async with running(idle):
        await idle.reader.wait_for(position, timeout_s=20)
    log.lose_everything_after(2)
    with pytest.raises(LogWentBackwards):
        await idle.run()
    with pytest.raises(LogWentBackwards):
        await idle.verify()


async def test_the_projections_of_another_log_are_refused(  # noqa: PLR0917 -- fixtures
    database: str, log: LogInMemory, key_ring: KeyRingInMemory, idle: Projections, running: Running, script: Script
) -> None:
    async with running(idle):
        await idle.reader.wait_for(log.append(script.hear(1, "hello")), timeout_s=20)
    other = LogInMemory(key_ring, log_id="another")
    async with open_projections(database, other, key_ring) as projections:
        with pytest.raises(Misconfigured, match="another log"):
            await projections.run()


async def test_what_a_killed_build_left_is_dropped_by_the_next(
    database: str, log: LogInMemory, idle: Projections
) -> None:
    tell_story(3, log, messages=20)
    await idle.rebuild()

    def killed(_: object) -> None:
        raise KeyboardInterruptedHere

    with pytest.raises(KeyboardInterruptedHere):
        await idle.rebuild(on_progress=killed)
    assert any(state == "building" for _, state in await states(database, "history"))
    assert (await idle.verify()).is_ok
    assert {state for _, state in await states(database, "history")} == {"live"}


class KeyboardInterruptedHere(Exception):
    """Stands for whatever may end a process in the middle of a build."""
