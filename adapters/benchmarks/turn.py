"""`bench turn`: from a command's arrival to the first byte that reaches the model, with an empty log and a full one.

The turns of the logs take turns, one at a time, each to its end before the next begins. What stood on the full log
before is answered already: its reactors begin after it, as those of a Tzurot that was running all along.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import batched
from time import perf_counter

from adapters.benchmarks.consumers import begin_after
from adapters.benchmarks.filling import filler
from adapters.benchmarks.isolated import MakeHost, in_own_process
from adapters.benchmarks.loopback_model import LoopbackModel, loopback_model
from adapters.benchmarks.report import Bar, Measured, Report, compared
from adapters.benchmarks.sizes import TurnSizes
from adapters.benchmarks.spread import percentile, spread_of
from adapters.benchmarks.surroundings import Surroundings, facts_of, surroundings
from adapters.models.tokens import load_token_counter
from adapters.terminal.host import Opened
from adapters.terminal.waiting import wait_for_reply
from engine.commands.messages import Hear
from engine.domain.ids import message_id, place_id, reply_id
from engine.domain.reply import ReplyState
from engine.errors import TzurotError
from engine.log.reader import LogReader
from engine.log.subjects import stream_name
from engine.settings import Settings

EMPTY, FULL, PAST = "empty log", "full log", "full log, someone with a past"
BAR_MS = Bar(20, is_ceiling=True)
BAR_GROWTH = Bar(1.3, is_ceiling=True)
BLOCKS = 5
WARM_UP_TURNS = 20
SHARES: Mapping[str, float] = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
PROJECTED_TIMEOUT_S = 300.0
REPLY_TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.5
MS = 1_000
TEXT = "What was it that we said about the lantern in the harbour, and who was it that lit it?"
MEANING = (
    "Each time is that of one lone turn: heard, durable, projected, read back, prompt built, request at the model.",
    f"The ratio is the full log's p95 divided by the other's, in {BLOCKS} blocks of turns that alternated.",
    "Someone with a past speaks where hundreds of messages stand: more is read, and the prompt is as much longer.",
)

type OnProgress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks to whom, where."""

    opened: Opened
    model: LoopbackModel
    person: str
    character: str
    place: str


async def bench_turn(make_host: MakeHost, sizes: TurnSizes, on_progress: OnProgress) -> Report:
    async with AsyncExitStack() as stack:
        small, large = await stack.enter_async_context(surroundings("empty", "full"))
        models = [await stack.enter_async_context(loopback_model()) for _ in range(2)]
        past = await _prepare(make_host, large, models[1], sizes.events, on_progress)
        on_progress("projecting", 0, sizes.turns)
        empty = await stack.enter_async_context(_speaking(make_host, small, models[0]))
        full = await stack.enter_async_context(_speaking(make_host, large, models[1]))
        speakers = {
            EMPTY: empty,
            FULL: full,
            PAST: replace(full, person=past.person, character=past.character, place=past.place),
        }
        times_ms = await _turns(speakers, sizes, on_progress)
        facts = {
            "turns": f"{sizes.turns} of each, one at a time",
            "events": f"{sizes.events:,} on the full log before the first turn",
            **await facts_of(large),
        }
    return Report("turn", _measured(times_ms), facts=facts, meaning=MEANING)


@dataclass(frozen=True, slots=True)
class _Past:
    person: str
    character: str
    place: str


async def _prepare(
    make_host: MakeHost, place: Surroundings, model: LoopbackModel, events: int, on_progress: OnProgress
) -> _Past:
    """Fill a log whose reactors exist, and let them begin after what it is filled with."""
    settings = place.settings(model_url=model.base_url)
    async with make_host(settings).opened():
        pass
    filling = asyncio.ensure_future(in_own_process(_fill, settings, events))
    stream = stream_name(settings.log_name)
    with LogReader(place.nats_url, stream) as reader:
        while not filling.done():
            on_progress("filling the log", (await asyncio.to_thread(reader.state)).last_position, events)
            await asyncio.wait((filling,), timeout=LOOK_EVERY_S)
    past = await filling
    await begin_after(place.nats_url, stream)
    return past


def _fill(settings: Settings, events: int) -> _Past:
    """In a process of its own: what filling leaves in memory is not to slow the turns down."""
    with filler(settings, events=events, tokens=asyncio.run(load_token_counter())) as filling:
        filling.fill_to(events, lambda _: None)
        cast = filling.cast
        return _Past(cast.people[0], cast.characters[0], cast.places[0])


@asynccontextmanager
async def _speaking(make_host: MakeHost, place: Surroundings, model: LoopbackModel) -> AsyncIterator[Speaker]:
    """Someone new to speak with a character of theirs, once everything is projected."""
    async with make_host(place.settings(model_url=model.base_url)).opened() as opened:
        engine = opened.engine
        at = engine.clock()
        person = engine.person("terminal", "bench")
        made = await engine.settables.create_character(
            owner=person,
            fields={"name": "Wick", "slug": "bench-wick", "description": "Keeps the lamps of the harbour."},
            at=at,
        )
        position = await engine.settables.meet(person, name="Bench", at=at)
        await engine.read.wait_for(max(position, made.position), timeout_s=PROJECTED_TIMEOUT_S)
        character = made.thing.id.removeprefix("character.")
        yield Speaker(opened, model, person, character, place_id("terminal", "bench"))


async def _turns(speakers: Mapping[str, Speaker], sizes: TurnSizes, on_progress: OnProgress) -> dict[str, list[float]]:
    times_ms: dict[str, list[float]] = {name: [] for name in speakers}
    names = list(speakers)
    for number in range(-WARM_UP_TURNS, sizes.turns):
        if number >= 0:
            on_progress("turns", number + 1, sizes.turns)
        for name in names if number % 2 == 0 else names[::-1]:
            took_ms = await _turn(speakers[name], f"bench-{names.index(name)}-{number + WARM_UP_TURNS}")
            if number >= 0:
                times_ms[name].append(took_ms)
    return times_ms


async def _turn(speaker: Speaker, name: str) -> float:
    """Milliseconds from the command to the first byte at the model; ends when the reply is delivered."""
    engine = speaker.opened.engine
    message = message_id(speaker.place, name)
    said = Hear(
        message=message,
        person=speaker.person,
        text=f"{TEXT} ({name})",  # the same words again within seconds would be a repeat
        addresses=(speaker.character,),
        is_private=False,
        at=engine.clock(),
    )
    began_s = perf_counter()
    await engine.messages.hear(said)
    try:
        async with asyncio.timeout(REPLY_TIMEOUT_S):
            asked_at_s = await speaker.model.asked_at_s.get()
    except TimeoutError:
        raise TzurotError(
            f"A turn of the benchmark did not reach the model within {REPLY_TIMEOUT_S:g} s: nothing was measured. Try "
            "again when less else runs here, or with fewer --events."
        ) from None
    reply = await wait_for_reply(engine.log, reply_id(message, speaker.character), timeout_s=REPLY_TIMEOUT_S)
    if reply is None or reply.state is not ReplyState.DELIVERED:
        raise TzurotError(f"A turn of the benchmark came to nothing: {reply.state if reply else 'no reply'}.")
    return (asked_at_s - began_s) * MS


def _measured(times_ms: Mapping[str, Sequence[float]]) -> list[Measured]:
    """Percentiles of all turns, then the p95 of each block beside that of the other log."""
    lines = [
        Measured(
            f"{share} of all turns",
            name,
            "ms",
            spread_of([percentile(times, SHARES[share])]),
            bar=BAR_MS if share == "p95" and name != PAST else None,
        )
        for share in SHARES
        for name, times in times_ms.items()
    ]
    blocks = {name: _block_percentiles(times) for name, times in times_ms.items()}
    growth = {name: blocks[name] for name in (FULL, EMPTY)}
    return [*lines, *compared("p95, block by block", "ms", growth, {EMPTY: BAR_GROWTH})]


def _block_percentiles(times_ms: Sequence[float]) -> list[float]:
    size = max(1, len(times_ms) // BLOCKS)
    p95 = partial(percentile, share=SHARES["p95"])
    return [p95(block) for block in batched(times_ms, size, strict=False) if len(block) == size]
