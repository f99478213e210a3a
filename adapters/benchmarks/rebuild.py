"""`bench rebuild`: from the log into all projections, against reading it and against the library's own runner."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from eventsourcing.persistence import StoredEvent

from adapters.benchmarks import isolated, library
from adapters.benchmarks.filling import BEGAN, EVENTS_TO_A_PERSON, SEED, Filler, filler
from adapters.benchmarks.isolated import MakeHost, RebuildRun, in_own_process
from adapters.benchmarks.mix import STEPS, Mix
from adapters.benchmarks.report import Bar, Measured, Report, compared
from adapters.benchmarks.sizes import RebuildSizes
from adapters.benchmarks.spread import spread_of
from adapters.benchmarks.surroundings import Surroundings, facts_of, surroundings
from adapters.models.tokens import load_token_counter
from engine.envelope.envelope import seal
from engine.envelope.sqlite_key_ring import SqliteKeyRing
from engine.ports import TokenCounter
from engine.settings import Settings

ENGINE, READING, LIBRARY = "rebuild of all projections", "reading and decoding", "library's projection runner"
BAR = Bar(12_000)
SMALL_SHARE = 4
"""The memory of a rebuild is also looked at when the log has a quarter of its events."""

FLAT = Bar(1.25, is_ceiling=True)
"""Memory that grew with the log would be near 4 here; allocators alone account for some tenths."""

MEANING = (
    "Ratios are the rebuild's rate divided by the one in its line, pair by pair.",
    "The rebuild writes every projection, indices included, and hashes the result; reading writes nothing.",
    "The library's runner writes one view, an event at a time, with commits that wait for no disk.",
    "Memory is the peak of the rebuilding process: its ratio says how much it grew with a log four times as long.",
)

type OnProgress = Callable[[str, int, int], None]


async def bench_rebuild(make_host: MakeHost, sizes: RebuildSizes, on_progress: OnProgress) -> Report:
    tokens = await load_token_counter()
    async with surroundings("rebuild") as (place,):
        settings = place.settings()
        with filler(settings, events=sizes.events, tokens=tokens) as filling:
            small_events = sizes.events // SMALL_SHARE
            await _fill(filling, small_events, sizes.events, on_progress)
            on_progress("rebuild of a quarter", small_events, sizes.events)
            small = await in_own_process(isolated.rebuild, make_host, settings)
            await _fill(filling, sizes.events, sizes.events, on_progress)
        runs, rates = await _pairs(make_host, place, sizes, tokens, on_progress)
        facts = {
            "pairs": sizes.pairs,
            "events": f"{filling.appended:,} appended, {filling.deleted:,} of them deleted by edits and erasures",
            "mix": {step: f"{weight:g}" for step, weight in STEPS.items()},
            "library's events": sizes.library_events,
            "projections": {
                name: f"{state.rows:,} rows {state.state_hash}"
                for name, state in sorted(runs[0].rebuilt.projections.items())
            },
            "equal in all runs": len({_states(run) for run in runs}) == 1,
            **await facts_of(place),
        }
    measured = [*compared("the whole log", "events/s", rates, {ENGINE: BAR}), *_memory(small, runs)]
    return Report("rebuild", measured, facts=facts, meaning=MEANING)


async def _pairs(
    make_host: MakeHost, place: Surroundings, sizes: RebuildSizes, tokens: TokenCounter, on_progress: OnProgress
) -> tuple[list[RebuildRun], dict[str, list[float]]]:
    settings = place.settings()
    env = library.environment(place.database_url, place.directory / "keys" / "library.sqlite3")
    await asyncio.to_thread(library.make_view_database, place.database_url)
    runs: list[RebuildRun] = []
    rates: dict[str, list[float]] = {ENGINE: [], READING: [], LIBRARY: []}
    await in_own_process(isolated.rebuild, make_host, settings)  # to warm up
    portions = await asyncio.to_thread(_portions, sizes, tokens, Path(env[library.KEY_RING]))
    for pair, stored in enumerate(portions):
        on_progress(f"rebuild, pair {pair + 1} of {sizes.pairs}", pair, sizes.pairs)
        measures = {
            ENGINE: partial(_rebuilding, make_host, settings, runs),
            READING: partial(_reading, settings),
            LIBRARY: partial(in_own_process, library.project, env, stored),
        }
        for who in rates if pair % 2 == 0 else reversed(rates):
            rates[who].append(await measures[who]())
    return runs, rates


async def _rebuilding(make_host: MakeHost, settings: Settings, runs: list[RebuildRun]) -> float:
    run = await in_own_process(isolated.rebuild, make_host, settings)
    runs.append(run)
    return run.rebuilt.events / run.seconds


async def _reading(settings: Settings) -> float:
    run = await in_own_process(isolated.read, settings)
    return run.events / run.seconds


async def _fill(filling: Filler, upto: int, events: int, on_progress: OnProgress) -> None:
    loop = asyncio.get_running_loop()

    def on_filled(appended: int) -> None:
        loop.call_soon_threadsafe(on_progress, "filling the log", appended, events)

    await asyncio.to_thread(filling.fill_to, upto, on_filled)


def _portions(sizes: RebuildSizes, tokens: TokenCounter, key_ring_file: Path) -> list[list[StoredEvent]]:
    """What the library's log is filled with before each pair: the beginning of the same mix."""
    each = max(2, sizes.library_events // sizes.pairs)
    people = max(1, sizes.library_events // EVENTS_TO_A_PERSON)
    mix = Mix(seed=SEED, people=people, began=BEGAN, tokens=tokens, first_position=1)
    with closing(SqliteKeyRing(key_ring_file)) as key_ring:
        stored = [seal(event, key_ring) for step in mix.steps(each * sizes.pairs) for event in step.events]
    return [stored[at : at + each] for at in range(0, each * sizes.pairs, each)]


def _memory(small: RebuildRun, runs: list[RebuildRun]) -> list[Measured]:
    peaks = [run.peak_mib for run in runs]
    grown = spread_of([peak / small.peak_mib for peak in peaks])
    what = "memory of the rebuilding process"
    return [
        Measured(what, "the whole log", "MiB", spread_of(peaks)),
        Measured(what, "a quarter of it", "MiB", spread_of([small.peak_mib]), grown, FLAT),
        Measured(what, "before it begins", "MiB", spread_of([run.before_mib for run in runs])),
    ]


def _states(run: RebuildRun) -> frozenset[tuple[str, int, str]]:
    return frozenset((name, it.rows, it.state_hash) for name, it in run.rebuilt.projections.items())
