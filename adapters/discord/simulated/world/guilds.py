"""Guilds (servers), their roles and members."""

from dataclasses import dataclass, field
from datetime import datetime

from adapters.discord.simulated.world.permissions import NONE, Permission


@dataclass(slots=True)
class Role:
    id: int
    guild_id: int
    name: str
    permissions: Permission = NONE
    position: int = 0
    color: int = 0
    is_hoisted: bool = False
    is_managed: bool = False
    is_mentionable: bool = False
    bot_id: int | None = None

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"


@dataclass(slots=True)
class Member:
    user_id: int
    guild_id: int
    joined_at: datetime
    roles: list[int] = field(default_factory=list)
    nick: str | None = None
    avatar: str | None = None
    timed_out_until: datetime | None = None


@dataclass(slots=True)
class Emoji:
    id: int
    name: str
    is_animated: bool = False


@dataclass(slots=True)
class Sticker:
    """A picture that people send; format 1 is PNG, 2 APNG, 3 Lottie, 4 GIF."""

    id: int
    guild_id: int
    name: str
    description: str = ""
    tags: str = "wave"
    format_type: int = 1


@dataclass(slots=True)
class Guild:
    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    emojis: dict[int, Emoji] = field(default_factory=dict)
    stickers: dict[int, Sticker] = field(default_factory=dict)
    icon: str | None = None
    description: str | None = None
    # Whether Discord cannot reach it just now (an outage): sessions see GUILD_DELETE with `unavailable`.
    is_unavailable: bool = False

    @property
    def everyone(self) -> Role:
        """The role that all have; its id is the guild's."""
        return self.roles[self.id]
