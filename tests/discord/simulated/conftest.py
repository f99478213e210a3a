"""A simulated Discord per test, a real nextcord client for it, and what holds after every test.

After each test no request has gone to an unknown route, and every exchange agrees with Discord's own description of its
API where that is present.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import nextcord
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.discord.simulated.building import BuiltChannel, BuiltGuild
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.users import Application
from tests.discord import openapi

CLOSING_S = 2
DESCRIPTION = openapi.Description(path) if (path := openapi.found()) is not None else None


class LoopbackOnly(AbstractResolver):
    """Resolves nothing: whoever needs a name wants to leave this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise OSError(f"{host}:{port} ({family.name}) is not on this machine")

    async def close(self) -> None:
        return


@dataclass
class Bot:
    """A nextcord client with what it heard."""

    client: nextcord.Client
    application: Application
    task: asyncio.Task[None]
    heard: list[nextcord.Message] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    ready_count: int = 0

    @property
    def contents(self) -> list[str]:
        return [message.content for message in self.heard]

    async def close(self) -> None:
        await self.client.close()
        # It may be waiting to connect again, which closing does not interrupt.
        await asyncio.wait([self.task], timeout=CLOSING_S)
        self.task.cancel()
        await asyncio.wait([self.task])
        if not self.task.cancelled():
            self.task.exception()  # how it ended is the test's to look at


class Client(nextcord.Client):
    def __init__(self, **options: Any) -> None:
        super().__init__(guild_ready_timeout=0.05, **options)
        self.bot: Bot | None = None

    def dispatch(self, event: str, *args: Any, **kwargs: Any) -> None:
        if self.bot is not None:
            self.bot.events.append(event)
            if event == "message":
                self.bot.heard.append(args[0])
            if event == "ready":
                self.bot.ready_count += 1
        super().dispatch(event, *args, **kwargs)


@dataclass
class Scene:
    """A bot in a guild with a channel."""

    discord: SimulatedDiscord
    application: Application
    harbour: BuiltGuild
    tavern: BuiltChannel


type Connect = Callable[..., Awaitable[Bot]]


@pytest.fixture
async def discord() -> AsyncIterator[SimulatedDiscord]:
    async with SimulatedDiscord() as discord:
        yield discord
        assert discord.journal.unrouted == []
        assert discord.journal.crashes == []
        if DESCRIPTION is not None:
            contradictions = [each for one in discord.journal.exchanges for each in DESCRIPTION.problems(one)]
            assert contradictions == []


@pytest.fixture
def scene(discord: SimulatedDiscord) -> Scene:
    application = discord.application("Tzurot")
    harbour = discord.guild("Harbour")
    return Scene(discord, application, harbour, harbour.text_channel("tavern"))


@pytest.fixture
async def connect(discord: SimulatedDiscord, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connect]:
    """Start a client, ready or not; all are closed in the end."""
    monkeypatch.setattr(nextcord.http.Route, "BASE", discord.api_base)
    monkeypatch.setattr(nextcord.asset.Asset, "BASE", discord.cdn_base)
    bots: list[Bot] = []

    async def start(application: Application, *, is_awaited: bool = True, **options: Any) -> Bot:
        connector = aiohttp.TCPConnector(resolver=LoopbackOnly())
        client = Client(**{"intents": nextcord.Intents.all(), "connector": connector} | options)
        bot = Bot(client, application, asyncio.create_task(client.start(application.token)))
        client.bot = bot
        bots.append(bot)
        if is_awaited:
            await discord.until(lambda: bot.ready_count or bot.task.done())
            assert bot.ready_count, bot.task
        return bot

    yield start
    for bot in bots:
        await bot.close()


@pytest.fixture
async def bot(scene: Scene, connect: Connect) -> Bot:
    return await connect(scene.application)
