"""Discord, simulated: one instance with its world, its REST API and its gateway on a free port."""

import asyncio
import base64
from collections.abc import Callable
from types import TracebackType
from typing import Self

from adapters.discord.simulated.actors import Actor
from adapters.discord.simulated.building import BuiltGuild
from adapters.discord.simulated.changes import guilds as guild_changes
from adapters.discord.simulated.clock import Clock, RealClock
from adapters.discord.simulated.faults import Faults
from adapters.discord.simulated.gateway.faults import GatewayFaults
from adapters.discord.simulated.gateway.hub import Hub
from adapters.discord.simulated.gateway.intents import PRIVILEGED
from adapters.discord.simulated.journal import Journal
from adapters.discord.simulated.pluralkit import PluralKit
from adapters.discord.simulated.pluralkit.api import PREFIX, Api
from adapters.discord.simulated.rest.all_routes import all_routes
from adapters.discord.simulated.rest.pipeline import EventOrder, Pipeline
from adapters.discord.simulated.rest.rate_limits import RateLimits
from adapters.discord.simulated.rest.table import Table
from adapters.discord.simulated.server import Neighbour, Server
from adapters.discord.simulated.world.permissions import EVERYDAY, Permission
from adapters.discord.simulated.world.users import Application, User
from adapters.discord.simulated.world.world import World

LOOK_EVERY_S = 0.002
WHAT_A_BOT_ASKS_FOR = EVERYDAY | Permission.MANAGE_WEBHOOKS | Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS


class SimulatedDiscord:
    """`async with SimulatedDiscord() as discord:` — then lay out the scene, connect a bot, and act.

    `event_order`: whether gateways hear of what a request did before its answer goes out or after. `rate_limits`,
    `hub`, `faults` and `journal` may be set and read at any time.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        event_order: EventOrder = "before",
    ) -> None:
        self.clock = clock or RealClock()
        self.world = World(self.clock)
        self.people: dict[str, Actor] = {}
        self.journal = Journal()
        self.faults = Faults()
        self.rate_limits = RateLimits(self.clock)
        self.hub = Hub(self.clock)
        self.world.listeners.append(self.hub.tell)
        table = Table(all_routes(self.hub), self.world.interactions.__contains__)
        self.pipeline = Pipeline(self.world, table, self.hub, self.journal, self.faults, self.rate_limits, event_order)
        self._server = Server(self.world, self.hub, self.pipeline)
        self._pluralkit: PluralKit | None = None
        self._host = host
        self._port = port

    async def __aenter__(self) -> Self:
        self._port = await self._server.start(self._host, self._port)
        self.world.cdn_base = self.cdn_base
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pluralkit is not None:
            await self._pluralkit.stop()
        await self._server.stop()

    @property
    def gateway(self) -> GatewayFaults:
        """What can go wrong there: `discord.gateway.reconnect()`."""
        return self.hub.faults

    @property
    def base(self) -> str:
        return f"http://{self._host}:{self._port}"

    @property
    def api_base(self) -> str:
        """What `https://discord.com/api/v10` is of the real one."""
        return f"{self.base}/api/v10"

    @property
    def cdn_base(self) -> str:
        """What `https://cdn.discordapp.com` is of the real one."""
        return f"{self.base}/cdn"

    # --- the scene ---

    def application(
        self,
        name: str,
        *,
        permissions: Permission = WHAT_A_BOT_ASKS_FOR,
        privileged_intents: int = PRIVILEGED,
        joins_guilds: bool = True,
        owner: User | None = None,
    ) -> Application:
        """A bot's application; its bot is invited into every guild there is, and will be into those to come."""
        bot = User(id=self.world.next_id(), username=name, is_bot=True)
        application = Application(
            id=bot.id,
            name=name,
            token=_token(bot.id, self.world.next_token()),
            user=bot,
            owner=owner or self.person(f"{name.lower()}_owner").user,
            privileged_intents=privileged_intents,
            permissions=permissions,
            joins_guilds=joins_guilds,
        )
        self.world.users[bot.id] = bot
        self.world.applications[bot.id] = application
        if joins_guilds:
            for guild in self.world.guilds.values():
                guild_changes.invite(self.world, guild, application)
        return application

    def guild(self, name: str, *, owner: User | None = None) -> BuiltGuild:
        founder = self.person(f"{name.lower()}_owner").user if owner is None else owner
        guild = guild_changes.found(self.world, name, founder)
        for application in self.world.applications.values():
            if application.joins_guilds:
                guild_changes.invite(self.world, guild, application)
        return BuiltGuild(self, guild)

    def person(self, name: str, *, shown_as: str | None = None) -> Actor:
        """Who has that username, made when there is nobody yet."""
        if name not in self.people:
            user = User(id=self.world.next_id(), username=name, global_name=shown_as)
            self.world.users[user.id] = user
            self.people[name] = Actor(self, user)
        return self.people[name]

    def pluralkit(self, guild: BuiltGuild) -> PluralKit:
        """PluralKit comes into the guild; it is the same one in all guilds, with its API beside Discord's."""
        if self._pluralkit is None:
            self._pluralkit = PluralKit(self)
            self.serve_beside(PREFIX, Api(self._pluralkit).answer)
        self._pluralkit.join(guild.state)
        return self._pluralkit

    def serve_beside(self, beginning: str, neighbour: Neighbour) -> None:
        """Let something else answer for the paths that begin so, on the same server."""
        self._server.neighbours[beginning] = neighbour

    # --- waiting ---

    async def until(self, condition: Callable[[], object], *, timeout_s: float = 10) -> None:
        """Wait until the condition holds; when it does not in time, say what was asked of Discord last."""
        try:
            async with asyncio.timeout(timeout_s):
                while not condition():  # noqa: ASYNC110  # any condition at all, on the world or beyond
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError as error:
            raise AssertionError(f"not within {timeout_s} s; Discord was asked:\n{self.journal.tail()}") from error


def _token(bot_id: int, secret: str) -> str:
    """In the form of a bot's: some clients read its id out of the first part."""
    owner = base64.urlsafe_b64encode(str(bot_id).encode()).decode().rstrip("=")
    return f"{owner}.{secret[:6]}.{secret[6:44]}"
