"""Erased means gone from every generation of every projection: live, previous, retired, or being built."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import psycopg
import pytest
from psycopg import sql

from engine.domain import Event
from engine.domain.memory import MemoryEdited, MemoryErased
from engine.errors import Refused
from engine.reading import Traces
from projections import Projections, open_projections
from projections.opening import ALL
from tests.builders import attachment
from tests.fakes.conversations import Script
from tests.fakes.key_ring import KeyRingInMemory
from tests.fakes.log_source import LogInMemory

type Tell = Callable[..., Awaitable[int]]
type Running = Callable[[Projections], AbstractAsyncContextManager[Projections]]
type Removal = Callable[[Script], Event]

MESSAGE = "message.terminal-1.1"
REPLY = "reply.terminal-1.1.lyra.1"
MEMORY = "memory.terminal-1.1.lyra.1"
QUOTE = "quote.terminal-1.900"

REMOVALS: dict[str, Removal] = {
    "message erased": lambda script: script.erase(MESSAGE),
    "message deleted": lambda script: script.delete(MESSAGE),
    "message edited": lambda script: script.edit(script.heard[MESSAGE], "something else"),
    "reply erased": lambda script: script.erase_reply(REPLY),
    "quote erased": lambda script: script.erase_quote(QUOTE),
    "quote edited": lambda script: script.quote(900, "something else"),
    "memory erased": lambda script: script.touch(MemoryErased, REPLY, receipt="r1"),
}


async def no_traces_of(traces: Traces, *subjects: str) -> None:
    async with asyncio.timeout(20):
        while await traces.traces_of(*subjects):  # noqa: ASYNC110 -- the database does not tell when a schema is dropped
            await asyncio.sleep(0.01)


async def generations(database: str, condition: str = "true") -> list[tuple[str, str]]:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        found = await connection.execute(
            f"select schema, state from tzurot.generation where {condition} order by schema"
        )
        return await found.fetchall()


async def holds(database: str, word: str) -> list[str]:
    """Every table of every schema, by name, with a row in which the word stands."""
    found = []
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        tables = await (
            await connection.execute(
                "select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|information_schema)'"
            )
        ).fetchall()
        for schema, table in tables:
            with contextlib.suppress(psycopg.errors.UndefinedTable):  # retired ones are being dropped
                rows = await connection.execute(
                    sql.SQL("select from {} as held where held::text like {} limit 1").format(
                        sql.Identifier(schema, table), sql.Literal(f"%{word}%")
                    )
                )
                if rows.rowcount:
                    found.append(f"{schema}.{table}")
    return found


@pytest.mark.parametrize("removal", REMOVALS)
async def test_what_takes_words_off_the_log_takes_previous_generations_along(
    removal: str, database: str, told: Tell, projections: Projections, script: Script
) -> None:
    await told(script.quote(900, "they say zanzibar"))
    await told(*script.turn(1, "the word is zanzibar", "zanzibar it is"))
    await projections.rebuild()
    assert len(await generations(database, "state = 'previous'")) == len(ALL)
    await told(REMOVALS[removal](script))
    assert await generations(database, "state = 'previous'") == []
    async with asyncio.timeout(20):
        while len(await generations(database)) > len(ALL):  # noqa: ASYNC110 -- nothing tells when a schema is dropped
            await asyncio.sleep(0.01)
    with pytest.raises(Refused, match="erasure or edit"):
        await projections.switch_back()
    with pytest.raises(Refused, match="erasure or edit"):
        await projections.switch_back(["history"])


async def test_nothing_is_left_of_erased_words_in_any_schema(
    database: str, told: Tell, projections: Projections, script: Script
) -> None:
    heard = script.hear(1, "the word is zanzibar", attachments=(attachment(),))
    await told(heard, *script.answer(heard, "zanzibar it is"))
    await told(script.describe(heard, a1="A map of zanzibar."))
    await told(script.touch(MemoryEdited, REPLY, person="ana", text="zanzibar for ever"))
    await told(script.quote(900, "they say zanzibar", author="zanzibar"))
    await projections.rebuild()
    subjects = (MESSAGE, REPLY, MEMORY, QUOTE)
    assert await projections.reader.traces_of(*subjects) == 12, "six rows in each of two generations"
    assert await projections.reader.traces_of("message.terminal-1.2") == 0
    await told(
        script.erase(MESSAGE),
        script.erase_reply(REPLY),
        script.touch(MemoryErased, REPLY, receipt="r1"),
        script.erase_quote(QUOTE),
    )
    await no_traces_of(projections.reader, *subjects)
    assert await holds(database, "zanzibar") == []
    assert (await projections.verify()).is_ok


async def test_an_erased_memory_leaves_no_words_while_its_message_stays(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "the word is zanzibar", "zanzibar it is"))
    assert await projections.reader.traces_of(MEMORY) == 1
    await told(script.touch(MemoryErased, REPLY, receipt="r1"))
    assert await projections.reader.traces_of(MEMORY) == 0
    assert await projections.reader.traces_of(MESSAGE, REPLY) == 4


async def test_nothing_projected_yet_holds_no_words(idle: Projections) -> None:
    assert await idle.reader.traces_of(MESSAGE) == 0


async def test_a_replay_of_old_erasures_keeps_what_it_replaces(
    database: str, told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "hello", "hi"), script.erase(MESSAGE), *script.turn(2, "hello", "hi"))
    await projections.rebuild(["history"])
    await projections.rebuild(["memory"])
    previous = await generations(database, "state = 'previous'")
    assert len(previous) == 2, "neither holds an erased word"
    assert len(await projections.switch_back()) == 2


async def test_what_is_replaced_behind_an_erasure_is_not_kept(
    database: str, log: LogInMemory, idle: Projections, running: Running, script: Script
) -> None:
    async with running(idle):
        await idle.reader.wait_for(log.append(*script.turn(1, "the word is zanzibar", "yes")), timeout_s=20)
    log.append(script.erase(MESSAGE), script.erase_reply(REPLY))
    await idle.rebuild()
    assert {state for _, state in await generations(database)} == {"live"}
    assert await idle.reader.traces_of(MESSAGE, REPLY) == 0
    assert await holds(database, "zanzibar") == []


async def test_an_erasure_while_a_build_is_under_way_reaches_it(
    database: str, log: LogInMemory, projections: Projections, script: Script
) -> None:
    position = log.append(*script.turn(1, "the word is zanzibar", "zanzibar it is"))
    for number in range(2, 10):
        position = log.append(*script.turn(number, "hello", "hi"))
    await projections.reader.wait_for(position, timeout_s=20)
    has_begun = False

    def erase_meanwhile(_: object) -> None:
        nonlocal has_begun
        if not has_begun:
            has_begun = True
            log.append(script.erase(MESSAGE), script.erase_reply(REPLY))
            log.erase_before(MESSAGE, 2)
            log.erase_before(REPLY, 5)

    await projections.rebuild(batch_size=5, on_progress=erase_meanwhile)
    await no_traces_of(projections.reader, MESSAGE, REPLY)
    assert await holds(database, "zanzibar") == []


async def test_a_crash_after_an_erasure_leaves_no_words_behind(  # noqa: PLR0917 -- fixtures
    database: str, log: LogInMemory, key_ring: KeyRingInMemory, idle: Projections, running: Running, script: Script
) -> None:
    async with running(idle):
        await idle.reader.wait_for(log.append(*script.turn(1, "the word is zanzibar", "yes")), timeout_s=20)
        await idle.rebuild()
    schema, _ = (await generations(database, "state = 'previous' and projection = 'history'"))[0]
    async with (
        await psycopg.AsyncConnection.connect(database) as connection,
        connection.transaction(force_rollback=True),
    ):
        # a reader that takes long: the previous generation is retired, but cannot be dropped before the "crash"
        await connection.execute("set application_name = 'tzurot reader'")
        await connection.execute(sql.SQL("select from {}").format(sql.Identifier(schema, "turn")))
        async with running(idle):
            last = log.append(script.erase(MESSAGE), script.erase_reply(REPLY))
            await idle.reader.wait_for(last, timeout_s=20)
        assert await generations(database, f"schema = '{schema}'") == [(schema, "retired")]
        assert await idle.reader.traces_of(MESSAGE, REPLY) > 0
    async with open_projections(database, log, key_ring) as restarted, running(restarted):
        await no_traces_of(restarted.reader, MESSAGE, REPLY)
        assert await holds(database, "zanzibar") == []


async def test_a_build_that_was_given_up_is_dropped_while_projections_run(
    database: str, log: LogInMemory, projections: Projections, script: Script
) -> None:
    await projections.reader.wait_for(log.append(*script.turn(1, "the word is zanzibar", "yes")), timeout_s=20)

    def killed(_: object) -> None:
        raise KeyboardInterruptedHere

    with pytest.raises(KeyboardInterruptedHere):
        await projections.rebuild(on_progress=killed)
    await projections.reader.wait_for(log.append(script.erase(MESSAGE), script.erase_reply(REPLY)), timeout_s=20)
    await no_traces_of(projections.reader, MESSAGE, REPLY)
    assert await holds(database, "zanzibar") == []


class KeyboardInterruptedHere(Exception):
    """Stands for whatever may end a process in the middle of a build."""
