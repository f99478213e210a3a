"""The world: everything that is there, and nothing of how it is reached.

State only. It changes through `changes/`, each of which ends with `publish`; it is seen through `payloads/`. Nothing
here does I/O, so that a REST handler, an actor and a test change it the same way.
"""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.discord.simulated.clock import Clock, RealClock
from adapters.discord.simulated.world import permissions
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.commands import Command
from adapters.discord.simulated.world.dispatches import Dispatch, Listener, Ping
from adapters.discord.simulated.world.guilds import Guild, Member
from adapters.discord.simulated.world.interactions import Interaction
from adapters.discord.simulated.world.messages import Message
from adapters.discord.simulated.world.permissions import Permission
from adapters.discord.simulated.world.snowflakes import Snowflakes
from adapters.discord.simulated.world.users import Application, User
from adapters.discord.simulated.world.webhooks import Webhook


@dataclass(frozen=True, slots=True)
class StoredFile:
    data: bytes
    content_type: str


@dataclass
class World:
    clock: Clock = field(default_factory=RealClock)
    users: dict[int, User] = field(default_factory=dict)
    applications: dict[int, Application] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    webhooks: dict[int, Webhook] = field(default_factory=dict)
    commands: dict[int, Command] = field(default_factory=dict)
    # Application, guild or None, and when: 200 a day are allowed, deleted ones counted.
    command_creates: list[tuple[int, int | None, datetime]] = field(default_factory=list)
    user_installs: set[tuple[int, int]] = field(default_factory=set)  # application, user who added it to their account
    closed_dms: set[int] = field(default_factory=set)  # users who take no messages from bots
    interactions: dict[str, Interaction] = field(default_factory=dict)  # by token
    files: dict[str, StoredFile] = field(default_factory=dict)  # by path below the CDN's base
    pings: list[Ping] = field(default_factory=list)
    typings: list[tuple[int, int, datetime]] = field(default_factory=list)  # channel, user, when
    cdn_base: str = ""
    listeners: list[Listener] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._snowflakes = Snowflakes(self.clock)
        self._held: list[Dispatch] | None = None

    def next_id(self) -> int:
        return self._snowflakes.next()

    def next_token(self) -> str:
        return secrets.token_urlsafe(51)  # 68 characters, as a webhook's

    # --- who may do what ---

    def permissions_in_guild(self, user_id: int, guild: Guild) -> Permission:
        member = guild.members.get(user_id)
        if member is None:
            return permissions.NONE
        bits = [guild.everyone.permissions, *(guild.roles[role].permissions for role in member.roles)]
        total = permissions.in_guild(bits, is_owner=guild.owner_id == user_id)
        return permissions.timed_out(total) if self.is_timed_out(member) else total

    def permissions_in(self, user_id: int, channel: Channel) -> Permission:
        """What a user may do in a channel; a thread's are its parent's, and a private thread is its members'."""
        if channel.guild_id is None:
            return permissions.IN_A_DM if user_id in channel.recipients else permissions.NONE
        guild = self.guilds[channel.guild_id]
        member = guild.members.get(user_id)
        if member is None:
            return permissions.NONE
        ruling = self.channels[channel.parent_id] if channel.is_thread and channel.parent_id else channel
        total = permissions.in_channel(
            self.permissions_in_guild(user_id, guild),
            ruling.overwrites,
            everyone=guild.id,
            roles=frozenset(member.roles),
            member=user_id,
        )
        if self.is_timed_out(member):
            total = permissions.timed_out(total)
        if channel.is_private_thread and channel.thread is not None and user_id not in channel.thread.members:
            return total if Permission.MANAGE_THREADS in total else permissions.NONE
        return total

    def may(self, user_id: int, needed: Permission, channel: Channel) -> bool:
        return needed in self.permissions_in(user_id, channel)

    def is_timed_out(self, member: Member) -> bool:
        return member.timed_out_until is not None and member.timed_out_until > self.clock.now()

    # --- telling the gateways ---

    def publish(
        self, name: str, data: dict[str, Any], *, channel: Channel | None = None, guild: Guild | None = None
    ) -> None:
        """Tell every application whose bot may see that channel, or else is in that guild."""
        self.publish_to(self._audience(channel, guild), name, data, guild_id=guild.id if guild else _guild_of(channel))

    def publish_to(
        self, application_ids: Iterable[int], name: str, data: dict[str, Any], *, guild_id: int | None = None
    ) -> None:
        dispatch = Dispatch(name, data, frozenset(application_ids), guild_id)
        if self._held is not None:
            self._held.append(dispatch)
        else:
            self.release([dispatch])

    @contextmanager
    def holding(self) -> Iterator[list[Dispatch]]:
        """Collect what is published meanwhile instead of telling it; `release` tells it."""
        outer, self._held = self._held, []
        try:
            yield self._held
        finally:
            self._held = outer

    def release(self, dispatches: Iterable[Dispatch]) -> None:
        for dispatch in dispatches:
            for listener in self.listeners:
                listener(dispatch)

    def _audience(self, channel: Channel | None, guild: Guild | None) -> Iterator[int]:
        for application in self.applications.values():
            bot = application.user.id
            if channel is not None:
                if self.may(bot, Permission.VIEW_CHANNEL, channel):
                    yield application.id
            elif guild is not None and bot in guild.members:
                yield application.id


def _guild_of(channel: Channel | None) -> int | None:
    return channel.guild_id if channel is not None else None
