"""How a REST handler is declared.

A handler is a plain function of a `Call` that changes the world and gives an `Answer`, or raises a `Refusal`: no I/O,
no waiting, so that what it does happens at once and what it publishes belongs to it.

    routes = Routes()

    @routes.post("/channels/{channel_id}/messages")
    def create_message(call: Call) -> Answer:
        channel = call.channel(Permission.SEND_MESSAGES)
        …
        return Answer(200, payload)
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.guilds import Guild
from adapters.discord.simulated.world.permissions import Permission
from adapters.discord.simulated.world.users import Application
from adapters.discord.simulated.world.world import World

# "bot": the header says `Bot <token>`; "token": the path carries its own (webhooks, interactions); "none": open to all.
type Authentication = Literal["bot", "token", "none"]


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart request: `files[n]`."""

    number: int
    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any = None  # None: no content


@dataclass(slots=True)
class Call:
    """A request that has found its route and its application."""

    world: World
    route: "Route"
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    uploads: Sequence[Upload] = ()
    bot: Application | None = None
    reason: str | None = None

    @property
    def application(self) -> Application:
        assert self.bot is not None, "a route with authentication"
        return self.bot

    def id(self, name: str) -> int:
        return int(self.path[name])

    def channel(self, *needed: Permission) -> Channel:
        """The path's channel, when the bot may see it and has what is needed there."""
        channel = self.world.channels.get(self.id("channel_id"))
        if channel is None:
            raise errors.unknown("Channel")
        held = self.world.permissions_in(self.application.user.id, channel)
        if Permission.VIEW_CHANNEL not in held:
            raise errors.missing_access()
        if any(permission not in held for permission in needed):
            raise errors.missing_permissions()
        return channel

    def may(self, needed: Permission, channel: Channel) -> bool:
        return self.world.may(self.application.user.id, needed, channel)

    def guild(self) -> Guild:
        """The path's guild, when the bot is in it."""
        guild = self.world.guilds.get(self.id("guild_id"))
        if guild is None:
            raise errors.unknown("Guild")
        if self.application.user.id not in guild.members:
            raise errors.missing_access()
        return guild


type Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    template: str
    handler: Handler
    authentication: Authentication = "bot"
    # The query parameters it knows; any other is an error.
    query: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"

    def pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", self.template)
        named = [_parameter(part) if number % 2 else re.escape(part) for number, part in enumerate(parts)]
        return re.compile("".join(named) + "$")


def _parameter(name: str) -> str:
    return rf"(?P<{name}>\d+)" if name.endswith("_id") else rf"(?P<{name}>[^/]+)"


@dataclass(slots=True)
class Routes:
    """The routes that one file declares."""

    declared: list[Route] = field(default_factory=list)

    def route(
        self, method: str, template: str, authentication: Authentication = "bot", query: Sequence[str] = ()
    ) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            self.declared.append(Route(method, template, handler, authentication, frozenset(query)))
            return handler

        return declare

    def get(
        self, template: str, authentication: Authentication = "bot", query: Sequence[str] = ()
    ) -> Callable[[Handler], Handler]:
        return self.route("GET", template, authentication, query)

    def post(
        self, template: str, authentication: Authentication = "bot", query: Sequence[str] = ()
    ) -> Callable[[Handler], Handler]:
        return self.route("POST", template, authentication, query)

    def put(
        self, template: str, authentication: Authentication = "bot", query: Sequence[str] = ()
    ) -> Callable[[Handler], Handler]:
        return self.route("PUT", template, authentication, query)

    def patch(
        self, template: str, authentication: Authentication = "bot", query: Sequence[str] = ()
    ) -> Callable[[Handler], Handler]:
        return self.route("PATCH", template, authentication, query)

    def delete(
        self, template: str, authentication: Authentication = "bot", query: Sequence[str] = ()
    ) -> Callable[[Handler], Handler]:
        return self.route("DELETE", template, authentication, query)
