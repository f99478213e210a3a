"""`bench append`: whole commands per second, one at a time and many at once, against what does less or is elsewhere.

Every pair runs all contenders one after the other, each second pair in reverse, so that what the machine does
besides hits them alike.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from time import perf_counter

from adapters.benchmarks.contenders import (
    BarePublishing,
    Commands,
    Contender,
    Job,
    OnRecorder,
    connect_bare,
    on_postgres,
    on_sqlite,
)
from adapters.benchmarks.report import Bar, Measured, Report, compared
from adapters.benchmarks.sizes import AppendSizes
from adapters.benchmarks.surroundings import Surroundings, facts_of, surroundings
from adapters.benchmarks.workload import Workload
from adapters.models.tokens import load_token_counter
from engine.envelope.sqlite_key_ring import SqliteKeyRing
from engine.event_log import EventLog, Tzurot
from engine.log.subjects import stream_name

ENGINE, BARE, POSTGRES, SQLITE = "engine", "nats-py publish", "library on Postgres", "library on SQLite"
ONE, MANY = 1, 64
BAR_ALONE, BAR_AT_ONCE = Bar(0.75), Bar(0.9)
AT_ONCE_FACTOR = 4
"""With many at once each contender is given so many times the commands: they are done sooner."""

WARM_UP_COMMANDS = 64
NAME = "Bench"
WORDS = {
    "hear": "a new message",
    "compose": "a reply that this process started is composed",
    "load": "a reply that another started is loaded and composed",
}
MEANING = (
    "A ratio is the engine's rate divided by the one in its line, pair by pair: 0.5 means half as many a second.",
    "The engine's commands are whole: load, decide, seal, append, each synced to disk before it is acknowledged.",
    "What this process started and is nobody's words it need not load: that it still is so, the append proves.",
    "nats-py publishes the same sealed bytes to the same stream and does nothing else.",
)


type OnProgress = Callable[[str, int, int], None]


async def bench_append(sizes: AppendSizes, on_progress: OnProgress) -> Report:
    async with surroundings("append") as (place,), _contenders(place) as contenders:
        load = Workload(seed=1, at=datetime.now(UTC))
        measured: list[Measured] = []
        kinds = [(kind, at_once) for kind in WORDS for at_once in (ONE, MANY)]
        steps = len(kinds) * (sizes.pairs + 1)
        for number, (kind, at_once) in enumerate(kinds):
            commands = sizes.commands * (AT_ONCE_FACTOR if at_once == MANY else 1)
            rates: dict[str, list[float]] = defaultdict(list)
            await _pair(contenders, load, kind, min(WARM_UP_COMMANDS, commands), at_once)
            for pair in range(sizes.pairs):
                on_progress(f"{WORDS[kind]}, {at_once} at once", number * (sizes.pairs + 1) + pair + 1, steps)
                ordered = contenders if pair % 2 == 0 else contenders[::-1]
                for name, rate in (await _pair(ordered, load, kind, commands, at_once)).items():
                    rates[name].append(rate)
            what = f"{WORDS[kind]}, {'one at a time' if at_once == ONE else f'{at_once} at once'}"
            by_name = {name: rates[name] for name in (ENGINE, BARE, POSTGRES, SQLITE)}
            bar = BAR_ALONE if at_once == ONE else BAR_AT_ONCE
            measured += compared(what, "commands/s", by_name, {BARE: bar})
        facts = {
            "pairs": sizes.pairs,
            "commands": f"{sizes.commands} one at a time, {sizes.commands * AT_ONCE_FACTOR} with {MANY} at once",
            **await facts_of(place),
            "SQLite": {"journal_mode": "wal", "synchronous": "full"},
        }
    return Report("append", measured, facts=facts, meaning=MEANING)


@asynccontextmanager
async def _contenders(place: Surroundings) -> AsyncIterator[list[Contender]]:
    async with AsyncExitStack() as stack:
        tokens = await load_token_counter()
        key_ring = SqliteKeyRing(place.directory / "keys" / "keys.sqlite3")
        stack.callback(key_ring.close)

        async def commands(name: str, make: Callable[[], Tzurot]) -> Commands:
            logs = [EventLog(await asyncio.to_thread(make)) for _ in range(2)]
            for log in logs:
                stack.push_async_callback(log.close)
            return Commands(name, logs[0], logs[1], key_ring, tokens)

        engine = await commands(ENGINE, partial(Tzurot, key_ring, nats_url=place.nats_url, name=NAME))
        client = await connect_bare(place.nats_url)
        stack.push_async_callback(client.close)
        make_postgres: Callable[[], OnRecorder] = partial(on_postgres, key_ring, place.database_url)
        make_sqlite: Callable[[], OnRecorder] = partial(on_sqlite, key_ring, place.directory / "events.sqlite3")
        yield [
            engine,
            BarePublishing(BARE, client, stream_name(NAME), key_ring, tokens),
            await commands(POSTGRES, make_postgres),
            await commands(SQLITE, make_sqlite),
        ]


async def _pair(
    contenders: Sequence[Contender], load: Workload, kind: str, count: int, at_once: int
) -> dict[str, float]:
    """Commands a second of each contender, with the same commands for all."""
    said, answers = (load.messages(count), []) if kind == "hear" else ([], load.answers(count))
    rates = {}
    for contender in contenders:
        composing = partial(contender.composing, answers, started_here=kind == "compose")
        jobs = await (contender.hearing(said) if kind == "hear" else composing())
        rates[contender.name] = count / await _timed(jobs, at_once)
    return rates


async def _timed(jobs: Sequence[Job], at_once: int) -> float:
    """The seconds that it takes to do all of them, so many at once."""
    left = iter(jobs)

    async def work() -> None:
        for job in left:
            await job()

    began_s = perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return perf_counter() - began_s
