"""Channels of every kind: text, voice, categories, forums, threads, DMs. Source: docs, resources/channel."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag

from adapters.discord.simulated.world.permissions import Overwrite


class ChannelType(IntEnum):
    GUILD_TEXT = 0
    DM = 1
    GUILD_VOICE = 2
    GROUP_DM = 3
    GUILD_CATEGORY = 4
    GUILD_ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    GUILD_STAGE_VOICE = 13
    GUILD_FORUM = 15
    GUILD_MEDIA = 16


class ChannelFlag(IntFlag):
    PINNED = 1 << 1
    REQUIRE_TAG = 1 << 4


NO_FLAGS = ChannelFlag(0)


THREADS = frozenset({ChannelType.ANNOUNCEMENT_THREAD, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD})
FORUMS = frozenset({ChannelType.GUILD_FORUM, ChannelType.GUILD_MEDIA})
PRIVATE = frozenset({ChannelType.DM, ChannelType.GROUP_DM})
# Where a message can stand at all.
WITH_MESSAGES = (
    THREADS
    | PRIVATE
    | {
        ChannelType.GUILD_TEXT,
        ChannelType.GUILD_VOICE,
        ChannelType.GUILD_ANNOUNCEMENT,
        ChannelType.GUILD_STAGE_VOICE,
    }
)
# Where webhooks can be made.
WITH_WEBHOOKS = FORUMS | {
    ChannelType.GUILD_TEXT,
    ChannelType.GUILD_VOICE,
    ChannelType.GUILD_ANNOUNCEMENT,
    ChannelType.GUILD_STAGE_VOICE,
}


@dataclass(slots=True)
class ForumTag:
    id: int
    name: str
    is_moderated: bool = False
    emoji_id: int | None = None
    emoji_name: str | None = None


@dataclass(slots=True)
class ThreadState:
    """What only a thread has."""

    archive_timestamp: datetime
    is_archived: bool = False
    is_locked: bool = False
    is_invitable: bool = True
    auto_archive_duration_min: int = 1440
    members: dict[int, datetime] = field(default_factory=dict)  # user id → when they joined
    applied_tags: list[int] = field(default_factory=list)
    message_count: int = 0
    total_message_sent: int = 0


@dataclass(slots=True)
class Channel:
    id: int
    type: ChannelType
    name: str | None = None
    guild_id: int | None = None
    parent_id: int | None = None
    owner_id: int | None = None
    position: int = 0
    topic: str | None = None
    is_nsfw: bool = False
    rate_limit_per_user_s: int = 0
    overwrites: list[Overwrite] = field(default_factory=list)
    recipients: list[int] = field(default_factory=list)  # user ids, in DMs
    available_tags: list[ForumTag] = field(default_factory=list)
    default_auto_archive_duration_min: int | None = None
    flags: ChannelFlag = NO_FLAGS
    last_message_id: int | None = None
    last_pin_timestamp: datetime | None = None
    thread: ThreadState | None = None
    # The messages that stand there, oldest first; what was deleted is gone.
    message_ids: list[int] = field(default_factory=list)

    @property
    def is_thread(self) -> bool:
        return self.type in THREADS

    @property
    def is_private_thread(self) -> bool:
        return self.type == ChannelType.PRIVATE_THREAD

    @property
    def is_forum(self) -> bool:
        return self.type in FORUMS

    @property
    def is_private(self) -> bool:
        """A DM, alone or in a group."""
        return self.type in PRIVATE

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"
