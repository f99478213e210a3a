"""The two bots that a crowd talks to, each in a process of its own: the whole engine, and one that merely echoes.

Both answer through a webhook in each channel, as a character does: plain messages are held to five in five seconds by
Discord, and nextcord counts those of all channels together.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import nextcord

from adapters.benchmarks.crowd import Address
from adapters.benchmarks.isolated import MakeHost
from adapters.benchmarks.watching import Sample, Watch, watching
from adapters.discord.client import use_bases
from adapters.discord.hearing.recording import place_of_channel
from adapters.terminal.host import Opened, Role
from engine.domain.event import JSON
from engine.settings import Settings

EVERYTHING: frozenset[Role] = frozenset({"projections", "responder", "discord"})
CHARACTER = "Wick"
CARD: Mapping[str, JSON] = {
    "name": CHARACTER,
    "slug": "bench-wick",
    "description": "Keeps the lamps of the harbour.",
    "personality": "Patient, dry, and fond of long evenings.",
    "is_public": True,
}
PROJECTED_S = 60.0
QUIET_S = 0.5


class EngineBot:
    def __init__(self, opened: Opened, watch: Watch) -> None:
        self._engine = opened.engine
        self._watch = watch

    async def settle_in(self, address: Address) -> None:
        """Make a character that answers everything in each of the channels."""
        engine = self._engine
        at = engine.clock()
        made = await engine.settables.create_character(owner="instance", fields=CARD, at=at)
        character = made.thing.id.removeprefix("character.")
        activated = await asyncio.gather(
            *(
                engine.places.activate(
                    place_of_channel(str(channel)),
                    character=character,
                    person="instance",
                    server=str(address.server),
                    may_manage=True,
                    at=at,
                )
                for channel in address.channels
            )
        )
        last = max((each.position for each in activated), default=made.position)
        await engine.read.wait_for(last, timeout_s=PROJECTED_S)

    async def sample(self) -> Sample:
        return self._watch.sample()

    async def rest(self) -> None:
        """Wait until nothing is put on the log any more, and everything is projected."""
        before, now = -1, await self._engine.log.last_position()
        while before < now:
            await asyncio.sleep(QUIET_S)
            before, now = now, await self._engine.log.last_position()
        await self._engine.read.wait_for(now, timeout_s=PROJECTED_S)


@asynccontextmanager
async def engine_bot(make_host: MakeHost, settings: Settings) -> AsyncIterator[EngineBot]:
    """Engine, projections, responder, deliverer and the gateway's client, as `up` runs them."""
    async with make_host(settings).opened(EVERYTHING) as opened, watching() as watch:
        yield EngineBot(opened, watch)


class EchoBot:
    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def sample(self) -> Sample:
        return self._watch.sample()


class EchoClient(nextcord.Client):
    """Says again what people say, and nothing else."""

    def __init__(self) -> None:
        intents = nextcord.Intents.default()
        intents.message_content = True
        super().__init__(intents=intents)
        self._webhooks: dict[int, asyncio.Future[Any]] = {}

    async def on_message(self, message: nextcord.Message) -> None:
        if message.author.bot or not isinstance(message.channel, nextcord.TextChannel):
            return
        webhook = await self._webhook(message.channel)
        await webhook.send(message.content, username="Echo", wait=True)

    def _webhook(self, channel: nextcord.TextChannel) -> "asyncio.Future[Any]":
        if channel.id not in self._webhooks:
            self._webhooks[channel.id] = asyncio.ensure_future(channel.create_webhook(name="Echo"))
        return self._webhooks[channel.id]


@asynccontextmanager
async def echo_bot(address: Address) -> AsyncIterator[EchoBot]:
    use_bases(address.api_base, address.cdn_base)
    async with AsyncExitStack() as stack:
        watch = await stack.enter_async_context(watching())
        client = EchoClient()
        connection = asyncio.create_task(client.start(address.token))
        stack.push_async_callback(client.close)
        ready = asyncio.create_task(client.wait_until_ready())
        await asyncio.wait((connection, ready), return_when=asyncio.FIRST_COMPLETED)
        if connection.done():
            connection.result()
        yield EchoBot(watch)
