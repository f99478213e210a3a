"""A message as it was said on Discord, in our own words: frozen, and free of the library's types.

Everything that decides or writes looks at this and nothing else, so that it can be tried without a connection.
Ids are Discord's, as text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

type ChannelKind = Literal["dm", "group", "channel", "thread", "post", "unknown"]
"""A person's DM, a group's; a channel of a server, a thread in one, a thread that is a forum's post."""

NO_NAMES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Where:
    """The channel, thread or DM."""

    channel: str
    kind: ChannelKind
    name: str = ""
    parent: str | None = None
    """The channel that a thread belongs to."""
    server: str | None = None
    server_name: str = ""
    is_adult: bool = False
    """Age-restricted: the thread's parent counts. What is not known is not."""
    is_private_thread: bool = False

    @property
    def is_direct(self) -> bool:
        """Whether only its author and the bot are there."""
        return self.kind == "dm"


@dataclass(frozen=True, slots=True)
class Author:
    """Who said it. `name` is what people see there: nickname, display name, or user name."""

    id: str
    name: str
    is_bot: bool = False
    webhook: str | None = None
    application: str | None = None
    """The application whose webhook it was."""
    member: str = ""
    """As whom they speak: the name of a member of their PluralKit system."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with it."""

    id: str
    name: str
    kind: str
    """Its content type, or "" where Discord knew none."""
    size: int
    url: str
    duration_s: float | None = None
    """Of voice messages."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Poll:
    question: str
    answers: tuple[str, ...]
    takes_several: bool = False


@dataclass(frozen=True, slots=True)
class Embedded:
    """What a card under a message says."""

    title: str = ""
    description: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    author: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a message holds, its own or a forwarded one's."""

    text: str = ""
    attachments: tuple[Attached, ...] = ()
    stickers: tuple[str, ...] = ()
    poll: Poll | None = None
    embeds: tuple[Embedded, ...] = ()
    users: Mapping[str, str] = field(default_factory=dict)
    """The names of the users that the text mentions, by id."""

    @property
    def is_empty(self) -> bool:
        return not (self.text.strip() or self.attachments or self.stickers or self.poll or self.embeds)


@dataclass(frozen=True, slots=True)
class Forward:
    """A message from elsewhere, as it was when it was forwarded. Discord does not say whose it was."""

    content: Content
    at: datetime | None = None
    message: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """Another message, by where it stands."""

    message: str
    channel: str
    server: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What a server calls its channels and roles, by id."""

    channels: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it was said."""

    id: str
    where: Where
    author: Author
    content: Content
    at: datetime
    edited_at: datetime | None = None
    reply_to: Reference | None = None
    forwards: tuple[Forward, ...] = ()
    names: Names = field(default_factory=Names)
    is_speech: bool = True
    """Whether someone said it: joins, pins, boosts and other notices of Discord are messages, too."""

    @property
    def is_empty(self) -> bool:
        return self.content.is_empty and all(forward.content.is_empty for forward in self.forwards)
