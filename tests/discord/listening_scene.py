"""Tzurot on a simulated Discord as `up` runs it: real servers, real nextcord, a scripted model, and people."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pydantic import SecretStr

from adapters.discord.client import GatewayClient
from adapters.discord.commands.catalogue import GROUPS
from adapters.discord.commands.syncing import sync
from adapters.discord.hearing.recording import message_of, place_of_channel
from adapters.discord.opening import Tuning
from adapters.discord.rest.signing_in import signed_in
from adapters.discord.simulated.actors import Actor, Seen
from adapters.discord.simulated.building import BuiltChannel, BuiltGuild
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.messages import Message as Posted
from adapters.discord.simulated.world.users import Application
from adapters.terminal.host import Opened, Role
from engine.application import Engine
from engine.domain import Message
from engine.settings import Settings
from tests.scripted_model_server import Server, scripted_model_server
from tzurot import Root

EVERYTHING: frozenset[Role] = frozenset({"projections", "responder", "deliverer", "discord"})

type Place = BuiltChannel | Channel

_numbers = count(1)


@dataclass
class Scene:
    """A server called Harbour with a tavern, in which each test has a channel and people of its own."""

    discord: SimulatedDiscord
    bot: Application
    model: Server
    harbour: BuiltGuild
    operator: Actor
    """Who runs the bot."""
    clients: list[GatewayClient]
    """Every client that was made."""
    root: Root
    running: AsyncExitStack
    opened: Opened = field(init=False)

    async def start(self) -> None:
        already = len(self.clients)
        self.opened = await self.running.enter_async_context(self.root.opened(EVERYTHING))
        await self.discord.until(lambda: self.clients[already:] and self.clients[-1].get_guild(self.harbour.id))

    async def restart(self) -> None:
        """End the bot and start another on the same data. To be awaited in the task that opened the scene."""
        await self.running.aclose()
        await self.start()

    async def register_commands(self) -> None:
        """What `tzurot discord sync` does."""
        async with signed_in(SecretStr(self.bot.token), self.discord.api_base) as rest:
            await sync(rest, GROUPS, dry_run=False)

    @property
    def engine(self) -> Engine:
        return self.opened.engine

    def channel(self, **more: Any) -> BuiltChannel:
        return self.harbour.text_channel(f"tavern-{next(_numbers)}", **more)

    def somebody(self, name: str = "alice", **more: Any) -> Actor:
        return self.harbour.member(f"{name}_{next(_numbers)}", **more)

    def person(self, actor: Actor) -> str:
        return self.engine.person("discord", str(actor.id))

    async def character(self, name: str, *, of: Actor | None = None, **fields: Any) -> str:
        """A new character: everybody's, or only its owner's. Returns its token."""
        slug = f"{name.lower().replace(' ', '-').replace('.', '')}-{next(_numbers)}"
        made = await self.engine.settables.create_character(
            owner=self.person(of) if of else "instance",
            fields={"name": name, "slug": slug, "is_public": of is None, **fields},
            at=self.engine.clock(),
        )
        await self.caught_up()
        return made.thing.id.removeprefix("character.")

    async def activate(self, place: Place, character: str, by: Actor | None = None) -> None:
        await self.engine.places.activate(
            place_of_channel(str(place.id)),
            character=character,
            person=self.person(by) if by else "instance",
            server=str(self.harbour.id),
            may_manage=True,
            at=self.engine.clock(),
        )
        await self.caught_up()

    async def caught_up(self) -> None:
        await self.engine.read.wait_for(await self.engine.log.last_position(), timeout_s=10)

    async def heard(self, message: Posted | Seen) -> Message | None:
        """The message as it stands on the log."""
        return await self.engine.log.find(Message, message_of(str(message.channel_id), str(message.id)))

    async def until_heard(self, message: Posted | Seen) -> Message:
        async with asyncio.timeout(10):
            while (found := await self.heard(message)) is None:  # noqa: ASYNC110 - another's doing
                await asyncio.sleep(0.01)
        return found

    async def until(self, holds: Callable[[Message | None], bool], message: Posted | Seen) -> None:
        """Wait until something holds of the message as it stands on the log."""
        async with asyncio.timeout(10):
            while not holds(await self.heard(message)):  # noqa: ASYNC110 - another's doing
                await asyncio.sleep(0.01)

    async def nothing_heard_of(self, message: Posted, *, as_surely_as: Actor, place: Place) -> None:
        """Not on the log, though something that was said there after it is: a channel is heard in its order."""
        after = await as_surely_as.say(place, "@Bramble Quill, are you there?")
        await self.until_heard(after)
        assert await self.heard(message) is None

    async def answers(self, place: Place, *, seen_by: Actor, many: int = 1) -> Sequence[Seen]:
        """What the bot has posted there, once it is that much."""
        await self.discord.until(lambda: len(self.said_by_us(place, seen_by)) >= many)
        return self.said_by_us(place, seen_by)

    def said_by_us(self, place: Place, seen_by: Actor) -> list[Seen]:
        """What stands there of the bot, through its webhooks and by itself."""
        messages = self.discord.world.messages
        return [
            seen
            for seen in seen_by.sees(place)
            if self.bot.id in (messages[seen.id].application_id, messages[seen.id].author.id)
        ]


@asynccontextmanager
async def listening_scene(
    data_dir: Path,
    *,
    refused_connections: int = 0,
    of_application: Mapping[str, Any] | None = None,
    tuning: Tuning | None = None,
    **environment: Any,
) -> AsyncIterator[Scene]:
    async with SimulatedDiscord() as discord, scripted_model_server() as model:
        discord.gateway.refuse_connections(refused_connections)
        bot = discord.application("Tzurot", **(of_application or {}))
        harbour = discord.guild("Harbour")
        operator = harbour.member("operator")
        settings = {
            "TZUROT_DATA_DIR": data_dir,
            "OPENAI_BASE_URL": model.base_url,
            "OPENAI_MODEL": "plain",
            "DISCORD_TOKEN": bot.token,
            "DISCORD_OPERATORS": str(operator.id),
            "DISCORD_API_BASE": discord.api_base,
            "DISCORD_CDN_BASE": discord.cdn_base,
            "PLURALKIT_API_BASE": f"{discord.base}/pluralkit/v2",
        }
        clients: list[GatewayClient] = []

        class Client(GatewayClient):
            def __init__(self, *of: Any) -> None:
                super().__init__(*of)
                clients.append(self)

        root = Root(Settings.model_validate(settings | environment))
        with (
            patch("adapters.discord.opening.GatewayClient", Client),
            patch("adapters.discord.opening.Tuning", lambda: tuning or Tuning()),
        ):
            async with AsyncExitStack() as running:
                scene = Scene(discord, bot, model, harbour, operator, clients, root, running)
                await scene.start()
                yield scene
        assert discord.journal.unrouted == []
        assert discord.journal.unknown_fields == []
