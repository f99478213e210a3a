"""Messages: what stands in a channel, with everything that can hang on one. Source: docs, resources/message."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag
from typing import Any

from adapters.discord.simulated.world.users import Author

type Json = dict[str, Any]


class MessageType(IntEnum):
    DEFAULT = 0
    RECIPIENT_ADD = 1
    CHANNEL_NAME_CHANGE = 4
    CHANNEL_PINNED_MESSAGE = 6
    USER_JOIN = 7
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER_MESSAGE = 21
    CONTEXT_MENU_COMMAND = 23
    POLL_RESULT = 46


class MessageFlag(IntFlag):
    CROSSPOSTED = 1 << 0
    IS_CROSSPOST = 1 << 1
    SUPPRESS_EMBEDS = 1 << 2
    SOURCE_MESSAGE_DELETED = 1 << 3
    URGENT = 1 << 4
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    FAILED_TO_MENTION_SOME_ROLES_IN_THREAD = 1 << 8
    SUPPRESS_NOTIFICATIONS = 1 << 12
    IS_VOICE_MESSAGE = 1 << 13
    HAS_SNAPSHOT = 1 << 14
    IS_COMPONENTS_V2 = 1 << 15


NO_FLAGS = MessageFlag(0)


class ReferenceType(IntEnum):
    REPLY = 0
    FORWARD = 1


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on a message; its bytes lie in `World.files` under `path`."""

    id: int
    filename: str
    size: int
    path: str  # below the CDN's base
    content_type: str | None = None
    description: str | None = None
    title: str | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None  # of a voice message
    waveform: str | None = None
    is_ephemeral: bool = False
    is_spoiler: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """The message that a reply answers, a forward shows, or a pin notice tells of."""

    type: ReferenceType
    channel_id: int
    message_id: int | None
    guild_id: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A forwarded message as it was then; it does not say who wrote it."""

    content: str
    timestamp: datetime
    edited_timestamp: datetime | None
    type: MessageType
    flags: MessageFlag
    embeds: tuple[Json, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    components: tuple[Json, ...] = ()
    sticker_ids: tuple[int, ...] = ()
    mentions: tuple[int, ...] = ()
    mention_roles: tuple[int, ...] = ()


@dataclass(slots=True)
class Reaction:
    """Who reacted with one emoji: `name` alone for unicode, with `id` for a guild's own."""

    name: str
    id: int | None = None
    user_ids: list[int] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.name if self.id is None else f"{self.name}:{self.id}"


@dataclass(slots=True)
class Poll:
    question: str
    answers: list[Json]  # {"answer_id", "poll_media"}
    expiry: datetime | None
    is_multiselect: bool = False
    is_finalized: bool = False
    votes: dict[int, list[int]] = field(default_factory=dict)  # answer id → user ids


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom a message names and whom it pings; allowed_mentions lets a name stand without a ping."""

    users: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    everyone: bool = False


@dataclass(slots=True)
class Message:
    id: int
    channel_id: int
    author: Author
    timestamp: datetime
    content: str = ""
    type: MessageType = MessageType.DEFAULT
    guild_id: int | None = None
    edited_timestamp: datetime | None = None
    flags: MessageFlag = NO_FLAGS
    is_tts: bool = False
    is_pinned: bool = False
    mentions: Mentions = Mentions()
    attachments: list[Attachment] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    sticker_ids: list[int] = field(default_factory=list)
    reactions: dict[str, Reaction] = field(default_factory=dict)
    poll: Poll | None = None
    reference: Reference | None = None
    snapshots: list[Snapshot] = field(default_factory=list)
    webhook_id: int | None = None
    application_id: int | None = None
    nonce: str | int | None = None
    # Discord's `interaction_metadata`; made by the interactions.
    interaction_metadata: Json | None = None
    # Who alone sees it (an ephemeral answer): such a message is in no channel's list and no gateway's.
    only_for: int | None = None
    position: int | None = None  # among the messages of a thread

    @property
    def is_ephemeral(self) -> bool:
        return MessageFlag.EPHEMERAL in self.flags
