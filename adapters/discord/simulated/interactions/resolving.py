"""What the values of options and selects stand for: users (with their members), roles, channels, messages, files.

Source: docs, receiving-and-responding, "Resolved Data Structure".
"""

from dataclasses import dataclass, field
from typing import Any

from adapters.discord.simulated.interactions.payload import app_permissions
from adapters.discord.simulated.payloads import channels, guilds, messages, users
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.guilds import Role
from adapters.discord.simulated.world.messages import Attachment, Message
from adapters.discord.simulated.world.users import User
from adapters.discord.simulated.world.world import World

# Of a channel that is referred to, only these.
PARTIAL_CHANNEL = (
    *("id", "name", "type", "last_message_id", "last_pin_timestamp", "nsfw", "parent_id", "guild_id", "flags"),
    *("rate_limit_per_user", "topic", "position", "thread_metadata"),
)
MEMBER_WITHOUT = ("deaf", "mute")


@dataclass(slots=True)
class Resolved:
    """Collects what one interaction refers to; each method gives the id as the option's value."""

    world: World
    application_id: int
    asker: User
    channel: Channel
    payload: dict[str, dict[str, Any]] = field(default_factory=dict)

    def user(self, user: User) -> str:
        self._put("users", user.id, users.user(user))
        guild = None if self.channel.guild_id is None else self.world.guilds[self.channel.guild_id]
        if guild is not None and user.id in guild.members:
            member = users.member(guild.members[user.id])
            partial = {name: value for name, value in member.items() if name not in MEMBER_WITHOUT}
            bits = str(int(self.world.permissions_in(user.id, self.channel)))
            self._put("members", user.id, partial | {"permissions": bits})
        return str(user.id)

    def role(self, role: Role) -> str:
        return self._put("roles", role.id, guilds.role(role))

    def other_channel(self, channel: Channel) -> str:
        whole = channels.channel(self.world, channel)
        partial = {name: whole[name] for name in PARTIAL_CHANNEL if name in whole}
        bits = str(int(self.world.permissions_in(self.asker.id, channel)))
        of_app = str(int(app_permissions(self.world, self.application_id, channel)))
        return self._put("channels", channel.id, partial | {"permissions": bits, "app_permissions": of_app})

    def message(self, message: Message) -> str:
        return self._put("messages", message.id, messages.message(self.world, message))

    def attachment(self, attachment: Attachment) -> str:
        return self._put("attachments", attachment.id, messages.attachment(self.world, attachment))

    def _put(self, kind: str, id: int, payload: dict[str, Any]) -> str:
        self.payload.setdefault(kind, {})[str(id)] = payload
        return str(id)
