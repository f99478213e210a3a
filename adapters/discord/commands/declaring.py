"""What a slash command is: its path and options, who may use it where, what it does, and who sees the answer.

A command is a value. A file of commands ends with the list of its commands, and `catalogue.py` is the list of files.
What it does is one coroutine: it is given what was asked (`Asked`), asks the engine, and returns how the answer
looks. It never speaks to Discord.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag
from typing import Literal

from adapters.discord.commands.answers import Answer, Choice
from adapters.discord.commands.servers import Servers
from adapters.discord.commands.sessions import Sessions
from adapters.discord.publishing import Publishing
from engine.application import Engine
from engine.domain.avatar import Picture
from engine.errors import Forbidden, Invalid

type Value = str | int | float | bool


class Kind(IntEnum):
    """What an option takes, by Discord's numbers."""

    TEXT = 3
    WHOLE_NUMBER = 4
    YES_OR_NO = 5
    USER = 6
    CHANNEL = 7
    NUMBER = 10
    FILE = 11


class Permission(IntFlag):
    """Discord's permission bits that commands ask for."""

    NONE = 0
    KICK_MEMBERS = 1 << 1
    ADMINISTRATOR = 1 << 3
    MANAGE_GUILD = 1 << 5
    MANAGE_MESSAGES = 1 << 13


class Where(IntEnum):
    """Where a command is offered, by Discord's numbers of interaction contexts."""

    SERVER = 0
    BOT_DM = 1


EVERYWHERE = (Where.SERVER, Where.BOT_DM)
SERVERS = (Where.SERVER,)

type Seen = Literal["privately", "publicly", "as a form"]
"""Who sees the answer to a command. It is said beforehand, since Discord wants to know at once."""

type After = Literal["updates", "privately", "as a form"]
"""What follows a click: the message changes, a new message for the clicker alone, or a form."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with an option."""

    name: str
    url: str
    size_bytes: int
    kind: str
    """Its media type as Discord states it, empty where it states none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody used a command, a button, a menu or a form."""

    engine: Engine
    sessions: Sessions
    fetch: Callable[[Upload, int], Awaitable[bytes]]
    """Fetches a file that was given, up to so many bytes."""
    fit: Callable[[bytes], Awaitable[Picture]]
    """Makes of an uploaded picture one that is kept."""
    publishing: Publishing
    servers: Servers
    show_typing: Callable[[str, Sequence[str]], None]
    """Shows where a message was heard that these characters are about to answer it."""
    at: datetime
    interaction: int
    """Discord's id of what the person did: the same however often it arrives."""
    person: str
    account: int
    name: str
    """The name that people see."""
    channel: int
    place: str
    parent: str | None
    server: int | None
    permissions: int
    """What the person may do in this channel, as bits."""
    is_operator: bool
    """Whether the person runs this instance."""
    options: Mapping[str, Value] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    key: str = ""
    extra: str = ""
    values: tuple[str, ...] = ()
    """What was chosen in a menu."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """What was filled into a form."""

    @property
    def is_private(self) -> bool:
        """Whether it was asked in a direct message."""
        return self.server is None

    def may(self, needed: int) -> bool:
        """Whether the person has this permission here."""
        return bool(self.permissions & Permission.ADMINISTRATOR) or self.permissions & needed == needed

    def text(self, option: str) -> str:
        return str(self.options.get(option, ""))


type Do = Callable[[Asked], Awaitable[Answer]]
type Complete = Callable[[Asked, str], Awaitable[Sequence[Choice]]]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a command. `complete` suggests values for what was typed so far."""

    name: str
    description: str
    kind: Kind = Kind.TEXT
    is_required: bool = False
    choices: tuple[Choice, ...] = ()
    complete: Complete | None = None
    min_value: int | None = None
    max_value: int | None = None
    max_chars: int | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A command that people type. The path's first word is its group: "channel activate"."""

    path: str
    description: str
    do: Do
    options: tuple[Option, ...] = ()
    seen: Seen = "privately"
    where: tuple[Where, ...] = EVERYWHERE
    needs: Permission = Permission.NONE
    is_for_operators: bool = False


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a button, a menu or a form of a group leads to."""

    group: str
    action: str
    do: Do
    after: After = "updates"
    where: tuple[Where, ...] = EVERYWHERE
    needs: Permission = Permission.NONE
    is_for_operators: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The commands that share their first word, and what their buttons, menus and forms lead to."""

    name: str
    description: str
    commands: tuple[Command, ...]
    reactions: tuple[Reaction, ...] = ()


def check(what: Command | Reaction, asked: Asked) -> None:
    """Refuse whom Discord should not have let through. The engine checks again what is its own to decide."""
    if what.is_for_operators and not asked.is_operator:
        raise Forbidden("Only whoever runs this bot may do that.")
    if asked.is_private and Where.BOT_DM not in what.where:
        raise Invalid("That works in a server, not in a direct message.")
    if what.needs and not asked.may(what.needs):
        raise Forbidden(f"For that you need the permission {_words(what.needs)} in this channel.")


def _words(needed: Permission) -> str:
    names = [permission.name or "" for permission in Permission if permission and permission in needed]
    return " and ".join(name.replace("_", " ").title() for name in names)
