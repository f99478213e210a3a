"""People on a simulated Discord who talk to two bots, each in a server of its own, and the model that one of them asks.

All times are taken here, by one clock, in a process that neither bot shares: when something was said, when the model
was asked and when it had answered, when the request of a post arrived.
"""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from adapters.benchmarks.slow_model import NUMBER, SlowModel, slow_model
from adapters.benchmarks.talk import Plan, Pulse, Standing, Talk, Turn, moments_s, pulse_of, seats, standing_of
from adapters.benchmarks.words import text_of
from adapters.discord.simulated.actors import Actor
from adapters.discord.simulated.building import BuiltChannel
from adapters.discord.simulated.gateway.sessions import Session
from adapters.discord.simulated.gateway.sockets import LATE_HEARTBEATS
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.dispatches import Dispatch
from adapters.discord.simulated.world.users import Application

BOTS: tuple["Bot", ...] = ("engine", "echo")
MESSAGE_WORDS = (8, 30)
HEARTBEAT_S = 5.0
"""Discord's is 41.25 s: with it few would fall into a run."""

PATIENCE_S = 60.0
"""So long may no answer come before the rest is given up."""

CONNECTED_S = 60.0
POST = re.compile(r"/webhooks/\d+/[^/]+")

type Bot = Literal["engine", "echo"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bot finds its Discord and its model, and what it is there."""

    api_base: str
    cdn_base: str
    model_url: str
    token: str = field(repr=False)
    server: int
    channels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Server:
    id: int
    application: Application
    channels: tuple[BuiltChannel, ...]
    speakers: tuple[tuple[Actor, ...], ...]
    """Of each channel."""


class Crowd:
    def __init__(self, discord: SimulatedDiscord, model: SlowModel, channels: int, speakers: int) -> None:
        self._discord = discord
        self._model = model
        self._speakers = speakers
        people = [[discord.person(f"p{channel}_{n}") for n in range(speakers)] for channel in range(channels)]
        self._servers = {bot: self._laid_out(bot, people) for bot in BOTS}
        self._numbers = itertools.count(1)
        self._random = Random(1)  # noqa: S311 - it makes up text, not keys
        self._unanswered: set[int] = set()
        self._answered = asyncio.Event()
        discord.world.listeners.append(self._on_dispatch)

    def _laid_out(self, bot: str, people: list[list[Actor]]) -> _Server:
        guild = self._discord.guild(f"Harbour of {bot}")
        application = self._discord.application(f"The {bot}", joins_guilds=False)
        guild.invite(application)
        channels = tuple(guild.text_channel(f"quay-{number}") for number in range(len(people)))
        speakers = tuple(tuple(guild.member(actor.user.username) for actor in each) for each in people)
        return _Server(guild.id, application, channels, speakers)

    # --- what is asked of it from the benchmark's process ---

    async def address(self, bot: Bot) -> Address:
        server, discord = self._servers[bot], self._discord
        return Address(
            discord.api_base,
            discord.cdn_base,
            self._model.base_url,
            server.application.token,
            server.id,
            tuple(channel.id for channel in server.channels),
        )

    async def until_connected(self, bot: Bot) -> None:
        def is_connected() -> bool:
            return any(session.outlet is not None for session in self._sessions(bot))

        await self._discord.until(is_connected, timeout_s=CONNECTED_S)

    async def talk(self, bot: Bot, plan: Plan) -> Talk:
        """Say it all, and wait until it is answered, or until nothing comes any more."""
        server, loop = self._servers[bot], asyncio.get_running_loop()
        turns: dict[int, Turn] = {}
        began_s = loop.time()
        places = seats(plan, len(server.channels), self._speakers)
        for at_s, (channel, speaker) in zip(moments_s(plan), places, strict=True):
            await asyncio.sleep(max(0.0, began_s + at_s - loop.time()))  # also lets what was said go out
            number = next(self._numbers)
            self._unanswered.add(number)
            text = f"{text_of(self._random, *MESSAGE_WORDS)} #{number}"
            turns[number] = Turn(said_s=self._model.now_s())
            await server.speakers[channel][speaker].say(server.channels[channel], text)
        await self._until_answered()
        self._unanswered.clear()
        self._account_for(turns)
        return Talk(tuple(turns.values()))

    async def standing(self, bot: Bot) -> Standing:
        """What somebody in each channel sees there."""
        server = self._servers[bot]
        return standing_of([self._seen(*each) for each in zip(server.channels, server.speakers, strict=True)])

    async def pulse(self, bot: Bot) -> Pulse:
        every_s = self._discord.hub.heartbeat_interval_s
        return pulse_of(
            [beat_s for session in self._sessions(bot) for beat_s in session.beats_s],
            until_s=asyncio.get_running_loop().time(),
            every_s=every_s,
            dead_after_s=every_s * LATE_HEARTBEATS,
        )

    # --- what it hears ---

    def _sessions(self, bot: Bot) -> list[Session]:
        application = self._servers[bot].application
        return [each for each in self._discord.hub.sessions.values() if each.application is application]

    def _on_dispatch(self, dispatch: Dispatch) -> None:
        if dispatch.name == "MESSAGE_CREATE" and "webhook_id" in dispatch.data:
            self._unanswered.difference_update(_numbers_in(dispatch.data["content"]))
            self._answered.set()

    async def _until_answered(self) -> None:
        while self._unanswered:
            self._answered.clear()
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._answered.wait()
            except TimeoutError:
                return  # the report says that they are missing

    def _account_for(self, turns: dict[int, Turn]) -> None:
        """Put down what was measured, and forget what it was measured by."""
        for exchange in self._discord.journal.asked("POST", POST.pattern, status=200):
            for number in _numbers_in(exchange.body["content"]):
                if number in turns:
                    turns[number].posted_s.append(exchange.at.timestamp())
        self._discord.journal.exchanges.clear()
        for number, asked in self._model.asked.items():
            if number in turns:
                turns[number].asked_s, turns[number].answered_s = asked.at_s, asked.answered_s
        self._model.asked.clear()

    def _seen(self, channel: BuiltChannel, speakers: tuple[Actor, ...]) -> tuple[list[int], list[int]]:
        said: list[int] = []
        answers: list[int] = []
        for message in speakers[0].sees(channel):
            (answers if message.is_app else said).extend(_numbers_in(message.content))
        return said, answers


def _numbers_in(text: str) -> Iterator[int]:
    return (int(number) for number in NUMBER.findall(text))


@asynccontextmanager
async def crowd(channels: int, speakers: int, model_s: float) -> AsyncIterator[Crowd]:
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(SimulatedDiscord())
        discord.hub.heartbeat_interval_s = HEARTBEAT_S
        model = await stack.enter_async_context(slow_model(model_s, lambda: discord.clock.now().timestamp()))
        yield Crowd(discord, model, channels, speakers)
