"""`bench discord`: many people in many channels at once, answered by one process, beside a bare echo bot.

A simulated Discord with its people and the model runs in one process, the engine in another, the echo bot in a third.
The same is said to both bots turn about: at a steady rate, which people keep whatever the bot does, and all at once.
Before anything is measured everyone has spoken once, since a new channel costs signed requests of which Discord takes
only so many a second, and a new person is introduced.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median

from adapters.benchmarks.bots import EchoBot, EngineBot, echo_bot, engine_bot
from adapters.benchmarks.companions import Companion, companion
from adapters.benchmarks.crowd import BOTS, HEARTBEAT_S, Bot, Crowd, crowd
from adapters.benchmarks.isolated import MakeHost
from adapters.benchmarks.report import Bar, Measured, Report, compared
from adapters.benchmarks.sizes import DiscordSizes
from adapters.benchmarks.spread import spread_of
from adapters.benchmarks.surroundings import facts_of, surroundings
from adapters.benchmarks.talk import SHARES, Plan, Pulse, Standing, Talk
from adapters.benchmarks.watching import MS, Sample
from engine.errors import TzurotError

NAMES: Mapping[Bot, str] = {"engine": "engine", "echo": "nextcord echo bot"}
WARM_UP_PER_S = 25
NOTHING = Bar(0, is_ceiling=True)
MEANING = (
    "Overhead is a reply's time without the model's: message to model's request, model's answer to post.",
    "A ratio is the engine's figure divided by the echo bot's, pair by pair: both were said the same, turn about.",
    "Simulator and model run in a process of their own; NATS and Postgres share the machine with all of them.",
    "Everyone had spoken once before: a new channel costs four signed requests, of which 40 a second are sent.",
    "A heartbeat is missed when the next one comes later than the gateway waits: half an interval past its time.",
)

type OnProgress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Went:
    """How one talk went."""

    talk: Talk
    sample: Sample
    processor_s: float


@dataclass(frozen=True, slots=True)
class _Scene:
    crowd: Companion[Crowd]
    engine: Companion[EngineBot]
    echo: Companion[EchoBot]

    async def talk(self, bot: Bot, plan: Plan) -> Went:
        before = await self.sample(bot)
        talk = await self.crowd.call(Crowd.talk, bot, plan)
        await self.engine.call(EngineBot.rest)
        after = await self.sample(bot)
        if not talk.answered:
            raise TzurotError(
                f"Nothing was answered by the benchmark's {NAMES[bot]}: nothing was measured. Try again with fewer "
                "--channels or a lower --rate."
            )
        return Went(talk, after, after.processor_s - before.processor_s)

    async def sample(self, bot: Bot) -> Sample:
        if bot == "engine":
            return await self.engine.call(EngineBot.sample)
        return await self.echo.call(EchoBot.sample)


async def bench_discord(make_host: MakeHost, sizes: DiscordSizes, on_progress: OnProgress) -> Report:
    async with AsyncExitStack() as stack:
        (place,) = await stack.enter_async_context(surroundings("discord"))
        people = await stack.enter_async_context(
            companion("the simulated Discord", crowd, sizes.channels, sizes.speakers, sizes.model_ms / MS)
        )
        address = await people.call(Crowd.address, "engine")
        settings = place.settings(
            model_url=address.model_url,
            DISCORD_TOKEN=address.token,
            DISCORD_API_BASE=address.api_base,
            DISCORD_CDN_BASE=address.cdn_base,
        )
        engine = await stack.enter_async_context(companion("the engine", engine_bot, make_host, settings))
        await engine.call(EngineBot.settle_in, address)
        echo_address = await people.call(Crowd.address, "echo")
        echo = await stack.enter_async_context(companion("the echo bot", echo_bot, echo_address))
        for bot in BOTS:
            await people.call(Crowd.until_connected, bot)
        scene = _Scene(people, engine, echo)
        await _warm_up(scene, sizes, on_progress)
        steady, burst = await _pairs(scene, sizes, on_progress)
        stood = {bot: await people.call(Crowd.standing, bot) for bot in BOTS}
        pulses = {bot: await people.call(Crowd.pulse, bot) for bot in BOTS}
        facts = {
            "pairs": sizes.pairs,
            "people": f"{sizes.speakers} in each of {sizes.channels} channels",
            "said": f"{sizes.messages:,} messages at {sizes.rate_per_s:g} a second, and one by everyone at once",
            "model": f"answers after {sizes.model_ms} ms, in some 16 parts",
            **_seen(stood, pulses),
            **await facts_of(place),
        }
    measured = [*_steady(steady, sizes), *_burst(burst, sizes), *_kept(stood, pulses), *_cost(steady, burst)]
    return Report("discord", measured, facts=facts, meaning=MEANING)


async def _warm_up(scene: _Scene, sizes: DiscordSizes, on_progress: OnProgress) -> None:
    """Let everyone speak once: first in every channel somebody, slowly, then all others."""
    for bot in BOTS:
        on_progress(f"everyone meets the {NAMES[bot]}", 0, sizes.pairs)
        everyone = sizes.channels * sizes.speakers
        await scene.talk(bot, Plan(everyone, min(WARM_UP_PER_S, sizes.rate_per_s), seed=0))


async def _pairs(
    scene: _Scene, sizes: DiscordSizes, on_progress: OnProgress
) -> tuple[dict[Bot, list[Went]], dict[Bot, list[Went]]]:
    steady: dict[Bot, list[Went]] = defaultdict(list)
    burst: dict[Bot, list[Went]] = defaultdict(list)
    for pair in range(sizes.pairs):
        on_progress("everyone talks", pair, sizes.pairs)
        for bot in BOTS if pair % 2 == 0 else BOTS[::-1]:
            seed = pair + 1
            steady[bot].append(await scene.talk(bot, Plan(sizes.messages, sizes.rate_per_s, seed)))
            burst[bot].append(await scene.talk(bot, Plan(sizes.channels * sizes.speakers, None, seed)))
    return steady, burst


def _steady(went: Mapping[Bot, Sequence[Went]], sizes: DiscordSizes) -> list[Measured]:
    load = f"at {sizes.rate_per_s:g} messages a second"
    lines: list[Measured] = []
    for name, share in SHARES.items():
        by_name = {NAMES[bot]: [each.talk.overhead_ms(share) for each in went[bot]] for bot in BOTS}
        lines += compared(f"{load}: overhead, {name}", "ms", by_name)
    turns = [[turn for turn in each.talk.answered if turn.answered_s] for each in went["engine"]]
    if all(turns):
        ways = (("until the model is asked", "until_asked_ms"), ("from its answer to the post", "after_answer_ms"))
        lines += [
            Measured(
                f"{load}: of that, p50", way, "ms", spread_of([median(getattr(t, name) for t in of) for of in turns])
            )
            for way, name in ways
        ]
    return lines


def _burst(went: Mapping[Bot, Sequence[Went]], sizes: DiscordSizes) -> list[Measured]:
    load = f"{sizes.channels * sizes.speakers:,} messages at once"
    lines = compared(
        f"{load}: replies", "replies/s", {NAMES[bot]: [each.talk.replies_per_s for each in went[bot]] for bot in BOTS}
    )
    for name in ("p50", "p95"):
        by_name = {NAMES[bot]: [each.talk.overhead_ms(SHARES[name]) for each in went[bot]] for bot in BOTS}
        lines += compared(f"{load}: overhead, {name}", "ms", by_name)
    return lines


def _kept(stood: Mapping[Bot, Standing], pulses: Mapping[Bot, Pulse]) -> list[Measured]:
    """What has to hold of ours whatever the load; of the echo bot it is shown."""
    kept: tuple[tuple[str, str, Callable[[Bot], float]], ...] = (
        ("not answered", "messages", lambda bot: stood[bot].unanswered),
        ("answered more than once", "messages", lambda bot: stood[bot].answered_again),
        ("not in the order of asking", "channels", lambda bot: stood[bot].channels_out_of_order),
        ("missed", "heartbeats", lambda bot: pulses[bot].missed),
        ("latest, past its time", "ms", lambda bot: pulses[bot].latest_ms),
    )
    return [
        Measured(
            f"heartbeats: {what}" if unit == "ms" else what,
            NAMES[bot],
            unit,
            spread_of([number(bot)]),
            bar=NOTHING if bot == "engine" and unit != "ms" else None,
        )
        for what, unit, number in kept
        for bot in BOTS
    ]


def _cost(steady: Mapping[Bot, Sequence[Went]], burst: Mapping[Bot, Sequence[Went]]) -> list[Measured]:
    every = {bot: [*steady[bot], *burst[bot]] for bot in BOTS}
    costs = {NAMES[bot]: [each.processor_s * MS / len(each.talk.answered) for each in steady[bot]] for bot in BOTS}
    return [
        *compared("processor time of a reply, bot's process", "ms", costs),
        *(
            Measured(
                "longest stall of the event loop",
                NAMES[bot],
                "ms",
                spread_of([each.sample.longest_stall_ms for each in every[bot]]),
            )
            for bot in BOTS
        ),
        *(
            Measured(
                "memory, at most", NAMES[bot], "MiB", spread_of([max(each.sample.peak_mib for each in every[bot])])
            )
            for bot in BOTS
        ),
    ]


def _seen(stood: Mapping[Bot, Standing], pulses: Mapping[Bot, Pulse]) -> dict[str, str]:
    return {
        f"seen of the {NAMES[bot]}": f"{stood[bot].said:,} messages in {stood[bot].channels} channels, "
        f"{pulses[bot].beats} heartbeats, one due every {HEARTBEAT_S:g} s"
        for bot in BOTS
    }
