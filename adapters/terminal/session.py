"""Who speaks, with whom, over which engine: what the commands at a prompt and in a chat have in common.

A command only decides: it returns a Request, and whoever has the engine open performs it. So `tzurot memory list` and
`/memory list` in a chat are one piece of code.
"""

import getpass
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from adapters.terminal.host import Host, LogOnly, Opened, Role
from adapters.terminal.postman import PLATFORM
from adapters.terminal.screen import Result, Screen
from engine.application import Engine
from engine.characters import bundled_characters
from engine.domain.ids import INSTANCE, person_id, place_id
from engine.errors import NotFound
from engine.reading import FieldsAt
from engine.settings import Settings

CATCH_UP_TIMEOUT_S = 600.0
"""A command waits this long for the projections to have read the log; at 10,000 events/s that is 6 million."""

READS: frozenset[Role] = frozenset({"projections"})
NOTHING_RUNS: frozenset[Role] = frozenset()


@dataclass(slots=True)
class Session:
    """One person at one terminal."""

    opened: Opened
    screen: Screen
    name: str
    character: str
    """The slug of whom they talk to unless they say otherwise."""
    last_reply: str | None = None
    is_chat: bool = False
    met: set[str] = field(default_factory=set)

    @property
    def engine(self) -> Engine:
        return self.opened.engine

    def now(self) -> datetime:
        return self.engine.clock()

    def person(self, name: str | None = None) -> str:
        return self.engine.person(PLATFORM, name or self.name)

    async def speaker(self, name: str | None = None) -> str:
        """The person, who exists from now on."""
        name = name or self.name
        person = self.person(name)
        if person not in self.met:
            if person_id(person) not in await self.engine.read.fields(person_id(person)):
                await self.engine.settables.meet(person, name=name, at=self.now())
            self.met.add(person)
        return person

    async def whom(self, slug: str | None, person: str) -> FieldsAt:
        """The character of that slug, or the default one. Raises NotFound."""
        slug = slug or self.character
        found = await self.engine.read.character_by_slug(slug, person=person)
        if found is None:
            raise NotFound(f"There is no character {slug}: `tzurot character list` shows those there are.")
        return found

    async def caught_up(self) -> None:
        """Return once everything on the log can be read."""
        await self.engine.read.wait_for(await self.engine.log.last_position(), timeout_s=CATCH_UP_TIMEOUT_S)


@dataclass(frozen=True, slots=True)
class Request:
    """What to do with a running engine."""

    perform: Callable[[Session], Awaitable[Result | None]]
    as_json: bool = False
    roles: frozenset[Role] = READS
    works_in_chat: bool = True
    reads: bool = True
    """Whether the projections have to know the whole log first."""


@dataclass(frozen=True, slots=True)
class LogRequest:
    """What needs the log and the key ring alone; `last_reply` is what the chat last showed."""

    perform: Callable[[LogOnly, str | None], Awaitable[Result]]
    as_json: bool = False


type HostOf = Callable[[Settings], Host]


@dataclass(frozen=True, slots=True)
class HostRequest:
    """What opens the engine by itself, or none."""

    perform: Callable[[HostOf, Screen], Awaitable[Result]]
    as_json: bool = False


def token_of(character: FieldsAt) -> str:
    """The token of a character's aggregate id."""
    return character.id.partition(".")[2]


def acting_for(owner: str, person: str) -> str:
    """Who changes a thing: the terminal is the operator's, so what belongs to the instance may be changed there."""
    return INSTANCE if owner == INSTANCE else person


def default_character() -> str:
    return bundled_characters()[0].slug


def user_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run under a user that has no name
        return "you"


def private_place(person: str) -> str:
    return place_id(PLATFORM, person)


def shared_place(name: str) -> str:
    return place_id(PLATFORM, name)


def new_message_id(at: datetime) -> str:
    """Unique, and in the order of time."""
    return f"{int(at.timestamp() * 1000):012x}-{secrets.token_hex(4)}"
