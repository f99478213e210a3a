"""Setting the scene: guilds, channels, roles and members as a test or a person at the command line lays them out.

Handles, so that a scene reads as a sentence: `harbour.text_channel("tavern").thread("corner")`. The state itself is
`handle.state`; acting is the actors' (`actors/`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.discord.simulated.actors import Actor
from adapters.discord.simulated.changes import channels as channel_changes
from adapters.discord.simulated.changes import guilds as guild_changes
from adapters.discord.simulated.changes import threads as thread_changes
from adapters.discord.simulated.world.channels import Channel, ChannelType
from adapters.discord.simulated.world.guilds import Emoji, Guild, Role, Sticker
from adapters.discord.simulated.world.messages import Message
from adapters.discord.simulated.world.permissions import NONE, Overwrite, Permission
from adapters.discord.simulated.world.users import Application, User

if TYPE_CHECKING:
    from adapters.discord.simulated.simulated import SimulatedDiscord


@dataclass(frozen=True, slots=True)
class BuiltChannel:
    discord: "SimulatedDiscord"
    state: Channel

    @property
    def id(self) -> int:
        return self.state.id

    @property
    def mention(self) -> str:
        return self.state.mention

    @property
    def messages(self) -> list[Message]:
        """What stands there, oldest first, as it is: what one person sees of it is `actor.sees`."""
        return [self.discord.world.messages[each] for each in self.state.message_ids]

    def thread(
        self, name: str, *, is_private: bool = False, owner: User | None = None, members: Sequence[User] = ()
    ) -> "BuiltChannel":
        world = self.discord.world
        guild = world.guilds[self.state.guild_id or 0]
        plan = channel_changes.ThreadPlan(
            name, type=ChannelType.PRIVATE_THREAD if is_private else ChannelType.PUBLIC_THREAD
        )
        owner_id = guild.owner_id if owner is None else owner.id
        thread = channel_changes.open_thread(world, self.state, owner_id, plan)
        for member in members:
            channel_changes.join_thread(world, thread, member.id)
        return BuiltChannel(self.discord, thread)

    def allow(self, target: User | Role, *permissions: Permission) -> None:
        self._overwrite(target, allow=_sum(permissions))

    def deny(self, target: User | Role, *permissions: Permission) -> None:
        self._overwrite(target, deny=_sum(permissions))

    def archive(self, *, is_locked: bool = False) -> None:
        assert self.state.thread is not None, "only a thread can be archived"
        thread_changes.archive(self.discord.world, self.state, is_locked=is_locked)

    def delete(self) -> None:
        channel_changes.delete(self.discord.world, self.state)

    def _overwrite(self, target: User | Role, allow: Permission = NONE, deny: Permission = NONE) -> None:
        others = [each for each in self.state.overwrites if each.target != target.id]
        before = next((each for each in self.state.overwrites if each.target == target.id), None)
        allowed = (NONE if before is None else before.allow) & ~deny | allow
        denied = (NONE if before is None else before.deny) & ~allow | deny
        self.state.overwrites = [*others, Overwrite(target.id, isinstance(target, User), allowed, denied)]
        channel_changes.updated(self.discord.world, self.state)


@dataclass(frozen=True, slots=True)
class BuiltGuild:
    discord: "SimulatedDiscord"
    state: Guild

    @property
    def id(self) -> int:
        return self.state.id

    def text_channel(
        self, name: str, *, parent: BuiltChannel | None = None, is_nsfw: bool = False, topic: str | None = None
    ) -> BuiltChannel:
        return self._channel(ChannelType.GUILD_TEXT, name, parent=parent, is_nsfw=is_nsfw, topic=topic)

    def announcements(self, name: str) -> BuiltChannel:
        return self._channel(ChannelType.GUILD_ANNOUNCEMENT, name)

    def voice_channel(self, name: str) -> BuiltChannel:
        return self._channel(ChannelType.GUILD_VOICE, name)

    def category(self, name: str) -> BuiltChannel:
        return self._channel(ChannelType.GUILD_CATEGORY, name)

    def forum(self, name: str, *, is_nsfw: bool = False) -> BuiltChannel:
        return self._channel(ChannelType.GUILD_FORUM, name, is_nsfw=is_nsfw)

    def role(self, name: str, *permissions: Permission, is_mentionable: bool = False) -> Role:
        world = self.discord.world
        return guild_changes.make_role(world, self.state, name, _sum(permissions), is_mentionable=is_mentionable)

    def emoji(self, name: str) -> Emoji:
        emoji = Emoji(self.discord.world.next_id(), name)
        guild_changes.add_emoji(self.discord.world, self.state, emoji)
        return emoji

    def sticker(self, name: str, description: str = "") -> Sticker:
        sticker = Sticker(self.discord.world.next_id(), self.state.id, name, description)
        guild_changes.add_sticker(self.discord.world, self.state, sticker)
        return sticker

    def outage(self) -> None:
        """Discord cannot reach the guild for a while; `recover` ends it."""
        guild_changes.go_down(self.discord.world, self.state)

    def recover(self) -> None:
        guild_changes.come_back(self.discord.world, self.state)

    def member(
        self, name: str, *, permissions: Sequence[Permission] = (), roles: Sequence[Role] = (), nick: str | None = None
    ) -> Actor:
        """Somebody of that name, known already or new, joins; `permissions` come as a role of their own."""
        actor = self.discord.person(name)
        own = [self.role(f"{name}'s", *permissions)] if permissions else []
        guild_changes.join(
            self.discord.world, self.state, actor.user, roles=[role.id for role in [*roles, *own]], nick=nick
        )
        return actor

    def invite(self, application: Application, permissions: Permission | None = None) -> None:
        """The bot comes in, with a role of its own that has the permissions of the invitation."""
        guild_changes.invite(self.discord.world, self.state, application, permissions)

    def kick(self, user: User) -> None:
        guild_changes.leave(self.discord.world, self.state, user)

    def _channel(
        self,
        type: ChannelType,
        name: str,
        *,
        parent: BuiltChannel | None = None,
        is_nsfw: bool = False,
        topic: str | None = None,
    ) -> BuiltChannel:
        world = self.discord.world
        above = None if parent is None else parent.state
        channel = channel_changes.make(world, self.state, type, name, parent=above, is_nsfw=is_nsfw, topic=topic)
        return BuiltChannel(self.discord, channel)


def _sum(permissions: Sequence[Permission]) -> Permission:
    total = NONE
    for permission in permissions:
        total |= permission
    return total
