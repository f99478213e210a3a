"""A session over an engine that is played: what it answers is set by the test."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.terminal.screen import Screen
from adapters.terminal.session import Session
from engine.domain import Message, Reply
from engine.errors import NotFound
from engine.reading import FieldsAt

AT = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)


class PlayedLog:
    """Holds aggregates by id, and events by position."""

    def __init__(self) -> None:
        self.aggregates: dict[str, Any] = {}
        self.events: dict[int, Any] = {}
        self.on_look: Callable[[], None] = lambda: None
        self.looks = 0

    async def find(self, kind: type, id: str, *, version: int | None = None) -> Any:
        self.looks += 1
        self.on_look()
        return self.aggregates.get(id)

    async def event_at(self, position: int) -> Any:
        if position not in self.events:
            raise NotFound
        return SimpleNamespace(position=position, event=self.events[position])

    async def last_position(self) -> int:
        return 0


class PlayedEngine:
    """The parts of an engine that the terminal uses."""

    def __init__(self) -> None:
        self.log = PlayedLog()
        self.heard: list[Any] = []
        self.met: list[str] = []
        self.fields: dict[str, FieldsAt] = {}
        self.characters = {"lyra": FieldsAt("character.lyra", 1, {"name": "Lyra", "slug": "lyra"}, "instance")}
        self.replies: Callable[[Message], None] = lambda message: None
        self.messages = SimpleNamespace(hear=self._hear)
        self.settables = SimpleNamespace(meet=self._meet)
        self.read = SimpleNamespace(
            fields=self._fields, character_by_slug=self._character_by_slug, wait_for=self._wait_for
        )

    def clock(self) -> datetime:
        return AT

    def person(self, platform: str, account: str) -> str:
        return f"hash-of-{platform}-{account}"

    async def _hear(self, said: Any) -> Any:
        self.heard.append(said)
        if said.message not in self.log.aggregates:
            self.log.aggregates[said.message] = Message.hear(
                said.message,
                person=said.person,
                text=said.text,
                tokens=1,
                addresses=said.addresses,
                is_private=said.is_private,
                at=said.at,
            )
        message = self.log.aggregates[said.message]
        self.replies(message)
        return SimpleNamespace(aggregate=message, position=1, happened=True)

    async def _meet(self, person: str, *, name: str, at: datetime) -> int:
        self.met.append(name)
        return 1

    async def _fields(self, *ids: str) -> Mapping[str, FieldsAt]:
        return {wanted: self.fields[wanted] for wanted in ids if wanted in self.fields}

    async def _character_by_slug(self, slug: str, *, person: str) -> FieldsAt | None:
        return self.characters.get(slug)

    async def _wait_for(self, position: int, *, timeout_s: float) -> None:
        """It is caught up always."""


@pytest.fixture
def engine() -> PlayedEngine:
    return PlayedEngine()


@pytest.fixture
def session(engine: PlayedEngine) -> Session:
    opened: Any = SimpleNamespace(engine=engine, model_name="offline")
    return Session(opened, Screen(), name="Ann", character="lyra")


@pytest.fixture
def a_reply() -> Callable[..., Reply]:
    """Make a reply to a message, as far as it is wanted."""

    def make(message: str, *, text: str | None = "Aye.", character: str = "lyra") -> Reply:
        place = message.removeprefix("message.")
        reply = Reply.start(
            f"reply.{place}.{character}.1",
            person="p",
            persona="default",
            character=character,
            message=message,
            message_version=1,
            model="offline",
            at=AT,
        )
        if text is not None:
            because: Any = None
            reply.state, reply.text, reply.because = reply.state.COMPOSED, text, because
            reply.deliver(at=AT)
        return reply

    return make
